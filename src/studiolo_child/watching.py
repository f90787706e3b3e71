"""Reads from /proc what the processes of a job take, and prepares the zygote's heap for forking."""

from __future__ import absolute_import, division, print_function, unicode_literals

import ctypes
import os

from . import syscalls

_MADV_COLLAPSE = 25
_HUGE_PAGE = 1 << 21
_TICKS = os.sysconf(str("SC_CLK_TCK"))


def usage(roots, cell_pidfd, base_bytes, limit_bytes):
    """Give `(memory in bytes, CPU in seconds)` of a job, summed over its processes.

    Anonymous memory is counted above what a child inherits from the zygote (`base_bytes`). Pages shared
    between the job's own processes are counted once for each in the quick sum; only when that exceeds
    `limit_bytes` the proportional, slower one decides.
    """
    members = _tree(roots + [_pid_of(cell_pidfd)])
    cpu = 0
    memory = shared = 0
    for pid, fields in members:
        cpu += sum(int(field) for field in fields[11:15]) / _TICKS
        anonymous, shm = _resident(pid)
        memory += max(0, anonymous - base_bytes)
        shared = max(shared, shm)
    if memory + shared > limit_bytes:
        exact = sum(_proportional(pid) for pid, _ in members)
        memory = max(0, min(memory, exact))
    return memory + shared, cpu


def anonymous_bytes(pid):
    """Give the resident anonymous memory of a process in bytes."""
    return _resident(pid)[0]


def collapse_heap():
    """Gather the heap in huge pages, so that a fork copies fewer page-table entries (Linux 6.1; else nothing)."""
    with open("/proc/self/maps") as maps:
        lines = maps.readlines()
    for line in lines:
        parts = line.split()
        if not parts[1].startswith("rw") or (len(parts) > 5 and parts[5] != "[heap]"):
            continue
        first, last = (int(text, 16) for text in parts[0].split("-"))
        first = (first + _HUGE_PAGE - 1) & ~(_HUGE_PAGE - 1)
        last &= ~(_HUGE_PAGE - 1)
        if last > first:
            syscalls.libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), _MADV_COLLAPSE)


def _tree(roots):
    children = {}
    facts = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name) as stat:
                text = stat.read()
        except (IOError, OSError):
            continue
        fields = text[text.rindex(")") + 2 :].split()
        facts[int(name)] = fields
        children.setdefault(int(fields[1]), []).append(int(name))
    found = []
    waiting = [root for root in roots if root]
    seen = set()
    while waiting:
        pid = waiting.pop()
        if pid in seen:
            continue
        seen.add(pid)
        waiting.extend(children.get(pid, ()))
        if pid in facts:
            found.append((pid, facts[pid]))
    return found


def _pid_of(pidfd):
    try:
        with open("/proc/self/fdinfo/%d" % pidfd) as info:
            for line in info:
                if line.startswith("Pid:"):
                    return int(line.split()[1])
    except (IOError, OSError):
        pass
    return 0


def _resident(pid):
    anonymous = shared = 0
    try:
        with open("/proc/%s/status" % pid) as status:
            for line in status:
                if line.startswith("RssAnon"):
                    anonymous = int(line.split()[1]) * 1024
                elif line.startswith("RssShmem"):
                    shared = int(line.split()[1]) * 1024
                    break
    except (IOError, OSError):
        pass
    return anonymous, shared


def _proportional(pid):
    try:
        with open("/proc/%s/smaps_rollup" % pid) as rollup:
            for line in rollup:
                if line.startswith("Pss_Anon"):
                    return int(line.split()[1]) * 1024
    except (IOError, OSError):
        pass
    return 0
