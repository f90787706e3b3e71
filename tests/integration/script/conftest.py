"""Runs scripts and modules through `studiolo_child.job.run` in forked children, without walls."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from studiolo.environments import Environment
from studiolo.worker.settings import PoolSettings

SERVER = Path(__file__).with_name("child_server.py")
# As in the zygote of an environment, apart from its folders.
SETTINGS = {
    name: value
    for name, value in PoolSettings("", (), Path(), Path()).environment_variables().items()
    if not value.startswith("/") and name != "PYTHONDONTWRITEBYTECODE"
}
DATASETS = ("result_dataset", "result_dataset2")


@dataclass
class Outcome:
    """What a job left: its report and the content of its outputs."""

    report: dict[str, Any]
    log: str
    tables: dict[str, dict[str, Any]]
    bytes: dict[str, bytes]
    left: list[str]
    status: int
    milliseconds: float

    @property
    def error(self) -> dict[str, Any]:
        """The error of a failed job."""
        assert self.report["status"] == "error", self.report
        return self.report["error"]

    @property
    def warnings(self) -> list[str]:
        """The warnings of a job that was well."""
        assert self.report["status"] == "ok", self.report
        return self.report["warnings"]

    def rows(self, port: str = "result_dataset") -> dict[str, list[Any]] | None:
        """Give an output as column to values; None when nothing was written."""
        assert self.report["status"] == "ok", self.report
        table = self.tables.get(port)
        if table is None:
            return None
        columns = list(zip(*table["rows"], strict=True)) or [()] * len(table["columns"])
        return {name: list(values) for name, values in zip(table["columns"], columns, strict=True)}


@dataclass
class ChildServer:
    """A warm interpreter that forks a child for each job."""

    python: str = sys.executable
    flags: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    preload: tuple[str, ...] = ()

    def start(self) -> ChildServer:
        """Start the interpreter."""
        environment = {**os.environ, **SETTINGS, **self.environment}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.process = subprocess.Popen(
            [self.python, *self.flags, str(SERVER), *self.preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        return self

    def stop(self) -> None:
        """End the interpreter."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()

    def request(self, **request: Any) -> Outcome:
        """Run one job."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        answer["bytes"] = {name: base64.b64decode(data) for name, data in answer["bytes"].items()}
        return Outcome(**answer)

    def script(
        self,
        text: str,
        *,
        dataset1: Mapping[str, list[Any]] | None = None,
        dataset2: Mapping[str, list[Any]] | None = None,
        bundle: bytes | None = None,
        outputs: Mapping[str, str] | None = None,
        file: str = "scripts/clean.py",
        parameters: Mapping[str, Any] | None = None,
        limits: Mapping[str, int] | None = None,
        **document: Any,
    ) -> Outcome:
        """Run a script with the given datasets connected."""
        inputs = [
            {"name": name, "type": "dataset", "table": table, "columns": list(table)}
            for name, table in (("dataset1", dataset1), ("dataset2", dataset2))
            if table is not None
        ]
        if bundle is not None:
            inputs.append({"name": "script_bundle", "type": "zip", "data": base64.b64encode(bundle).decode()})
        ports = [{"name": name, "type": "dataset"} for name in DATASETS]
        ports += [{"name": name, "type": type_} for name, type_ in (outputs or {}).items()]
        return self.request(
            document={
                "kind": "script",
                "node": "clean",
                "ports": {"inputs": ["dataset1", "dataset2"]},
                "parameters": dict(parameters or {}),
                "script": {"text": text, "file": file},
                "dialect": "designer",
                "integers_with_missing": "float",
                "strict": False,
                **document,
            },
            inputs=inputs,
            outputs=ports,
            limits=dict(limits or {}),
        )

    def module(
        self,
        entry: str,
        text: str | None = None,
        *,
        inputs: list[dict[str, Any]] | None = None,
        outputs: Mapping[str, str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
        **document: Any,
    ) -> Outcome:
        """Run a module's function; `text` is the source of a user's own."""
        ports = outputs if outputs is not None else {"result_dataset": "dataset"}
        return self.request(
            document={
                "kind": "module",
                "node": "own",
                "module": {
                    "entry": entry,
                    "source": {"text": text, "file": "modules/own.py"} if text else None,
                },
                "parameters": dict(parameters or {}),
                **document,
            },
            inputs=inputs or [],
            outputs=[{"name": name, "type": type_} for name, type_ in ports.items()],
            files=dict(files or {}),
        )


@pytest.fixture(scope="session")
def child(environment: Environment) -> Iterator[ChildServer]:
    """A warm child server on the interpreter of an environment."""
    server = ChildServer(environment.python, environment.flags).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def current_child() -> Iterator[ChildServer]:
    """A warm child server on the interpreter of the tests."""
    server = ChildServer().start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def drawing_child(environment: Environment) -> Iterator[ChildServer]:
    """A child server that has matplotlib loaded, as the zygote of an environment has it."""
    server = ChildServer(environment.python, environment.flags, preload=("matplotlib.pyplot",)).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def zip_of() -> Callable[..., bytes]:
    """Make a zip of names and contents."""

    def make(files: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", compression) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return target.getvalue()

    return make
