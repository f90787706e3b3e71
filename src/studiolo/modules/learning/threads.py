"""How many threads a learner may use: those of the processors that this process may run on."""

from __future__ import annotations

import os

MOST_THREADS = 16


def thread_count() -> int:
    """Give the number of processors of this process, which a jail may have narrowed; never more than 16."""
    allowed = getattr(os, "sched_getaffinity", None)
    count = len(allowed(0)) if allowed is not None else os.cpu_count() or 1
    return max(1, min(count, MOST_THREADS))
