"""What the exit status of `studiolo` means; docs/command-line.md says the same to people."""

from __future__ import annotations

from studiolo.errors import InternalError, Problems, ScriptError, StudioloError, WorkerError

OK = 0
NODE_FAILED = 1
USER_ERROR = 2
WORKER_REFUSED = 3
INTERNAL = 70
CANCELLED = 130


def exit_code_of(error: StudioloError) -> int:
    """Give the exit code of an error that ended a command before or outside of a run."""
    if isinstance(error, InternalError):
        return INTERNAL
    if isinstance(error, WorkerError):
        return CANCELLED if error.code == "cancelled" else WORKER_REFUSED
    if isinstance(error, Problems):
        return max((exit_code_of(problem) for problem in error.problems), default=USER_ERROR)
    return NODE_FAILED if isinstance(error, ScriptError) else USER_ERROR


def exit_code_of_run(state: str, errors: list[StudioloError]) -> int:
    """Give the exit code of a run.

    Args:
        state: one of `domain.run.RUN_STATES`.
        errors: of its failed nodes.
    """
    if state == "finished":
        return OK
    if state == "cancelled":
        return CANCELLED
    refused = any(error.code == "jail-refused" for error in errors)
    return WORKER_REFUSED if refused else NODE_FAILED
