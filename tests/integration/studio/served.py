"""The studio's API on a real socket, and a small client; without the guard that stands before it in the product."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

import uvicorn

from studiolo import Workspace
from studiolo.server.studio.api import make_studio_api
from studiolo.studio.studio import Studio


def put(*path: str, before: Any = None, value: Any = None) -> dict[str, Any]:
    """Give a change of the kind `set`."""
    return {"op": "set", "path": list(path), "before": before, "value": value}


class Client:
    """Speaks to the API."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Give status and JSON of an answer; `path` may have any characters but ? in its parts."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            address, question, query = path.partition("?")
            address = quote(address, safe="/%") + question + query
            connection.request(method, address, data, {"Content-Type": "application/json"} if data else {})
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """Give the JSON of an answer that has to be a success."""
        status, data = self.ask("GET", path)
        assert status == 200, data
        return data

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        """Post JSON and give the answer, which has to have this status."""
        found, data = self.ask("POST", path, body)
        assert found == status, (found, data)
        return data

    def change(self, name: str, *changes: dict[str, Any], status: int = 200) -> Any:
        """Post changes to an experiment."""
        return self.post(f"/experiments/{name}/changes", {"changes": list(changes)}, status)

    def until_run_ended(self, name: str, after: int = 0) -> Any:
        """Wait until the newest run of an experiment, later than run `after`, has ended; give the status."""
        for _ in range(600):
            status = self.get(f"/experiments/{name}/status")
            run = status["run"]
            if run is not None and run["number"] > after and run["state"] != "running":
                return status
            time.sleep(0.1)
        raise AssertionError(f"{name} has not ended")


class Listener:
    """Listens to the stream of events from another thread."""

    def __init__(self, port: int, experiment: str | None = None) -> None:
        query = "" if experiment is None else f"?experiment={quote(experiment)}"
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._connection.request("GET", f"/events{query}")
        self._socket = self._connection.sock
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.is_ended = threading.Event()
        self._news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        self.wait("hello")

    def wait(self, name: str, fits: Any = lambda data: True, seconds: float = 30) -> dict[str, Any]:
        """Give the first event of that name that fits, among those that came and those to come."""
        until = time.monotonic() + seconds
        with self._news:
            while True:
                for found, data in self.events:
                    if found == name and fits(data):
                        return data
                if not self._news.wait(until - time.monotonic()):
                    raise AssertionError(f"no {name}; there were {self.events}")

    def forget(self) -> None:
        """Forget the events that came."""
        with self._news:
            self.events.clear()

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.is_ended.wait(5)

    def _read(self) -> None:
        name = ""
        try:
            while line := self._answer.fp.readline():
                text = line.decode().rstrip("\r\n")
                if text == "0":  # the last chunk
                    break
                if text.startswith("event: "):
                    name = text.removeprefix("event: ")
                elif text.startswith("data: "):
                    with self._news:
                        self.events.append((name, json.loads(text.removeprefix("data: "))))
                        self._news.notify_all()
        except (OSError, ValueError, AttributeError):
            pass
        self._answer.close()
        self._connection.close()
        self.is_ended.set()


@contextmanager
def serving(workspace: Workspace) -> Iterator[tuple[Studio, Client]]:
    """Serve the API of a workspace for the length of a block."""
    studio = Studio(workspace)
    studio.start()
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(make_studio_api(studio), log_level="warning", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield studio, Client(listening.getsockname()[1])
    finally:
        studio.events.close()
        server.should_exit = True
        thread.join(10)
        studio.close()
        listening.close()
