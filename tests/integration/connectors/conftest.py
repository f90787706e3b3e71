"""What the tests of the connectors share: a workspace and a real HTTP server on the loopback."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studiolo.metadata import Metadata
from studiolo.store.blobs import BlobStore

TABLE = b"region,churned\nnorth,1\nsouth,0\n"
TEXT = b"x" * 100_000
LOCAL = ("127.0.0.1:*", "localhost:*")
"""What a workspace has to allow for the test server to be reached."""


@dataclass
class Workspace:
    """A workspace's folder with its store and rows."""

    root: Path
    blobs: BlobStore
    metadata: Metadata


@dataclass
class Server:
    """What the server was asked, and how many times it still has to fail."""

    address: str
    failures: int = 0
    failing_status: int = 503
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    received: dict[str, tuple[bytes, str]] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    """Answers by the first part of the path; see `answer_…`."""

    protocol_version = "HTTP/1.1"
    state: Server

    def do_GET(self) -> None:
        self._note()
        getattr(self, f"answer_{self.path.strip('/').split('/')[0].split('?')[0]}", self.answer_missing)()

    def do_PUT(self) -> None:
        self._note()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/redirect"):
            return self.answer_redirect()
        if self.path.startswith("/refused"):
            return self._give(b"<html><style>a{}</style><h1>Quota</h1> of 3&nbsp;MB is used up</html>", 403)
        if self.state.failures > 0:
            return self.answer_failing()
        self.state.received[self.path] = (body, self.headers["Content-Type"])
        return self._give(b"", 201)

    do_POST = do_PUT

    def answer_table(self) -> None:
        self._give(TABLE, kind="text/csv; charset=utf-8")

    def answer_plain(self) -> None:
        self._give(TABLE, kind="text/plain")

    def answer_untold(self) -> None:
        self._give(TABLE, kind=None)

    def answer_empty(self) -> None:
        self._give(b"")

    def answer_missing(self) -> None:
        self._give(b"no such\r\nthing \x1b[31mhere" + b"!" * 3000, 404)

    def answer_echo(self) -> None:
        self._give(f"you asked for {self.path}".encode(), 403)

    def answer_failing(self) -> None:
        if self.state.failures > 0:
            self.state.failures -= 1
            self._give(b"later", self.state.failing_status, also={"Retry-After": "0"})
        else:
            self._give(TABLE)

    def answer_dropping(self) -> None:
        if self.state.failures > 0:
            self.state.failures -= 1
            self.close_connection = True
        else:
            self._give(TABLE)

    def answer_truncated(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(TEXT)))
        self.end_headers()
        self.wfile.write(TEXT[:5_000])
        self.close_connection = True

    def answer_cut(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nabcde\r\n5\r\nab")
        self.close_connection = True

    def answer_chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(TEXT), 7_000):
            piece = TEXT[start : start + 7_000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def answer_gzip(self) -> None:
        half = len(TEXT) // 2
        data = gzip.compress(TEXT[:half]) + gzip.compress(TEXT[half:])
        self._give(data, also={"Content-Encoding": "gzip"})

    def answer_bomb(self) -> None:
        self._give(gzip.compress(b"\0" * 3_000_000), also={"Content-Encoding": "gzip"})

    def answer_badgzip(self) -> None:
        self._give(TABLE, also={"Content-Encoding": "gzip"})

    def answer_halfgzip(self) -> None:
        self._give(gzip.compress(TEXT)[:-20], also={"Content-Encoding": "gzip"})

    def answer_brotli(self) -> None:
        self._give(TABLE, also={"Content-Encoding": "br"})

    def answer_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(TEXT)

    def answer_silent(self) -> None:
        time.sleep(2)
        self.close_connection = True

    def answer_redirect(self) -> None:
        to = self.path.split("/redirect/", 1)[1]
        count, _, rest = to.partition("/")
        if count.isdigit() and int(count) > 0:
            to = f"/redirect/{int(count) - 1}/{rest}"
        elif count.isdigit():
            to = f"/{rest}"
        self._give(b"", 302, also={"Location": to})

    def answer_nonsense(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH\r\n")
        self.close_connection = True

    def _give(
        self, body: bytes, status: int = 200, kind: str | None = "application/octet-stream", also=None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if kind is not None:
            self.send_header("Content-Type", kind)
        for name, value in (also or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _note(self) -> None:
        self.state.asked.append(self.path)
        self.state.headers.append(dict(self.headers))

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            # The client has seen enough.
            pass

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty workspace."""
    root = tmp_path / "workspace"
    state = root / ".studiolo"
    state.mkdir(parents=True)
    metadata = Metadata(state / "studiolo.db")
    yield Workspace(root, BlobStore(state / "blobs"), metadata)
    metadata.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server on the loopback, asked directly whatever proxies this machine has."""
    monkeypatch.setenv("no_proxy", "*")
    state = Server("")
    handler = type("OwnHandler", (Handler,), {"state": state})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        http.daemon_threads = True
        http.block_on_close = False
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        state.address = f"http://127.0.0.1:{http.server_address[1]}"
        yield state
        http.shutdown()
        thread.join(10)
