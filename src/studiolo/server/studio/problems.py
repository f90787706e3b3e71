"""Turns every error into the one form that the studio's API answers with, and its HTTP status."""

from __future__ import annotations

import errno
import json
import logging
import math
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from studiolo.errors import InternalError, StudioloError, UserError
from studiolo.server.studio.problem_forms import PlaceForm

STATUSES = {
    "not-signed-in": 401,
    "forged-request": 403,
    "wrong-host": 403,
    "missing-row": 404,
    "wrong-method": 405,
    "request-timeout": 408,
    "already-running": 409,
    "upload-offset": 409,
    "upload-incomplete": 409,
    "request-too-large": 413,
    "script-too-long": 413,
    "upload-too-long": 413,
    "too-many-tries": 429,
    "too-many-editors": 429,
    "table-busy": 429,
    "service-busy": 503,
    "worker-lost": 503,
    "studio-stopping": 503,
    "metadata-locked": 503,
    "workspace-disk-full": 507,
}
ENDINGS = {"-exists": 409}
BEGINNINGS = {"unknown-": 404, "missing-content": 404, "never-run": 404, "conflict-": 409}
OTHERWISE = 422

MOST_FINDINGS = 10
MOST_TEXT = 2_000
MOST_DEPTH = 40
_OUTSIDE_ERRNO = (errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP)

log = logging.getLogger("studiolo.server")


def status_of(error: StudioloError) -> int:
    """Give the HTTP status of an error.

    >>> status_of(UserError("unknown-run", "")), status_of(UserError("wrong-value", ""))
    (404, 422)
    """
    if isinstance(error, InternalError):
        return 500
    if error.code in STATUSES:
        return STATUSES[error.code]
    for ending, status in ENDINGS.items():
        if error.code.endswith(ending):
            return status
    for beginning, status in BEGINNINGS.items():
        if error.code.startswith(beginning):
            return status
    return OTHERWISE


def answer_of(error: StudioloError, status: int | None = None) -> Response:
    """Give the answer that tells an error; never cached, never more than JSON."""
    headers = {"cache-control": "no-store"}
    wait = error.details.get("retry_after_seconds")
    if isinstance(wait, int | float):
        headers["retry-after"] = str(max(math.ceil(wait), 1))
    elif status_of(error) == 503:
        headers["retry-after"] = "1"
    told = _whole(_plain(error.to_json()))
    text = json.dumps({"error": told}, allow_nan=False)  # ASCII: holds lone surrogates too
    return Response(text, status or status_of(error), headers, "application/json")


def known_error(error: Exception) -> StudioloError:
    """Give an error as one of ours; what nobody foresaw gets a number, under which the log has the rest."""
    if isinstance(error, StudioloError) and not isinstance(error, InternalError):
        return error
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, RequestValidationError):
        return _of_validation(error)
    if _is_of_outside(error):
        return UserError("wrong-request", f"The request holds a value that nothing can have: {error}.")
    number = time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + secrets.token_hex(2)
    log.error("Error %s", number, exc_info=error)
    if isinstance(error, InternalError):
        said, hint = error.summary.rstrip("."), error.hint
    else:
        said, hint = f"studiolo met an error of its own: {type(error).__name__}", ""
    hint = hint or f"The server's log has more under the number {number}. Please report it."
    return InternalError("internal", f"{said} (error {number}).", hint, error_number=number)


async def on_error(request: Request, error: Exception) -> Response:
    """Answer an error that a route raised."""
    known = known_error(error)
    status = error.status_code if isinstance(error, HTTPException) else None
    return answer_of(
        known, None if status == 400 else status
    )  # a body that is none is 422, whatever is wrong with it


def _of_http(error: HTTPException) -> StudioloError:
    said = str(error.detail)
    if error.status_code == 404:
        return UserError("unknown-address", "There is nothing at this address of the studio.")
    if error.status_code == 405:
        return UserError("wrong-method", "This address does not take this method.")
    if error.status_code == 413:
        return UserError("request-too-large", said, "Send it in smaller parts.")
    if error.status_code == 408:
        return UserError("request-timeout", said, "Send it again.")
    return UserError("wrong-request", said if said.endswith(".") else f"{said}.")


def _of_validation(error: RequestValidationError) -> StudioloError:
    """Name what does not fit in a request: where, and why."""
    found = error.errors()
    findings = []
    for one in found[:MOST_FINDINGS]:
        place = ".".join(str(part) for part in one.get("loc", ()))
        findings.append({"place": place[:200], "message": str(one.get("msg", ""))[:200]})
    first = findings[0] if findings else {"place": "body", "message": "it can't be read"}
    more = f" There are {len(found) - 1} more." if len(found) > 1 else ""
    summary = f"The request does not fit at {first['place']}: {first['message']}.{more}"
    return UserError("wrong-request", summary, "", findings=findings)


def _whole(told: dict[str, Any]) -> dict[str, Any]:
    """Give an error with every field of `ErrorForm`, as pages expect."""
    where = {**dict.fromkeys(PlaceForm.model_fields), **told.get("where", {})}
    problems = [_whole(one) for one in told.get("problems", [])]
    return {"details": {}, "traceback": "", **told, "where": where, "problems": problems}


def _is_of_outside(error: Exception) -> bool:
    """Tell whether an error can only come from a value that was sent: a zero byte, half a character, a huge number."""
    if isinstance(error, UnicodeError | OverflowError):
        return True
    if isinstance(error, OSError):
        return error.errno in _OUTSIDE_ERRNO
    if type(error).__name__ == "PydanticSerializationError":
        return "surrogates" in str(error)
    return isinstance(error, ValueError) and "embedded null" in str(error)


def _plain(value: Any, depth: int = 0) -> Any:
    """Give a value as JSON can hold it."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth > MOST_DEPTH:
        return str(value)[:MOST_TEXT]
    if isinstance(value, Mapping):
        return {str(name): _plain(one, depth + 1) for name, one in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes | bytearray):
        return [_plain(one, depth + 1) for one in value]
    if hasattr(value, "model_dump"):
        return _plain(value.model_dump(mode="json"), depth + 1)
    return str(value)[:MOST_TEXT]
