"""Error bodies: the documented table, and what becomes of the errors of scripts and modules."""

from __future__ import annotations

import orjson
import pytest

from studiolo.errors import InternalError, ScriptError, StudioloError, UserError, Where, WorkerError
from studiolo.services.bodies.errors import CODES, ServiceProblem, to_classic, to_designer, to_own
from studiolo.services.bodies.failures import problem_of
from studiolo.services.failures import Busy, TimedOut

TRACE = "Traceback (most recent call last):\n  File \"score.py\", line 3, in azureml_main\nKeyError: 'x'\n"

# status to group to detail codes, copied from the documented table (facts/classic-formats.md 2.3)
DOCUMENTED = {
    (400, "BadArgument"): {
        "BadParameterValue", "DataTypeNotSupported", "InvalidInputNames", "InvalidQueryParameter",
        "MissingRequestInput", "MissingRequiredGlobalParameters", "RequestBodyInvalid", "RequestIsEmpty",
        "UnexpectedParameter", "UserParameterInvalid", "BatchJobInputsNotSpecified", "BatchJobInputsTooManySpecified",
        "MissingInputBlobInformation", "MissingOutputOverrideSpecification", "InvalidOutputOverrideName",
        "InvalidBlobConnectionString", "InputBlobRelativeLocationInvalid", "ContainerValidationFailed",
        "ContainerSegmentInvalid", "BlobNameTooLong", "InvalidBlobExtension",
    },
    (400, "BadUserArgument"): {"InputMismatchError", "InputParseError"},
    (400, "InvalidOperation"): {"MultipleInputsNotAllowed", "CannotStartJob"},
    (400, "ModuleExecutionError"): {"ModuleExecutionError"},
    (401, "Unauthorized"): {"ScoreRequestUnauthorized"},
    (404, "NotFound"): {"WebServiceNotFound", "WorkspaceNotFound", "JobNotFound"},  # the last is ours
    (405, "BadArgument"): {"BadVersionCall"},  # ours: the table has no answer to a wrong method
    (408, "RequestTimeout"): {"RequestCanceled", "ScoreRequestTimeout"},
    (413, "MemoryQuotaViolation"): {"OutOfMemoryLimit"},
    (500, "InternalError"): {"InternalError"},
    (503, "ServiceUnavailable"): {"RequestThrottled", "TooManyConcurrentRequests"},
    (503, "InitializingContainers"): {"InitializingContainers"},
}  # fmt: skip


def test_statuses_and_codes_are_those_of_the_table() -> None:
    """Old clients branch on them (facts 2.3)."""
    found: dict[tuple[int, str], set[str]] = {}
    for kind in CODES.values():
        found.setdefault((kind.status, kind.group), set()).add(kind.detail)
    assert found == DOCUMENTED


def test_a_script_that_raises_is_error_0085_with_its_trace() -> None:
    """details[0].message is what every old client shows (facts 2.3)."""
    error = ScriptError("script-raised", "KeyError: 'x'", "Look.", Where(node="score"), traceback=TRACE)
    problem = problem_of(error)
    body = orjson.loads(to_classic(problem))["error"]
    assert (problem.status, body["code"]) == (400, "ModuleExecutionError")
    assert body["message"] == "Module execution encountered an error."
    detail = body["details"][0]
    assert (detail["target"], len(body["details"])) == ("score", 1)
    assert detail["message"] == (
        "Error 0085: The following error occurred during script evaluation, please view the output log for more "
        "information:\n---------- Start of error message from Python interpreter ----------\n"
        + TRACE
        + "Look.\n---------- End of error message from Python interpreter ----------"
    )
    own = orjson.loads(to_own(problem, request_id="r1"))
    assert (own["code"], own["traceback"], own["request_id"]) == ("execution-failed", TRACE, "r1")
    assert orjson.loads(to_designer(problem))["error"]["message"].startswith(
        "Module Executing Error. Error 0085"
    )


@pytest.mark.parametrize(
    ("error", "status", "group", "said"),
    [
        (
            UserError("missing-column", 'No column "x".', "Pick one."),
            400,
            "ModuleExecutionError",
            "Error 0001: No column",
        ),
        (UserError("sql-error", "No such table."), 400, "ModuleExecutionError", "Error 0069: No such table."),
        (UserError("bad-method", "No."), 400, "ModuleExecutionError", "Error 1000: No."),
        (WorkerError("exited", "It ended itself."), 400, "ModuleExecutionError", "Error 0085"),
        (WorkerError("out-of-memory", "512 MB."), 413, "MemoryQuotaViolation", "512 MB."),
        (WorkerError("cpu-limit", "100 s."), 408, "RequestTimeout", "100 s."),
        (WorkerError("request-too-large", "24 KiB."), 413, "MemoryQuotaViolation", "24 KiB."),
        (WorkerError("service-not-ready", "Not yet."), 503, "InitializingContainers", "Not yet."),
        (WorkerError("cancelled", "Over."), 408, "RequestTimeout", "Over."),
        (WorkerError("worker-lost", "pid 4711"), 500, "InternalError", "could not answer"),
        (InternalError("damaged-frame", "/secret/path"), 500, "InternalError", "could not answer"),
        (TimedOut(3), 408, "RequestTimeout", "longer than 3 s"),
        (Busy(7), 503, "ServiceUnavailable", "more requests"),
    ],
)
def test_every_error_has_its_status_and_code(
    error: StudioloError, status: int, group: str, said: str
) -> None:
    """What is ours is 5xx and tells nothing of the inside; the rest is told (issue 5)."""
    problem = problem_of(error)
    body = orjson.loads(to_classic(problem))["error"]
    assert (problem.status, body["code"]) == (status, group)
    assert body["details"][0]["message"].startswith(said) or said in body["details"][0]["message"]
    assert "secret" not in orjson.dumps(body).decode()
    assert problem.retry_after_seconds == (7 if isinstance(error, Busy) else None)


def test_a_hint_is_said_once() -> None:
    """It stands in the explanation of a module's error already."""
    problem = problem_of(UserError("missing-column", 'No column "x".', "Pick one."))
    for write in (to_classic, to_designer):
        assert write(problem).count(b"Pick one.") == 1
    assert "traceback" not in orjson.loads(to_own(problem))
    assert to_classic(ServiceProblem("input-missing", "No input.", "Send it.")).count(b"Send it.") == 1


def test_bodies_are_bounded() -> None:
    """Ten details, and texts cut in their middle, whatever the data size."""
    problem = ServiceProblem("input-mismatch", "x" * 100_000)
    assert len(to_classic(problem)) < 6_000
    error = ScriptError("script-raised", "E", traceback="y" * 1_000_000)
    for write in (to_classic, to_own, to_designer):
        assert len(write(problem_of(error))) < 70_000


def test_our_own_bodies_are_problems_of_rfc_9457() -> None:
    """type, title, status and detail, and what a person does next."""
    body = orjson.loads(
        to_own(ServiceProblem("input-missing", 'The request lacks the input "a".', "Send it.", target="a"))
    )
    assert body == {
        "type": "urn:studiolo:problem:input-missing",
        "title": "Invalid argument provided.",
        "status": 400,
        "detail": 'The request lacks the input "a".',
        "code": "input-missing",
        "hint": "Send it.",
        "errors": [{"target": "a", "message": 'The request lacks the input "a".'}],
    }
