"""A pool: the host's side of one environment's jail. It starts the launcher and hands jobs to the zygote."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from studiolo.errors import WorkerError
from studiolo.worker.jobs import Job
from studiolo.worker.running import RunningJob
from studiolo.worker.settings import SYSTEM_LIBRARIES, PoolSettings
from studiolo_child import descriptors, syscalls

START_SECONDS = 60.0
INPUT_LIMIT: int = descriptors.DESCRIPTOR_LIMIT - 8  # descriptors of one message, less our own
LAUNCHER = Path(__file__).with_name("launcher.py")
CHILD = LAUNCHER.parents[2] / "studiolo_child"


class Pool:
    """Runs jobs in the jail of one environment. Safe from several threads; one job is one call of `submit`.

    Starting costs the environment's imports (about a second); `start()` only begins it, so that the host can
    work meanwhile. `close()` ends every process of the pool.
    """

    def __init__(self, settings: PoolSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._launcher: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._facts: dict[str, Any] | None = None
        self._lost: socket.socket | None = None  # control socket of a zygote that left a job without a word

    def start(self) -> None:
        """Begin to start the jail, if it is not there yet."""
        with self._lock:
            if self._launcher is None:
                self._launch()

    def facts(self) -> dict[str, Any]:
        """Wait until the zygote is up; give what it says of itself: version, missing imports, threads.

        Raises:
            WorkerError: `jail-refused`, when a wall can't be built or the interpreter does not start.
        """
        with self._lock:
            if self._launcher is None:
                self._launch()
            if self._facts is None:
                self._facts = self._wait_until_up()
            return self._facts

    def submit(self, job: Job, on_log: Callable[[bytes], None] | None = None) -> RunningJob:
        """Give a job to a waiting child. Returns at once; a pool that has died is started anew.

        Raises:
            WorkerError: `jail-refused`, or `too-many-inputs`.
        """
        for _ in range(2):
            self.facts()
            control = self._control
            if control is not None and control is not self._lost:
                with suppress(_PoolGone):
                    return self._submit(control, job, on_log)
            self._close_if(control)
        raise WorkerError(
            "worker-lost",
            "The pool ended as often as it was started.",
            "Run `studiolo doctor`, then run it again.",
        )

    def process_ids(self) -> list[int]:
        """Give the id of the launcher, as far as it lives."""
        return [self._launcher.pid] if self._launcher and self._launcher.poll() is None else []

    def close(self) -> None:
        """End the pool and everything in it; it may be started again."""
        with self._lock:
            self._close()

    def _close_if(self, control: socket.socket | None) -> None:
        """Close the pool behind `control`, not the one that another thread has started in its place."""
        with self._lock:
            if self._control is control:
                self._close()

    def _close(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._launcher is not None:
            try:
                self._launcher.wait(5)
            except subprocess.TimeoutExpired:
                self._launcher.kill()
                self._launcher.wait()
        self._launcher = self._control = self._facts = self._lost = None

    def __enter__(self) -> Pool:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _launch(self) -> None:
        settings = self.settings
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        mount_point = settings.cache / "jail"  # one for all: each pool sees only its own mounts
        mount_point.mkdir(mode=0o755, parents=True, exist_ok=True)
        fonts = {file.name: file.read_text() for file in settings.cache.glob("fontlist-*.json")}
        document = {
            "python": settings.python,
            "flags": settings.flags,
            "read_only": [*SYSTEM_LIBRARIES, *settings.read_only],
            "child": str(CHILD),
            "blobs": str(settings.blobs),
            "mount_point": str(mount_point),
            "env": settings.environment_variables(),
            "matplotlib_files": fonts,
        }
        configuration = {
            "disk_bytes": settings.room.disk_mb << 20,
            "files": settings.room.files,
            "prefork": settings.prefork,
            "processors": os.cpu_count() or 1,
            "watch_seconds": settings.watch_seconds,
            "preload": settings.preload,
            "below_tmp": [path for path in settings.read_only if path.startswith("/tmp/")],
            "send_fonts": not fonts,
        }
        self._launcher = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": "/usr/bin", "LANG": "C.UTF-8"},
        )
        theirs.close()
        self._control = ours
        memfd = _written_memfd("settings", json.dumps(document).encode())
        with suppress(OSError):  # a launcher that died at once: seen when it is waited for
            descriptors.send(ours, {"settings": 1}, [memfd])
            descriptors.send(ours, configuration)
        os.close(memfd)

    def _wait_until_up(self) -> dict[str, Any]:
        assert self._control is not None and self._launcher is not None
        self._control.settimeout(START_SECONDS)
        try:
            facts, received = descriptors.receive(self._control)
        except TimeoutError:
            facts, received = {"error": f"it did not come up within {START_SECONDS:.0f} s"}, []
        if not facts or not facts.get("up"):
            descriptors.close_all(received)
            self._control.close()
            self._launcher.kill()  # else a frozen one would be waited for; the next job starts a new one
            self._close()
            reason = (facts or {}).get("error", "it ended at once")
            raise WorkerError(
                "jail-refused",
                f"The jail of this environment did not start: {reason.strip().splitlines()[-1]}",
                "Run `studiolo doctor`: it shows which wall this machine can't build, and why.",
                log=reason,
            )
        self._control.settimeout(None)
        self._keep_fonts(facts, received)
        up: dict[str, Any] = facts
        return up

    def _keep_fonts(self, facts: dict[str, Any], received: list[int]) -> None:
        """Keep matplotlib's list of fonts for the next start; finding them costs a third of a second."""
        for name, descriptor in zip(facts.get("fonts", ()), received, strict=False):
            self.settings.cache.mkdir(parents=True, exist_ok=True)
            temporary = self.settings.cache / f"{Path(name).name}.{os.getpid()}"
            temporary.write_bytes(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
            temporary.rename(self.settings.cache / Path(name).name)
        descriptors.close_all(received)

    def _submit(self, control: socket.socket, job: Job, on_log: Callable[[bytes], None] | None) -> RunningJob:
        _refuse_too_many(job)
        number = next(self._numbers)
        launcher = self._launcher
        limits = job.limits.to_json()
        size = sum(item.size for item in (*job.inputs, *job.files))
        with ExitStack() as lent, ExitStack() as kept:

            def held(descriptor: int, stack: ExitStack = kept) -> int:
                stack.callback(os.close, descriptor)
                return descriptor

            outputs = {name: held(syscalls.memfd(name)) for name, _ in job.outputs}
            report = held(syscalls.memfd("report"))
            document, blobs, passed = _resolve(job, outputs)
            text = held(_written_memfd("job", json.dumps(document).encode()), lent)
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            kept.callback(ours.close)
            lent.callback(theirs.close)
            log, log_theirs = os.pipe2(os.O_CLOEXEC)
            held(log), held(log_theirs, lent)
            status, status_theirs = os.pipe2(os.O_CLOEXEC)
            held(status), held(status_theirs, lent)
            start = {"limits": limits, "input_bytes": size}
            descriptors.send(ours, start, [text, report, log_theirs, *passed])
            message = {"op": "run", "id": number, "wall_seconds": job.limits.wall_seconds, "blobs": blobs}
            try:
                descriptors.send(control, {**message, **start}, [theirs.fileno(), status_theirs])
            except OSError as error:
                raise _PoolGone from error
            kept.pop_all()

        def kill(why: str) -> None:
            if why in ("frozen", "lost"):
                self._lost = control
            if why == "frozen" and launcher is not None:
                launcher.kill()
            with suppress(OSError):
                descriptors.send(control, {"op": "kill", "id": number, "why": why})

        return RunningJob(job, ours, log, status, report, outputs, kill, on_log)


class _PoolGone(Exception):
    """Nobody reads the control socket any more."""


def _refuse_too_many(job: Job) -> None:
    count = len(job.inputs) + len(job.files) + len(job.outputs)
    if count > INPUT_LIMIT:
        raise WorkerError(
            "too-many-inputs",
            f"The job has {count} inputs, files and outputs; {INPUT_LIMIT} are possible.",
            "Join some of the inputs in nodes before it.",
        )


def _resolve(job: Job, outputs: dict[str, int]) -> tuple[dict[str, Any], list[str], list[int]]:
    """Number the descriptors a child will hold: blobs first, then what this process passes itself."""
    items = [*job.inputs, *job.files]
    blobs = [item.blob for item in items if item.blob is not None]
    passed = [item.descriptor for item in items if item.descriptor is not None]
    blob_numbers = iter(range(len(blobs)))
    passed_numbers = iter(range(len(blobs), len(blobs) + len(passed)))
    numbers = [next(blob_numbers) if item.blob is not None else next(passed_numbers) for item in items]
    document = dict(job.document)
    count = len(job.inputs)
    document["inputs"] = [
        {"name": item.name, "type": item.type, "fd": number}
        for item, number in zip(job.inputs, numbers[:count], strict=True)
    ]
    parameters = dict(document.get("parameters", {}))
    for item, number in zip(job.files, numbers[count:], strict=True):
        parameters[item.name] = {"file": {"name": parameters[item.name], "fd": number, "size": item.size}}
    document["parameters"] = parameters
    first = len(items)
    document["outputs"] = [
        {"name": name, "type": type_, "fd": first + index} for index, (name, type_) in enumerate(job.outputs)
    ]
    document["disk_bytes"] = job.limits.disk_mb << 20
    return document, blobs, [*passed, *outputs.values()]


def _written_memfd(name: str, data: bytes) -> int:
    descriptor: int = syscalls.memfd(name)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(data)
    return descriptor
