"""What the zygote tells of a job's end becomes one error, with figures and the key to raise."""

from __future__ import annotations

import os
import signal

import pytest

from studiolo.domain.limits import Limits
from studiolo.worker.endings import error_of_end, outgrown, peak_memory
from studiolo.worker.whereabouts import Place

LIMITS = Limits(memory_mb=100, cpu_seconds=10, wall_seconds=20, disk_mb=8, files=50, output_mb=1)
MIB = 1 << 20


@pytest.mark.parametrize(
    ("facts", "code", "used", "allowed", "limit"),
    [
        ({"ended_by": "out-of-memory", "peak_memory_bytes": 150 * MIB}, "out-of-memory", 150, 100, "memory_mb"),
        (
            {"ended_by": "out-of-memory", "peak_memory_bytes": 150 * MIB, "input_bytes": 40 * MIB},
            "out-of-memory", 110, 100, "memory_mb",
        ),
        ({"signal": 9, "peak_memory_bytes": 101 * MIB}, "out-of-memory", 101, 100, "memory_mb"),
        ({"ended_by": "cpu-limit", "cpu_seconds": 10.25}, "cpu-limit", 10.25, 10, "cpu_seconds"),
        ({"signal": signal.SIGXCPU, "cpu_seconds": 9.4}, "cpu-limit", 10, 10, "cpu_seconds"),
        ({"signal": 9, "cpu_seconds": 11.0}, "cpu-limit", 11, 10, "cpu_seconds"),
        ({"ended_by": "wall-limit", "wall_seconds": 20.1, "signal": 9}, "wall-limit", 20.1, 20, "wall_seconds"),
        ({"ended_by": "disk-full", "disk_bytes": 9 * MIB, "files": 5}, "disk-full", 9, 8, "disk_mb"),
        ({"ended_by": "disk-full", "disk_bytes": MIB, "files": 51}, "disk-full", 51, 50, "files"),
    ],
)  # fmt: skip
def test_each_limit_has_its_error(
    facts: dict[str, object], code: str, used: float, allowed: int, limit: str
) -> None:
    """Issue 3 (4): used and allowed in the unit of the limit, the key in the hint."""
    error = error_of_end(facts, LIMITS, Place("scripts/a.py", 3, "Stack\n"))
    assert (error.code, error.details) == (code, {"used": used, "allowed": allowed, "limit": limit})
    assert f"`limits: {{{limit}: …}}`" in error.hint
    assert (error.where.file, error.where.line, error.traceback) == ("scripts/a.py", 3, "Stack\n")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"lost": "the pool ended"}, "worker-lost"),
        ({"exit_code": 97}, "worker-lost"),
        ({"exit_code": 96}, "exited"),
        ({"exit_code": 0}, "exited"),
        ({"ended_by": "cancelled", "signal": 9}, "cancelled"),
        ({"signal": 9, "peak_memory_bytes": 5}, "killed"),
        ({"signal": 64}, "killed"),
    ],
)
def test_other_ends_have_theirs(facts: dict[str, object], code: str) -> None:
    """R-6.1: a closed set; a job that was cancelled or never ran has no place."""
    error = error_of_end(facts, LIMITS, Place("scripts/a.py", 3))
    assert error.code == code
    assert (error.where.line is None) == (code in ("cancelled", "worker-lost"))


def test_a_jobs_own_word_of_its_memory_counts_between_samples_and_kernel() -> None:
    """R-6.3: it may lie."""
    facts = {"peak_memory_bytes": 50, "highest_resident_bytes": 300}
    assert [peak_memory(facts, claimed) for claimed in (0, 200, 10**15)] == [50, 200, 300]
    assert peak_memory({}, 10**15) == 0


def test_an_output_is_measured_while_it_is_written() -> None:
    """Attack case 49, own: the memory of an output counts for no process."""
    descriptor = os.memfd_create("output")
    try:
        os.ftruncate(descriptor, 1 << 40)  # takes no memory
        os.write(descriptor, bytes(MIB))
        assert outgrown({"result_dataset": descriptor}, LIMITS) is None
        os.write(descriptor, bytes(4 * MIB))
        error = outgrown({"result_dataset": descriptor}, LIMITS)
        assert error is not None and (error.code, error.details["used"]) == ("output-too-large", 5)
    finally:
        os.close(descriptor)
