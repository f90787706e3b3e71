"""Limits that people understand: each ends the job with its own error, and the pool goes on."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from studiolo.errors import WorkerError
from studiolo.worker.pool import Pool

from .conftest import SMALL, Outcome, body, script_job

Run = Callable[..., Outcome]


FILE = "scripts/node.py"


@dataclass(frozen=True)
class Case:
    """A script that runs into a limit, and what its error must say.

    Attributes:
        text: body of azureml_main; the line that must be named ends with `#here`.
        limits: of the job, beside SMALL.
        code: of the error.
        limit: the key that the hint and the details name.
    """

    text: str
    limits: dict[str, int]
    code: str
    limit: str

    @property
    def line(self) -> int:
        lines = body(self.text).splitlines()
        return 1 + next(number for number, line in enumerate(lines) if line.endswith("#here"))


MEMORY, CPU, WALL = {"memory_mb": 200}, {"cpu_seconds": 1}, {"wall_seconds": 1}
BURN = "for _ in range(3):\n    if os.fork() == 0:\n        while True: pass\n"
TAKE = "x = bytearray(100_000_000)\n        x[::4096] = bytes(len(x[::4096]))\n        time.sleep(60)\n"
THREADS = "import threading as t, time\nwhile True: t.Thread(target=time.sleep, args=(60,), daemon=True).start() #here"
CASES = {
    # memory: MemoryError of Python, of a library, in a chain; seen by the watcher; of children
    "many small": Case(
        "x = []\nwhile True: x.append(bytearray(10_000_000)) #here", MEMORY, "out-of-memory", "memory_mb"
    ),
    "one array": Case("import numpy\nnumpy.ones(10**9) #here", MEMORY, "out-of-memory", "memory_mb"),
    "inside pandas": Case(
        "import numpy, pandas\nf = pandas.DataFrame(numpy.ones((1000, 1)))\nf['k'] = 1\n"
        "for _ in range(3): f = f.merge(f, on='k') #here",
        MEMORY,
        "out-of-memory",
        "memory_mb",
    ),
    "from another": Case(
        "import json\nclass Odd(json.JSONEncoder):\n    def default(self, o):\n        return 'x' * 10**10 #here\n"
        "json.dumps(object(), cls=Odd)",
        MEMORY,
        "out-of-memory",
        "memory_mb",
    ),
    "shared memory": Case(
        "import mmap\nkept = []\nwhile True: kept.append(mmap.mmap(-1, 1 << 24)); kept[-1].write(bytes(1 << 24)) #here",
        MEMORY,
        "out-of-memory",
        "memory_mb",
    ),
    "memory of children": Case(
        f"import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        {TAKE}time.sleep(60) #here",
        MEMORY,
        "out-of-memory",
        "memory_mb",
    ),
    "stacks of threads": Case(
        THREADS,
        {"memory_mb": 100, "processes": 500},
        "out-of-memory",
        "memory_mb",
    ),
    # CPU time: in Python, in C code that never comes back to the interpreter, in children, with the signal ignored
    "loop": Case("while True: pass #here", CPU, "cpu-limit", "cpu_seconds"),
    "pattern": Case("import re\nre.match('(a+)+$', 'a' * 60 + 'b') #here", CPU, "cpu-limit", "cpu_seconds"),
    "sorting": Case(
        "import numpy\nx = numpy.random.rand(30_000_000)\nwhile True: numpy.sort(x) #here",
        CPU,
        "cpu-limit",
        "cpu_seconds",
    ),
    "children": Case(f"import os, time\n{BURN}time.sleep(60) #here", CPU, "cpu-limit", "cpu_seconds"),
    "thread": Case(
        "import threading\ndef spin():\n    while True: pass #here\n"
        "t = threading.Thread(target=spin)\nt.start()\nt.join()",
        CPU,
        "cpu-limit",
        "cpu_seconds",
    ),
    "signal ignored": Case(
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass #here",
        CPU,
        "cpu-limit",
        "cpu_seconds",
    ),
    # time: in C code, in a lock, in a library
    "sleep": Case("import time\ntime.sleep(60) #here", WALL, "wall-limit", "wall_seconds"),
    "lock": Case(
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire() #here",
        WALL,
        "wall-limit",
        "wall_seconds",
    ),
    "queue": Case("import queue\nqueue.Queue().get() #here", WALL, "wall-limit", "wall_seconds"),
    "reader": Case("import os\nos.read(os.pipe()[0], 1) #here", WALL, "wall-limit", "wall_seconds"),
    # processes and threads
    "forks": Case(
        "import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(60) #here",
        {"processes": 20},
        "too-many-processes",
        "processes",
    ),
    "threads": Case(
        THREADS,
        {"processes": 20},
        "too-many-processes",
        "processes",
    ),
    # disk: one file, many files
    "one file": Case(
        "f = open('big', 'wb')\nwhile True: f.write(bytes(1_000_000)) #here",
        {"disk_mb": 16},
        "disk-full",
        "disk_mb",
    ),
    "many files": Case(
        "for i in range(10**6): open('f%d' % i, 'wb').close() #here", {"files": 100}, "disk-full", "files"
    ),
    "shared files": Case(
        "from multiprocessing import shared_memory\nkept = []\n"
        "while True:\n    open('/dev/shm/%d' % len(kept), 'wb').write(bytes(1 << 20)) #here\n    kept.append(1)",
        {"disk_mb": 16},
        "disk-full",
        "disk_mb",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_limit_has_its_own_error_with_figures_and_place(run: Run, name: str) -> None:
    """R-6.1, issue 3 (4): code, used and allowed figures, the script's line, the key to raise; the next job works."""
    case = CASES[name]
    outcome = run(body(case.text), limits=replace(SMALL, **case.limits))
    error = outcome.result.error
    assert error is not None
    told = (error.kind, error.code, error.where.file, error.where.line, error.details["limit"])
    assert told == ("worker", case.code, FILE, case.line, case.limit), error
    allowed = replace(SMALL, **case.limits).to_json()[case.limit]
    assert error.details["allowed"] == allowed
    least = 0 if name in ("one array", "inside pandas", "from another") else 0.75 * allowed
    assert least <= error.details["used"] < 3 * allowed
    assert f"`limits: {{{case.limit}: " in error.hint
    assert str(allowed) in error.summary
    assert run(body("print('fine')")).log == "fine\n"


@pytest.mark.parametrize("memory", [16, 32, 64, 100, 201, 203])
@pytest.mark.parametrize("item", ["object()", "[x]", "'x%d' % len(x)"])
def test_memory_that_is_gone_to_the_last_byte_still_gives_the_error(run: Run, item: str, memory: int) -> None:
    """R-6.1: many small objects leave nothing to tell an error with; some memory is kept for that."""
    outcome = run(body(f"x = []\nwhile True: x.append({item})"), limits=replace(SMALL, memory_mb=memory))
    error = outcome.result.error
    assert error is not None and (error.code, error.where.file) == ("out-of-memory", FILE), error
    assert 0.5 * memory <= error.details["used"] <= memory == error.details["allowed"]


def test_too_many_open_files_are_told_with_their_number(run: Run) -> None:
    """R-6.1: this number is no limit of the node, and the hint says so."""
    error = run(body("return [open('/dev/null') for _ in range(1000)]")).result.error
    assert error is not None
    assert (error.kind, error.code, error.where.line) == ("worker", "too-many-files-open", 2)
    assert error.details == {"used": 512, "allowed": 512}


@pytest.mark.parametrize("disk", [512, 8])
def test_an_output_that_is_too_large_is_told_with_its_size(run: Run, disk: int) -> None:
    """R-6.1: found by the host, or already by the job when it may not write so long a file."""
    code = "import pandas as pd, numpy as np\nreturn pd.DataFrame({'a': np.zeros(2_000_000)})"
    error = run(body(code), limits=replace(SMALL, output_mb=8, disk_mb=disk)).result.error
    assert error is not None
    assert (error.kind, error.code, error.where.port) == ("worker", "output-too-large", "result_dataset")
    used = 15.3 if disk == 512 else 8
    assert error.details == {"used": used, "allowed": 8, "limit": "output_mb"}
    assert "`limits: {output_mb: " in error.hint


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import ctypes; ctypes.string_at(0) #", ("killed", FILE, 2, "SIGSEGV")),
        ("import os; os.abort() #", ("killed", FILE, 2, "SIGABRT")),
        ("import os; os.kill(os.getpid(), 9)", ("killed", None, None, "SIGKILL")),
        ("import os; os.kill(os.getpid(), 15)", ("killed", None, None, "SIGTERM")),
    ],
)
def test_a_signal_is_named_and_a_crash_has_its_line(run: Run, code: str, told: tuple[object, ...]) -> None:
    """R-6.1: a process killed by a signal that no limit sent."""
    error = run(body(code)).result.error
    assert error is not None
    assert (error.code, error.where.file, error.where.line, error.details["signal"]) == told
    assert error.hint


@pytest.mark.parametrize(
    ("code", "told", "summary"),
    [
        (
            "import os; os._exit(3)",
            "exited",
            "The script ended its process (exit status 3) instead of returning.",
        ),
        (
            "import os; os.closerange(3, 512)",
            "exited",
            "The job's process broke off after the script, before its result was there.",
        ),
        ("import sys; sys.exit(2)", "script-exited", "SystemExit: 2"),
    ],
)
def test_each_way_to_leave_has_its_own_words(run: Run, code: str, told: str, summary: str) -> None:
    """R-1.4: a script is called as a function and returns."""
    error = run(body(code)).result.error
    assert error is not None and error.hint
    assert (error.code, error.summary) == (told, summary)


def test_the_stack_shows_what_the_script_had_called(run: Run) -> None:
    """R-6.1: the place is the script's, the stack leads on into the library, and has no frame of ours."""
    error = run(body("import queue\nqueue.Queue().get()"), limits=replace(SMALL, wall_seconds=1)).result.error
    assert isinstance(error, WorkerError)
    lines = error.traceback.splitlines()
    assert lines[0] == "Stack when it was ended (most recent call last):"
    assert lines[1] == f'  File "{FILE}", line 3, in azureml_main'
    assert lines[2].endswith("in get") and len(lines) > 2
    assert "studiolo_child" not in error.traceback and "<string>" not in error.traceback


def test_a_script_that_mends_itself_is_left_alone(run: Run) -> None:
    """Issue 3 (4): what a script catches is its own affair; what it raises then is its error, with the hint."""
    outcome = run(body("try:\n    bytearray(10**12)\nexcept MemoryError:\n    print('smaller')"))
    assert (outcome.code, outcome.log) == (None, "smaller\n")
    error = run(
        body("try:\n    bytearray(10**12)\nexcept MemoryError:\n    raise ValueError('too big')")
    ).result.error
    assert error is not None and (error.code, error.summary) == ("script-raised", "ValueError: too big")


def test_a_forked_copy_of_the_job_never_gives_its_result(run: Run) -> None:
    """Own: a child process that runs on behind the script must not write a second report."""
    code = "import os, pandas as pd\npid = os.fork()\nif pid: os.waitpid(pid, 0)\n"
    code += "return pd.DataFrame({'who': ['parent' if pid else 'child']})"
    outcome = run(body(code))
    assert outcome.code is None and b"parent" in outcome.outputs["result_dataset"]
    outcome = run(body("import os\nif os.fork() == 0: raise ValueError('child')\nos.wait()"))
    assert (outcome.code, outcome.log) == (None, "ValueError: child\n")


def test_a_fork_bomb_stays_within_its_processes(run: Run) -> None:
    """R-6.1: RLIMIT_NPROC counts per job; every process of the bomb is gone at the end."""
    code = "import os, time\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(60); os._exit(0)\n"
    code += "except BlockingIOError:\n    print('refused')"
    outcome = run(body(code), limits=replace(SMALL, processes=20, wall_seconds=10))
    assert outcome.log.endswith("refused\n")
    outcome = run(body("import os\nwhile True: os.fork()"), limits=replace(SMALL, processes=20))
    assert outcome.code == "too-many-processes"


def test_an_endless_log_is_bounded_and_says_so(run: Run) -> None:
    """R-1.8: 1 MiB is kept by default, the middle is cut, and the job still ends."""
    outcome = run(body("for i in range(20_000): print('x' * 10_000)\nprint('the end')"))
    assert outcome.code is None
    assert len(outcome.end.log) < (1 << 20) + 200
    assert b"bytes of output cut here" in outcome.end.log and outcome.log.endswith("the end\n")


def test_the_log_streams_while_the_job_runs(pool: Pool) -> None:
    """R-1.8: text can be seen before the job ends."""
    seen: list[bytes] = []

    def listen(text: bytes) -> None:
        seen.append(text)
        running.cancel()

    running = pool.submit(
        script_job(body("import time\nprint('first')\ntime.sleep(25)\nprint('second')")), listen
    )
    try:
        result = running.result()
        running.end()
    finally:
        running.close()
    assert (b"".join(seen), result.error and result.error.code) == (b"first\n", "cancelled")


def test_a_cancelled_job_is_gone_with_its_children(pool: Pool) -> None:
    """R-3.4: cancel ends every process of the job."""
    code = "import os, time\nfor _ in range(3):\n    if os.fork() == 0: time.sleep(60)\nprint('up')\ntime.sleep(60)"
    text: list[bytes] = []
    running = pool.submit(script_job(body(code)), text.append)
    import threading

    threading.Timer(0.5, running.cancel).start()
    result = running.result()
    running.end()
    running.close()
    assert result.error is not None and result.error.code == "cancelled"


def test_no_descriptor_is_left_behind(run: Run) -> None:
    """Long-lived hosts must not lose descriptors with good or bad jobs."""
    run(body("print(1)"))
    before = len(os.listdir("/proc/self/fd"))
    for code in (
        "print(1)",
        "raise ValueError",
        "import os; os._exit(1)",
        "open('a.png', 'wb').write(b'x')",
    ) * 5:
        run(body(code))
    assert len(os.listdir("/proc/self/fd")) == before


def test_usage_is_measured(run: Run) -> None:
    """R-3.5: CPU and wall time and peak memory are kept with every node run."""
    usage = run(body("import time\nx = bytearray(100_000_000)\ntime.sleep(0.3)")).end.usage
    assert usage["wall_seconds"] >= 0.3
    assert usage["cpu_seconds"] > 0
    assert 90e6 < usage["peak_memory_bytes"] < 130e6


def test_peak_memory_is_that_of_the_job_alone(run: Run) -> None:
    """Issue 3 (4): not the libraries' code; and what lives for a moment between two samples counts."""
    assert run(body("pass")).end.usage["peak_memory_bytes"] < 10e6
    brief = run(body("import numpy\nx = numpy.ones(25_000_000)\ndel x")).end.usage
    assert 190e6 < brief["peak_memory_bytes"] < 230e6


def test_a_job_cannot_claim_more_memory_than_the_kernel_saw(run: Run) -> None:
    """R-6.3: the job's own figure is believed up to its highest resident size."""
    code = "import os\nfor n in range(3, 100):\n    try: os.write(n, b'\\npeak-memory-bytes 999999999999999\\n')\n"
    code += "    except OSError: pass"
    assert run(body(code)).end.usage["peak_memory_bytes"] < 1e9
