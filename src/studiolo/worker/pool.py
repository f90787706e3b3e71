"""A pool: the host's side of one environment's jail. It starts the launcher and hands jobs to the zygote."""

from __future__ import annotations

import errno
import itertools
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from studiolo.errors import WorkerError
from studiolo.worker.badges import badge_of, is_allowed, refusal
from studiolo.worker.copies import with_copies
from studiolo.worker.jobs import Job
from studiolo.worker.running import RunningJob
from studiolo.worker.sending import Ends, make_sendable, written_memfd
from studiolo.worker.settings import PoolSettings
from studiolo.worker.starting import LAUNCHER, starting_documents
from studiolo.worker.walls_report import examine
from studiolo_child import descriptors, syscalls

START_SECONDS = 60.0
FROZEN_SECONDS = 30.0  # a zygote that has read nothing for so long is ended


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
        self._is_bare = False  # this machine has no namespaces, and the workspace allows a weaker jail

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
            return self._facts_now()

    def _facts_now(self) -> dict[str, Any]:
        if self._launcher is None:
            self._launch()
        if self._facts is None:
            self._facts = self._come_up()
        return self._facts

    @property
    def badge(self) -> str:
        """The badge of the running jail, see badges.py. Waits until it is up; raises as `facts` does."""
        return badge_of(self.facts())

    def submit(self, job: Job, on_log: Callable[[bytes], None] | None = None) -> RunningJob:
        """Give a job to a waiting child; a pool that is not up, or has died, is started first.

        A job whose pool dies before it has begun is given to the next one; one that has begun is never run twice.

        Raises:
            WorkerError: `jail-refused`, `worker-lost`, `too-many-inputs`, `grant-not-allowed` or
                `grant-needs-full-jail`.
        """
        return RunningJob(job, lambda: self._send(job), on_log)

    def open(self, job: Job) -> Ends:
        """Give a job to a waiting child as `submit` does, and leave all that follows to the caller.

        Raises:
            WorkerError: as `submit`.
        """
        return self._send(job)

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
        _need_the_base()
        settings = self.settings
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        document, configuration = starting_documents(settings, self._is_bare)
        self._launcher = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": "/usr/bin", "LANG": "C.UTF-8"},
        )
        theirs.close()
        self._control = ours
        memfd = written_memfd("settings", json.dumps(document).encode())
        with suppress(OSError):  # a launcher that died at once: seen when it is waited for
            descriptors.send(ours, {"settings": 1}, [memfd])
            descriptors.send(ours, configuration)
        os.close(memfd)

    def _come_up(self) -> dict[str, Any]:
        """Wait until the zygote is up, in the strongest jail that this machine can build and that is allowed."""
        facts, received = self._first_words()
        if facts.get("unbuilt") and not self._is_bare:
            report = examine()
            if report.badge != "full" and not (report.can_run and self._is_allowed(report.badge)):
                raise refusal(report.badge, facts["error"], report)
            if report.badge != "full":
                self._is_bare = True
                self._launch()
                facts, received = self._first_words()
        if not facts.get("up"):
            descriptors.close_all(received)
            reason = facts.get("error", "it ended at once")
            raise WorkerError(
                "jail-refused",
                f"The jail of this environment did not start: {reason.strip().splitlines()[-1]}",
                "Run `studiolo doctor`: it shows which wall this machine can't build, and why.",
                log=reason,
            )
        if not self._is_allowed(badge_of(facts)):
            self._close()
            descriptors.close_all(received)
            raise refusal(badge_of(facts), "")
        self._keep_fonts(facts, received)
        return facts

    def _is_allowed(self, badge: str) -> bool:
        return is_allowed(badge, self.settings.allow_badge)

    def _first_words(self) -> tuple[dict[str, Any], list[int]]:
        """Wait for what the launcher or the zygote says first; end what did not come up."""
        assert self._control is not None and self._launcher is not None
        self._control.settimeout(START_SECONDS)
        try:
            facts, received = descriptors.receive(self._control)
        except TimeoutError:
            facts, received = {"error": f"it did not come up within {START_SECONDS:.0f} s"}, []
        if facts and facts.get("up"):
            self._control.setblocking(False)
        else:
            self._control.close()
            self._launcher.kill()  # else a frozen one would be waited for; the next job starts a new one
            self._close()
        return facts or {}, received

    def _keep_fonts(self, facts: dict[str, Any], received: list[int]) -> None:
        """Keep matplotlib's list of fonts for the next start; finding them costs a third of a second."""
        for name, descriptor in zip(facts.get("fonts", ()), received, strict=False):
            self.settings.cache.mkdir(parents=True, exist_ok=True)
            temporary = self.settings.cache / f"{Path(name).name}.{os.getpid()}"
            temporary.write_bytes(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
            temporary.rename(self.settings.cache / Path(name).name)
        descriptors.close_all(received)

    def _send(self, job: Job) -> Ends:
        """Send one attempt at a job to a zygote that is up, a new one if the last has gone."""
        for _ in range(3):
            up = self._up()
            if up.control is not self._lost:
                with suppress(_PoolGone):
                    return self._send_on(up, job)
            self._close_if(up.control)
        raise WorkerError(
            "worker-lost",
            "The pool ended as often as it was started.",
            "Run `studiolo doctor`, then run it again.",
        )

    def _up(self) -> _Up:
        """Wait until a zygote is up; give what belongs to it and to no other."""
        with self._lock:
            facts = self._facts_now()
            assert self._control is not None and self._launcher is not None
            return _Up(self._control, self._launcher, self._is_bare, badge_of(facts))

    def _send_on(self, up: _Up, job: Job) -> Ends:
        number = next(self._numbers)
        with ExitStack() as lent:
            if up.is_bare:
                job = with_copies(job, self.settings.blobs, lent)
            sendable = make_sendable(job, self.settings.folders, up.is_bare, lent)
            ends = sendable.ends
            ends.badge = up.badge
            ends.kill = partial(self._kill, up, number)
            ends.ask = up.ask
            try:
                if ends.gate is not None:
                    ends.gate.start()
                up.send({**sendable.message, "id": number}, sendable.passed)
            except BaseException:
                ends.close()
                raise
        return ends

    def _kill(self, up: _Up, number: int, why: str) -> None:
        if why in ("frozen", "lost"):
            self._lost = up.control
        if why == "frozen":
            up.launcher.kill()
        with suppress(_PoolGone, WorkerError):
            up.send({"op": "kill", "id": number, "why": why})


@dataclass(frozen=True)
class _Up:
    """A zygote that is up.

    Attributes:
        control: its socket, which never blocks: a frozen zygote must not freeze its host.
        launcher: its keeper.
        is_bare: without namespaces.
        badge: of its jail.
    """

    control: socket.socket
    launcher: subprocess.Popen[bytes]
    is_bare: bool
    badge: str

    def send(self, message: dict[str, Any], passed: Sequence[int] = ()) -> None:
        """Send a message, when there is room for it.

        Raises:
            _PoolGone: nobody reads any more; a zygote that has not read for long is ended first.
            WorkerError: `worker-lost`: this process can't send it.
        """
        last = time.monotonic() + FROZEN_SECONDS
        while True:
            try:
                descriptors.send(self.control, message, passed)
                return
            except BlockingIOError:
                waiter = select.poll()
                waiter.register(self.control.fileno(), select.POLLOUT)
                if time.monotonic() >= last:
                    self.launcher.kill()
                    raise _PoolGone from None
                waiter.poll(1000)
            except OSError as error:
                if error.errno in (errno.EPIPE, errno.ECONNRESET, errno.EBADF, errno.ENOTCONN):
                    raise _PoolGone from error
                raise WorkerError(
                    "worker-lost", f"The job could not be sent: {error}.", "Run it again."
                ) from error
            except ValueError as error:  # closed meanwhile, or longer than a message may be
                if self.control.fileno() < 0:
                    raise _PoolGone from error
                raise WorkerError("worker-lost", f"The job could not be sent: {error}.") from error

    def ask(self) -> int:
        """Give a descriptor that becomes readable when the zygote has read its messages up to now."""
        answer, theirs = os.pipe2(os.O_CLOEXEC)
        try:
            descriptors.send(self.control, {"op": "close"}, [theirs])
        except BlockingIOError:  # it has not read for long: nobody will answer
            return answer
        except (OSError, ValueError):
            pass
        os.close(theirs)
        return answer


def _need_the_base() -> None:
    """Refuse where nothing can run: without these two even the walls could not be asked for."""
    try:
        os.close(syscalls.memfd("probe"))
        os.close(syscalls.pidfd_open(os.getpid()))
    except OSError as error:
        report = examine()
        raise refusal(report.badge, str(error), report) from error


class _PoolGone(Exception):
    """Nobody reads the control socket any more."""
