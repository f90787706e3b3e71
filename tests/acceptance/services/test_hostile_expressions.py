"""The documented example, published: expressions from strangers stay in the jail (R-9.1, R-6.3).

Each costs one error at most, and the next request works.
"""

from __future__ import annotations

import socket
import threading

import pytest
from tests.acceptance.services.server import Server

OS = "__import__('os')"
HARMLESS = {
    "2 + 3 * 4": "14",
    "1 / 0": "ZeroDivisionError",
    "2 +": "SyntaxError",
    "__import__('sys').exit(3)": "SystemExit",
    f"{OS}.listdir('/home')": "FileNotFoundError",
    "open('/etc/shadow').read()": "FileNotFoundError",
    f"{OS}.kill(1, 9)": "PermissionError",  # the init of its own place
    f"open('/proc/%d/mem' % {OS}.getppid(), 'rb').read()": "PermissionError",
    f"open('/proc/%d/environ' % {OS}.getppid(), 'rb').read()": "PermissionError",
    f"{OS}.environ.get('STUDIOLO_KEY')": "None",
    f"{OS}.system('reboot')": None,
    f"{OS}.setuid(0)": None,
}
ENDING = {
    "os._exit": f"{OS}._exit(0)",
    "a crash": "__import__('ctypes').string_at(0)",
    "SIGKILL": f"{OS}.kill({OS}.getpid(), 9)",
    "SIGKILL for all": f"{OS}.kill(-1, 9)",
    "its parent": f"{OS}.kill({OS}.getppid(), 9)",
    "memory": "bytearray(1 << 40)",
    "memory, bit by bit": "[0] * (1 << 33)",
    "a fork bomb": f"[{OS}.fork() for _ in range(100)]",
    "an endless loop": "[0 for _ in iter(int, 1)]",
    "sleep": "__import__('time').sleep(1000)",
    "a large answer": "'x' * (1 << 26)",
    "recursion": "(lambda f: f(f))(lambda f: f(f))",
    "a file without end": "open('big', 'wb').write(b'x' * (1 << 30))",
}
DOCUMENTED = {200, 400, 408, 413}


@pytest.fixture(scope="module")
def quick(server: Server) -> Server:
    """The server, with two seconds for each request of the example."""
    server.desk.run("services", "configure", "expression", "--timeout", "2")
    return server


def ask(server: Server, *expressions: str):
    return server.own("expression", [{"expression": text} for text in expressions])


def test_expressions_are_evaluated_and_stay_inside(quick: Server) -> None:
    """R-9.1: a table of expression and result; no file, process or variable of the machine is reached."""
    answer = ask(quick, *HARMLESS)
    assert answer.status == 200, answer.body
    rows = answer.document["outputs"]["output1"]
    assert [row["expression"] for row in rows] == list(HARMLESS)
    wrong = [row for row in rows if HARMLESS[row["expression"]] not in (None, row["result"])]
    assert wrong == []


def test_no_expression_reaches_the_network(quick: Server) -> None:
    """R-6.1: not even the server that answers it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        answer = ask(
            quick,
            f"__import__('socket').create_connection(('127.0.0.1', {port}), 1)",
            f"__import__('urllib.request').request.urlopen('http://127.0.0.1:{quick.port}/readyz', timeout=1)",
        )
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()
    results = [row["result"] for row in answer.document["outputs"]["output1"]]
    assert all(result in ("PermissionError", "URLError", "OSError") for result in results), results


@pytest.mark.parametrize("expression", ENDING.values(), ids=ENDING.keys())
def test_what_ends_a_process_costs_one_error(quick: Server, expression: str) -> None:
    """R-10.1, R-6.3: a documented answer, and the next one is right."""
    answer = ask(quick, expression)
    assert answer.status in DOCUMENTED, answer.body[:500]
    after = ask(quick, "6 * 7")
    assert (after.status, after.document["outputs"]["output1"][0]["result"]) == (200, "42"), after.body


def test_others_are_answered_while_one_is_attacked(quick: Server) -> None:
    """R-10.1: endless loops of one client leave other services alone."""
    loops = [threading.Thread(target=ask, args=(quick, "[0 for _ in iter(int, 1)]")) for _ in range(3)]
    for loop in loops:
        loop.start()
    rows = [{"age": 1, "income": 3.5, "city": "x"}]
    assert [quick.own("score", rows).status for _ in range(5)] == [200] * 5
    for loop in loops:
        loop.join()
    assert ask(quick, "6 * 7").status == 200
