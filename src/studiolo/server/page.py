"""The page of the studio: files that the front end's build has left, with the policy that keeps strangers' code out."""

from __future__ import annotations

import asyncio
import html
import mimetypes
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from studiolo.errors import StudioloError
from studiolo.server.studio.guard import caller_of, headers_of, session_cookie, wrong_host
from studiolo.server.studio.origins import Origins
from studiolo.server.studio.problems import answer_of
from studiolo.server.studio.reaching import Door

FOLDER_VARIABLE = "STUDIOLO_WEBAPP"
PACKAGED = Path(__file__).parents[1] / "webapp"
NONCE = "%CSP_NONCE%"
TOP_FILES = ("favicon.svg", "third-party-licences.txt")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,200}")
CODINGS = (("br", ".br"), ("gzip", ".gz"))
SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
TYPES = {
    ".js": "text/javascript",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".map": "application/json",
}
NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>studiolo</title></head><body>
<h1>The page is not built</h1>
<p>This studiolo runs from a source tree whose page has not been built yet. In its folder:</p>
<pre>make page</pre>
<p>and reload. The API, the published services and the command line work meanwhile.</p>
</body></html>
"""


def policy(nonce: str) -> str:
    """Give the content security policy of the page: code and data from this server alone, no frame around it."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
        "connect-src 'self'; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


class Page:
    """The page and its files.

    Args:
        door: how people come in, for the link with the token.
        origins: the hosts that the studio is known by.
        folder: of the build; None for the one that the package brings, or that `STUDIOLO_WEBAPP` names.
    """

    def __init__(self, door: Door, origins: Origins, folder: Path | None = None) -> None:
        self._door, self._origins = door, origins
        self._folder = folder or Path(os.environ.get(FOLDER_VARIABLE) or PACKAGED)

    def routes(self) -> list[BaseRoute]:
        """Give the routes."""
        found: list[BaseRoute] = [Route("/", self._index), Route("/assets/{name}", self._asset)]
        return found + [Route(f"/{name}", self._top_file) for name in TOP_FILES]

    async def _index(self, request: Request) -> Response:
        host = request.headers.get("host", "")
        if not self._origins.is_own_host(host):
            return _closed(answer_of(wrong_host(host)))
        query = parse_qs(request.scope["query_string"].decode("latin-1"), max_num_fields=None)
        if "token" in query:
            return await asyncio.to_thread(self._sign_in, request, query["token"][0])
        nonce = secrets.token_urlsafe(18)
        text = await asyncio.to_thread(self._page_text)
        headers = {
            **SAFE_HEADERS,
            "cache-control": "no-store",
            "content-security-policy": policy(nonce),
        }
        return Response(text.replace(NONCE, nonce), 200, headers, "text/html")

    def _page_text(self) -> str:
        try:
            return (self._folder / "index.html").read_text(encoding="utf-8")
        except OSError:
            return NOT_BUILT

    def _sign_in(self, request: Request, token: str) -> Response:
        """Begin a session for the link of the terminal, and lead to the page without the token in its address."""
        try:
            is_right = self._door.access.is_token(token, caller_of(request.scope))
        except StudioloError as error:
            return _plain_page(error, 429)
        answer = RedirectResponse("./", 303, {**SAFE_HEADERS, "cache-control": "no-store"})
        if is_right:
            cookie = session_cookie(
                self._door.cookie, self._door.access.begin_session(), is_secure=self._door.is_secure
            )
            answer.headers.append("set-cookie", cookie)
        return answer

    async def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        cache = "public, max-age=31536000, immutable"  # the name changes with the content
        return await asyncio.to_thread(
            self._file, self._folder / "assets", name, headers_of(request.scope), cache
        )

    async def _top_file(self, request: Request) -> Response:
        name = request.scope["path"].rpartition("/")[2]
        return await asyncio.to_thread(self._file, self._folder, name, headers_of(request.scope), "no-cache")

    def _file(self, folder: Path, name: str, headers: Mapping[str, str], cache: str) -> Response:
        path = folder / name
        if not NAME.fullmatch(name) or not path.is_file():
            return Response("There is no such file.\n", 404, SAFE_HEADERS, "text/plain")
        media_type = TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        sent = {**SAFE_HEADERS, "cache-control": cache, "vary": "accept-encoding"}
        sent["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        wanted = headers.get("accept-encoding", "")
        for coding, ending in CODINGS:
            packed = path.with_name(name + ending)
            if _accepts(wanted, coding) and packed.is_file():
                sent["content-encoding"] = coding
                path = packed
                break
        return FileResponse(path, 200, sent, media_type)


def _accepts(header: str, coding: str) -> bool:
    """Tell whether `Accept-Encoding` takes a coding.

    >>> _accepts("gzip, br;q=0.5", "br"), _accepts("br;q=0", "br"), _accepts("", "gzip")
    (True, False, False)
    """
    for part in header.lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() == coding:
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _plain_page(error: StudioloError, status: int) -> Response:
    text = f"<!doctype html><title>studiolo</title><p>{html.escape(error.summary)}</p><p>{html.escape(error.hint)}</p>"
    answer = _closed(Response(text, status, {"cache-control": "no-store"}, "text/html"))
    answer.headers["retry-after"] = str(error.details.get("retry_after_seconds", 60))
    return answer


def _closed(answer: Response) -> Response:
    for name, value in SAFE_HEADERS.items():
        answer.headers[name] = value
    answer.headers["content-security-policy"] = "default-src 'none'; frame-ancestors 'none'"
    return answer
