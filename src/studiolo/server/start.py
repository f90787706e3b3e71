"""`studiolo start`: the studio in the browser and the published services, in one process, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import FrameType

import anyio.to_thread
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from studiolo.server.app import Beside, ServerSettings, make_app
from studiolo.server.page import Page
from studiolo.server.process import KEEP_ALIVE_SECONDS, WAITING_CONNECTIONS
from studiolo.server.serve import listen
from studiolo.server.studio.api import make_studio_api
from studiolo.server.studio.guard import Guard
from studiolo.server.studio.origins import Origins
from studiolo.server.studio.reaching import Door
from studiolo.studio.access import Access
from studiolo.studio.studio import Studio
from studiolo.workspace import Workspace

GRACE_SECONDS = 10
"""So long a request to a service may still take when the studio ends."""

PAGE_GRACE_SECONDS = 1.0
"""So long a request of the page may: it asks again by itself."""

LAST_SECONDS = 1.5
"""So long the end may take after the last request. Then the process is left as it is: a thread can't be ended, and one
may wait for a jail or for the lock of another program. All that is written is whole at any moment."""

THREADS = 64
STOPPED_HARD = 130
MOST_SOCKET_BYTES = 8 << 20

log = logging.getLogger("studiolo.server")


@dataclass(frozen=True)
class StartWish:
    """How somebody asked for the studio.

    Attributes:
        host: address to listen on.
        port: TCP port; 0 for any that is free.
        address: that people know it by; None for the one they used.
        level: of the log, such as `INFO`.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    address: str | None = None
    level: str = "WARNING"


@dataclass(frozen=True)
class Opened:
    """Where the studio answers.

    Attributes:
        address: without a slash at its end.
        link: the address that signs in.
        token: of the link.
        make_once: gives a link that signs in once, within a minute.
    """

    address: str
    link: str
    token: str
    make_once: Callable[[], str]


def serve_studio(
    workspace: Workspace,
    wish: StartWish,
    on_up: Callable[[Opened], None],
    on_stop: Callable[[list[str]], None],
) -> int:
    """Serve until SIGTERM or Ctrl-C; give the exit code. A second one ends the process at once.

    A run that goes on is left as it is: interrupted, and continued by the next run of the same work.

    Args:
        workspace: opened by this process; closed at the end.
        wish: how to serve.
        on_up: called when the first request can come.
        on_stop: called when the end begins, with the experiments whose runs are left.

    Raises:
        UserError: `cannot-listen`, `workspace-unwritable` or `workspace-disk-full`.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=wish.level, stream=sys.stderr)
    with listen(wish.host, wish.port) as listening:
        host, port = listening.getsockname()[:2]
        access = Access(workspace.places.own / "studio")
        studio = Studio(workspace)
        app, guard = studio_app(studio, access, wish, port)
        address = wish.address or f"http://{shown_host(host)}:{port}"
        link = f"{address}/?token="
        opened = Opened(address, link + access.token, access.token, lambda: link + access.make_once())
        server = _Server(app, studio, guard, lambda: on_up(opened), on_stop)
        gc.collect()
        gc.freeze()  # what is loaded stays: no collection needs to look at it again
        server.run(sockets=[listening])
    return 0


def studio_app(studio: Studio, access: Access, wish: StartWish, port: int) -> tuple[Starlette, Guard]:
    """Give the whole application - page, API of the studio, published services - and the guard of its API."""
    origins = Origins(wish.host, wish.address)
    door = Door(access, f"studiolo-{port}", origins.is_secure)
    guarded = Guard(make_studio_api(studio, door), access, origins, door.cookie)

    @asynccontextmanager
    async def around() -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        await anyio.to_thread.run_sync(studio.start)
        try:
            yield
        finally:
            _leave_later()
            await anyio.to_thread.run_sync(studio.close)

    def on_services() -> None:
        studio.events.publish("services", {})

    routes = [*Page(door, origins).routes(), Mount("/api", guarded)]
    app = make_app(studio.workspace, ServerSettings(1, wish.address), Beside(routes, around, on_services))
    return app, guarded


def _leave_later() -> None:
    """End the process soon, also where a thread still works."""

    def leave() -> None:
        log.warning("The studio ended while something was still being computed.")
        os._exit(0)

    timer = threading.Timer(LAST_SECONDS, leave)
    timer.daemon = True
    timer.start()


def shown_host(host: str) -> str:
    """Give a host as it stands in a link that works on this machine.

    >>> shown_host("0.0.0.0"), shown_host("::1")
    ('127.0.0.1', '[::1]')
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{host}]" if ":" in host else host


class _Server(uvicorn.Server):
    """Ends the streams of events before it waits for requests, and leaves runs as a killed host would."""

    def __init__(
        self,
        app: Starlette,
        studio: Studio,
        guard: Guard,
        on_up: Callable[[], None],
        on_stop: Callable[[list[str]], None],
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
                backlog=WAITING_CONNECTIONS,
                ws="websockets-sansio",
                ws_max_size=MOST_SOCKET_BYTES,
                proxy_headers=False,
            )
        )
        self._studio, self._guard = studio, guard
        self._on_up, self._on_stop = on_up, on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._on_up()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop(self._studio.running())
        self._studio.events.close()
        asyncio.get_running_loop().call_later(PAGE_GRACE_SECONDS, self._guard.stop)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            os._exit(STOPPED_HARD)
        self.should_exit = True
