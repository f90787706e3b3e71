"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from studiolo import __version__
from studiolo.errors import UserError
from studiolo.server.studio.guard import SIGNED_IN, caller_of, cookie_of, session_cookie
from studiolo.server.studio.reaching import DoorOfRequest
from studiolo.server.studio.workspace_forms import SessionForm, SignIn

__all__ = ["router"]

router = APIRouter(tags=["session"])


@router.get("/session", response_model=SessionForm, operation_id="getSession", summary="Am I signed in?")
def get_session(request: Request) -> SessionForm:
    """Say whether the caller is signed in; the only address that needs no session."""
    return SessionForm(is_signed_in=bool(request.scope.get(SIGNED_IN)), version=__version__)


@router.post("/session", response_model=SessionForm, operation_id="signIn", summary="Sign in")
def sign_in(wish: SignIn, request: Request, response: Response, door: DoorOfRequest) -> SessionForm:
    """Sign in with the token from the terminal; sets the cookie."""
    if not door.access.is_token(wish.token.strip(), caller_of(request.scope)):
        raise UserError(
            "not-signed-in",
            "This is not the token of this studio.",
            "Copy the whole link that studiolo start printed in its terminal.",
        )
    cookie = session_cookie(door.cookie, door.access.begin_session(), is_secure=door.is_secure)
    response.headers.append("set-cookie", cookie)
    return SessionForm(is_signed_in=True, version=__version__)


@router.delete("/session", status_code=204, response_model=None, operation_id="signOut", summary="Sign out")
def sign_out(request: Request, door: DoorOfRequest) -> Response:
    """End the session, on this server and in the browser."""
    door.access.end_session(cookie_of(request.scope, door.cookie))
    response = Response(status_code=204)
    response.headers.append("set-cookie", session_cookie(door.cookie, "", is_secure=door.is_secure))
    return response
