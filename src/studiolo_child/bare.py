"""Places for jobs on a machine without namespaces: a private folder each, Landlock and seccomp around the process.

The bare jail of docs/security.md. The job sees the machine's own file system as far as Landlock lets it, can't
fork, signals only itself and has no sockets. The kernel does not limit its folder: the zygote looks.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import os
import signal

from . import boxes, landlock, seccomp, syscalls, watching

FOLDER_VARIABLE = "STUDIOLO_BARE_FOLDER"  # how the launcher names the pool's folder
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
# Not the whole of /proc/self: its net folders show the connections and sockets of the machine.
OWN = tuple(
    "/proc/self/" + name
    for name in "auxv cmdline comm environ fd fdinfo io limits maps smaps smaps_rollup stat statm status".split()
) + ("/proc/cpuinfo", "/proc/meminfo", "/proc/filesystems")


class Box(object):
    """The private folder of one job.

    Attributes:
        work, temporary, matplotlib: folders in it.
        packages: a folder in which files may be executed: none.
    """

    is_bare = True
    packages = None

    def __init__(self, path):
        self.path = path
        self.work, self.temporary = os.path.join(path, "work"), os.path.join(path, "tmp")
        self.matplotlib = os.path.join(self.temporary, "matplotlib")
        self.descriptor = -1
        self._pid = 0
        self._trusted = []

    def enter(self):
        """Nothing to enter: the next fork is born where this process is."""

    def close_in(self, shut):
        """Shut what walls there are around this process, the job's. `shut` is a `walls.Shut`. Raises OSError."""
        syscalls.die_with_parent()
        os.setsid()
        os.chdir(self.work)
        syscalls.set_dumpable(1)  # else /proc/self belongs to root
        syscalls.go_first_when_memory_ends()
        syscalls.drop_capabilities()
        shown = (os.path.join(os.path.dirname(os.path.dirname(self.path)), "matplotlib"),)
        readable = [path for path in shut.readable + shown + OWN if os.path.exists(path)]
        devices = [path for path in DEVICES if os.path.exists(path)]
        landlock.restrict(shut.landlock_version, readable, [self.path], devices)
        if shut.has_seccomp:
            seccomp.install(seccomp.bare_completion(os.getpid()))

    def kept(self):
        """Give the descriptors that the job's process needs until it is closed in: none."""
        return []

    def hold(self, pid, pidfd):
        """Learn which process works in it."""
        self._pid = pid
        self.descriptor = os.dup(pidfd)

    def trust(self, descriptor):
        """Learn of a socket that only the host or the zygote sends on to the job."""
        self._trusted.append(os.fstat(descriptor).st_ino)

    def roots(self):
        """Give the process id above everything of the job."""
        return [self._pid]

    def overrun(self, limits):
        """Give which limit the job has passed that no kernel keeps here, and figures for the host; or None."""
        size, files = limits["disk_mb"] << 20, limits["files"]
        used, count = boxes.usage(self.path, size, files, self._pid, self._trusted)
        if used > size or count > files:
            return "disk-full", {"disk_bytes": used, "files": count}
        threads = watching.count_threads(self._pid)
        if threads > limits["processes"]:
            return "too-many-processes", {"processes": threads}
        return None

    def kill(self):
        """End the job's process; without seccomp it may have left others."""
        if self.descriptor >= 0:
            syscalls.pidfd_kill(self.descriptor)

    def close(self):
        """Remove the folder."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
        boxes.remove(self.path)


class Boxes(object):
    """The zygote's side: makes boxes."""

    is_bare = True

    def __init__(self, folder):
        self._boxes, self._font_lists = os.path.join(folder, "boxes"), os.path.join(folder, "matplotlib")

    @classmethod
    def start(cls, configuration):
        """Begin in the pool's own folder, which the launcher has named in the environment."""
        return cls(os.environ[FOLDER_VARIABLE])

    def place(self, room, grants, gate):
        """Give a new box. Grants can't be given here; the host has refused them.

        Raises:
            OSError: the folder can't be made.
        """
        if grants:
            raise OSError(errno.EPERM, "a bare jail can't give grants")
        box = Box(boxes.make(self._boxes))
        os.mkdir(box.matplotlib, 0o700)
        for name in os.listdir(self._font_lists):
            os.symlink(os.path.join(self._font_lists, name), os.path.join(box.matplotlib, name))
        return box


def end_strays(known):
    """End what jobs have left behind and the kernel has handed to this process; only needed without seccomp.

    Args:
        known: process ids of this process's own children.
    """
    for pid in watching.children_of(os.getpid()):
        if pid not in known:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except OSError:
                pass
