"""The addresses of a service's documents: classic swagger, OpenAPI, help pages with the test form."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from studiolo.domain.service import Service, ServiceVersion
from studiolo.server.classic_routes import BASES, serving_of
from studiolo.server.forms import own_problem
from studiolo.server.live import Live, Serving
from studiolo.server.origin import origin_of
from studiolo.services.bodies.errors import ServiceProblem, to_classic
from studiolo.services.documents import help_page
from studiolo.services.documents.addresses import Addresses, addresses_of
from studiolo.services.documents.classic_swagger import classic_swagger, document_text
from studiolo.services.documents.openapi import server_openapi, service_openapi
from studiolo.services.documents.static_files import FILES, static_file

Make = Callable[[Service, ServiceVersion, Addresses], bytes]
JSON = {"content-type": "application/json", "x-content-type-options": "nosniff"}


class DocumentRoutes:
    """Documents of every service; readable without a key, as old clients expect.

    Args:
        live: the loaded services.
        address: of the server as clients know it; None for the one a request names.
        title: name of the workspace.
    """

    def __init__(self, live: Live, address: str | None, title: str) -> None:
        self._live, self._address, self._title = live, address, title

    def routes(self) -> list[BaseRoute]:
        """Give the routes."""
        found: list[BaseRoute] = []
        for base in BASES:
            for path in ("swagger.json", "apidocument"):
                found.append(Route(f"{base}/{path}", self._swagger, methods=["GET"]))
        found += [
            Route("/api/openapi.json", self._all, methods=["GET"]),
            Route("/api/services/{name}/openapi.json", self._openapi, methods=["GET"]),
            Route("/services/{name}", self._page(help_page.own_page), methods=["GET"]),
            Route("/services/{name}/score", self._page(help_page.classic_page), methods=["GET"]),
            Route("/services/{name}/jobs", self._page(help_page.batch_page), methods=["GET"]),
            Route("/services/{name}/apidocument", self._named_swagger, methods=["GET"]),
            Route("/static/{name}", self._static, methods=["GET"]),
        ]
        return found

    async def _swagger(self, request: Request) -> Response:
        return await self._document(request, serving_of(self._live, request), _swagger_text, to_classic)

    async def _named_swagger(self, request: Request) -> Response:
        return await self._document(request, self._named(request), _swagger_text, to_classic)

    async def _openapi(self, request: Request) -> Response:
        def make(service: Service, version: ServiceVersion, addresses: Addresses) -> bytes:
            return document_text(service_openapi(service, version, addresses))

        return await self._document(request, self._named(request), make, _own)

    async def _all(self, request: Request) -> Response:
        origin = self._origin(request)
        listed = []
        for name in self._live.names():
            serving = self._live.named(name)
            version = serving.version() if serving is not None else None
            if serving is not None and version is not None:
                listed.append((serving.service, version, self._addresses(serving.service, origin)))
        text = await asyncio.to_thread(lambda: document_text(server_openapi(self._title, origin, listed)))
        return Response(text, 200, JSON)

    def _page(self, page: Callable[[Service, ServiceVersion, Addresses], str]) -> Callable[[Request], Any]:
        def make(service: Service, version: ServiceVersion, addresses: Addresses) -> bytes:
            return page(service, version, addresses).encode("utf-8", "replace")

        async def give(request: Request) -> Response:
            return await self._document(request, self._named(request), make, _own, help_page.HEADERS)

        return give

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        content = static_file(name)
        if content is None:
            problem = ServiceProblem("address-unknown", f'There is no file "{name[:100]}".')
            return Response(_own(problem), 404, media_type="application/problem+json")
        headers = {"cache-control": "no-cache", "x-content-type-options": "nosniff"}
        return Response(content, 200, {**headers, "content-type": FILES[name]})

    async def _document(
        self,
        request: Request,
        serving: Serving | None,
        make: Make,
        problem_body: Callable[[ServiceProblem], bytes],
        headers: dict[str, str] | None = None,
    ) -> Response:
        version = serving.version() if serving is not None else None
        if serving is None or version is None:
            code = "service-unknown" if serving is None else "service-starting"
            problem = ServiceProblem(
                code, "There is no such service." if serving is None else "It is being loaded."
            )
            media_type = "application/json" if problem_body is to_classic else "application/problem+json"
            return Response(problem_body(problem), problem.status, media_type=media_type)
        addresses = self._addresses(serving.service, self._origin(request))
        # In a thread: a column of a thousand categories makes a long page, and requests must not wait for it.
        text = await asyncio.to_thread(make, serving.service, version, addresses)
        return Response(text, 200, headers or JSON)

    def _named(self, request: Request) -> Serving | None:
        return self._live.named(request.path_params["name"])

    def _origin(self, request: Request) -> str:
        return origin_of(request, self._address)

    def _addresses(self, service: Service, origin: str) -> Addresses:
        return addresses_of(service, self._live.workspace_id, origin)


def _swagger_text(service: Service, version: ServiceVersion, addresses: Addresses) -> bytes:
    return document_text(classic_swagger(service, version, addresses))


def _own(problem: ServiceProblem) -> bytes:
    return own_problem(problem, "")
