"""Results that change after they were reported, ends without a report, and objects that run code (R-6.3).

Numbers of cases are those of facts/sandbox-attacks.md.
"""

from __future__ import annotations

import pytest

from tests.jail import hostile_frames
from tests.jail.cases import PYARROW, Needs, cases
from tests.jail.forging import FIND, forged
from tests.jail.hosts import HostProcess
from tests.jail.trials import attack, body, run, run_script, text

FRAME = hostile_frames.texts([0, 1, 2], b"ab")
GOOD = {"t": ["a", "b"]}
REPORTED = f"good = {FRAME!r}\nnumber = outputs['result_dataset']\nput(number, good)\ntell(OK)\n"

CHANGES = {
    "case 64 truncated after the report": text(
        """
        say()
        for _ in range(2000):
            try:
                os.ftruncate(number, 0)
            except OSError:
                pass
        """
    ),
    "case 64 written after the report": text(
        r"""
        say()
        for _ in range(2000):
            try:
                os.pwrite(number, b'\xff' * 300, 0)
            except OSError:
                pass
        """
    ),
    "case 64 through /proc/self/fd": text(
        r"""
        say()
        for _ in range(500):
            try:
                open('/proc/self/fd/%d' % number, 'r+b').write(b'\xff' * 300)
            except OSError:
                pass
        """
    ),
    "case 64 holes after the report": text(
        """
        import ctypes
        say()
        for _ in range(500):
            ctypes.CDLL(None).fallocate(number, 3, ctypes.c_long(0), ctypes.c_long(4096))
        """
    ),
    "case 64 a report that changes": text(
        """
        say()
        for _ in range(2000):
            try:
                os.pwrite(report, b'{"status": "error"}', 0)
            except OSError:
                pass
        """
    ),
    "own: grown after the report": text(
        """
        say()
        for _ in range(2000):
            try:
                os.pwrite(number, b'x', 1 << 20)
            except OSError:
                pass
        """
    ),
    "own: sealed against sealing": "fcntl.fcntl(number, fcntl.F_ADD_SEALS, 1)\nsay()",
    "own: sealed against writing later": "fcntl.fcntl(number, fcntl.F_ADD_SEALS, 16)\nsay()",
    "own: sealed by the job": "for n in (number, report): fcntl.fcntl(n, fcntl.F_ADD_SEALS, 15)\nsay()",
    "own: sealed to shrink only": text(
        r"""
        fcntl.fcntl(number, fcntl.F_ADD_SEALS, 1 | 2)
        say()
        os.pwrite(number, b'\xff' * 300, 0)
        """
    ),
    "own: children that write": text(
        r"""
        for _ in range(4):
            if os.fork() == 0:
                while True:
                    try:
                        os.pwrite(number, b'\xff' * 300, 0)
                    except OSError:
                        pass
        say()
        """
    ),
    "own: position and flags": text(
        """
        os.lseek(number, 1 << 40, 0)
        fcntl.fcntl(number, fcntl.F_SETFL, os.O_APPEND)
        os.lseek(report, 5, 0)
        say()
        """
    ),
    "own: locked": "fcntl.flock(number, fcntl.LOCK_EX)\nfcntl.lockf(report, fcntl.LOCK_EX)\nsay()",
    "own: mode 0": text(
        """
        for n in (number, report):
            try:
                os.fchmod(n, 0)
            except OSError:
                pass
        say()
        """
    ),
}


@pytest.mark.parametrize("code", CHANGES.values(), ids=CHANGES.keys())
def test_what_is_taken_can_not_change_any_more(jail: HostProcess, code: str) -> None:
    """Case 64: sealed before it is read; what is taken is what was reported, or the result is refused."""
    reply = run_script(jail, forged(REPORTED + code))
    assert (reply.code, reply.result) in ((None, GOOD), ("bad-result", None)), reply


MAPPINGS = {
    "case 64 a shared mapping, kept": "time.sleep(5)",
    "case 64 a shared mapping, written all the time": text(
        """
        while True:
            for at in range(0, 300):
                held[at] = (held[at] + 1) % 256
        """
    ),
    "own: a shared mapping in a child": "if os.fork() == 0:\n    while True: held[0] = held[0] ^ 1",
}


@pytest.mark.parametrize("code", MAPPINGS.values(), ids=MAPPINGS.keys())
def test_a_mapping_that_is_kept_is_waited_for(jail: HostProcess, code: str) -> None:
    """Case 64: while it can be written the kernel refuses the seal; the job is ended, then the bytes are checked."""
    text = f"os.ftruncate(number, 4096)\nheld = mmap.mmap(number, 4096)\nos.ftruncate(number, {len(FRAME)})\nsay()\n"
    reply = run_script(jail, forged(REPORTED + text + code))
    assert reply.code == "bad-result" or reply.result is not None, reply
    assert reply.usage["wall_seconds"] < 20  # its limit is 30


def test_a_job_that_says_it_is_done_and_stays_is_ended(jail: HostProcess) -> None:
    """Case 67: success told by hand while the tree still runs: the result counts when sealed, the tree is ended."""
    code = text(
        """
        for _ in range(3):
            if os.fork() == 0:
                signal.pause()
        say()
        signal.pause()
        """
    )
    reply = run_script(jail, forged(REPORTED + code))
    assert (reply.code, reply.result) == (None, GOOD)
    assert reply.usage["wall_seconds"] < 20  # its limit is 30


def test_an_output_larger_than_allowed_is_refused_without_being_read(jail: HostProcess) -> None:
    """Case 60: a sparse output of 64 MB where 8 are allowed."""
    code = "os.ftruncate(outputs['result_dataset'], 64 << 20)\ntell(OK)\nsay()"
    assert run_script(jail, forged(code), output_mb=8, disk_mb=64).code == "output-too-large"


def test_outputs_are_bounded_while_they_are_written(jail: HostProcess) -> None:
    """Own: pages of memory files that nobody maps are in no process's figures; 8 MB are allowed for each output."""
    code = """
    held = 0
    for number in [report] + list(outputs.values()):
        try:
            for _ in range(20): held += os.write(number, bytes(10 << 20))
        except OSError as error: print(error)
    time.sleep(0.5)
    if held > 100 << 20: print('BREACH: %d MB in memory files' % (held >> 20), flush=True)
    """
    attack(jail, code, FIND, output_mb=8, disk_mb=250)


def test_a_sparse_output_of_a_terabyte_is_not_made(jail: HostProcess) -> None:
    """Case 60: not even by length."""
    code = """
    for number in (report, outputs['result_dataset']):
        try:
            os.ftruncate(number, 1 << 40)
            print('BREACH: made')
        except OSError: pass
    """
    attack(jail, code, FIND)


ENDS = {
    "case 66 os._exit(0)": ("os._exit(0)", {"exited"}),
    "case 66 os._exit(97), as if it had not begun": ("os._exit(97)", {"exited", "worker-lost"}),
    "case 66 every descriptor closed": ("import os; os.closerange(0, 600)", {"exited", "bad-result"}),
    "case 66 every descriptor replaced": (
        "import os\nfor n in range(3, 64): os.dup2(0, n)",
        {"exited", "bad-result"},
    ),
    "case 66 an error that can't be shown": (
        text(
            """

            class E(Exception):

                def __str__(self):
                    raise self
                __repr__ = __str__
            raise E
            """
        ),
        {"script-raised"},
    ),
    "own: the socket shut down": ("import socket\njob.shutdown(socket.SHUT_RDWR)", {"exited"}),
    "own: killed by itself": ("import os; os.kill(os.getpid(), 9)", {"killed"}),
    "own: its main thread ends": ("import ctypes; ctypes.CDLL(None).syscall(60, 0)", {"exited"}),
    "own: another program in its place": (
        "import os, sys; os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(0.2)'])",
        {"exited", "script-raised"},
    ),
    "own: its own exit hooks": (
        text(
            """
            import atexit, threading, time
            atexit.register(time.sleep, 60)
            threading.Thread(target=time.sleep, args=(60,)).start()
            """
        ),
        {None},
    ),
}


@pytest.mark.parametrize(("code", "expected"), ENDS.values(), ids=ENDS.keys())
def test_an_end_without_a_report_has_a_reason(
    jail: HostProcess, code: str, expected: set[str | None]
) -> None:
    """Case 66: a failure with a reason, and the pool goes on; nothing waits for what will never come."""
    reply = run(jail, code, FIND)
    assert reply.code in expected, reply
    assert reply.usage["wall_seconds"] < 20  # its limit is 30


RETURNED = {
    "case 66 return 42": ("return 42", {None}),
    "own: a DataFrame that lies": (
        text(
            """
            import pandas

            class Lies(pandas.DataFrame):
                columns = property(lambda self: 1 / 0)
            return Lies({'a': [1]})
            """
        ),
        {"bad-return", "script-raised"},
    ),
    "own: a length that lies": (
        text(
            """
            import pandas

            class Lies(pandas.DataFrame):

                def __len__(self):
                    return 1 << 60
            return Lies({'a': [1]})
            """
        ),
        {None, "bad-return"},
    ),
    "own: an endless tuple": ("return (None,) * 10**6 + (1,)", {"bad-return"}),
    "own: an object that answers everything": (
        "class All:\n    def __getattr__(self, name): return lambda *a, **k: self\nreturn All()",
        {"bad-return", "script-raised"},
    ),
    "own: libraries replaced": (
        "import os, json, pandas\nos.write = json.dumps = pandas.DataFrame = None\nreturn None",
        {None, "bad-result", "exited"},
    ),
}


@pytest.mark.parametrize(("code", "expected"), RETURNED.values(), ids=RETURNED.keys())
def test_whatever_is_returned_ends_with_a_reason(
    jail: HostProcess, code: str, expected: set[str | None]
) -> None:
    """Case 66: hostile objects meet our code inside the jail; the host sees a report, or an end."""
    reply = run(jail, code)
    assert reply.code in expected, reply


PICKLES = {
    "in cells": "import pandas\nreturn pandas.DataFrame({'a': [Evil(), Evil()]})",
    "as bytes": "import pandas\nreturn pandas.DataFrame({'a': [pickle.dumps(Evil())] * 2})",
    "as a name": "import pandas\nreturn pandas.DataFrame({repr(pickle.dumps(Evil())): [1]})",
    "as an attribute": text(
        """
        import pandas
        frame = pandas.DataFrame({'a': [1]})
        frame.attrs['x'] = Evil()
        return frame
        """
    ),
    "as Arrow's own types": text(
        """
        import pyarrow
        kind = pyarrow.binary()
        told = {'name': 'arrow.py_extension_type', 'metadata': pickle.dumps(Evil())}
        field = pyarrow.field('a', kind, metadata={'ARROW:extension:' + name: told[name] for name in told})
        return pyarrow.table([pyarrow.array([b'x'])], schema=pyarrow.schema([field]))
        """
    ),
}


PICKLES_NEED: dict[str, Needs] = {
    "as Arrow's own types": PYARROW,
    "as an attribute": ({"pandas": ">=1"}, "attributes of frames"),
}


@pytest.mark.parametrize("code", cases(PICKLES, PICKLES_NEED))
def test_the_host_unpickles_nothing(jail: HostProcess, code: str) -> None:
    """Case 65: objects whose unpickling writes to a file of the host come back as text or bytes, or not at all."""
    evil = f"""
import os, pickle
class Evil:
    def __reduce__(self):
        return eval, ({f"open({jail.facts['writable_file']!r}, 'w').write('owned')"!r},)
    def __repr__(self):
        return 'evil'
"""
    reply = run(jail, code, evil)
    assert reply.code in (None, "bad-return", "script-raised")


def test_an_object_of_another_job_runs_its_code_in_the_jail_only(jail: HostProcess) -> None:
    """Case 65: an output of type object is a pickle; the host hands it on and never opens it."""
    top = f"""
class Evil:
    def __reduce__(self):
        return eval, ({f"open({jail.facts['writable_file']!r}, 'w').write('owned')"!r},)
"""
    ports = [["result_dataset", "dataset"], ["result_dataset2", "dataset"], ["model", "object"]]
    reply = jail.run(body("return None, None, Evil()", top), ports=ports)
    assert (reply.code, "model" in reply.outputs) == (None, True)
