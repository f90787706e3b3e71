"""The servers of benchmark `serving`: studiolo's with its services published, and what stands beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.places import HERE, STUDIOLO, own_folder, plain_environment, run_command
from benchmarks.process_tree import kilobytes, tree
from studiolo import Workspace

COLUMNS = [f"c{number}" for number in range(20)]
START_SECONDS = 90.0
EXPERIMENT = """name: Score
nodes:
  data:
    module: enter-data-manually
    parameters:
      data_format: CSV
      has_header: true
      data: |
        {names}
        {values}
  score:
    module: execute-python-script
    script: scripts/score.py
    inputs: {{dataset1: data}}
web_service:
  inputs: {{input1: score.dataset1}}
  outputs: {{output1: score.result_dataset}}
"""


@dataclass(frozen=True)
class Target:
    """Where one contestant answers, and how it is asked.

    Attributes:
        name: in the table.
        port: of its server.
        path: with the query.
        key: of the service; empty for none.
        body: makes a request's body from the rows.
        value: finds the first value of an answer.
    """

    name: str
    port: int
    path: str
    key: str
    body: Callable[[list[list[float]]], Any]
    value: Callable[[Any], float]

    def request(self, rows: list[list[float]]) -> tuple[str, str]:
        """Give head and body of a request."""
        body = json.dumps(self.body(rows))
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Content-Type: application/json",
            f"Content-Length: {len(body.encode())}",
        ]
        lines += [f"Authorization: Bearer {self.key}"] if self.key else []
        return "\r\n".join([*lines, "", ""]), body

    def check(self, rows: list[list[float]]) -> None:
        """See that the answer is right, waiting until the server is up.

        Raises:
            RuntimeError: it is wrong, or does not come.
        """
        last = time.monotonic() + START_SECONDS
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {self.key}"} if self.key else {}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{self.path}", json.dumps(self.body(rows)).encode(), headers
        )
        while True:
            try:
                with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:
                    found = self.value(json.loads(answer.read()))
                break
            except OSError as error:
                if time.monotonic() > last:
                    said = error.read().decode() if isinstance(error, urllib.error.HTTPError) else error
                    raise RuntimeError(f"{self.name} does not answer: {said}") from None
                time.sleep(0.1)
        if abs(found - (rows[0][0] * 2 + rows[0][1])) > 1e-12:
            raise RuntimeError(f"{self.name} answered {found}")


@dataclass(frozen=True)
class Peer:
    """A server beside studiolo, in a virtual environment of its own.

    Attributes:
        name: in the table.
        folder: its environment below `.bench-venv/serving`, and the end of its requirements' name.
        command: with `{bin}`, `{here}`, `{port}` and `{other}` (a second TCP port).
        body: makes a request's body.
    """

    name: str
    folder: str
    command: Sequence[str]
    body: Callable[[list[list[float]]], Any]


def _split(rows: list[list[float]]) -> Any:
    return {"columns": COLUMNS, "data": rows}


PEERS = (
    Peer("FastAPI + orjson", "fastapi", ("{bin}/python", "{here}/fastapi_score.py", "{port}"), _split),
    Peer(
        "azureml-inference-server-http",
        "azureml",
        (
            *("{bin}/azmlinfsrv", "--entry_script", "{here}/azureml_score.py"),
            *("--port", "{port}", "--health_port", "{other}", "--worker_count", "1"),
        ),
        _split,
    ),
    Peer(
        "BentoML",
        "bentoml",
        ("{bin}/bentoml", "serve", "--working-dir", "{here}", "--port", "{port}", "bentoml_score:Score"),
        lambda rows: {"payload": _split(rows)},
    ),
)


@contextmanager
def peer_server(peer: Peer, folder: Path) -> Iterator[tuple[Target, int]]:
    """Install a peer where it is not yet, and let it serve; give its target and its process."""
    bin = _installed(peer.folder)
    port, other = _free_port(), _free_port()
    words = {"bin": str(bin), "here": str(HERE / "peers"), "port": str(port), "other": str(other)}
    command = [word.format(**words) for word in peer.command]
    extra = {
        "PATH": f"{bin}:{os.environ['PATH']}",
        "BENTOML_DO_NOT_TRACK": "True",
        "BENTOML_HOME": str(folder),
        "DO_NOT_TRACK": "1",
    }
    with _running(command, plain_environment(folder, extra), folder / "peer.log") as process:
        yield Target(peer.name, port, "/score", "", peer.body, lambda read: read["data"][0][0]), process.pid


class StudioloServer:
    """A workspace, and `studiolo serve --workers 1` for what is published of it.

    Args:
        folder: of the new workspace.
    """

    def __init__(self, folder: Path) -> None:
        self._home = folder
        self._path = folder / "workspace"
        Workspace.create(self._path)
        experiment = self._path / "experiments" / "score"
        (experiment / "scripts").mkdir(parents=True)
        values = ",".join(str(number + 0.5) for number in range(len(COLUMNS)))
        (experiment / "experiment.yaml").write_text(EXPERIMENT.format(names=",".join(COLUMNS), values=values))
        (experiment / "scripts" / "score.py").write_text((HERE / "steps" / "score.py").read_text())
        self._port = _free_port()

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Serve; give the process."""
        command = [*self._command(), "serve", "--workers", "1", "--port", str(self._port)]
        with _running(command, plain_environment(self._home), self._home / "serve.log") as process:
            yield process.pid

    def publish(self, state: str) -> list[Target]:
        """Publish the script under the name of how it keeps state; give its targets, own form and classic."""
        command = [*self._command(), "publish", "score", "--name", state, "--state", state, "--json"]
        told = json.loads(run_command(command, plain_environment(self._home))[1])
        key, addresses = told["keys"]["primary"], told["addresses"]
        name = f"studiolo, {state}"
        return [
            Target(
                name,
                self._port,
                addresses["own"],
                key,
                _split,
                lambda read: read["outputs"]["output1"]["data"][0][0],
            ),
            Target(
                f"{name}, classic form",
                self._port,
                addresses["classic"],
                key,
                _classic,
                lambda read: float(read["Results"]["output1"]["value"]["Values"][0][0]),
            ),
        ]

    def _command(self) -> list[str]:
        return [STUDIOLO, "--workspace", str(self._path)]


def memory_mb(pid: int) -> float:
    """Give the proportional memory of a process and all its descendants in MB (10^6 bytes)."""
    return sum(map(kilobytes, tree(pid))) * 1024 / 1e6


def _classic(rows: list[list[float]]) -> Any:
    values = [[repr(cell) for cell in row] for row in rows]
    return {"Inputs": {"input1": {"ColumnNames": COLUMNS, "Values": values}}, "GlobalParameters": {}}


def _installed(name: str) -> Path:
    """Give the folder of programs of a peer's environment, made when it is not as its requirements say."""
    folder = own_folder() / "serving" / name
    requirements = HERE / "peers" / f"serving-{name}.txt"
    stamp = folder / ".stamp"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        print(f"  installing {requirements.name} into .bench-venv/serving/{name} ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--requirement", str(requirements)], check=True)
        stamp.write_text(requirements.read_text())
    return folder / "bin"


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as said:
        process = subprocess.Popen(
            list(command), env=dict(environment), stdout=said, stderr=said, start_new_session=True
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
