"""`studiolo serve`: one listening socket, several server processes, and who watches over them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from studiolo.errors import UserError

READY_SECONDS = 150.0
PAUSE_SECONDS = 0.5
LASTING_SECONDS = 60.0
MOST_FAILURES = 5
STOP_SECONDS = 130.0


@dataclass(frozen=True)
class _Process:
    """A server process: when it began, and how often the ones before it in its place ended early."""

    popen: subprocess.Popen[bytes]
    began: float
    failures: int = 0


@dataclass(frozen=True)
class ServeWish:
    """What somebody asked to serve.

    Attributes:
        workspace: its folder.
        host: address to listen on.
        port: TCP port; 0 for any that is free.
        processes: number of server processes.
        address: that clients know the server by; None for the one they used.
        level: of the log, such as `INFO`.
    """

    workspace: Path
    host: str = "127.0.0.1"
    port: int = 8765
    processes: int = 1
    address: str | None = None
    level: str = "INFO"


def listen(host: str, port: int) -> socket.socket:
    """Give a socket that listens.

    Raises:
        UserError: `cannot-listen`.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((host, port))
            made.listen(2048)
        except BaseException:
            made.close()
            raise
    except OSError as error:
        raise UserError(
            "cannot-listen",
            f"The server can't listen on {host}, port {port}: {error.strerror or error}.",
            "Choose another port, as in --port 8766, or end the program that uses it.",
        ) from None
    return made


def check_address(address: str | None) -> str | None:
    """Give the address that clients know the server by, without a slash at its end.

    Raises:
        UserError: `wrong-value`.
    """
    if address is None:
        return None
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise UserError(
            "wrong-value", f'"{address}" is no address of a server.', "As in https://ml.example.org"
        )
    return address.rstrip("/")


class Supervisor:
    """Starts server processes, starts one again that ends by itself, and stops them all at SIGTERM or SIGINT.

    Args:
        wish: what to serve.
        on_up: called once, with the address and the names of the services, when the first process answers.
    """

    def __init__(self, wish: ServeWish, on_up: Callable[[str, list[str]], None]) -> None:
        self._wish, self._on_up = wish, on_up
        self._processes: list[_Process] = []
        self._is_stopping = False

    def run(self) -> int:
        """Serve until told to stop; give the exit code.

        Raises:
            UserError: `cannot-listen`.
        """
        with listen(self._wish.host, self._wish.port) as listening:
            host, port = listening.getsockname()[:2]
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._stop)
            for _ in range(self._wish.processes):
                self._processes.append(self._start(listening))
            shown = f"[{host}]" if ":" in host else host
            services = self._wait_until_up(host, port)
            if services is not None:
                self._on_up(self._wish.address or f"http://{shown}:{port}", services)
            return self._watch(listening)

    def _start(self, listening: socket.socket) -> _Process:
        settings = {
            "workspace": str(self._wish.workspace),
            "socket": listening.fileno(),
            "processes": self._wish.processes,
            "address": self._wish.address,
            "level": self._wish.level,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "studiolo.server.process"],
            stdin=subprocess.PIPE,
            pass_fds=(listening.fileno(),),
            start_new_session=True,  # Ctrl-C is for this process, which tells them
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(settings).encode())
            process.stdin.close()
        return _Process(process, time.monotonic())

    def _wait_until_up(self, host: str, port: int) -> list[str] | None:
        """Wait until a process answers `/readyz`; give what it serves, None when stopped or when all have ended."""
        import http.client

        target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        last = time.monotonic() + READY_SECONDS
        while time.monotonic() < last and not self._is_stopping:
            if all(process.popen.poll() is not None for process in self._processes):
                return None
            connection = http.client.HTTPConnection(target, port, timeout=READY_SECONDS)
            try:
                connection.request("GET", "/readyz")
                answer = connection.getresponse()
                if answer.status == 200:
                    return [str(name) for name in json.loads(answer.read())["services"]]
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.05)
        return None

    def _watch(self, listening: socket.socket) -> int:
        """Start a process again that ended by itself; give up on one that never lasts. Give the exit code."""
        while not self._is_stopping:
            time.sleep(0.2)
            for number, process in enumerate(self._processes):
                if process.popen.poll() is None or self._is_stopping:
                    continue
                code = process.popen.returncode or 1
                is_short = time.monotonic() - process.began < LASTING_SECONDS
                failures = process.failures + 1 if is_short else 1
                if failures > MOST_FAILURES:
                    self._stop(signal.SIGTERM, None)
                    self._wait()
                    return code
                print(f"A server process ended with {code}; another one starts.", file=sys.stderr, flush=True)
                time.sleep(PAUSE_SECONDS * failures)
                self._processes[number] = replace(self._start(listening), failures=failures)
        self._wait()
        return 0

    def _wait(self) -> None:
        last = time.monotonic() + STOP_SECONDS
        for process in self._processes:
            try:
                process.popen.wait(max(last - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.popen.kill()
                process.popen.wait()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Tell the processes to answer what runs and end; told twice, end them at once."""
        hard = self._is_stopping
        self._is_stopping = True
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.popen.pid, signal.SIGKILL if hard else signal.SIGTERM)
