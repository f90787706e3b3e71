"""A workspace with published services, and `studiolo serve` as a process that answers them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

COMMAND = [sys.executable, "-m", "studiolo.cli.main"]
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """An answer: status, headers with small letters, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The body, which is JSON."""
        return json.loads(self.body)


@dataclass
class Published:
    """What `studiolo publish --json` said of a service."""

    name: str
    classic: str
    keys: dict[str, str] = field(default_factory=dict)


class Desk:
    """A workspace, and the real command in it.

    Args:
        folder: an empty folder; the workspace is made below it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self._home = folder / "home"
        self.folder.mkdir()
        self._home.mkdir()
        self.services: dict[str, Published] = {}
        self.run("init")

    def environment(self) -> dict[str, str]:
        """Environment variables as a person has them."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        return {**kept, "HOME": str(self._home)}

    def run(self, *args: str) -> str:
        """Run a command, which must succeed; give what it printed."""
        done = subprocess.run(
            [*COMMAND, *args],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
        )
        assert done.returncode == 0, (args, done.stdout, done.stderr)
        return done.stdout

    def write(self, path: str, text: str) -> None:
        """Write a file of the workspace."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def experiment(self, name: str, document: str, **scripts: str) -> None:
        """Write an experiment: what stands below its name, and scripts by name."""
        self.write(f"experiments/{name}/experiment.yaml", f"name: {name}\n{document}")
        for script, text in scripts.items():
            self.write(f"experiments/{name}/scripts/{script}.py", text)

    def publish(self, experiment: str, *more: str, name: str | None = None) -> Any:
        """Publish an experiment; keep what it said when a service begins."""
        name = name or experiment
        said = json.loads(self.run("publish", experiment, "--name", name, "--json", *more))
        if name not in self.services or said.get("keys"):
            classic = urlsplit(said["addresses"]["classic"]).path.removesuffix("/execute")
            self.services[name] = Published(name, classic, dict(said.get("keys") or {}))
        return said


class Server:
    """`studiolo serve` as a process.

    Args:
        desk: whose services.
        more: further arguments.
    """

    def __init__(self, desk: Desk, *more: str) -> None:
        self.desk = desk
        self._log = (desk.folder.parent / "server.log").open("ab")
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", "--json", *more],
            cwd=desk.folder,
            env=desk.environment(),
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        try:
            self.said = self._first_document()
        except BaseException:
            self.__exit__()
            raise
        parts = urlsplit(self.said["address"])
        self.host, self.port = str(parts.hostname), int(parts.port or 0)

    def _first_document(self) -> Any:
        assert self.process.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, self.log()
            text += line
        return json.loads(text)

    def log(self) -> str:
        """What it has written."""
        return (self.desk.folder.parent / "server.log").read_text(errors="replace")

    def connection(self) -> http.client.HTTPConnection:
        """A connection of its own."""
        return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_SECONDS)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        connection: http.client.HTTPConnection | None = None,
    ) -> Answer:
        """Send one request.

        Args:
            method: of HTTP.
            path: with its query.
            body: bytes, or what is sent as JSON.
            key: sent as `Authorization: Bearer`.
            headers: further ones.
            connection: to send it on; one of its own when None.
        """
        sent = dict(headers or {})
        if key is not None:
            sent.setdefault("Authorization", f"Bearer {key}")
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        used = connection or self.connection()
        try:
            used.request(method, path, data, sent)
            got = used.getresponse()
            return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
        finally:
            if connection is None:
                used.close()

    def own(self, name: str, body: Any, **more: Any) -> Answer:
        """Ask a service in our own form, with its first key."""
        more.setdefault("key", self.desk.services[name].keys["primary"])
        return self.call("POST", f"/api/services/{name}", body, **more)

    def classic(self, name: str, body: Any, query: str = "api-version=2.0", **more: Any) -> Answer:
        """Ask a service in the classic form, with its first key."""
        service = self.desk.services[name]
        more.setdefault("key", service.keys["primary"])
        return self.call("POST", f"{service.classic}/execute?{query}", body, **more)

    def processes(self) -> list[int]:
        """The server processes."""
        return children(self.process.pid)

    def stop(self) -> int:
        """Tell it to end as a person would; give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT_SECONDS)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                below = self.processes()
                self.process.kill()
                for pid in below:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()


def children(pid: int) -> list[int]:
    """Give the ids of the processes directly below one."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(word) for word in task.read_text().split()]
    return found


def below(pid: int) -> list[int]:
    """Give the ids of all processes below one, parents first."""
    found = []
    for child in children(pid):
        found += [child, *below(child)]
    return found
