"""Limits that people understand: each ends the job with its own error, and the pool goes on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from studiolo.worker.pool import Pool

from .conftest import SMALL, Outcome, run_job, script_job
from .test_jail import body

Run = Callable[..., Outcome]


@pytest.mark.parametrize(
    ("code", "limits", "expected"),
    [
        (
            "x = []\nwhile True: x.append(bytearray(10_000_000))",
            {"memory_mb": 200},
            {"script-raised", "out-of-memory"},
        ),
        ("while True: pass", {"cpu_seconds": 1}, {"cpu-limit"}),
        ("import time; time.sleep(60)", {"wall_seconds": 1}, {"wall-limit"}),
        ("import os; os._exit(3)", {}, {"exited"}),
        ("import os; os.kill(os.getpid(), 11)", {}, {"killed"}),
        ("import os; os.kill(os.getpid(), 9)", {}, {"killed"}),
        ("import sys; sys.exit(2)", {}, {"script-exited"}),
        ("def f(n): return f(n + 1)\nf(0)", {}, {"script-raised"}),
        (
            "with open('big', 'wb') as f:\n    while True: f.write(b'x' * 1_000_000)",
            {"disk_mb": 512},
            {"script-raised"},
        ),
        (
            "import pandas as pd, numpy as np\nreturn pd.DataFrame({'a': np.zeros(2_000_000)})",
            {"output_mb": 8},
            None,
        ),
    ],
)
def test_each_limit_has_its_own_error(
    run: Run, code: str, limits: dict[str, int], expected: set[str] | None
) -> None:
    """R-6.1: the error names what was used up; and the next job works."""
    outcome = run(body(code), limits=replace(SMALL, **limits))
    assert outcome.result.error is not None
    if expected is not None:
        assert outcome.code in expected, outcome.result.error
    assert outcome.result.error.hint or outcome.code == "script-raised"
    assert run(body("print('fine')")).log == "fine\n"


def test_a_fork_bomb_stays_within_its_processes(run: Run) -> None:
    """R-6.1: RLIMIT_NPROC counts per job; every process of the bomb is gone at the end."""
    code = "import os, time\ntry:\n    while True:\n        if os.fork() == 0: time.sleep(60); os._exit(0)\n"
    code += "except BlockingIOError:\n    print('refused')"
    outcome = run(body(code), limits=replace(SMALL, processes=20, wall_seconds=10))
    assert outcome.log.endswith("refused\n")


def test_shared_memory_that_no_process_limit_counts_is_seen(run: Run) -> None:
    """facts/sandbox-attacks.md 46: shared anonymous maps escape RLIMIT_DATA; the watcher ends the job."""
    code = "import mmap\nkept = []\nwhile True:\n    m = mmap.mmap(-1, 1 << 24)\n"
    code += "    m.write(b'x' * (1 << 24)); kept.append(m)"
    outcome = run(body(code), limits=replace(SMALL, memory_mb=300))
    assert outcome.code in ("out-of-memory", "script-raised")


def test_an_endless_log_is_bounded_and_says_so(run: Run) -> None:
    """R-1.8: 1 MiB is kept by default, the middle is cut, and the job still ends."""
    outcome = run(body("for i in range(20_000): print('x' * 10_000)\nprint('the end')"))
    assert outcome.code is None
    assert len(outcome.end.log) < (1 << 20) + 200
    assert b"bytes of output cut here" in outcome.end.log and outcome.log.endswith("the end\n")


def test_the_log_streams_while_the_job_runs(pool: Pool) -> None:
    """R-1.8: text can be seen before the job ends."""
    seen: list[tuple[float, bytes]] = []
    code = body("import time\nprint('first')\ntime.sleep(1)\nprint('second')")
    began = time.monotonic()
    run_job(pool, script_job(code), lambda text: seen.append((time.monotonic() - began, text)))
    ended = time.monotonic() - began
    assert seen[0][1].startswith(b"first")
    assert ended - seen[0][0] > 0.5


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
    code = (
        "import time\nx = bytearray(100_000_000)\nfor i in range(0, len(x), 4096): x[i] = 1\ntime.sleep(0.3)"
    )
    usage = run(body(code)).end.usage
    assert usage["wall_seconds"] >= 0.3
    assert usage["cpu_seconds"] > 0
    assert usage["peak_memory_bytes"] > 90_000_000
