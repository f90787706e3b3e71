"""What a request leaves behind in the process that forks for it: undone before the next request, or that process ends.

A request runs in a process of the same account as the one that has loaded the node, so it can write to the same
files, send it signals and set its limits; it shares its open files and shared memory. Nothing of that may reach the
next request. What can be put back is put back; everything else is noticed, and then the node is loaded anew.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import array
import ctypes
import errno
import fcntl
import os
import resource
import signal
import stat
import termios
import time

from . import boxes
from .working_directory import BUNDLE_FOLDER

STRAY_ROUNDS = 200
COMPARED_BYTES = 4 << 20  # files of the box that are kept to compare; longer ones can no longer be written
SHARED_BYTES = 16 << 20  # shared memory that is put back; with more of it the node is loaded anew each time
CLOCK_SECONDS = 0.02  # longer than a tick of the clock in which files are dated
_LIMITS = [getattr(resource, name) for name in dir(resource) if name.startswith("RLIMIT_")]
_ACCESS = 3  # O_ACCMODE, which Python 2 has no name for
_NICE, _POLICY, _REAL_TIME = 16, 38, 37  # in /proc/PID/stat, counted from the state


def end_strays():
    """End every other process of this cell but its init, which is out of reach; they are all of the last request.

    Returns:
        False when one could not be ended.
    """
    for number in range(STRAY_ROUNDS):
        try:
            os.kill(-1, signal.SIGKILL)
        except OSError:  # nobody is left
            return True
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except OSError:
            pass
        time.sleep(0.0001 * number)
    return False


class Before(object):
    """How everything was when the node had been loaded.

    Args:
        folders: that can be written.
        own: descriptors that requests let go of before anything of theirs runs.
    """

    def __init__(self, folders, own):
        self._folders = folders
        self._own = set(own) | {0, 1, 2}
        self._kept = _forbid_writing(folders)
        time.sleep(CLOCK_SECONDS)  # what is changed from now on gets another date
        self._contents = _contents(folders)
        self._shared = [(at, ctypes.string_at(at, size)) for at, size in self._shared_memory()]
        self._limits = _limits()
        self._descriptors = self._open_files()
        self._flags = [fcntl.fcntl(number, fcntl.F_GETFL) for number in (1, 2)]

    def restore(self):
        """Put back what a request has left.

        Returns:
            False when it can't be put back, or might have been changed unseen.
        """
        try:
            for number, flags in zip((1, 2), self._flags):
                fcntl.fcntl(number, fcntl.F_SETFL, flags)
            return (
                self._has_all_in_sight
                and _limits() == self._limits
                and self._put_memory_back()
                and self._put_files_back()
                and self._put_descriptors_back()
            )
        except Exception:  # a tree that was made to be hard to remove
            return False

    def _put_files_back(self):
        for _ in range(2):
            now = _contents(self._folders)
            if now == self._contents:
                return all(_content(path) == data for path, data in self._kept.items())
            for path in sorted(now):
                if path not in self._contents and os.path.lexists(path):
                    if os.path.isdir(path) and not os.path.islink(path):
                        boxes.remove(path)
                    else:
                        os.unlink(path)
        return False

    def _put_descriptors_back(self):
        """Set places and modes of open files as they were: a request shares them."""
        for number, (identity, flags, place, waiting) in self._descriptors.items():
            now = _open_file(number)
            if now[0] != identity or now[3] != waiting:
                return False
            if now[1] != flags:
                fcntl.fcntl(number, fcntl.F_SETFL, flags)
            if now[2] != place:
                os.lseek(number, place, os.SEEK_SET)
        return True

    def _put_memory_back(self):
        for at, data in self._shared:
            if ctypes.string_at(at, len(data)) != data:
                ctypes.memmove(at, data, len(data))
        return True

    def _open_files(self):
        found = {}
        for name in os.listdir("/proc/self/fd"):
            number = int(name)
            if number in self._own:
                continue
            try:
                found[number] = _open_file(number)
            except (IOError, OSError) as error:  # of the listing itself
                if error.errno != errno.EBADF:
                    raise
                continue
            if len(found[number][3]) == COMPARED_BYTES:
                self._has_all_in_sight = False
        return found

    def _shared_memory(self):
        """Give address and length of the mappings through which a request can change what others see."""
        found, self._has_all_in_sight = [], True
        with open("/proc/self/maps") as maps:
            for line in maps:
                span, rights = line.split(None, 2)[:2]
                if rights[1] == "w" and rights[3] == "s":
                    first, last = (int(text, 16) for text in span.split("-"))
                    found.append((first, last - first))
        if sum(size for _, size in found) > SHARED_BYTES:
            found, self._has_all_in_sight = [], False
        return found


def _open_file(number):
    """Give what of an open file a request could change: its identity, flags, place, and bytes that wait in it."""
    facts = os.fstat(number)
    identity = (facts.st_dev, facts.st_ino, stat.S_IFMT(facts.st_mode))
    place, waiting = None, b""
    if stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode):
        place = os.lseek(number, 0, os.SEEK_CUR)
    flags = fcntl.fcntl(number, fcntl.F_GETFL)
    if stat.S_ISREG(facts.st_mode) and flags & _ACCESS:  # a file without a name, say
        identity += (facts.st_size,)
        with os.fdopen(os.open("/proc/self/fd/%d" % number, os.O_RDONLY), "rb") as file:
            waiting = file.read(COMPARED_BYTES)
    elif (stat.S_ISFIFO(facts.st_mode) or stat.S_ISSOCK(facts.st_mode)) and flags & _ACCESS != os.O_WRONLY:
        count = array.array(str("i"), [0])
        fcntl.ioctl(number, termios.FIONREAD, count)
        waiting = str(count[0])
    return identity, flags, place, waiting


def _limits():
    """Give limits and priority of this process, which every process of its account may lower."""
    with open("/proc/self/stat") as file:
        numbers = file.read().rpartition(")")[2].split()
    processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    limits = [resource.getrlimit(which) for which in _LIMITS]
    return limits, processors, [numbers[at] for at in (_NICE, _POLICY, _REAL_TIME)]


def _forbid_writing(folders):
    """Take the right to write from the files of the bundle and from long ones; give the content of the others.

    A file can be written through a mapping without its dates telling; with a mode they tell that it was changed.
    """
    kept, size = {}, 0
    for path, facts in _walk(folders):
        if not stat.S_ISREG(facts.st_mode):
            continue
        size += facts.st_size
        if "/%s/" % BUNDLE_FOLDER in path or size > COMPARED_BYTES:
            os.chmod(path, stat.S_IMODE(facts.st_mode) & ~0o222)
        else:
            kept[path] = _content(path)
    return kept


def _content(path):
    with open(path, "rb") as file:
        return file.read(COMPARED_BYTES)


def _contents(folders):
    """Give path to identity of everything in the box, and of the working directory."""
    found = {}
    for path, facts in _walk(folders):
        found[path] = (facts.st_ino, facts.st_mode, None if stat.S_ISDIR(facts.st_mode) else _of_file(facts))
    here = os.stat(".")
    found[""] = (here.st_dev, here.st_ino, here.st_mode)
    return found


def _walk(folders):
    """Give path and facts of everything below folders."""
    for folder in folders:
        yield folder, os.lstat(folder)
        for place, names, files in os.walk(folder):
            for name in names + files:
                path = os.path.join(place, name)
                try:
                    yield path, os.lstat(path)
                except OSError:
                    continue


def _of_file(facts):
    return facts.st_size, _moments(facts)


def _moments(facts):
    """Give when content and anything at all was changed last; the second can't be set."""
    return (
        getattr(facts, "st_mtime_ns", facts.st_mtime),
        getattr(facts, "st_ctime_ns", facts.st_ctime),
    )
