"""The web application: addresses of the services, their documents and the server's own state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from studiolo.server.admission import RateLimits, drain
from studiolo.server.answering import Answering
from studiolo.server.asking import Asking
from studiolo.server.batch_routes import BatchRoutes
from studiolo.server.classic_routes import CLASSIC_PREFIXES, ClassicRoutes
from studiolo.server.document_routes import DocumentRoutes
from studiolo.server.forms import own_problem
from studiolo.server.live import Live
from studiolo.server.own_routes import DESIGNER_PREFIX, OwnRoutes
from studiolo.server.request_log import RequestLog
from studiolo.services.batch.jobs import BatchJobs
from studiolo.services.batch.runner import BatchRunner
from studiolo.services.bodies.errors import ServiceProblem, to_classic, to_designer
from studiolo.services.registry import Services
from studiolo.workspace import Workspace


@dataclass(frozen=True)
class ServerSettings:
    """How a server process works.

    Attributes:
        processes: number of server processes beside each other, itself included.
        address: that clients know it by, such as `https://ml.example.org`; None for the one they used.
    """

    processes: int = 1
    address: str | None = None


@dataclass(frozen=True)
class Beside:
    """What else answers in the same process.

    Attributes:
        routes: looked through after those of the services.
        around: lasts as long as the application.
        on_services: called when services have changed, whoever changed them.
    """

    routes: Sequence[BaseRoute] = ()
    around: Callable[[], AbstractAsyncContextManager[Any]] = nullcontext
    on_services: Callable[[], None] = lambda: None


def make_app(workspace: Workspace, settings: ServerSettings, beside: Beside | None = None) -> Starlette:
    """Give the application of one server process for a workspace.

    Args:
        workspace: opened for this process, closed with the application.
        settings: how the process works.
        beside: the studio, which does not wait until services are loaded; None for the services alone.
    """
    live = Live(workspace, beside.on_services) if beside is not None else Live(workspace)
    services = Services(workspace)
    state: dict[str, Any] = {"is_ready": False}
    requests = RequestLog(services)
    answering = Answering(live, RateLimits(settings.processes), requests)
    runner = BatchRunner(workspace)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        await live.start(waits=beside is None)
        runner.start()
        state["is_ready"] = True
        try:
            async with beside.around() if beside is not None else nullcontext():
                yield {"asking": Asking(workspace, live, requests, settings.address)}
        finally:
            state["is_ready"] = False
            await asyncio.to_thread(runner.close)
            await live.close()
            requests.close()
            workspace.close()

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(request: Request) -> Response:
        return JSONResponse(
            {"ready": state["is_ready"], "services": live.names()}, 200 if state["is_ready"] else 503
        )

    # Looked through in this order for each request: what is asked most stands first.
    routes: list[BaseRoute] = OwnRoutes(live, answering).routes() + ClassicRoutes(live, answering).routes()
    routes += [Route("/healthz", health), Route("/readyz", ready)]
    routes += BatchRoutes(live, answering, requests, BatchJobs(workspace), settings.address).routes()
    routes += DocumentRoutes(live, settings.address, workspace.name).routes()
    routes += beside.routes if beside is not None else ()

    return Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={HTTPException: _on_http_error, Exception: _on_fault},  # type: ignore[dict-item]
    )


async def _on_http_error(request: Request, error: HTTPException) -> Response:
    """Answer an unknown address or method in the form of the addresses around it."""
    await drain(request)
    if error.status_code == 405:
        problem = ServiceProblem("method-not-allowed", f"{request.method} is not a method of this address.")
    else:
        problem = ServiceProblem("address-unknown", f"There is nothing at {request.scope['path'][:200]}.")
    return _in_form_of(request, problem, dict(error.headers or {}))


async def _on_fault(request: Request, error: Exception) -> Response:
    return _in_form_of(request, ServiceProblem("service-failed", "The server failed; its log has more."), {})


def _in_form_of(request: Request, problem: ServiceProblem, headers: dict[str, str]) -> Response:
    if request.scope["path"].startswith(CLASSIC_PREFIXES):
        return Response(to_classic(problem), problem.status, headers, "application/json")
    if request.scope["path"].startswith(DESIGNER_PREFIX):
        return Response(to_designer(problem), problem.status, headers, "application/json")
    return Response(own_problem(problem, ""), problem.status, headers, "application/problem+json")
