"""Reads from /proc what the processes of a job take, and prepares the zygote's heap for forking."""

from __future__ import absolute_import, division, print_function, unicode_literals

import ctypes
import os
import time

from . import syscalls

now = getattr(time, "monotonic", time.time)
_MADV_COLLAPSE = 25
_HUGE_PAGE = 1 << 21
_PAGE = os.sysconf(str("SC_PAGE_SIZE"))
_own = {"base": 0}
FREE_TABLES = 4 << 20  # page tables; many more mean wide mappings of which nothing else is counted
FEW_DESCRIPTORS = 16
# Sockets and pipes of a job; each one more may be full of memory that belongs to no process.
FREE_CHANNELS = 64
# What waits in a socket at most: twice net.core.wmem_default; seccomp.py keeps it so.
CHANNEL_BYTES = 416 << 10
# Pages mapped so often that nobody can count them in this time count as often as they are mapped.
LONGEST_LOOK_SECONDS = 1.0
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
        self._exact = (0, 0)  # a quick sum and what it was in truth
        self._exact_again = 0.0

    def look(self, roots, base_bytes, limit_bytes):
        """Look at all processes below `roots`.

        Pages shared between the job's own processes are counted once for each in the quick sum; only when that
        exceeds `limit_bytes` the proportional, slower one decides.
        """
        members = [(_living(pid, fields), pid, fields) for pid, fields in _tree(roots)]
        quick = held = channels = 0
        with_waited = 0.0
        for place, pid, fields in members:
            ticks = [int(field) for field in fields[11:15]]
            with_waited += sum(ticks) / _TICKS
            self._seen[pid] = max(self._seen.get(pid, 0.0), sum(ticks[:2]) / _TICKS)
            sizes = _sizes(place, ("RssAnon", "RssShmem", "VmPTE", "VmSwap"))
            quick += max(0, sizes["RssAnon"] - base_bytes) + sizes["RssShmem"] + sizes["VmSwap"]
            held += max(0, sizes["VmPTE"] - FREE_TABLES)
            channels += _count_channels(place)
        if quick > limit_bytes:
            quick = self._proportional([place for place, _, _ in members], quick)
        self.memory = quick + held + max(0, channels - FREE_CHANNELS) * CHANNEL_BYTES
        self.peak = max(self.peak, self.memory)
        self.cpu = max(self.cpu, with_waited, sum(self._seen.values()))

    def _proportional(self, places, quick):
        """Give the sum with shared pages counted once. What takes long is not read again soon."""
        began = now()
        if began >= self._exact_again:
            names = ("Pss_Anon", "Pss_Shmem", "SwapPss")
            total = sum(sum(_sizes(place, names, "smaps_rollup").values()) for place in places)
            took = now() - began
            self._exact = (quick, quick if took > LONGEST_LOOK_SECONDS else total)
            self._exact_again = now() + 10 * took
        before, exact = self._exact
        return min(quick, exact + max(0, quick - before))


def _living(pid, fields):
    """Give the part of /proc where a process tells its memory: a thread's, when the first one has ended."""
    if fields[0] == b"Z":
        try:
            for task in os.listdir("/proc/%d/task" % pid):
                if task != str(pid):
                    return "%d/task/%s" % (pid, task)
        except OSError:
            pass
    return "%d" % pid


def _count_channels(place):
    """Give the number of sockets, pipes and their like that a process holds, when it holds many descriptors."""
    folder = "/proc/%s/fd/" % place
    try:
        names = os.listdir(folder)
    except OSError:
        return 0
    if len(names) <= FEW_DESCRIPTORS:
        return 0
    count = 0
    for name in names:
        try:
            count += not os.readlink(folder + name).startswith("/")
        except OSError:
            pass
    return count


def anonymous_bytes(pid):
    """Give the resident anonymous memory of a process in bytes."""
    return _sizes(pid, ("RssAnon",))["RssAnon"]


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
            with open("/proc/%s/stat" % name, "rb") as stat:
                text = stat.read()
        except (IOError, OSError):
            continue
        if b")" not in text:  # it has just ended
            continue
        fields = text[text.rindex(b")") + 2 :].split()
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


def _sizes(place, names, file="status"):
    """Give sizes of a file of /proc/PID in bytes, in the order in which they stand there; 0 for what is missing.

    Read as bytes: a process is named by its job, and need not be UTF-8.
    """
    sizes = dict.fromkeys(names, 0)
    try:
        with open("/proc/%s/%s" % (place, file), "rb") as lines:
            for line in lines:
                name = line.partition(b":")[0].decode("latin-1")
                if name in sizes:
                    sizes[name] = int(line.split()[1]) * 1024
                    if name == names[-1]:
                        break
    except (IOError, OSError):
        pass
    return sizes
