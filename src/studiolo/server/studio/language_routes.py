"""The way from an editor to its language server in the jail: one JSON message of the protocol in each frame."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import orjson
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from studiolo.errors import StudioloError
from studiolo.studio.languages import IDLE_SECONDS
from studiolo.studio.languages_place import LanguagePlace
from studiolo.studio.languages_talk import MOST_BYTES, LanguageServer, LanguageServerGone
from studiolo.studio.studio import Studio

__all__ = ["router"]

router = APIRouter(tags=["scripts"])
log = logging.getLogger("studiolo.studio")

# Why a conversation ended, as the page tells it apart: only the first two are worth another attempt.
IDLE, ENDED, REFUSED, WRONG = 4000, 4001, 4002, 4003


@router.websocket("/language/{experiment}/{node:path}")
async def language(socket: WebSocket, experiment: str, node: str) -> None:
    """Relay between an editor and a language server for the node's script, until one of them ends."""
    studio: Studio = socket.app.state.studio
    await socket.accept()
    try:
        place = await asyncio.to_thread(studio.languages.place_of, experiment, node)
        server, place = await asyncio.to_thread(studio.languages.open, place)
    except StudioloError as error:
        await _close(socket, REFUSED, error.summary)
        return
    try:
        await server.attach()
        await socket.send_text(_hello(place))
        await _relay(socket, server)
    finally:
        server.close()
        studio.languages.release(place)


async def _relay(socket: WebSocket, server: LanguageServer) -> None:
    """Carry messages both ways; closes the socket with the reason when the server ends first."""
    to_server = asyncio.create_task(_to_server(socket, server))
    to_page = asyncio.create_task(_to_page(socket, server))
    try:
        done, _ = await asyncio.wait({to_server, to_page}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (to_server, to_page):
            task.cancel()
        await asyncio.gather(to_server, to_page, return_exceptions=True)
    faults = [task.exception() for task in done if not task.cancelled()]
    fault = next((one for one in faults if one is not None), None)
    if isinstance(fault, LanguageServerGone):
        error = await server.why_it_ended()
        why = error.summary if error is not None else f"The language server ended: {fault}."
        log.info("%s %s", why, server.log[-2000:].decode("utf-8", "replace"))
        await _close(socket, ENDED, why)
    elif isinstance(fault, TimeoutError):
        await _close(socket, IDLE, "Nobody has typed for long.")
    elif isinstance(fault, ValueError):
        await _close(socket, WRONG, str(fault))
    elif fault is not None and not isinstance(fault, WebSocketDisconnect):
        raise fault


async def _to_server(socket: WebSocket, server: LanguageServer) -> None:
    while True:
        frame = await asyncio.wait_for(socket.receive(), IDLE_SECONDS)
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame.get("code", 1005))
        await server.send(_message(frame.get("text") or ""))


async def _to_page(socket: WebSocket, server: LanguageServer) -> None:
    while True:
        message = await server.receive()
        await socket.send_text(orjson.dumps(message).decode())


def _message(text: str) -> dict[str, Any]:
    """Read what the page sends.

    Raises:
        ValueError: it is no message of the protocol.
    """
    if len(text) > MOST_BYTES:
        raise ValueError("The message is too long.")
    try:
        message = orjson.loads(text)
    except ValueError:
        raise ValueError("The message is no JSON.") from None
    if not isinstance(message, dict):
        raise ValueError("The message is no JSON object.")
    return message


def _hello(place: LanguagePlace) -> str:
    """Tell the page, before all else, whose libraries are completed and what is missing."""
    params = {
        "environment": place.environment.name,
        "python": place.environment.version,
        "is_complete": not place.is_read_only and not place.note,
        "note": place.note,
    }
    return orjson.dumps({"jsonrpc": "2.0", "method": "studiolo/environment", "params": params}).decode()


async def _close(socket: WebSocket, code: int, why: str) -> None:
    """Close a conversation with its reason, of which a frame holds 123 bytes."""
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code, why.encode()[:120].decode("utf-8", "ignore"))
