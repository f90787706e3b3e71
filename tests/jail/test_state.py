"""Nothing of one job is in another: no files, no changes to libraries, no data, no state of the pool (R-1.10, R-6.1).

Numbers of cases are those of facts/sandbox-attacks.md.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from tests.jail.forging import FIND
from tests.jail.hosts import HostProcess
from tests.jail.trials import SMALL, attack, body, run, text, together

PLACES = [".", "..", "/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock", "/var/lock"]
PLACES += ["/box", "/opt", "/opt/studiolo"]
LEAVE = f"""
import os
left = []
for place in {PLACES}:
    try:
        with open(place + '/left.txt', 'w') as file: file.write('x')
        left.append(place)
    except OSError: pass
print('TRIED:', sorted(left))
"""
LOOK = f"""
import os
print('TRIED: to look')
for place in {PLACES}:
    try: names = os.listdir(place)
    except OSError: continue
    if 'left.txt' in names: print('BREACH: found in', place)
    here = set(names) - set(SHOWN) - {{'matplotlib'}}
    if place in ('/tmp', '/dev/shm') and here: print('BREACH: in', place, names)
    if place == '.' and set(names) - {{'Script Bundle', 'script_node.py'}}: print('BREACH: here', names)
"""


def look(jail: HostProcess) -> str:
    """Give the look; where the interpreter or a clone lies below /tmp, the way to them is shown there."""
    return f"SHOWN = {sorted(jail.shown_below('/tmp'))}\n{LOOK}"


def test_files_of_one_job_are_not_there_in_the_next(jail: HostProcess) -> None:
    """Case 54: every place that can be written is the job's own and goes with it."""
    reply = attack(jail, LEAVE)
    assert "/tmp" in reply.log and "/dev/shm" in reply.log
    for _ in range(5):
        attack(jail, look(jail))


def test_files_of_one_job_are_not_there_in_one_beside_it(jail: HostProcess) -> None:
    """Cases 26 and 54: two jobs at once have a box each."""
    replies = together(
        jail, [LEAVE + "import time; time.sleep(0.5)", "import time; time.sleep(0.2)\n" + look(jail)]
    )
    assert [reply.code for reply in replies] == [None, None]
    assert "TRIED: to look" in replies[1].log and "BREACH" not in replies[1].log


CHANGES = {
    "libraries": "import pandas, numpy, json\npandas.DataFrame = numpy.array = json.loads = None",
    "builtins": "import builtins\nbuiltins.len = builtins.open = builtins.__import__ = None",
    "sys.modules": text(
        """
        import sys
        for name in list(sys.modules):
            if name not in ('sys', 'builtins'):
                sys.modules[name] = None
        """
    ),
    "our own code": "import studiolo_child.job as j, studiolo_child.report as r, studiolo_child.worker as w\n"
    "j.run = r.Report = w.be_worker = None; print('changed')",
    "import hooks": "import sys\nsys.meta_path[:] = []; sys.path[:] = []; sys.path_hooks[:] = []",
    "constants": "import ctypes\nctypes.memset(id(1) + 16, 7, 4)",
    "code of a library": text(
        """
        import pandas
        begin = pandas.DataFrame.__init__
        getattr(begin, '__func__', begin).__code__ = (lambda *a, **k: None).__code__
        """
    ),
    "the random state": "import random, numpy\nrandom.seed(1); numpy.random.seed(1)",
    "signals and timers": text(
        """
        import signal
        for n in range(1, 32):
            try:
                signal.signal(n, signal.SIG_IGN)
            except OSError:
                pass
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        """
    ),
    "the environment": text(
        """
        import os
        os.environ.clear()
        os.environ['LD_PRELOAD'] = os.environ['PYTHONPATH'] = '/box/work/x'
        """
    ),
    "limits and priorities": text(
        """
        import os, resource
        for n in range(16):
            try:
                resource.setrlimit(n, (0, 0))
            except (OSError, ValueError):
                pass
        os.nice(19)
        """
    ),
    "the collector and threads": text(
        """
        import gc, threading, time
        gc.disable()
        gc.set_threshold(1)
        for _ in range(8):
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        """
    ),
    "memory of libraries": text(
        """
        import ctypes
        maps = [l.split() for l in open('/proc/self/maps')]
        libc = ctypes.CDLL(None)
        libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for line in maps:
            if len(line) > 5 and 'pandas' in line[5] and line[1].startswith('r--'):
                first, last = (int(part, 16) for part in line[0].split('-'))
                if libc.mprotect(first, last - first, 3) == 0:
                    ctypes.memset(first, 255, last - first)
                break
        """
    ),
}
HEALTHY = """
import builtins, gc, json, os, random, signal, sys, threading
import numpy, pandas, studiolo_child.job
assert len('ab') == 2 and 1 + 1 == 2 and json.loads('[1]') == [1]
assert gc.isenabled() and threading.active_count() == 1
assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
assert 'LD_PRELOAD' not in os.environ and os.environ['HOME'] == os.getcwd()
assert callable(studiolo_child.job.run) and sys.path[1:]
assert os.getpriority(os.PRIO_PROCESS, 0) == 0
print(pandas.DataFrame({'a': numpy.array([1, 2])}).a.sum())
"""


@pytest.mark.parametrize("code", CHANGES.values(), ids=CHANGES.keys())
def test_changes_in_one_job_do_not_reach_the_next(jail: HostProcess, code: str) -> None:
    """Case 68: each job is a fresh fork of a zygote that runs no script; more jobs than wait ready are tried."""
    run(jail, code)
    for _ in range(5):
        reply = run(jail, HEALTHY)
        assert (reply.code, reply.log) == (None, "3\n"), reply


def test_random_numbers_differ_between_jobs(jail: HostProcess) -> None:
    """Case 69: neither Python's generators, nor numpy's, nor what is made from them repeats after a fork."""
    code = "import binascii, os, random, uuid, tempfile, numpy\n"
    code += "own = getattr(numpy.random, 'default_rng', numpy.random.RandomState)()\n"
    code += "print(random.random(), numpy.random.rand(), own.uniform(), random.SystemRandom().random(),"
    code += " uuid.uuid4(), next(tempfile._get_candidate_names()), binascii.hexlify(os.urandom(4)))"
    logs = [reply.log.split() for reply in together(jail, [code] * 8)]
    assert [len(set(column)) for column in zip(*logs, strict=True)] == [8] * 7


def test_random_numbers_differ_between_a_jobs_children(jail: HostProcess) -> None:
    """Case 69: a pool of processes inside a job draws different secrets too."""
    top = "import multiprocessing, random\ndef draw(number): return random.SystemRandom().random()\n"
    code = "context = getattr(multiprocessing, 'get_context', lambda kind: multiprocessing)('fork')\n"
    code += "pool = context.Pool(4)\nprint(len(set(pool.map(draw, [8] * 20))))\npool.terminate()"
    assert run(jail, code, top).log == "20\n"


def test_no_memory_is_shared_with_the_zygote_for_writing(jail: HostProcess) -> None:
    """Own: whatever a job maps shared and writable is its own; the way back to the zygote is the pidfd alone."""
    code = "print('TRIED: to look')\nown = {'/dev/zero', '/memfd:studiolo'}\n"
    code += "for line in open('/proc/self/maps'):\n    parts = line.split()\n"
    code += "    if parts[1].endswith('s') and 'w' in parts[1]: print(line.rstrip())"
    first, second = attack(jail, code).log.splitlines()[1:], attack(jail, code).log.splitlines()[1:]
    inodes = [{line.split()[4] for line in lines} for lines in (first, second)]
    assert not inodes[0] & inodes[1], (first, second)  # another object in each job


def test_what_the_zygote_keeps_open_is_closed_in_a_job(jail: HostProcess) -> None:
    """Own: sockets of the pool, pidfds of other jobs and the store's folder do not come along."""
    code = """
import os
print('TRIED: to look')
for number in range(3, 1024):
    try: target = os.readlink('/proc/self/fd/%d' % number)
    except OSError: continue
    if target.startswith(('/memfd:report', '/memfd:result_', 'socket:', 'pipe:')): continue
    if target in (os.getcwd(), '/dev/null', '/dev/urandom'): continue
    print('BREACH:', number, target)
"""
    attack(jail, code)


@pytest.fixture(scope="module")
def mortal(jail: HostProcess) -> Iterator[HostProcess]:
    """A host of its own for tests that end its pool: the look at what is left holds a pool's sockets against it."""
    with jail.beside() as host:
        yield host


def _shape(host: HostProcess) -> tuple[list[str], int]:
    """Give the kinds of the host's open descriptors, and how many processes its pool has."""
    state = host.settled_state()
    kinds = sorted(state["descriptors"])
    return kinds, str(state["processes"]).count("[") // 2


@pytest.mark.parametrize("who", ["launcher", "zygote", "nursery"])
def test_a_killed_process_of_the_pool_is_replaced(mortal: HostProcess, who: str) -> None:
    """Case 76: the engine notices the end of any of them; the job after it runs, and nothing of the old is left."""
    assert run(mortal, "print(1)").log == "1\n"
    before = _shape(mortal)
    waiting = mortal.start(body("import time\nprint('begun', flush=True)\ntime.sleep(20)"), limits=SMALL)
    time.sleep(0.5)
    mortal.ask("signal", who=who, signal=signal.SIGKILL)
    assert waiting.reply().code in ("worker-lost", "killed")
    assert [run(mortal, "print(1)").log for _ in range(3)] == ["1\n"] * 3
    assert _shape(mortal) == before


def test_forty_jobs_at_once_are_all_right(jail: HostProcess) -> None:
    """Case 77: forty results, each its own, with files, pictures and children; nothing is left."""
    code = r"""
    import os, pandas
    open('own.txt', 'w').write('{0}')
    if os.fork() == 0:
        os._exit(0)
    open('a.png', 'wb').write(b'\x89PNG\r\n\x1a\n' + b'x' * {0})
    print({0})
    return pandas.DataFrame({{'a': [int(open('own.txt').read())]}})
    """
    replies = together(jail, [code.format(number) for number in range(40)])
    told = [(reply.code, reply.log, reply.result, [size for *_, size in reply.pictures]) for reply in replies]
    assert told == [(None, f"{number}\n", {"a": [number]}, [8 + number]) for number in range(40)]


def test_jobs_that_end_badly_beside_good_ones_cost_them_nothing(jail: HostProcess) -> None:
    """Case 77: crashes, kills and bombs at once with good jobs."""
    bad = [
        "import os; os.abort()",
        "import os; os.kill(0, 9)",
        "x = []\nfor _ in range(48): x.append(bytearray(b'y') * (8 << 20))",
    ]
    bad += ["import ctypes; ctypes.string_at(0)", "import os; os._exit(1)", "raise ValueError"]
    good = "import time; time.sleep(0.1); print('good')"
    replies = together(jail, [code for pair in zip(bad, [good] * 6, strict=True) for code in pair])
    assert [reply.code is None for reply in replies] == [False, True] * 6
    assert {reply.log for reply in replies[1::2]} == {"good\n"}


HOARD = """
print('TRIED: to hoard', flush=True)
kept = []
try:
    while True:
        kept += socket.socketpair()
        try:
            while True: kept[-1].sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0] * 200))],
                                         socket.MSG_DONTWAIT)
        except BlockingIOError: pass
except OSError as error: print(error.strerror, flush=True)
time.sleep(1)
"""


def test_descriptors_that_a_job_keeps_on_their_way_stop_nobody_else(jail: HostProcess) -> None:
    """Own: the kernel counts them per user, and the pool has the job's user; it must be able to fork on."""
    hoarder = jail.start(body(HOARD, FIND), limits=SMALL)
    time.sleep(0.3)
    replies = together(jail, ["print(1)"] * 6)
    assert [(reply.code, reply.log) for reply in replies] == [(None, "1\n")] * 6
    assert "TRIED: to hoard" in hoarder.reply().log
