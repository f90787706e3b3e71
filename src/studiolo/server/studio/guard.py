"""The door of the studio's API: who is signed in, what is forged, how much a body may hold (R-12.1, R-12.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studiolo.errors import StudioloError, UserError
from studiolo.server.admission import drain
from studiolo.server.studio.origins import Origins
from studiolo.server.studio.problems import answer_of, known_error
from studiolo.studio.access import SESSION_SECONDS, Access

STOPPING = UserError(
    "studio-stopping", "The studio is being stopped.", "Ask again when it has been started anew."
)
SIGNED_IN = "studiolo.signed_in"
SAFE = ("GET", "HEAD", "OPTIONS")
MOST_BODY_BYTES = 32 << 20
MOST_CHUNK_BYTES = 16 << 20
PIECE_SECONDS = 30.0
POLICY_VIOLATION = 1008
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class Guard:
    """Lets requests of signed-in callers through to the API, and answers all others itself.

    Args:
        app: the API.
        access: knows token and sessions.
        origins: the hosts that the studio is known by.
        cookie: name of the session's cookie.
    """

    def __init__(self, app: ASGIApp, access: Access, origins: Origins, cookie: str) -> None:
        self._app, self._access, self._origins, self._cookie = app, access, origins, cookie
        self._going: set[asyncio.Task[object]] = set()
        self._is_stopping = False

    def stop(self) -> None:
        """Give up the requests that are not answered yet; to be called in their event loop, when the server ends.

        What a thread does for one goes on by itself: files are written whole or not at all.
        """
        self._is_stopping = True
        for task in self._going:
            task.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        try:
            is_signed_in = self._check(scope, headers)
        except StudioloError as error:
            await self._refuse(scope, receive, send, error)
            return
        scope[SIGNED_IN] = is_signed_in
        task = asyncio.current_task()
        assert task is not None
        self._going.add(task)
        try:
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
            else:
                await self._answer(scope, receive, send)
        except asyncio.CancelledError:
            if not self._is_stopping:
                raise
        finally:
            self._going.discard(task)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = _Answering(send)
        try:
            await self._app(scope, _bounded(scope, receive), answering.send)
        except asyncio.CancelledError:
            if not self._is_stopping or answering.has_begun:
                raise
            await answer_of(STOPPING)(scope, receive, answering.send)
        except Exception as error:
            if answering.is_whole:  # the API's own handler has told it, and raises it again
                return
            known = known_error(error)
            if answering.has_begun:
                raise  # the caller sees an answer that ends too early
            await answer_of(known)(scope, receive, answering.send)

    def _check(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Tell whether the caller is signed in.

        Raises:
            UserError: `wrong-host`, `forged-request`, `not-signed-in`, `too-many-tries`, `request-too-large` or
                `unknown-address`.
        """
        if not self._origins.is_own_host(headers.get("host", "")):
            raise wrong_host(headers.get("host", ""))
        if any(ord(character) < 32 or ord(character) == 127 for character in scope["path"]):
            raise UserError("unknown-address", "There is nothing at this address of the studio.")
        told = headers.get("content-length", "")
        if scope["type"] == "http" and told.isdigit() and int(told[:20]) > _most_bytes(scope):
            raise UserError(
                "request-too-large", _too_large_text(_most_bytes(scope)), "Send it in smaller parts."
            )
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if self._access.is_token(token.strip(), caller_of(scope)):
                return True
            raise _not_signed_in("The token is not the one of this studio.")
        self._check_origin(scope, headers)
        if self._access.is_session(cookie_of(scope, self._cookie)):
            return True
        if _route_path(scope) == "/session" and scope.get("method") in ("GET", "POST"):
            return False
        raise _not_signed_in("You are not signed in to this studio.")

    def _check_origin(self, scope: Scope, headers: Mapping[str, str]) -> None:
        if scope["type"] == "websocket":
            is_own = self._origins.is_own_socket(headers)
        else:
            is_own = self._origins.is_from_own_page(headers, is_changing=scope["method"] not in SAFE)
        if not is_own:
            raise UserError(
                "forged-request",
                "The request does not come from the studio's own page.",
                "A program sends the header Authorization: Bearer TOKEN instead of a cookie.",
            )

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, error: StudioloError) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": error.code})
            return
        await drain(Request(scope, receive))
        await answer_of(error)(scope, receive, _Answering(send).send)


class _Answering:
    """Sends an answer on, with the headers of every answer of the studio."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = self.is_whole = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_begun = True
            add_headers(message, HEADERS)
        elif message["type"] == "http.response.body":
            self.is_whole = not message.get("more_body", False)
        await self._send(message)


def add_headers(message: MutableMapping[str, Any], headers: tuple[tuple[bytes, bytes], ...]) -> None:
    """Add headers to an answer that begins, as far as it does not have them."""
    given = list(message.get("headers", ()))
    names = {bytes(name).lower() for name, _ in given}
    message["headers"] = [*given, *((name, value) for name, value in headers if name not in names)]


def headers_of(scope: Scope) -> dict[str, str]:
    """Give the headers of a request by names in small letters; of several of one name the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def caller_of(scope: Scope) -> str:
    """Give the address of who asks."""
    client = scope.get("client")
    return str(client[0]) if client else "this machine"


def cookie_of(scope: Scope, name: str) -> str:
    """Give the value of a cookie, or ""."""
    return HTTPConnection(scope).cookies.get(name, "")


def wrong_host(host: str) -> UserError:
    """Give the error of a request to a name that is not this server's."""
    return UserError(
        "wrong-host",
        f'The studio is not known as "{host[:100]}".',
        "Open it as localhost, or start it with --address and the address that people know it by.",
    )


def session_cookie(name: str, value: str, *, is_secure: bool) -> str:
    """Give the header `Set-Cookie` of a session; an empty value takes it away."""
    age = SESSION_SECONDS if value else 0
    secure = "; Secure" if is_secure else ""
    return f"{name}={value}; Max-Age={age}; Path=/; HttpOnly; SameSite=Strict{secure}"


def _route_path(scope: Scope) -> str:
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(root + "/") else path


def _not_signed_in(summary: str) -> UserError:
    hint = "Open the link that studiolo start printed, or paste its token."
    return UserError("not-signed-in", summary, hint)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """Give what receives a body that may be neither longer nor slower than allowed.

    What it raises reaches the API's own handler of errors, as routes do the reading.
    """
    most, size, is_whole = _most_bytes(scope), 0, False

    async def bounded() -> Message:
        nonlocal size, is_whole
        if is_whole:
            return await receive()
        try:
            async with asyncio.timeout(PIECE_SECONDS):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, f"No part of the body arrived for {PIECE_SECONDS:g} s.") from None
        size += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if size > most:
            raise HTTPException(413, _too_large_text(most))
        return message

    return bounded


def _most_bytes(scope: Scope) -> int:
    is_chunk = scope["method"] == "PUT" and _route_path(scope).startswith("/uploads/")
    return MOST_CHUNK_BYTES if is_chunk else MOST_BODY_BYTES


def _too_large_text(most: int) -> str:
    return f"The body is longer than {most >> 20} MiB."
