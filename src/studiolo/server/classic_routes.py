"""The addresses of the retired product's request-response service."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from studiolo.server.answering import Answering
from studiolo.server.forms import CLASSIC, SCORE
from studiolo.server.live import Live, Serving

CLASSIC_PREFIXES = ("/workspaces/", "/subscriptions/")
BASES = ("/workspaces/{workspace}/services/{service}", "/subscriptions/{workspace}/services/{service}")


class ClassicRoutes:
    """`…/execute` and `…/score` of every service.

    Args:
        live: the loaded services.
        answering: answers requests.
    """

    def __init__(self, live: Live, answering: Answering) -> None:
        self._live, self._answering = live, answering

    def routes(self) -> list[BaseRoute]:
        """Give the routes."""
        found: list[BaseRoute] = []
        for base in BASES:
            found.append(Route(f"{base}/execute", self._execute, methods=["POST"]))
            found.append(Route(f"{base}/score", self._score, methods=["POST"]))
        return found

    async def _execute(self, request: Request) -> Response:
        return await self._answering.answer(request, serving_of(self._live, request), CLASSIC)

    async def _score(self, request: Request) -> Response:
        return await self._answering.answer(request, serving_of(self._live, request), SCORE)


def serving_of(live: Live, request: Request) -> Serving | None:
    """Give the service of a classic address; None when there is none of that id in this workspace.

    Addresses below `/subscriptions/` name a subscription of the retired product, which says nothing here.
    """
    if (
        request.scope["path"].startswith("/workspaces/")
        and request.path_params["workspace"].lower() != live.workspace_id
    ):
        return None
    return live.with_id(request.path_params["service"])
