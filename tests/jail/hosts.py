"""The tests' side of a host process: start one for an account, give it scripts, look at what they left.

Example:
    with HostProcess("ordinary") as jail:
        reply = jail.run("def azureml_main(): print('hello')")
        assert (reply.code, reply.log.strip()) == (None, "hello")
        jail.check_aftermath()
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

import studiolo
from studiolo.environments import Environment
from tests.jail.accounts import needed_paths
from tests.jail.old_pythons import HEAD
from tests.jail.victims import VARIABLE, new_secret

ROOT = Path(__file__).resolve().parents[2]
REPLY_SECONDS = 120.0  # a reply that takes longer never comes
SETTLE_SECONDS = 15.0  # for processes and descriptors of a finished job to go
HOST_GROWTH_BYTES = 256 << 20
_NOT_UNDERSTOOD = re.compile("(Attribute|Name|Import|ModuleNotFound|Syntax)Error:")
HEALTHY = "def azureml_main(dataframe1=None, dataframe2=None):\n    print('healthy')\n"


@dataclass(frozen=True)
class Reply:
    """What the host knows of a job when it has ended.

    Attributes:
        code: of the error; None when the job succeeded.
        result: the first dataset that it returned, as lists by column.
        outputs: all outputs in the same form; bytes of other types in base64.
        pictures: name, media type and size of each.
        report: warnings and pictures as the child told them.
        changed_inputs: names of inputs whose bytes are not what they were.
        where: the set parts of the error's place.
    """

    code: str | None
    summary: str = ""
    hint: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    traceback: str = ""
    log: str = ""
    result: Mapping[str, list[Any]] | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    pictures: Sequence[Sequence[Any]] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
    usage: Mapping[str, float] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    changed_inputs: Sequence[str] = ()


class Pending:
    """A job at work."""

    def __init__(self, host: HostProcess, number: int, answers: Queue[Any]) -> None:
        self._host, self.number, self._answers = host, number, answers
        self._said = ""

    def reply(self) -> Reply:
        """Wait for its end."""
        while True:
            answer = self._host.wait(self._answers)
            if "said" not in answer:
                reply = Reply(**answer)
                # An attack that its Python does not understand would pass for one that a wall has stopped.
                is_by_pip = reply.hint.startswith(
                    "pip "
                )  # test_pip.py: what pip could not install is missing
                assert is_by_pip or not _NOT_UNDERSTOOD.match(reply.summary), (reply.summary, reply.traceback)
                return reply

    def until(self, text: str) -> str:
        """Wait until its log holds `text`; give the log so far. Needs `start(…, stream=True)`."""
        while text not in self._said:
            answer = self._host.wait(self._answers)
            assert "said" in answer, f"the job ended without saying {text}: {answer}"
            self._said += answer["said"]
        return self._said

    def cancel(self) -> None:
        """Ask for its end."""
        self._host.ask("cancel", job=self.number)


class HostProcess:
    """A process with a pool, of which every job of a test is asked. Safe from several threads.

    Args:
        account: `root`, or `ordinary`: an account without rights.
        denied: mechanisms of the kernel that are denied to it, names of tests.jail.deny.
        badge: the weakest degree of the jail that runs are allowed in; `full` when None.
        environment: that jobs run in; `current` when None.
        settings: further values for PoolSettings.
    """

    def __init__(
        self,
        account: str,
        denied: Iterable[str] = (),
        badge: str | None = None,
        environment: Environment | None = None,
        **settings: Any,
    ) -> None:
        if badge is not None:
            settings["allow_badge"] = badge
        self.account = account
        self.environment = environment if environment and environment.name != "current" else None
        self.folder = Path(tempfile.mkdtemp(prefix="studiolo-jail-"))
        (self.folder / "home").mkdir()
        is_root = os.geteuid() == 0
        options = {
            "folder": str(self.folder / "home"),
            "account": account if is_root else "same",
            "denied": list(denied),
            "settings": settings,
            "environment": _described(self.environment),
        }
        if options["account"] == "same" and options["denied"]:
            options["account"] = "again"
        self._errors = (self.folder / "errors.txt").open("wb+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.jail.host_process", json.dumps(options)],
            cwd=ROOT,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[int, Queue[Any]] = {0: Queue()}
        greeting = self._waiting[0]
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.facts: dict[str, Any] = self.wait(greeting)
        except BaseException:
            self.close()
            raise
        self._before: dict[str, Any] | None = None

    @property
    def refused(self) -> Reply | None:
        """The error with which the pool refused to start, if it did."""
        error = self.facts.get("refused")
        return Reply(**error) if error else None

    def run(self, script: str, **values: Any) -> Reply:
        """Give a script to the pool and wait for the end of its job.

        Args:
            script: the whole text.
            values: `inputs` (list of columns by name), `bundle` (base64 of a zip), `limits`, `network` and
                `read` (grants), `kind` and `document` (for other kinds of jobs), `ports` (outputs with types),
                `passed` (inputs go as sealed memfds, not as files of the store), `stream` (for `Pending.until`).
        """
        return self.start(script, **values).reply()

    def serve(self, script: str, requests: Sequence[str], **values: Any) -> list[Reply]:
        """Let a script serve requests, one after the other; each is a table with one cell, `do`.

        Args:
            script: the whole text.
            requests: the cells.
            values: those of serving.py, and `limits`.
        """
        answer = self.wait(
            self._send({"op": "serve", "script": script, "requests": list(requests), **values})[1]
        )
        assert answer["code"] is None, answer
        return [Reply(**reply) for reply in answer["replies"]]

    def start(self, script: str, **values: Any) -> Pending:
        """Give a script to the pool; see `run`."""
        number, answers = self._send({"op": "run", "script": script, **values})
        return Pending(self, number, answers)

    def ask(self, operation: str, **values: Any) -> Any:
        """Ask for something else than a job: `cancel`, `signal`, `state` or `bare` (see host_process.py)."""
        return self.wait(self._send({"op": operation, **values})[1])

    def wait(self, answers: Queue[Any]) -> Any:
        """Wait for an answer.

        Raises:
            AssertionError: the host process has died.
        """
        answer = answers.get(timeout=REPLY_SECONDS)
        assert answer is not None, f"the host process has ended: {self._said()}"
        return answer

    def beside(self) -> HostProcess:
        """Start another one of the same account and environment."""
        return HostProcess(self.account, environment=self.environment)

    def shown_below(self, folder: str) -> set[str]:
        """Give names in a top folder, such as `/tmp`, that every job sees: the way to the environment's files."""
        paths = self.environment.read_only if self.environment else needed_paths()
        return {path.split("/")[2] for path in paths if path.startswith(f"{folder}/")}

    def check_aftermath(self) -> None:
        """Hold what is left against what was there before the first test; run one more job.

        Raises:
            AssertionError: something was changed, is left or is broken.
        """
        if self.refused:
            return
        healthy = self.run(HEALTHY)
        assert (healthy.code, healthy.log) == (None, "healthy\n"), healthy
        if self._before is None:
            self._before = self.settled_state()
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            found = differences(self._before, self.ask("state"))
            if not found:
                return
            if time.monotonic() > deadline:
                self._before = None  # the next test must not fail by this one
                raise AssertionError("\n".join(found))
            time.sleep(0.01)

    def settled_state(self) -> dict[str, Any]:
        """Wait until the pool has its waiting children; give the state (see host_process.py)."""
        last, same = None, 0
        while same < 10:
            state: dict[str, Any] = self.ask("state")
            count = _count(state["processes"])
            last, same = count, same + 1 if count == last else 0
            time.sleep(0.02)
        return state

    def close(self) -> None:
        """End it and remove its folder."""
        with self._lock, suppress(BrokenPipeError):
            if self.process.stdin:
                self.process.stdin.close()
        try:
            self.process.wait(20)
        finally:
            self.kill()
            self._reader.join(5)
            for file in (self.process.stdout, self._errors):
                if file is not None:
                    file.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """End it by SIGKILL, as a crash of the host would."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> HostProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _environment(self) -> dict[str, str]:
        home = str(self.folder / "home")
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": home,
            "TMPDIR": f"{home}/tmp",
            "XDG_CACHE_HOME": f"{home}/cache",
            "PYTHONPATH": str(Path(studiolo.__file__).parents[1]),
            VARIABLE: new_secret(),
        }

    def _send(self, request: dict[str, Any]) -> tuple[int, Queue[Any]]:
        answers: Queue[Any] = Queue()
        if self.environment and "script" in request:
            request = {**request, "script": HEAD + request["script"]}
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = answers
            assert self.process.stdin is not None
            try:
                self.process.stdin.write(json.dumps({"id": number, **request}) + "\n")
                self.process.stdin.flush()
            except (BrokenPipeError, ValueError):
                answers.put(None)
        return number, answers

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answer = json.loads(line)
            with self._lock:
                take = self._waiting.get if "said" in (answer["reply"] or ()) else self._waiting.pop
                answers = take(answer["id"])
            assert answers is not None
            answers.put(answer["reply"] if answer["reply"] is not None else {})
        with self._lock:
            for answers in self._waiting.values():
                answers.put(None)

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-4000:].decode("utf-8", "replace")


def _described(environment: Environment | None) -> dict[str, Any] | None:
    """Give what a host needs of an environment, with two files of its libraries as they lie there."""
    if environment is None:
        return None
    ask = "import os, pandas, sys; sys.stdout.write(pandas.__file__ + '\\n' + os.__file__)"
    told = subprocess.run(
        [environment.python, *environment.flags, "-c", ask], stdout=subprocess.PIPE, text=True, check=True
    )
    libraries = [path.replace(".pyc", ".py") for path in told.stdout.split("\n")]
    facts = {"python": environment.python, "read_only": environment.read_only, "flags": environment.flags}
    return {**facts, "libraries": libraries}


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Give a line for each part of a host's state that is not as it was."""
    names = ("victims", "left", "mounts", "descriptors")
    found = [f"{name}: {before[name]} became {now[name]}" for name in names if now[name] != before[name]]
    if now["memory"] > before["memory"] + HOST_GROWTH_BYTES:
        found.append(f"the host's memory grew from {before['memory']} to {now['memory']} bytes")
    if _count(now["processes"]) > _count(before["processes"]) or _depth(now["processes"]) > _DEPTH:
        found.append(f"processes are left: {now['processes']}, before: {before['processes']}")
    return found


_DEPTH = 4  # launcher, zygote, nursery beside workers, inits of cells: below these are only processes of jobs


def _count(tree: list[Any]) -> int:
    return sum(1 + _count(below) for _, below in tree)


def _depth(tree: list[Any]) -> int:
    return max((1 + _depth(below) for _, below in tree), default=0)
