"""Asks the published services from inside their server: the test form of the studio, which needs no key."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass

from studiolo.domain.service import RequestRow, Service
from studiolo.errors import StudioloError
from studiolo.server.live import Live
from studiolo.server.request_log import RequestLog
from studiolo.services.bodies import failures, own
from studiolo.services.bodies.errors import ServiceProblem, to_own
from studiolo.services.registry import Services
from studiolo.services.runtime import Runtime
from studiolo.workspace import Workspace

FORM = "test"
"""The form that such requests have in the request log."""

LOADING_SECONDS = 60.0
LOOK_SECONDS = 0.05
ANSWERING, LOADING, FAILED, RETIRED = "answering", "loading", "failed", "retired"


@dataclass(frozen=True)
class Answered:
    """What a version answered.

    Attributes:
        status: HTTP status that a client would have got.
        body: JSON as a client would have got it.
        version: that answered.
        milliseconds: time of the request, once everything was loaded.
        log: what its nodes printed.
        request_id: of the request log.
    """

    status: int
    body: bytes
    version: int
    milliseconds: float
    log: str
    request_id: str


class Asking:
    """The services of a server process as the studio in the same process sees them.

    Args:
        workspace: opened for this process.
        live: the loaded services.
        requests: the log.
        address: of the server as clients know it; None for the one they used.
    """

    def __init__(self, workspace: Workspace, live: Live, requests: RequestLog, address: str | None) -> None:
        self.address = address
        self.workspace_id = live.workspace_id
        self._workspace, self._live, self._requests = workspace, live, requests

    def state(self, service: Service) -> tuple[str, StudioloError | None]:
        """Give whether a service answers, is being loaded, or failed to load, and why."""
        if service.retired is not None:
            return RETIRED, None
        serving = self._live.named(service.name)
        if serving is None:
            return LOADING, None
        if serving.error is not None and service.live not in serving.runtimes:
            return FAILED, serving.error
        return (ANSWERING if service.live in serving.runtimes else LOADING), None

    def wait(self, service: Service) -> None:
        """Wait in a thread until the live version answers or can't be loaded, but not for ever."""
        last = time.monotonic() + LOADING_SECONDS
        while self.state(service)[0] == LOADING and time.monotonic() < last:
            time.sleep(LOOK_SECONDS)

    async def ask(self, service: Service, number: int, body: bytes) -> Answered:
        """Send a request of our own form to a version, also to one that answers nobody yet.

        Args:
            service: whose.
            number: of the version.
            body: JSON.

        Raises:
            StudioloError: the version can't be loaded.
        """
        if number != service.live and number not in service.traffic:
            version = await asyncio.to_thread(Services(self._workspace).version, service.name, number)
            runtime = Runtime(version, self._workspace, children=1)
            await runtime.start()
            try:
                return await self._ask(service, runtime, body)
            finally:
                await runtime.close(0.0)
        return await self._ask(service, await self._loaded(service, number), body)

    async def _loaded(self, service: Service, number: int) -> Runtime:
        """Give a version that answers clients; waits for one that was published just now."""
        loop = asyncio.get_running_loop()
        last = loop.time() + LOADING_SECONDS
        while True:
            serving = self._live.named(service.name)
            if serving is not None and number in serving.runtimes:
                return serving.runtimes[number]
            if serving is not None and serving.error is not None:
                raise serving.error
            if loop.time() > last and serving is not None:
                return serving.choose()
            await asyncio.sleep(LOOK_SECONDS)

    async def _ask(self, service: Service, runtime: Runtime, body: bytes) -> Answered:
        began, moment, id = time.perf_counter(), time.time(), str(uuid.uuid4())
        rows: int | None = None
        code: str | None = None
        log = b""
        try:
            request = await asyncio.to_thread(own.read_body, body, runtime.version, max_rows=service.max_rows)
            rows = request.rows
            try:
                reply = await runtime.invoke(request.inputs, request.parameters, service.timeout_seconds)
            except StudioloError as error:
                raise failures.problem_of(error) from None
            status, log = 200, reply.log
            written = await asyncio.to_thread(own.write_body, reply.outputs, runtime.version, request)
        except ServiceProblem as problem:
            status, code = problem.status, problem.code
            written = to_own(problem, request_id=id)
        took = (time.perf_counter() - began) * 1000
        number = runtime.version.number
        kept = {"request": body.decode("utf-8", "replace"), "answer": written.decode("utf-8", "replace")}
        data = kept if service.keeps_data else None
        row = RequestRow(service.name, moment, FORM, status, took, id, number, rows, error=code, data=data)
        self._requests.add(row)
        return Answered(status, written, number, took, log.decode("utf-8", "replace"), id)
