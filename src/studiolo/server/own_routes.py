"""The addresses of our own form: `POST /api/services/NAME`, and the designer's address of the same service."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from studiolo.server.answering import Answering
from studiolo.server.forms import DESIGNER, OWN
from studiolo.server.live import Live

DESIGNER_PREFIX = "/api/v1/service/"


class OwnRoutes:
    """The typed JSON and Arrow interface.

    Args:
        live: the loaded services.
        answering: answers requests.
    """

    def __init__(self, live: Live, answering: Answering) -> None:
        self._live, self._answering = live, answering

    def routes(self) -> list[BaseRoute]:
        """Give the routes."""
        return [
            Route("/api/services/{name}", self._invoke, methods=["POST"]),
            Route(f"{DESIGNER_PREFIX}{{name}}/score", self._designer, methods=["POST"]),
        ]

    async def _designer(self, request: Request) -> Response:
        return await self._answering.answer(request, self._live.named(request.path_params["name"]), DESIGNER)

    async def _invoke(self, request: Request) -> Response:
        return await self._answering.answer(request, self._live.named(request.path_params["name"]), OWN)
