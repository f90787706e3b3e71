"""Tells an exception that a used-up limit of the job caused: what was used, what is allowed, which limit to raise.

Figures are in the unit of the limit: MiB for `memory_mb`, `disk_mb` and `output_mb`, a count for `processes` and
`files`. They are taken when the exception has arrived here; what the script's own clean-up gave back before is
not in them.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import linecache
import math
import os
import re
import resource

from . import watching

_FORKING = ("popen_fork.py", "popen_spawn_posix.py", "popen_forkserver.py", "subprocess.py", "forkserver.py")
_NO_MEMORY = re.compile("out of memory|can(no|')t allocate memory|Unable to allocate", re.IGNORECASE)
_LINKS = 5  # of a chain of exceptions
_MIB = 1 << 20
RESERVE = 4 * _MIB  # memory that a job keeps to tell an error with, given back before it is told


def exhausted(error, limits, file=None, text=""):
    """Give the report's error for an exception that a limit of the job caused, or None.

    An exception that came from another one counts, unless the author's own code caught that one: what they raise
    then is theirs.

    Args:
        error: the exception.
        limits: `domain.limits.Limits.to_json()`; None when there are none.
        file: the author's file, as its code objects name it.
        text: what the exception says, in one line.

    Returns:
        kind, code, summary, hint and details; None when no limit has to do with it.
    """
    if not limits:
        return None
    for link in _chain(error, file):
        for find in (_memory, _processes, _disk, _open_files):
            found = find(link, limits)
            if found is not None:
                return _told(found, text)
    return None


def too_large_output(name, limits):
    """Give summary, hint and details for an output that reached the longest file of the job while it was written."""
    allowed = limits["output_mb"]
    used = _rounded(resource.getrlimit(resource.RLIMIT_FSIZE)[0])
    return (
        "The output %s is larger than %s MiB; %d MiB are allowed." % (name, _number(used), allowed),
        HINTS["output_mb"],
        {"used": used, "allowed": allowed, "limit": "output_mb"},
    )


HINTS = {
    "memory_mb": "Work on fewer rows or columns at once, or raise `limits: {memory_mb: ...}` of the node.",
    "processes": "Use fewer processes and threads at once, or raise `limits: {processes: ...}` of the node.",
    "disk_mb": "Write less, or raise `limits: {disk_mb: ...}` of the node.",
    "files": "Write fewer files, or raise `limits: {files: ...}` of the node.",
    "output_mb": "Return fewer rows or columns, or raise `limits: {output_mb: ...}` of the node.",
    None: "Close files when they are read; `with open(...)` does. No limit of the node changes this number.",
}
_SUMMARIES = {
    "memory_mb": "The job asked for more memory than is left of its {allowed} MiB; it had taken {used} MiB",
    "stacks": "The job has no memory for the stack of one more thread; it had taken {used} of its {allowed} MiB",
    "processes": "The job could not start one more process or thread: {used} of {allowed} are running",
    "fewer": "The job could not start one more process or thread; {used} of {allowed} are running now",
    "disk_mb": "The job's disk is full: {used} of {allowed} MiB are used",
    "room": "The job tried to write more than its disk holds; {used} of {allowed} MiB are used now",
    "files": "The job's disk is full: it has {used} of {allowed} files and folders",
    None: "The job could not open one more file: {used} of {allowed} are open",
}


OUT_OF_MEMORY = {  # made beforehand, for when there is no memory to make it
    "kind": "worker",
    "code": "out-of-memory",
    "summary": "The job ran out of memory.",
    "hint": HINTS["memory_mb"],
}


def _told(found, text):
    code, limit, used, allowed, kind = found
    summary = _SUMMARIES[kind].format(used=_number(used), allowed=_number(allowed))
    details = {"used": used, "allowed": allowed}
    if limit is not None:
        details["limit"] = limit
    return {
        "kind": "worker",
        "code": code,
        "summary": "%s (%s)." % (summary, text.rstrip("."))
        if text and kind == "memory_mb"
        else summary + ".",
        "hint": HINTS[limit],
        "details": details,
    }


def _memory(error, limits):
    is_ours = isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM
    if not is_ours and type(error).__name__ in ("ParserError", "RuntimeError", "OutOfMemoryException"):
        is_ours = _NO_MEMORY.search(_text(error)) is not None
    if not is_ours:
        return None
    return "out-of-memory", "memory_mb", memory_in_use(limits), limits["memory_mb"], "memory_mb"


def _processes(error, limits):
    is_thread = isinstance(error, RuntimeError) and "start new thread" in _text(error)
    if not is_thread and getattr(error, "errno", None) != errno.EAGAIN:
        return None
    running, allowed = processes_running(), limits["processes"]
    if not is_thread and running < allowed and not is_fork(error):
        return None
    used = memory_in_use(limits)
    stack = _rounded(resource.getrlimit(resource.RLIMIT_STACK)[0])
    is_short = limits["memory_mb"] - used <= stack + RESERVE / _MIB
    if is_thread and is_short and running != allowed:  # the kernel does not hold everybody to the number
        return "out-of-memory", "memory_mb", used, limits["memory_mb"], "stacks"
    kind = "processes" if running >= allowed else "fewer"
    return "too-many-processes", "processes", running, allowed, kind


def is_fork(error):
    """Say whether an OSError comes from starting a process, by the line that raised it; always no on Python 2.7."""
    link = getattr(error, "__traceback__", None)
    if link is None:
        return False
    while link.tb_next is not None:
        link = link.tb_next
    name = link.tb_frame.f_code.co_filename
    return os.path.basename(name) in _FORKING or "fork" in linecache.getline(name, link.tb_lineno)


def _disk(error, limits):
    if getattr(error, "errno", None) not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return None
    size, used, files = disk()
    if size > limits["disk_mb"] + 1:  # not the job's own: the machine's is full
        return None
    if files >= limits["files"] and used < limits["disk_mb"]:
        return "disk-full", "files", files, limits["files"], "files"
    return "disk-full", "disk_mb", used, limits["disk_mb"], "disk_mb" if used >= limits["disk_mb"] else "room"


def _open_files(error, limits):
    if getattr(error, "errno", None) != errno.EMFILE:
        return None
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return "too-many-files-open", None, allowed, allowed, None


def memory_in_use(limits):
    """Give in MiB the larger of what counts against RLIMIT_DATA now, touched or not, and the peak that was touched.

    The inputs are not in it.
    """
    soft = resource.getrlimit(resource.RLIMIT_DATA)[0]
    if soft == resource.RLIM_INFINITY:
        return 0
    data = 0
    with open("/proc/self/status", "rb") as status:
        for line in status:
            if line.startswith(b"VmData"):
                data = int(line.split()[1]) * 1024
    allowed = limits["memory_mb"] * _MIB
    return _rounded(max(0, allowed - (soft - data), min(allowed, watching.own_peak())))


def processes_running():
    """Give the number of processes and threads of the job, without the first process of its namespace.

    In a jail without namespaces a job is one process and may see no other.
    """
    count = 0
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
    except OSError:
        names = ["self"]
    for name in names:
        try:
            with open("/proc/%s/stat" % name, "rb") as stat:
                count += int(stat.read().rpartition(b")")[2].split()[17])
        except (IOError, OSError, IndexError):  # it has ended
            pass
    return count


def disk():
    """Give MiB in all and in use, and files and folders in use, where the job may write."""
    facts = os.statvfs(os.environ.get("TMPDIR") or ".")
    used = (facts.f_blocks - facts.f_bfree) * facts.f_frsize
    return _rounded(facts.f_blocks * facts.f_frsize), _rounded(used), facts.f_files - facts.f_ffree


def _chain(error, file):
    """Give an exception and those it came from that the author's code did not catch."""
    links = [error]
    while len(links) < _LINKS:
        error = links[-1]
        before = getattr(error, "__cause__", None)
        if before is None and not getattr(error, "__suppress_context__", False):
            before = getattr(error, "__context__", None)
        if before is None or any(link is before for link in links):
            break
        caught_in = getattr(before, "__traceback__", None)
        if caught_in is not None and caught_in.tb_frame.f_code.co_filename == file:
            break
        links.append(before)
    return links


def _rounded(size):
    """Give bytes as MiB with one decimal, rounded up, so that what exceeds a limit is seen to."""
    mib = math.ceil(size * 10.0 / _MIB) / 10.0
    return int(mib) if mib == int(mib) else mib


def _number(value):
    return "%d" % math.ceil(value) if value == int(value) or value >= 100 else "%.1f" % value


def _text(error):
    try:
        return "%s" % (error,)
    except Exception:  # the script's own class
        return ""
