"""Turns what went wrong while a request ran into what its client is told, with the classic error numbers."""

from __future__ import annotations

from collections.abc import Mapping

from studiolo.errors import InternalError, ScriptError, StudioloError, WorkerError
from studiolo.services.bodies.errors import Detail, ServiceProblem
from studiolo.services.failures import Busy

_SCRIPT_HEAD = (
    "Error 0085: The following error occurred during script evaluation, please view the output log for more "
    "information:"
)
_BLOCK_BEGIN = "---------- Start of error message from Python interpreter ----------"
_BLOCK_END = "---------- End of error message from Python interpreter ----------"
_R_CODES = ("r-script-raised", "r-script-syntax", "r-script-exited")
_R_HEAD = "Error 0063: The following error occurred during evaluation of R script:"
_R_BLOCK_BEGIN = "---------- Start of error message from R ----------"
_R_BLOCK_END = "----------- End of error message from R -----------"

CLASSIC_NUMBERS: Mapping[str, int] = {
    "missing-column": 1,
    "bad-parameter": 2,
    "unexpected-value": 2,
    "unknown-choice": 2,
    "wrong-selection": 2,
    "missing-parameter": 3,
    "missing-input": 3,
    "out-of-range": 60,
    "bad-arff": 49,
    "bad-encoding": 49,
    "bad-json-line": 49,
    "bad-svmlight": 49,
    "empty-file": 49,
    "ragged-row": 49,
    "unclosed-quote": 49,
    "unreadable-file": 49,
    "sql-bad-table": 69,
    "sql-error": 69,
    "sql-no-result": 69,
    "sql-not-allowed": 69,
    "bundle-damaged": 102,
    "bundle-encrypted": 102,
    "bundle-too-large": 102,
    "bundle-unsafe": 102,
    "sql-out-of-memory": 138,
}
"""Code of an error to the number that the retired products showed for it."""
_LIBRARY_ERROR = 1000
_KINDS = {
    "wall-limit": "request-timeout",
    "cpu-limit": "request-timeout",
    "request-timeout": "request-timeout",
    "cancelled": "request-cancelled",
    "out-of-memory": "memory-exhausted",
    "request-too-large": "request-too-large",
    "service-not-ready": "service-starting",
}
_OURS = ("worker-lost", "jail-refused", "missing-content", "damaged-frame")


def problem_of(error: StudioloError) -> ServiceProblem:
    """Give what a client is told of an error that running its request raised.

    What a script or module did is the kind `execution-failed`; its detail begins `Error 0085: ...` with the
    interpreter's message for scripts, `Error 0063: ...` for scripts in R, and with the number of `CLASSIC_NUMBERS`
    for other modules, else 1000.

    Args:
        error: `ScriptError`, `WorkerError`, `UserError` or `InternalError`.
    """
    node = error.where.node or ""
    if isinstance(error, WorkerError):
        if isinstance(error, Busy):
            wait = error.retry_after_seconds
            return ServiceProblem("service-busy", error.summary, "Try again later.", retry_after_seconds=wait)
        kind = _KINDS.get(error.code)
        if kind is not None:
            return ServiceProblem(kind, error.summary, error.hint, target=node)
    if isinstance(error, InternalError) or error.code in _OURS:
        hint = "Try again; the log of the server says more."
        return ServiceProblem(
            "service-failed", "The service could not answer this request.", hint, target=node
        )
    traceback = error.traceback if isinstance(error, ScriptError | WorkerError) else ""
    detail = Detail(explanation(error), node)
    return ServiceProblem("execution-failed", [detail], error.hint, traceback=traceback)


def explanation(error: StudioloError) -> str:
    """Give the text of a module's error as the retired product's clients know it."""
    number = CLASSIC_NUMBERS.get(error.code)
    if error.code in _R_CODES:
        said = error.traceback if isinstance(error, ScriptError) and error.traceback else error.summary
        lines = [_R_HEAD, _R_BLOCK_BEGIN, said.rstrip("\n"), error.hint, _R_BLOCK_END]
        return "\n".join(line for line in lines if line)
    if number is None and isinstance(error, ScriptError | WorkerError):
        said = (error.traceback or error.summary).rstrip("\n")
        lines = [_SCRIPT_HEAD, _BLOCK_BEGIN, said]
        if error.hint:
            lines.append(error.hint)
        return "\n".join([*lines, _BLOCK_END])
    return f"Error {number or _LIBRARY_ERROR:04}: {error.summary} {error.hint}".rstrip()
