"""Reads from /proc what the processes of a job take, and prepares the zygote's heap for forking."""

from __future__ import absolute_import, division, print_function, unicode_literals

import ctypes
import os

from . import syscalls

_MADV_COLLAPSE = 25
_HUGE_PAGE = 1 << 21
_PAGE = os.sysconf(str("SC_PAGE_SIZE"))
_own = {"base": 0}
FREE_DESCRIPTORS = 64  # each one more may be a socket or pipe full of memory that belongs to no process
FREE_TABLES = 4 << 20  # page tables; many more mean wide mappings of which nothing else is counted
SOCKET_BYTES = 208 << 10  # what the kernel lets wait in a socket (net.core.wmem_default)
_TICKS = os.sysconf(str("SC_CLK_TCK"))


class Usage(object):
    """What the processes of one job take, over its whole life.

    Attributes:
        memory: bytes at the last look. Anonymous memory is counted above what a child inherits from the zygote.
        peak: the most of it at any look.
        cpu: seconds, of ended processes too: those that a parent waited for are in its own figures, and what was
            seen of others before they ended is kept.
    """

    def __init__(self):
        self.memory = self.peak = 0
        self.cpu = 0.0
        self._seen = {}  # process id to the CPU seconds of its own

    def look(self, roots, base_bytes, limit_bytes):
        """Look at all processes below `roots`.

        Pages shared between the job's own processes are counted once for each in the quick sum; only when that
        exceeds `limit_bytes` the proportional, slower one decides.
        """
        members = _tree(roots)
        memory = shared = held = 0
        with_waited = 0.0
        for pid, fields in members:
            ticks = [int(field) for field in fields[11:15]]
            with_waited += sum(ticks) / _TICKS
            self._seen[pid] = max(self._seen.get(pid, 0.0), sum(ticks[:2]) / _TICKS)
            anonymous, shm, tables = _resident(pid)
            memory += max(0, anonymous - base_bytes)
            held += max(0, tables - FREE_TABLES)
            shared += shm
            held += max(0, _count_descriptors(pid) - FREE_DESCRIPTORS) * SOCKET_BYTES
        if memory + shared > limit_bytes:
            exact = [_sizes(pid, ("Pss_Anon", "Pss_Shmem"), "smaps_rollup") for pid, _ in members]
            memory = min(memory, sum(sizes["Pss_Anon"] for sizes in exact))
            shared = min(shared, sum(sizes["Pss_Shmem"] for sizes in exact))
        self.memory = memory + shared + held
        self.peak = max(self.peak, self.memory)
        self.cpu = max(self.cpu, with_waited, sum(self._seen.values()))


def _count_descriptors(pid):
    try:
        return len(os.listdir("/proc/%s/fd" % pid))
    except OSError:
        return 0


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


def count_threads(pid):
    """Give the number of threads of a process; 0 when it has ended."""
    try:
        return len(os.listdir("/proc/%s/task" % pid))
    except OSError:
        return 0


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
    sizes = _sizes(pid, ("RssAnon", "RssShmem", "VmPTE"))
    return sizes["RssAnon"], sizes["RssShmem"], sizes["VmPTE"]


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
