"""The addresses of batch jobs: the retired product's `…/jobs` of every service, and those of our own form."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from studiolo.connectors.media_types import media_type_of
from studiolo.domain.batch import BatchJob
from studiolo.domain.service import RequestRow
from studiolo.errors import StudioloError
from studiolo.server.admission import read_body
from studiolo.server.answering import Answering
from studiolo.server.classic_routes import BASES, serving_of
from studiolo.server.forms import own_problem
from studiolo.server.live import Live, Serving
from studiolo.server.origin import origin_of
from studiolo.server.request_log import RequestLog
from studiolo.services.batch import answers, wish
from studiolo.services.batch.jobs import BatchJobs
from studiolo.services.bodies.errors import ServiceProblem, to_classic
from studiolo.services.documents.addresses import addresses_of

log = logging.getLogger("studiolo.server")

Handle = Callable[[Request, Serving], Awaitable[Response]]
MOST_LISTED = 1000
_JSON = "application/json"


class BatchRoutes:
    """Batch jobs of every service.

    Args:
        live: the loaded services.
        answering: knows the keys and limits.
        requests: the log.
        jobs: the workspace's batch jobs.
        address: of the server as clients know it; None for the one a request names.
    """

    def __init__(
        self, live: Live, answering: Answering, requests: RequestLog, jobs: BatchJobs, address: str | None
    ) -> None:
        self._live, self._answering, self._requests = live, answering, requests
        self._jobs, self._address = jobs, address

    def routes(self) -> list[BaseRoute]:
        """Give the routes."""
        found: list[BaseRoute] = []
        for base in BASES:
            found += [
                Route(f"{base}/jobs", self._classic(self._create), methods=["POST"]),
                Route(f"{base}/jobs/{{job}}", self._classic(self._status), methods=["GET"]),
                Route(f"{base}/jobs/{{job}}", self._classic(self._end), methods=["DELETE"]),
                Route(f"{base}/jobs/{{job}}/start", self._classic(self._start), methods=["POST"]),
                Route(f"{base}/jobs/{{job}}/outputs/{{file}}", self._output, methods=["GET"]),
            ]
        own = "/api/services/{name}/jobs"
        return [
            *found,
            Route(own, self._own(self._own_create), methods=["POST"]),
            Route(own, self._own(self._own_list), methods=["GET"]),
            Route(f"{own}/{{job}}", self._own(self._own_status), methods=["GET"]),
            Route(f"{own}/{{job}}", self._own(self._end), methods=["DELETE"]),
            Route(f"{own}/{{job}}/log", self._own(self._own_log), methods=["GET"]),
        ]

    # The classic form

    async def _create(self, request: Request, serving: Serving) -> Response:
        job = await self._made(request, serving, wish.CLASSIC, starts=False)
        return _json(job.id)

    async def _start(self, request: Request, serving: Serving) -> Response:
        await asyncio.to_thread(self._jobs.start, serving.service, request.path_params["job"])
        return Response(status_code=204)

    async def _status(self, request: Request, serving: Serving) -> Response:
        job = await self._job(request, serving)
        return _json(answers.classic_status(job, self._jobs_address(request, serving)))

    async def _end(self, request: Request, serving: Serving) -> Response:
        await asyncio.to_thread(self._jobs.end, serving.service, request.path_params["job"])
        return Response(status_code=204)

    async def _output(self, request: Request) -> Response:
        """Give an output's file to whoever knows its address: old clients send no key with it."""
        serving = serving_of(self._live, request)
        try:
            if serving is None:
                raise ServiceProblem("service-unknown", "There is no such service.")
            job = await self._job(request, serving)
            file = request.path_params["file"]
            token = request.query_params.get("sig", "")
            path = await asyncio.to_thread(self._jobs.output_file, job, file, token)
        except ServiceProblem as problem:
            return Response(to_classic(problem), problem.status, media_type=_JSON)
        headers = {"x-content-type-options": "nosniff", "cache-control": "private"}
        return FileResponse(path, 200, headers, media_type_of(file), filename=file)

    # Our own form

    async def _own_create(self, request: Request, serving: Serving) -> Response:
        job = await self._made(request, serving, wish.OWN, starts=True)
        address = f"/api/services/{serving.service.name}/jobs/{job.id}"
        return _json(answers.own_status(job, ""), 202, {"location": address})

    async def _own_list(self, request: Request, serving: Serving) -> Response:
        told = request.query_params.get("limit", "50")
        if not told.isascii() or not told.isdigit() or not 1 <= int(told[:9]) <= MOST_LISTED:
            said = f"`limit` is a whole number from 1 to {MOST_LISTED:,}."
            raise ServiceProblem("query-invalid", said, target="limit")
        jobs = await asyncio.to_thread(self._jobs.list, serving.service, int(told))
        address = self._jobs_address(request, serving)
        return _json({"jobs": [answers.own_status(job, address) for job in jobs]})

    async def _own_status(self, request: Request, serving: Serving) -> Response:
        job = await self._job(request, serving)
        address = self._jobs_address(request, serving)

        def text() -> bytes:
            tables = {name: self._jobs.table(result) for name, result in job.results.items()}
            return orjson.dumps(answers.own_status(job, address, tables))

        return Response(await asyncio.to_thread(text), 200, media_type=_JSON)

    async def _own_log(self, request: Request, serving: Serving) -> Response:
        job = await self._job(request, serving)
        text = await asyncio.to_thread(self._jobs.log, job)
        return Response(text, 200, {"x-content-type-options": "nosniff"}, "text/plain; charset=utf-8")

    # What they share

    async def _made(
        self, request: Request, serving: Serving, form: wish.BatchForm, *, starts: bool
    ) -> BatchJob:
        service = serving.service
        body = await read_body(request, service.max_body_mb << 20, service.timeout_seconds)
        try:
            version = serving.choose().version
        except StudioloError as error:
            raise ServiceProblem("service-starting", error.summary, retry_after_seconds=2) from None
        # In a thread: a table in the request may be long.
        return await asyncio.to_thread(self._jobs.create, service, version, body, form, starts=starts)

    async def _job(self, request: Request, serving: Serving) -> BatchJob:
        return await asyncio.to_thread(self._jobs.get, serving.service, request.path_params["job"])

    def _jobs_address(self, request: Request, serving: Serving) -> str:
        origin = origin_of(request, self._address)
        return addresses_of(serving.service, self._live.workspace_id, origin).jobs

    def _classic(self, handle: Handle) -> Callable[[Request], Awaitable[Response]]:
        async def give(request: Request) -> Response:
            return await self._guarded(request, serving_of(self._live, request), handle, is_own=False)

        return give

    def _own(self, handle: Handle) -> Callable[[Request], Awaitable[Response]]:
        async def give(request: Request) -> Response:
            serving = self._live.named(request.path_params["name"])
            return await self._guarded(request, serving, handle, is_own=True)

        return give

    async def _guarded(
        self, request: Request, serving: Serving | None, handle: Handle, *, is_own: bool
    ) -> Response:
        """Answer a request with a key; every failure gets a body in the form of its address."""
        began, moment = time.perf_counter(), time.time()
        id = str(uuid.uuid4())
        slot: str | None = None
        problem: ServiceProblem | None = None
        try:
            if serving is None:
                raise ServiceProblem("service-unknown", "There is no such service.")
            slot = self._answering.admit(request, serving)
            response = await handle(request, serving)
        except ServiceProblem as raised:
            problem = raised
        except ClientDisconnect:
            problem = ServiceProblem("request-cancelled", "The client went away.")
        except Exception:
            log.exception("Request %s about a batch job failed.", id)
            problem = ServiceProblem("service-failed", f"The server failed; its log has more under {id}.")
        if problem is not None:
            response = _problem_response(problem, id, is_own=is_own)
        response.headers["x-ms-request-id"] = id
        if serving is not None and slot is not None:
            self._requests.add(
                RequestRow(
                    service=serving.service.name,
                    time=moment,
                    form="batch",
                    status=response.status_code,
                    milliseconds=(time.perf_counter() - began) * 1000,
                    slot=slot,
                    error=None if problem is None else problem.code,
                    request_id=id,
                )
            )
        return response


def _problem_response(problem: ServiceProblem, id: str, *, is_own: bool) -> Response:
    headers = {}
    if problem.retry_after_seconds is not None:
        headers["retry-after"] = str(max(1, round(problem.retry_after_seconds + 0.5)))
    if problem.status == 401:
        headers["www-authenticate"] = "Bearer"
    if is_own:
        return Response(own_problem(problem, id), problem.status, headers, "application/problem+json")
    return Response(to_classic(problem), problem.status, headers, _JSON)


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(value), status, headers, _JSON)
