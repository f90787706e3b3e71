"""Says why a job ended without a result, in words and with figures."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any

from studiolo.domain.limits import Limits
from studiolo.errors import WorkerError
from studiolo_child.walls import NEVER_BEGAN


def error_of_end(facts: Mapping[str, Any], limits: Limits) -> WorkerError:
    """Give the error for what the zygote told of a job that said nothing itself."""
    if "lost" in facts:
        return WorkerError(
            "worker-lost",
            f"The worker was lost: {facts['lost']}.",
            "Run it again; nothing was kept of the attempt.",
        )
    ended_by, number = facts.get("ended_by"), facts.get("signal")
    wall, cpu = facts.get("wall_seconds", 0.0), facts.get("cpu_seconds", 0.0)
    if facts.get("exit_code") == NEVER_BEGAN:
        return WorkerError(
            "worker-lost",
            "The worker could not begin: a wall of its jail or a limit could not be set.",
            "Run it again; if it stays, look at the node's limits and at what `studiolo doctor` says.",
        )
    if ended_by == "cancelled":
        return WorkerError("cancelled", "The job was cancelled.")
    if ended_by == "out-of-memory":
        return _out_of_memory(facts, limits)
    if ended_by == "cpu-limit" or number == signal.SIGXCPU:
        return WorkerError(
            "cpu-limit",
            f"The job used {cpu:.0f} s of CPU time; {limits.cpu_seconds} s are allowed.",
            "Look for a loop that does not end, or raise `limits: {cpu_seconds: …}` of the node.",
            used=cpu,
            allowed=limits.cpu_seconds,
        )
    if ended_by == "wall-limit":
        return WorkerError(
            "wall-limit",
            f"The job ran for {wall:.0f} s; {limits.wall_seconds} s are allowed.",
            "Look for something that waits for ever, or raise `limits: {wall_seconds: …}` of the node.",
            used=wall,
            allowed=limits.wall_seconds,
        )
    if number is not None:
        return _killed(number, facts, limits)
    return WorkerError(
        "exited",
        f"The script ended its process (exit status {facts.get('exit_code')}) instead of returning.",
        "Return from azureml_main; do not call os._exit.",
        exit_code=facts.get("exit_code"),
    )


def _out_of_memory(facts: Mapping[str, Any], limits: Limits) -> WorkerError:
    peak = int(facts.get("peak_memory_bytes", 0)) >> 20
    return WorkerError(
        "out-of-memory",
        f"The job took {peak} MiB of memory; {limits.memory_mb} MiB are allowed beside its inputs.",
        "Work on fewer rows or columns at once, or raise `limits: {memory_mb: …}` of the node.",
        used=peak,
        allowed=limits.memory_mb,
    )


def _killed(number: int, facts: Mapping[str, Any], limits: Limits) -> WorkerError:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if number == signal.SIGKILL and facts.get("peak_memory_bytes", 0) >= limits.memory_mb << 20:
        return _out_of_memory(facts, limits)
    if number == signal.SIGSYS:
        hint = "The script made a system call that no script needs; see docs on the jail."
    elif number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE):
        hint = (
            "A compiled library crashed. Usual causes: a broken package, too deep a recursion in C code, "
            "a full disk under a mapped file."
        )
    else:
        hint = "The script, or a library it calls, killed its own process."
    return WorkerError("killed", f"The job was killed by {name}.", hint, signal=name)
