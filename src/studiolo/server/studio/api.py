"""The studio's API as one application, mounted below `/api`."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from studiolo import __version__
from studiolo.errors import StudioloError
from studiolo.server.studio import (
    content_routes,
    dataset_routes,
    document_routes,
    events_routes,
    language_routes,
    lint_routes,
    publish_routes,
    run_routes,
    service_routes,
    session_routes,
    workspace_routes,
)
from studiolo.server.studio.problem_forms import ErrorAnswer
from studiolo.server.studio.problems import on_error
from studiolo.server.studio.reaching import Door
from studiolo.studio.studio import Studio

ROUTERS = (
    session_routes.router,
    events_routes.router,
    workspace_routes.router,
    document_routes.router,
    lint_routes.router,
    language_routes.router,
    content_routes.router,
    run_routes.router,  # its last route takes every path below a run's nodes
    dataset_routes.router,
    service_routes.router,
    publish_routes.router,
)
DOCUMENT = "/studio-openapi.json"  # /api/openapi.json is the one of the published services


def make_studio_api(studio: Studio | None, door: Door | None = None) -> FastAPI:
    """Give the application that answers the page; `guard.Guard` stands before it.

    Args:
        studio: what it works on; None where only its OpenAPI document is wanted.
        door: how people come in; None where nobody signs in.
    """
    api = FastAPI(
        title="studiolo",
        version=__version__,
        summary="What the studio in the browser speaks.",
        docs_url=None,
        redoc_url=None,
        openapi_url=DOCUMENT,
        redirect_slashes=False,
        responses={"default": {"model": ErrorAnswer, "description": "What went wrong."}},
        exception_handlers={
            StudioloError: on_error,
            RequestValidationError: on_error,
            HTTPException: on_error,
            Exception: on_error,
        },
    )
    api.state.studio = studio
    api.state.door = door
    for router in ROUTERS:
        api.include_router(router)
    return api
