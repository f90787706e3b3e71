"""Servers that the tests of batch jobs start beside those of `tests.servers`: a plain HTTP server, and our own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.servers.programs import free_port, wait_for

ENDED = ("Finished", "Failed", "Cancelled")


class Files:
    """A plain HTTP server with files by path, which takes files by PUT."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.gate = threading.Event()
        self.asked = threading.Event()
        files = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path.startswith("/slow/"):
                    files.asked.set()
                    files.gate.wait(60)
                    path = path.removeprefix("/slow")
                if path.startswith("/away/"):
                    self.send_response(302)
                    self.send_header("Location", "http://169.254.169.254/secret.csv")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if path.startswith("/echo/"):
                    self._give(403, self.path.encode())
                    return
                data = files.files.get(path)
                self._give(404 if data is None else 200, b"no such file" if data is None else data)

            def do_PUT(self) -> None:
                path = self.path.partition("?")[0]
                files.files[path] = self.rfile.read(int(self.headers["Content-Length"]))
                files.headers[path] = {name.lower(): value for name, value in self.headers.items()}
                self._give(201, b"")

            def _give(self, status: int, data: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Serving:
    """`studiolo serve` with one server process on a workspace."""

    def __init__(self, workspace: Path, environment: dict[str, str] | None = None) -> None:
        port = free_port()
        program = str(Path(sys.executable).parent / "studiolo")
        self.address = f"http://127.0.0.1:{port}"
        self.log = workspace / "serve.log"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [program, "serve", "--workers", "1", "--port", str(port)],
                cwd=workspace,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        wait_for(self.is_ready)

    def is_ready(self) -> bool:
        """Say whether it answers."""
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=30) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    @property
    def workers(self) -> list[int]:
        """Ids of the server processes."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in listed.split()]

    def kill_workers(self) -> None:
        """End the server process as the kernel does when memory is short; the supervisor starts another one."""
        for id in self.workers:
            os.kill(id, signal.SIGKILL)

    def close(self) -> None:
        """Stop as SIGTERM does."""
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Client:
    """Calls a server with a key, as the published programs do; gives status and body."""

    def __init__(self, base: str, key: str | None) -> None:
        self.base, self.key = base, key

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        status, data = self.raw(method, path, None if body is None else json.dumps(body).encode())
        return status, json.loads(data) if data else None

    def raw(self, method: str, path: str, data: bytes | None = None) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"}
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        address = path if "://" in path else self.base + path
        request = urllib.request.Request(address, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def ended(self, job: str) -> dict[str, Any]:
        """Poll the status of a job until it has ended."""

        def look() -> dict[str, Any] | None:
            status, told = self("GET", f"/jobs/{job}?api-version=2.0")
            assert status == 200, told
            return told if told["StatusCode"] in ENDED else None

        found: dict[str, Any] = wait_for(look, 180)
        return found

    def run(self, body: Any) -> tuple[str, dict[str, Any]]:
        """Make a job, start it, and give its id and how it ended."""
        status, job = self("POST", "/jobs?api-version=2.0", body)
        assert status == 200, job
        assert self("POST", f"/jobs/{job}/start?api-version=2.0", "")[0] == 204
        return job, self.ended(job)
