"""A server of the standard library that answers as a service does and keeps each request as it came."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from studiolo.services.bodies.errors import ServiceProblem, to_classic, to_own

KEY = "c3R1ZGlvbG8=" * 7 + "abc="
JOB = "0123456789abcdef" * 2


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    target: str
    content_type: str
    body: Any


class CheckingServer:
    """Answers with `answers[path]`, and batch jobs with the documented statuses; refuses any other key."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.seen: list[Seen] = []
        self.polls = 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *parts: Any) -> None:
                """Say nothing."""

            def do_POST(self) -> None:
                owner.answer(self)

            do_GET = do_DELETE = do_POST

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> CheckingServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        content_type = handler.headers.get("Content-Type", "").replace(" ", "").lower()
        self.seen.append(
            Seen(handler.command, handler.path, content_type, json.loads(body) if body else None)
        )
        status, data = self._answer(handler)
        handler.send_response(status)
        handler.send_header("x-ms-request-id", JOB)
        handler.send_header("Content-Type", "application/json")
        if status != 204:
            handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _answer(self, handler: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        path = handler.path.partition("?")[0]
        if handler.headers.get("Authorization") != f"Bearer {KEY}":
            problem = ServiceProblem("unauthorized", "The key is wrong.", "Ask for another.")
            return 401, (to_own if path.startswith("/api/") else to_classic)(problem)
        if path.endswith("/jobs"):
            return 200, json.dumps(JOB).encode()
        if path.endswith("/start"):
            return 204, b""
        if path.endswith(f"/jobs/{JOB}"):
            self.polls += 1
            done = self.answers["job"]
            status = done if self.polls > 1 else {"StatusCode": "Running", "Results": None, "Details": None}
            return 200, json.dumps(status).encode()
        return 200, json.dumps(self.answers[path]).encode()
