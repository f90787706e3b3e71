"""A light client of benchmark `serving`, in a process of its own: keep-alive connections, one request at a time each.

Reads lines of JSON on standard input, `{"port", "head", "body", "clients", "seconds"}` (head and body as text), and
writes for each one the seconds that every request took.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from typing import cast

import uvloop


class Connection(asyncio.Protocol):
    """Sends the same request again as soon as its answer is there, until the time is over or the server closes."""

    def __init__(self, request: bytes, until: float, seconds: list[float]) -> None:
        self._request, self._until, self._seconds = request, until, seconds
        self._got, self._whole, self._is_last = b"", -1, False
        self._began = time.perf_counter()  # the first request waits for its connection
        self._transport: asyncio.Transport
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer; note its time when it is whole."""
        self._got = self._got + data if self._got else data
        if self._whole < 0:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._got[:end].lower()
            if b" 200 " not in head[:16]:
                self._fail(RuntimeError(self._got[:2000].decode()))
                return
            length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            self._whole = end + 4 + int(length)
            self._is_last = b"\r\nconnection: close" in head
        if len(self._got) < self._whole:
            return
        now = time.perf_counter()
        self._seconds.append(now - self._began)
        if now < self._until and not self._is_last:
            self._got, self._whole = b"", -1
            self._began = time.perf_counter()
            self._transport.write(self._request)
            return
        self._transport.close()
        self.over.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        """Say that the server has gone."""
        self._fail(ConnectionError(f"the server closed the connection: {error}"))

    def _fail(self, error: Exception) -> None:
        if not self.over.done():
            self.over.set_exception(error)


async def load(port: int, request: bytes, clients: int, seconds: float) -> list[float]:
    """Let clients send one request again and again; give the seconds that each took."""
    loop = asyncio.get_running_loop()
    until = time.perf_counter() + seconds
    times: list[float] = []

    async def ask() -> None:
        while time.perf_counter() < until:  # some servers close the connection after each answer
            _, made = await loop.create_connection(
                lambda: Connection(request, until, times), "127.0.0.1", port
            )
            await made.over

    await asyncio.gather(*(ask() for _ in range(clients)))
    return times


def main() -> None:
    """Do what the lines say."""
    gc.disable()
    for line in sys.stdin:
        wish = json.loads(line)
        request = (wish["head"] + wish["body"]).encode()
        try:
            answer = {"seconds": uvloop.run(load(wish["port"], request, wish["clients"], wish["seconds"]))}
        except Exception as error:  # told to who asked, who knows which server it was
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
        gc.collect()


if __name__ == "__main__":
    main()
