"""Says why a job ended without a result, in words and with figures."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Mapping
from typing import Any

from studiolo.domain.limits import Limits
from studiolo.errors import Where, WorkerError
from studiolo.worker.whereabouts import Place
from studiolo_child.walls import BROKE_OFF, NEVER_BEGAN

MIB = 1 << 20
BLOCK_SLACK = 2 * MIB  # a file takes whole pages, which may be huge ones
CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)


def error_of_end(facts: Mapping[str, Any], limits: Limits, place: Place | None = None) -> WorkerError:
    """Give the error for what the zygote told of a job that said nothing itself.

    Args:
        facts: `ended_by`, `signal`, `exit_code`, `wall_seconds`, `cpu_seconds`, `peak_memory_bytes`, `input_bytes`,
            `disk_bytes` and `files`, as far as they are known; or only `lost`.
        limits: of the job.
        place: the author's line that it was at, where that is known.
    """
    error = _of_loss(facts) or _of_limit(facts, limits) or _of_process(facts)
    if place is not None and error.code not in ("cancelled", "worker-lost"):
        error.where = Where(file=place.file, line=place.line)
        error.traceback = place.stack
    return error


def output_too_large(name: str, size: int, limits: Limits) -> WorkerError:
    """Give the error for an output of more bytes than the limit."""
    return WorkerError(
        "output-too-large",
        f"The output {name} has {_mib_text(size)} MiB; {limits.output_mb} MiB are allowed.",
        "Return fewer rows or columns, or raise `limits: {output_mb: …}` of the node.",
        Where(port=name),
        used=_mib(size),
        allowed=limits.output_mb,
        limit="output_mb",
    )


def outgrown(outputs: Mapping[str, int], limits: Limits) -> WorkerError | None:
    """Give the error for an output that takes more memory than it may while the job still writes it, or None.

    The kernel lets a job's files grow to the larger of its disk and its output limit, and the memory of outputs
    counts as nobody's: so somebody has to look.

    Args:
        outputs: output to the memfd that the job writes.
        limits: of the job.
    """
    for name, descriptor in outputs.items():
        size = os.fstat(descriptor).st_blocks * 512
        if size > limits.output_mb * MIB + BLOCK_SLACK:
            return output_too_large(name, size, limits)
    return None


def peak_memory(facts: Mapping[str, Any], claimed: int) -> int:
    """Give the most memory that a job took, in bytes.

    The samples of the watcher sum up all processes of a job, but may miss what lives between two of them. What
    the job's own process says at its end sees that; it may lie, so no more of it is believed than the kernel
    counted for the process, pages of files included.

    Args:
        facts: `peak_memory_bytes` of the watcher, `highest_resident_bytes` of the kernel (`ru_maxrss`).
        claimed: what the job said.
    """
    sampled = int(facts.get("peak_memory_bytes", 0))
    return max(sampled, min(claimed, int(facts.get("highest_resident_bytes", 0))))


def _of_loss(facts: Mapping[str, Any]) -> WorkerError | None:
    if "lost" in facts:
        return WorkerError(
            "worker-lost",
            f"The worker was lost: {facts['lost']}.",
            "Run it again; nothing was kept of the attempt.",
        )
    if facts.get("exit_code") == NEVER_BEGAN:
        return WorkerError(
            "worker-lost",
            "The worker could not begin: a wall of its jail or a limit could not be set.",
            "Run it again; if it stays, look at the node's limits and at what `studiolo doctor` says.",
        )
    if facts.get("ended_by") == "cancelled":
        return WorkerError("cancelled", "The job was cancelled.")
    return None


def _of_limit(facts: Mapping[str, Any], limits: Limits) -> WorkerError | None:
    """Give the error for the limit that the job was killed for, or None."""
    ended_by, number = facts.get("ended_by"), facts.get("signal")
    wall, cpu = facts.get("wall_seconds", 0.0), facts.get("cpu_seconds", 0.0)
    memory = int(facts.get("peak_memory_bytes", 0)) - int(facts.get("input_bytes", 0))
    if ended_by == "disk-full":
        return _disk_full(facts, limits)
    if ended_by == "wall-limit":
        return _used_up(
            "wall-limit",
            f"The job was still at work after {wall:.1f} s; {limits.wall_seconds} s are allowed.",
            "Look for something that waits for ever",
            ("wall_seconds", round(wall, 3), limits.wall_seconds),
        )
    # The kernel kills by itself too: at the end of CPU time, and when the machine has no memory left.
    is_killed = number == signal.SIGKILL and ended_by is None
    if number == signal.SIGXCPU:
        cpu = max(
            cpu, limits.cpu_seconds
        )  # the kernel's limit counts in ticks, what it tells afterwards is exact
    if ended_by == "cpu-limit" or number == signal.SIGXCPU or (is_killed and cpu >= limits.cpu_seconds):
        return _used_up(
            "cpu-limit",
            f"The job used {cpu:.1f} s of CPU time; {limits.cpu_seconds} s are allowed.",
            "Look for a loop that does not end",
            ("cpu_seconds", round(cpu, 3), limits.cpu_seconds),
        )
    if ended_by == "out-of-memory" or (is_killed and memory >= limits.memory_mb * MIB):
        return _used_up(
            "out-of-memory",
            f"The job took {_mib_text(memory)} MiB of memory; {limits.memory_mb} MiB are allowed beside its inputs.",
            "Work on fewer rows or columns at once",
            ("memory_mb", _mib(memory), limits.memory_mb),
        )
    return None


def _disk_full(facts: Mapping[str, Any], limits: Limits) -> WorkerError:
    files, size = int(facts.get("files", 0)), int(facts.get("disk_bytes", 0))
    if files > limits.files:
        return _used_up(
            "disk-full",
            f"The job made {files} files and folders; {limits.files} are allowed.",
            "Write fewer files",
            ("files", files, limits.files),
        )
    return _used_up(
        "disk-full",
        f"The job wrote {_mib_text(size)} MiB to its disk; {limits.disk_mb} MiB are allowed.",
        "Write less",
        ("disk_mb", _mib(size), limits.disk_mb),
    )


def _used_up(code: str, summary: str, advice: str, figures: tuple[str, float, float]) -> WorkerError:
    limit, used, allowed = figures
    hint = f"{advice}, or raise `limits: {{{limit}: …}}` of the node."
    return WorkerError(code, summary, hint, used=used, allowed=allowed, limit=limit)


def _of_process(facts: Mapping[str, Any]) -> WorkerError:
    """Give the error for a process that ended itself, or that a signal of no limit killed."""
    number, code = facts.get("signal"), facts.get("exit_code")
    if number is not None:
        return _killed(number)
    if code == BROKE_OFF:
        return WorkerError(
            "exited",
            "The job's process broke off after the script, before its result was there.",
            "Look for code that closes file descriptors which it did not open.",
            exit_code=code,
        )
    return WorkerError(
        "exited",
        f"The script ended its process (exit status {code}) instead of returning.",
        "Return from azureml_main; do not call os._exit.",
        exit_code=code,
    )


def _killed(number: int) -> WorkerError:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if number == signal.SIGSYS:
        hint = "The script made a system call that no script needs; see docs on the jail."
    elif number == signal.SIGBUS:
        hint = (
            "A compiled library crashed, or the job's disk was full under a mapped file or shared memory: then "
            "raise `limits: {disk_mb: …}` of the node."
        )
    elif number in CRASHES:
        hint = (
            "A compiled library crashed. Usual causes: a broken package, a wrong call by ctypes, "
            "too deep a recursion in C code."
        )
    else:
        hint = "The script, or a library it calls, killed its own process; or the machine had no memory left."
    return WorkerError("killed", f"The job was killed by {name}.", hint, signal=name)


def _mib(size: int) -> float:
    """Give bytes as MiB with one decimal, rounded up, so that what exceeds a limit is seen to."""
    return math.ceil(size * 10 / MIB) / 10


def _mib_text(size: int) -> str:
    mib = _mib(size)
    return f"{mib:.1f}" if mib < 100 and mib != int(mib) else f"{math.ceil(mib)}"
