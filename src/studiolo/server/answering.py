"""One request of a service from the door to the answer, the same for every form of body."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from studiolo.domain.service import RequestRow, Service, ServiceVersion
from studiolo.errors import StudioloError
from studiolo.server.admission import RateLimits, drain, key_slot, read_body
from studiolo.server.live import Live, Serving
from studiolo.server.request_log import RequestLog
from studiolo.services.bodies import failures
from studiolo.services.bodies.errors import ServiceProblem

log = logging.getLogger("studiolo.server")

MOST_IN_LOOP_BYTES = 1 << 20
"""Longer bodies are read and written in a thread: other requests must not wait for them."""

Write = Callable[[Mapping[str, bytes | memoryview]], bytes]
_T = TypeVar("_T")


@dataclass
class Asked:
    """A request's body, read.

    Attributes:
        inputs: a frame for each input.
        parameters: values that it sets.
        rows: of all its inputs.
        write: writes the answer's body.
        media_type: of the answer.
    """

    inputs: Mapping[str, bytes]
    parameters: Mapping[str, Any]
    rows: int
    write: Write
    media_type: str = "application/json"


@dataclass
class Form:
    """How one kind of address speaks.

    Attributes:
        name: in the request log.
        read: reads a body for a version of a service, with the request's query and headers.
        write_problem: writes the body of a problem; takes the request's id.
        problem_type: media type of that body.
    """

    name: str
    read: Callable[[bytes, ServiceVersion, Service, Request], Asked]
    write_problem: Callable[[ServiceProblem, str], bytes]
    problem_type: str = "application/json"


@dataclass
class _Noted:
    """What the request log will say."""

    service: str = ""
    version: int | None = None
    slot: str | None = None
    rows: int | None = None
    code: str | None = None
    data: dict[str, str] = field(default_factory=dict)


class Answering:
    """Answers the requests of this server process.

    Args:
        live: the loaded services.
        limits: rate limits.
        requests: the log.
    """

    def __init__(self, live: Live, limits: RateLimits, requests: RequestLog) -> None:
        self._live, self._limits, self._requests = live, limits, requests

    async def answer(self, request: Request, serving: Serving | None, form: Form) -> Response:
        """Answer a request; every failure gets a body in the request's own form."""
        began, moment = time.perf_counter(), time.time()
        id = str(uuid.uuid4())
        noted = _Noted()
        headers = {"x-ms-request-id": id}
        try:
            response = await self._answer(request, serving, form, noted, headers)
        except ServiceProblem as problem:
            await drain(request)
            noted.code = problem.code
            if problem.retry_after_seconds is not None:
                headers["retry-after"] = str(max(1, round(problem.retry_after_seconds + 0.5)))
            if problem.status == 401:
                headers["www-authenticate"] = "Bearer"
            body = form.write_problem(problem, id)
            response = Response(body, problem.status, headers, form.problem_type)
        except ClientDisconnect:
            noted.code = "request-cancelled"
            response = Response(b"", 400, headers)
        except Exception:
            log.exception("Request %s to %s failed.", id, noted.service)
            noted.code = "service-failed"
            fault = ServiceProblem(
                "service-failed", f"The service failed; the server's log has more under {id}."
            )
            response = Response(form.write_problem(fault, id), 500, headers, form.problem_type)
        if noted.service and noted.slot is not None:
            took = (time.perf_counter() - began) * 1000
            self._requests.add(
                RequestRow(
                    service=noted.service,
                    version=noted.version,
                    time=moment,
                    form=form.name,
                    status=response.status_code,
                    milliseconds=took,
                    rows=noted.rows,
                    slot=noted.slot,
                    error=noted.code,
                    request_id=id,
                    data=noted.data or None,
                )
            )
        return response

    async def _answer(
        self, request: Request, serving: Serving | None, form: Form, noted: _Noted, headers: dict[str, str]
    ) -> Response:
        if serving is None:
            raise ServiceProblem("service-unknown", "There is no such service.")
        service = serving.service
        noted.service = service.name
        self.admit(request, serving, noted)
        body = await read_body(request, service.max_body_mb << 20, service.timeout_seconds)
        try:
            runtime = serving.choose()
        except StudioloError as error:
            raise ServiceProblem("service-starting", error.summary, retry_after_seconds=2) from None
        noted.version = runtime.version.number
        headers["x-studiolo-version"] = str(noted.version)
        asked = await _beside(len(body), lambda: form.read(body, runtime.version, service, request))
        noted.rows = asked.rows
        if service.keeps_data:
            noted.data["request"] = body.decode("utf-8", "replace")
        try:
            reply = await runtime.invoke(asked.inputs, asked.parameters, service.timeout_seconds)
        except StudioloError as error:
            raise failures.problem_of(error) from None
        size = sum(len(frame) for frame in reply.outputs.values())
        written = await _beside(size, lambda: asked.write(reply.outputs))
        if service.keeps_data:
            noted.data["answer"] = written.decode("utf-8", "replace")
        return Response(written, 200, headers, asked.media_type)

    def admit(self, request: Request, serving: Serving, noted: _Noted | None = None) -> str:
        """Check a request's key and its rate; give the key's slot.

        Raises:
            ServiceProblem: `unauthorized` or `request-throttled`.
        """
        slot = key_slot(serving.keys, request.headers.get("authorization"))
        if slot is None:
            raise ServiceProblem(
                "unauthorized",
                "Invalid credentials provided.",
                "Send one of the service's two keys: Authorization: Bearer KEY",
            )
        if noted is not None:
            noted.slot = slot
        self._limits.admit(serving.service, slot)
        return slot


async def _beside(size: int, work: Callable[[], _T]) -> _T:
    """Do work on so many bytes here, or in a thread when there are many."""
    return work() if size <= MOST_IN_LOOP_BYTES else await asyncio.to_thread(work)
