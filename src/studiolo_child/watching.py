"""Reads from /proc what the processes of a job take, and prepares the zygote's heap for forking."""

from __future__ import absolute_import, division, print_function, unicode_literals

import ctypes
import os

from . import syscalls

_MADV_COLLAPSE = 25
_HUGE_PAGE = 1 << 21
_PAGE = os.sysconf(str("SC_PAGE_SIZE"))
_own = {"base": 0}
_TICKS = os.sysconf(str("SC_CLK_TCK"))


def usage(roots, base_bytes, limit_bytes):
    """Give `(memory in bytes, CPU in seconds)` of a job, summed over its processes.

    Anonymous memory is counted above what a child inherits from the zygote (`base_bytes`). Pages shared
    between the job's own processes are counted once for each in the quick sum; only when that exceeds
    `limit_bytes` the proportional, slower one decides.
    """
    members = _tree(roots)
    cpu = 0
    memory = shared = 0
    for pid, fields in members:
        cpu += sum(int(field) for field in fields[11:15]) / _TICKS
        anonymous, shm = _resident(pid)
        memory += max(0, anonymous - base_bytes)
        shared += shm
    if memory + shared > limit_bytes:
        exact = [_sizes(pid, ("Pss_Anon", "Pss_Shmem"), "smaps_rollup") for pid, _ in members]
        memory = min(memory, sum(sizes["Pss_Anon"] for sizes in exact))
        shared = min(shared, sum(sizes["Pss_Shmem"] for sizes in exact))
    return memory + shared, cpu


def anonymous_bytes(pid):
    """Give the resident anonymous memory of a process in bytes."""
    return _resident(pid)[0]


def remember_base():
    """Note what anonymous memory this process has before its job; `own_peak` counts from there."""
    with open("/proc/self/statm") as statm:
        _, resident, shared = statm.read().split()[:3]
    _own["base"] = (int(resident) - int(shared)) * _PAGE


def own_peak(input_bytes=None):
    """Give the most memory of its own that this process has had at once, in bytes; it may have been more.

    The kernel keeps the highest resident size (VmHWM), which also sees what lived between two samples of
    `usage`. That counts pages of mapped files too, most of them code of libraries; so those mapped now, the
    inputs, which may have been mapped then, and what the process had before its job are taken off.

    Args:
        input_bytes: size of the job's inputs; None while they are still mapped.
    """
    sizes = _sizes("self", ("VmHWM", "RssFile", "RssShmem"))
    inputs = sizes["RssShmem"] if input_bytes is None else input_bytes
    return max(0, sizes["VmHWM"] - sizes["RssFile"] - inputs - _own["base"])


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


def children_of(pid):
    """Give the ids of the processes whose parent is `pid`."""
    return [member for member, fields in _tree([pid]) if int(fields[1]) == pid]


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


def pid_of(pidfd):
    """Give the process id behind a pidfd as this process sees it; 0 when it has ended."""
    try:
        with open("/proc/self/fdinfo/%d" % pidfd) as info:
            for line in info:
                if line.startswith("Pid:"):
                    return int(line.split()[1])
    except (IOError, OSError):
        pass
    return 0


def _resident(pid):
    sizes = _sizes(pid, ("RssAnon", "RssShmem"))
    return sizes["RssAnon"], sizes["RssShmem"]


def _sizes(pid, names, file="status"):
    """Give sizes of a file of /proc/PID in bytes, in the order in which they stand there; 0 for what is missing."""
    sizes = dict.fromkeys(names, 0)
    try:
        with open("/proc/%s/%s" % (pid, file)) as lines:
            for line in lines:
                name = line.partition(":")[0]
                if name in sizes:
                    sizes[name] = int(line.split()[1]) * 1024
                    if name == names[-1]:
                        break
    except (IOError, OSError):
        pass
    return sizes
