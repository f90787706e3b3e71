"""What changes while requests run: versions, the server's processes, its end (R-9.4, R-10.1, R-10.2)."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.acceptance.services.experiments import SCORE, SCORE_SCRIPT, write_score
from tests.acceptance.services.server import Desk, Server, below, children

ROWS = [{"age": 1, "income": 3.5, "city": "x"}]
# A job of a run has a limit of processor time; the process that serves has one for each request only.
BROKEN_AT_SERVING = """\
import resource
if resource.getrlimit(resource.RLIMIT_CPU)[0] > 1000000:
    raise RuntimeError("not loaded")
"""


@pytest.fixture(scope="module")
def live(desk: Desk) -> Desk:
    """The workspace with a service that changes."""
    write_score(desk, "live")
    desk.publish("live")
    return desk


class Clients:
    """Threads that ask a service for as long as they are wanted; every answer is kept."""

    def __init__(self, server: Server, name: str, count: int = 2) -> None:
        self.answers: list[tuple[int, str | None]] = []
        self._server, self._name = server, name
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        connection = self._server.connection()
        while not self._is_over.is_set():
            try:
                answer = self._server.own(self._name, ROWS, connection=connection)
                self.answers.append((answer.status, answer.headers.get("x-studiolo-version")))
            except OSError as error:  # the process at the other end has gone
                self.answers.append((0, type(error).__name__))
                connection.close()
                time.sleep(0.05)
        connection.close()

    def statuses(self) -> Counter[int]:
        """How often each status came."""
        return Counter(status for status, _ in self.answers)

    def until(self, condition: Callable[[Clients], object], seconds: float = 60.0) -> None:
        """Go on until a condition holds."""
        last = time.monotonic() + seconds
        while not condition(self):
            assert time.monotonic() < last, self.answers[-5:]
            time.sleep(0.02)

    def until_version(self, number: int) -> None:
        """Go on until that version answers."""
        self.until(lambda clients: clients.answers and clients.answers[-1] == (200, str(number)))

    def stop(self) -> None:
        """End them."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()


@contextmanager
def clients_of(server: Server, name: str = "live", count: int = 2) -> Iterator[Clients]:
    last = time.monotonic() + 60
    while server.own(name, ROWS).status != 200:  # it may just have been published
        assert time.monotonic() < last, server.log()
        time.sleep(0.05)
    clients = Clients(server, name, count)
    try:
        yield clients
    finally:
        clients.stop()


def test_versions_change_under_load_and_no_request_fails(server: Server, live: Desk) -> None:
    """R-9.4: publish, split, roll back; each answer comes from a version that was published, and none is an error."""
    with clients_of(server) as clients:
        clients.until_version(1)
        live.experiment(
            "live", SCORE, score=SCORE_SCRIPT.replace('"double"] = rows["age"] * 2', '"double"] = 7')
        )
        live.publish("live")
        clients.until_version(2)
        live.run("services", "split", "live", "1=50")
        clients.until(lambda clients: {number for _, number in clients.answers[-20:]} == {"1", "2"})
        live.run("services", "rollback", "live", "--to", "1")
        clients.until(lambda clients: {number for _, number in clients.answers[-50:]} == {"1"})
    assert set(clients.statuses()) == {200}


def test_a_version_that_does_not_load_leaves_the_one_before(server: Server, live: Desk) -> None:
    """R-9.4: one whose script fails at the server goes on with the last that could be loaded."""
    live.experiment("frail", SCORE, score=SCORE_SCRIPT)
    live.publish("frail")
    with clients_of(server, "frail", 1) as clients:
        clients.until_version(1)
        live.experiment("frail", SCORE, score=BROKEN_AT_SERVING + SCORE_SCRIPT)
        live.publish("frail")
        clients.until(lambda clients: "Version 2 of frail can't be loaded" in server.log())
        count = len(clients.answers)
        clients.until(lambda clients: len(clients.answers) > count + 20)
    assert set(clients.answers) == {(200, "1")}


def test_a_retired_service_is_gone_and_comes_back(server: Server, live: Desk) -> None:
    """R-9.4: 404 and no key; published again it has its address, and new keys."""
    write_score(live, "short")
    live.publish("short")
    old = live.services["short"].keys["primary"]
    address = live.services["short"].classic
    with clients_of(server, "short", 1) as clients:
        clients.until_version(1)
        live.run("services", "retire", "short")
        clients.until(lambda clients: clients.answers[-1][0] == 404)
    live.publish("short")
    assert live.services["short"].classic == address
    with clients_of(server, "short", 1) as clients:
        clients.until_version(2)
    assert server.own("short", ROWS, key=old).status == 401


def test_a_killed_child_costs_one_error_at_most(server: Server, live: Desk) -> None:
    """R-10.1: every process below the pool is killed once, deepest first; requests go on."""
    with clients_of(server, "score") as clients:
        clients.until(lambda clients: len(clients.answers) > 20)
        kills = 0
        for _ in range(5):
            (process,) = server.processes()
            deepest = below(process)[-1]
            try:
                os.kill(deepest, signal.SIGKILL)
                kills += 1
            except ProcessLookupError:
                pass
            count = len(clients.answers)
            clients.until(lambda clients, count=count: len(clients.answers) > count + 10)
        clients.until(lambda clients: {status for status, _ in clients.answers[-10:]} == {200})
    failed = sum(count for status, count in clients.statuses().items() if status != 200)
    assert failed <= kills, clients.statuses()


def test_a_killed_launcher_is_replaced(server: Server, live: Desk) -> None:
    """R-10.1: with it end all processes of all services; requests that ran get an error, then all is well."""
    with clients_of(server, "score") as clients:
        clients.until(lambda clients: len(clients.answers) > 20)
        (process,) = server.processes()
        launchers = children(process)
        assert launchers
        for launcher in launchers:
            os.kill(launcher, signal.SIGKILL)
        count = len(clients.answers)
        clients.until(
            lambda clients: (
                len(clients.answers) > count + 30 and {status for status, _ in clients.answers[-20:]} == {200}
            )
        )
    assert set(clients.statuses()) <= {200, 400, 500, 503}, clients.statuses()
    failed = sum(number for status, number in clients.statuses().items() if status not in (200, 503))
    assert failed <= 6, (
        clients.statuses()
    )  # two for each of two processes and each of two clients, and a retry


def test_two_server_processes_and_one_is_killed(live: Desk) -> None:
    """R-10.1: the other one goes on, and another takes the place of the killed one."""
    with Server(live, "--workers", "2") as server:
        first = server.processes()
        assert len(first) == 2
        with clients_of(server, "score", 4) as clients:
            clients.until(lambda clients: len(clients.answers) > 40)
            os.kill(first[0], signal.SIGKILL)
            clients.until(lambda clients: len(server.processes()) == 2 and first[0] not in server.processes())
            clients.until(lambda clients: {status for status, _ in clients.answers[-40:]} == {200})
        broken = sum(number for status, number in clients.statuses().items() if status != 200)
        assert broken <= 8, clients.statuses()  # connections to the killed one
        assert server.stop() == 0


def test_requests_that_run_are_answered_at_the_end(live: Desk) -> None:
    """R-10.2: SIGTERM: no new connections, running requests are answered, exit code 0, nothing left."""
    with Server(live, "--workers", "1") as server:
        answers: list[int] = []

        def ask() -> None:
            body = {"inputs": {"input1": ROWS}, "parameters": {"label": "wait2"}}
            answers.append(server.own("score", body).status)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        (process,) = server.processes()
        quiet = len(below(process))
        time.sleep(1.0)  # they have been sent
        left = below(server.process.pid)
        assert server.stop() == 0
        for thread in threads:
            thread.join()
        assert answers == [200] * 4, (answers, quiet)
        last = time.monotonic() + 30
        while any(os.path.exists(f"/proc/{pid}") for pid in left):
            assert time.monotonic() < last, "processes are left"
            time.sleep(0.05)
