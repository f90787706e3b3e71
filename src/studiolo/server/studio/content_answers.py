"""Answers with content of the store: kept by the browser for good, pictures behind walls, files as attachments."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal
from urllib.parse import quote

import orjson
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from studiolo import __version__
from studiolo.studio.devices import DevicePicture
from studiolo.studio.downloads import OpenedFile
from studiolo.studio.kept_figures import FORM

NAMED = Literal["dataset", "zip", "file", "object", "device"]
KEPT = "private, max-age=31536000, immutable"
SAFE = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
ACTIVE_SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'unsafe-inline'; img-src data: blob:"
)
_PIECE_BYTES = 1 << 20
_NAME_CHARACTERS = 150


def as_json(document: Any) -> Response:
    """Answer with a document of plain values, or a dataclass of them; fast, as pages have many cells."""
    return Response(_json(document), media_type="application/json")


def kept_answer(request: Request, digest: str, make: Callable[[], dict[str, Any]]) -> Response:
    """Answer with what follows from immutable content alone; a browser that has it already gets no body."""
    headers = {"etag": f'"{__version__}.{FORM}-{digest[:32]}"', "cache-control": KEPT}
    if _has_it(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    return Response(_json(make()), 200, headers, "application/json")


def picture_answer(request: Request, picture: DevicePicture, descriptor: int) -> Response:
    """Answer with a picture; SVG and HTML only as a sandbox that reaches nothing, unknown types as a file."""
    headers = {**SAFE, "etag": f'"{picture.content.digest}"', "cache-control": KEPT}
    if picture.is_active:
        headers["content-security-policy"] = ACTIVE_SANDBOX
    else:
        headers["content-security-policy"] = SANDBOX
    if not picture.is_shown:
        headers["content-disposition"] = disposition(picture.name)
    if _has_it(request, headers["etag"]):
        os.close(descriptor)
        return Response(status_code=304, headers=headers)
    media_type = picture.media_type if picture.is_shown else "application/octet-stream"
    return DescriptorResponse(descriptor, picture.content.size, headers, media_type)


def whole_file(file: OpenedFile) -> Response:
    """Answer with a file to save."""
    headers = {
        **SAFE,
        "content-disposition": disposition(file.name),
        "content-security-policy": SANDBOX,
        "cache-control": "private, no-cache",
    }
    return DescriptorResponse(file.descriptor, file.size, headers, file.media_type)


def disposition(name: str) -> str:
    """Give the header that has a file saved under a name, in ASCII and as it is.

    >>> print(disposition('a/b "c".csv'))
    attachment; filename="a_b _c_.csv"; filename*=UTF-8''a_b%20_c_.csv
    """
    safe = "".join("_" if _is_unsafe(letter) else letter for letter in name[-_NAME_CHARACTERS:]).strip(" .")
    safe = safe or "data"
    plain = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode().strip(" .") or "data"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


class DescriptorResponse(StreamingResponse):
    """A body read from a descriptor, which is closed at the end however that comes.

    Args:
        descriptor: open for reading.
        size: bytes to send.
        headers: further ones.
        media_type: of the body.
    """

    def __init__(self, descriptor: int, size: int, headers: dict[str, str], media_type: str) -> None:
        self._descriptor = descriptor
        self._size = size
        super().__init__(self._pieces(), 200, {**headers, "content-length": str(size)}, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the body."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            os.close(self._descriptor)

    async def _pieces(self) -> AsyncIterator[bytes]:
        offset = 0
        while offset < self._size:
            count = min(_PIECE_BYTES, self._size - offset)
            piece = await run_in_threadpool(os.pread, self._descriptor, count, offset)
            if not piece:
                raise OSError("the file became shorter while it was sent")
            offset += len(piece)
            yield piece


def _json(document: Any) -> bytes:
    try:
        return orjson.dumps(document)
    except TypeError:  # half a surrogate pair in a text that a script wrote
        return json.dumps(document, allow_nan=False).encode()


def _has_it(request: Request, etag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return etag in [one.strip().removeprefix("W/") for one in known.split(",")]


def _is_unsafe(letter: str) -> bool:
    return letter in '/\\:*?"<>|' or unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
