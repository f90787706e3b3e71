"""The host's side of one language server: messages in and out, read as what they are, the words of a hostile job."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Mapping
from typing import Any

import orjson

from studiolo.errors import StudioloError
from studiolo.worker.endings import error_of_end
from studiolo.worker.jobs import Job
from studiolo.worker.log import BoundedLog
from studiolo.worker.sending import Ends

MOST_BYTES = 8 << 20  # of one message
MOST_HEADER = 4096
MOST_UNREAD = 1 << 20
_LENGTH = re.compile(rb"content-length:\s*(\d{1,9})\s*", re.IGNORECASE)
_LOG_PIECE, _LOG_PIECES = 1 << 16, 17

# What the page says of the folder and of options does not count: these do.
ROOT = "file:///box/work"
OPTIONS: Mapping[str, Any] = {
    "diagnostics": {"enable": False},  # faults come from the check that a run makes too (lint.py)
    "completion": {"disableSnippets": True, "ignorePatterns": ["__studiolo"]},
    "markupKindPreferred": "markdown",
}


class LanguageServerGone(Exception):
    """The server has ended, or says what no language server says; the text says which."""


class LanguageServer:
    """One language server in its jail, for one editor; used by one event loop.

    Args:
        job: that was given to a pool.
        ends: of that job.
    """

    def __init__(self, job: Job, ends: Ends) -> None:
        self._job, self._ends = job, ends
        self._log = BoundedLog(job.limits.log_kb << 10)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._is_closed = False

    @property
    def log(self) -> bytes:
        """What it has printed."""
        self._read_log()
        return bytes(self._log)

    async def attach(self) -> None:
        """Begin to listen to it, in the running event loop."""
        assert self._ends.conversation is not None
        self._ends.conversation.setblocking(False)
        os.set_blocking(self._ends.log, False)
        os.set_blocking(self._ends.status, False)
        self._reader, self._writer = await asyncio.open_connection(
            sock=self._ends.conversation, limit=MOST_UNREAD
        )
        asyncio.get_running_loop().add_reader(self._ends.log, self._read_log)

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send it a message of the page.

        Raises:
            LanguageServerGone: it has ended.
        """
        assert self._writer is not None
        data = orjson.dumps(_with_own_options(message))
        try:
            self._writer.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
            await self._writer.drain()
        except (OSError, RuntimeError) as error:
            raise LanguageServerGone(f"it has ended: {error}") from None

    async def receive(self) -> dict[str, Any]:
        """Wait for its next message.

        Raises:
            LanguageServerGone: it has ended, or this is no message of a language server.
        """
        assert self._reader is not None
        try:
            header = await self._reader.readuntil(b"\r\n\r\n")
            size = _size(header)
            if not 0 < size <= MOST_BYTES:
                raise LanguageServerGone(f"it sends a message of {size} bytes")
            data = await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError):
            raise LanguageServerGone("it has ended") from None
        except asyncio.LimitOverrunError:
            raise LanguageServerGone("it sends no headers") from None
        try:
            message = orjson.loads(data)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            raise LanguageServerGone("it sends what is no message")
        return message

    async def why_it_ended(self) -> StudioloError | None:
        """Give why it ended, where its pool says so soon."""
        for _ in range(20):
            try:
                data = os.read(self._ends.status, 1 << 16) if self._ends.status >= 0 else b""
            except BlockingIOError:
                await asyncio.sleep(0.05)
                continue
            try:
                facts = json.loads(data) if data else {"lost": "its pool has ended"}
            except ValueError:
                return None
            return error_of_end(facts, self._job.limits, None)
        return None

    def close(self) -> None:
        """End it and give back everything; once more does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._reader is not None and self._ends.log >= 0:
            asyncio.get_running_loop().remove_reader(self._ends.log)
        if self._writer is not None:
            self._writer.close()
        self._ends.kill("cancelled")
        self._ends.close()

    def _read_log(self) -> None:
        for _ in range(_LOG_PIECES):
            if self._ends.log < 0:
                return
            try:
                data = os.read(self._ends.log, _LOG_PIECE)
            except (BlockingIOError, OSError):
                return
            if not data:
                asyncio.get_running_loop().remove_reader(self._ends.log)
                return
            self._log.add(data)


def _with_own_options(message: Mapping[str, Any]) -> Mapping[str, Any]:
    if message.get("method") != "initialize":
        return message
    given = message.get("params")
    own = {
        "rootUri": ROOT,
        "rootPath": None,
        "workspaceFolders": None,
        "initializationOptions": OPTIONS,
        "processId": None,
    }
    return {**message, "params": {**(given if isinstance(given, dict) else {}), **own}}


def _size(header: bytes) -> int:
    if len(header) > MOST_HEADER:
        return 0
    for line in header.split(b"\r\n"):
        match = _LENGTH.fullmatch(line)
        if match:
            return int(match.group(1))
    return 0
