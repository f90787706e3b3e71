"""`studiolo start` as a process on a copy of a workspace, and how programs ask it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

COMMAND = [sys.executable, "-m", "studiolo.cli.main"]
TIMEOUT_SECONDS = 60
LEFT_OUT = (".studiolo", "__pycache__")


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


class StudioProcess:
    """A studio that somebody has started.

    Args:
        folder: its workspace.
        more: further arguments.

    Attributes:
        address: such as `http://127.0.0.1:40123`.
        link: with the token.
        token: that signs in.
    """

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder = folder
        home = folder.parent / "home"
        home.mkdir(exist_ok=True)
        self._log = (folder.parent / "studio.log").open("ab")
        kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "STUDIOLO_WEBAPP", "XDG_DATA_HOME", "PYENV_ROOT")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "HOME": str(home)
        }
        self.process = subprocess.Popen(
            [*COMMAND, "--workspace", str(folder), "start", "--port", "0", "--no-browser", "--json", *more],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            start_new_session=True,
        )
        try:
            said = self._first_document()
        except BaseException:
            self.__exit__()
            raise
        self.address: str = said["address"]
        self.link: str = said["link"]
        self.token: str = said["token"]
        parts = urlsplit(self.address)
        self.host, self.tcp_port = str(parts.hostname), int(parts.port or 0)

    def _first_document(self) -> Any:
        assert self.process.stdout is not None
        text = line = ""
        while line != "}\n":
            line = self.process.stdout.readline()
            assert line, text + self.log()
            text += line
        said = json.loads(text)
        assert "address" in said, text + self.log()
        return said

    def log(self) -> str:
        """What it has written."""
        return (self.folder.parent / "studio.log").read_text(errors="replace")

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        signed_in: bool = True,
    ) -> Answer:
        """Send one request.

        Args:
            method: of HTTP.
            path: with its query.
            body: bytes, or what is sent as JSON.
            headers: further ones.
            signed_in: with the token.
        """
        sent = dict(headers or {})
        if signed_in:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(self.host, self.tcp_port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body, sent)
            got = connection.getresponse()
            return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
        finally:
            connection.close()

    def command(self, *args: str) -> str:
        """Run another command of studiolo in the same workspace, which must succeed; give what it printed."""
        done = subprocess.run(
            [*COMMAND, "--workspace", str(self.folder), *args],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
        )
        assert done.returncode == 0, (args, done.stdout, done.stderr)
        return done.stdout

    def stop(self) -> int:
        """Tell it to end as a person would; give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT_SECONDS)

    def __enter__(self) -> StudioProcess:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()


def copy_of(workspace: Path, target: Path) -> Path:
    """Copy a workspace's files, without what it has produced."""
    return Path(shutil.copytree(workspace, target, ignore=shutil.ignore_patterns(*LEFT_OUT)))
