"""What a client is told when its request fails: one table of kinds, and the bodies of each form.

The statuses and the codes of the classic form are those of the retired product's documented table, which old
clients read. `CODES` gives each kind our own code, which stands in the body of our own form (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from studiolo.errors import cut_middle

DETAILS_LIMIT = 10
MESSAGE_LIMIT = 2_000
EXPLANATION_LIMIT = 24_000  # of what a script raised, with its stack trace
PROBLEM_TYPE = "urn:studiolo:problem:"


@dataclass(frozen=True)
class Kind:
    """One kind of problem.

    Attributes:
        status: of HTTP.
        group: classic code of the answer.
        detail: classic code of its details.
        title: one sentence, the classic message and the title of our own form.
    """

    status: int
    group: str
    detail: str
    title: str


_ARGUMENT = "Invalid argument provided."
_USER_ARGUMENT = "The request does not fit the service's inputs."
_MODULE = "Module execution encountered an error."
_SERVER = "The service could not answer."

CODES = {
    "request-empty": Kind(400, "BadArgument", "RequestIsEmpty", _ARGUMENT),
    "request-unreadable": Kind(400, "BadArgument", "RequestBodyInvalid", _ARGUMENT),
    "query-invalid": Kind(400, "BadArgument", "InvalidQueryParameter", _ARGUMENT),
    "input-missing": Kind(400, "BadArgument", "MissingRequestInput", _ARGUMENT),
    "input-unknown": Kind(400, "BadArgument", "InvalidInputNames", _ARGUMENT),
    "type-unsupported": Kind(400, "BadArgument", "DataTypeNotSupported", _ARGUMENT),
    "input-mismatch": Kind(400, "BadUserArgument", "InputMismatchError", _USER_ARGUMENT),
    "cell-unreadable": Kind(400, "BadUserArgument", "InputParseError", _USER_ARGUMENT),
    "parameter-missing": Kind(400, "BadArgument", "MissingRequiredGlobalParameters", _ARGUMENT),
    "parameter-unknown": Kind(400, "BadArgument", "UnexpectedParameter", _ARGUMENT),
    "parameter-type": Kind(400, "BadArgument", "UserParameterInvalid", _ARGUMENT),
    "parameter-choice": Kind(400, "BadArgument", "BadParameterValue", _ARGUMENT),
    "operation-invalid": Kind(400, "InvalidOperation", "MultipleInputsNotAllowed", "Invalid operation."),
    "batch-inputs-missing": Kind(400, "BadArgument", "BatchJobInputsNotSpecified", _ARGUMENT),
    "batch-inputs-twice": Kind(400, "BadArgument", "BatchJobInputsTooManySpecified", _ARGUMENT),
    "reference-incomplete": Kind(400, "BadArgument", "MissingInputBlobInformation", _ARGUMENT),
    "output-reference-incomplete": Kind(400, "BadArgument", "MissingOutputOverrideSpecification", _ARGUMENT),
    "output-unknown": Kind(400, "BadArgument", "InvalidOutputOverrideName", _ARGUMENT),
    "connection-string-invalid": Kind(400, "BadArgument", "InvalidBlobConnectionString", _ARGUMENT),
    "location-invalid": Kind(400, "BadArgument", "InputBlobRelativeLocationInvalid", _ARGUMENT),
    "location-not-allowed": Kind(400, "BadArgument", "ContainerValidationFailed", _ARGUMENT),
    "container-invalid": Kind(400, "BadArgument", "ContainerSegmentInvalid", _ARGUMENT),
    "blob-name-too-long": Kind(400, "BadArgument", "BlobNameTooLong", _ARGUMENT),
    "ending-unknown": Kind(400, "BadArgument", "InvalidBlobExtension", _ARGUMENT),
    "job-not-startable": Kind(400, "InvalidOperation", "CannotStartJob", "Invalid operation."),
    "execution-failed": Kind(400, "ModuleExecutionError", "ModuleExecutionError", _MODULE),
    "unauthorized": Kind(401, "Unauthorized", "ScoreRequestUnauthorized", "Unauthorized."),
    "service-unknown": Kind(404, "NotFound", "WebServiceNotFound", "The service was not found."),
    "workspace-unknown": Kind(404, "NotFound", "WorkspaceNotFound", "The workspace was not found."),
    "job-unknown": Kind(404, "NotFound", "JobNotFound", "The job was not found."),
    "address-unknown": Kind(404, "NotFound", "WebServiceNotFound", "There is nothing at this address."),
    "method-not-allowed": Kind(405, "BadArgument", "BadVersionCall", "The address has other methods."),
    "request-timeout": Kind(408, "RequestTimeout", "ScoreRequestTimeout", "The request took too long."),
    "request-cancelled": Kind(408, "RequestTimeout", "RequestCanceled", "The request was cancelled."),
    "request-too-large": Kind(413, "MemoryQuotaViolation", "OutOfMemoryLimit", "The request is too large."),
    "memory-exhausted": Kind(
        413, "MemoryQuotaViolation", "OutOfMemoryLimit", "The memory limit was reached."
    ),
    "service-failed": Kind(500, "InternalError", "InternalError", _SERVER),
    "service-busy": Kind(503, "ServiceUnavailable", "TooManyConcurrentRequests", "The service is busy."),
    "request-throttled": Kind(503, "ServiceUnavailable", "RequestThrottled", "Too many requests."),
    "service-starting": Kind(503, "InitializingContainers", "InitializingContainers", "The service starts."),
}
"""Our own code to what it is. docs/services-protocol.md explains each; a test holds both alike."""

_DESIGNER_PREFIXES = {400: "Input Data Error.", 500: "Internal Server Error."}


@dataclass(frozen=True)
class Detail:
    """One thing that is wrong.

    Attributes:
        message: one sentence that names it.
        target: what it concerns, such as `input1.age`, or empty.
        code: classic code; that of the problem's kind when empty.
    """

    message: str
    target: str = ""
    code: str = ""


class ServiceProblem(Exception):
    """A request that can't be answered, and how to say so.

    Args:
        code: one of `CODES`.
        details: what is wrong, at least one; only the first ten are kept.
        hint: what to do next; may be empty.
        retry_after_seconds: for the header Retry-After, or None.
        traceback: of the author's script, without frames of studiolo; may be empty.
        more: how many further things are wrong that `details` leaves out.
    """

    def __init__(
        self,
        code: str,
        details: Sequence[Detail] | str,
        hint: str = "",
        *,
        target: str = "",
        retry_after_seconds: float | None = None,
        traceback: str = "",
        more: int = 0,
    ) -> None:
        if isinstance(details, str):
            details = [Detail(details, target)]
        self.code = code
        self.kind = CODES[code]
        self.status = self.kind.status
        self.more = more + max(len(details) - DETAILS_LIMIT, 0)
        limit = EXPLANATION_LIMIT if code == "execution-failed" else MESSAGE_LIMIT
        self.details = [
            Detail(cut_middle(detail.message, limit), detail.target[:500], detail.code or self.kind.detail)
            for detail in details[:DETAILS_LIMIT]
        ]
        self.hint = cut_middle(hint, MESSAGE_LIMIT)
        self.retry_after_seconds = retry_after_seconds
        self.traceback = traceback
        super().__init__(self.summary)

    @property
    def summary(self) -> str:
        """All that is wrong, in sentences."""
        text = " ".join(detail.message for detail in self.details)
        return f"{text} And {self.more} more." if self.more else text


def to_classic(problem: ServiceProblem) -> bytes:
    """Give the error body of the classic form; clients read `error.details[0].message`."""
    details: list[dict[str, Any]] = []
    for number, detail in enumerate(problem.details):
        message = detail.message
        if not number and problem.hint and problem.code != "execution-failed":
            message = f"{message} {problem.hint}"
        details.append({"code": detail.code, "target": detail.target, "message": message})
    error = {"code": problem.kind.group, "message": problem.kind.title, "details": details}
    return orjson.dumps({"error": error})


def to_own(problem: ServiceProblem, *, request_id: str = "") -> bytes:
    """Give the error body of our own form, `application/problem+json` of RFC 9457."""
    body: dict[str, Any] = {
        "type": PROBLEM_TYPE + problem.code,
        "title": problem.kind.title,
        "status": problem.status,
        "detail": problem.summary,
        "code": problem.code,
        "hint": problem.hint,
        "errors": [{"target": detail.target, "message": detail.message} for detail in problem.details],
    }
    if problem.traceback:
        body["traceback"] = problem.traceback
    if request_id:
        body["request_id"] = request_id
    return orjson.dumps(body)


def to_designer(problem: ServiceProblem) -> bytes:
    """Give the error body of the designer's form, whose code is a number and whose details are a text."""
    if problem.code == "execution-failed":
        prefix = "Module Executing Error."
    else:
        prefix = _DESIGNER_PREFIXES[400 if problem.status < 500 else 500]
    message = (
        f"{prefix} {problem.summary} {problem.hint if problem.code != 'execution-failed' else ''}".rstrip()
    )
    number = 400 if problem.status < 500 else 500
    return orjson.dumps({"error": {"code": number, "message": message, "details": ""}})
