"""Boxes: the private folders of jobs without namespaces, on a file system that others use too.

A pool claims one folder and makes a box in it for each job. Nothing caps a box but whoever looks at it with
`usage`; nothing removes it but `remove`, or `sweep` when its pool has died. Jobs are hostile: trees are walked
without recursion and without following links, in few descriptors. Paths below `/proc/self/fd/N` stand for calls
like openat(2), which Python 2.7 does not offer; every function here needs /proc.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import fcntl
import os
import stat

from . import syscalls

PREFIX = "studiolo-box-"
PARTS = ("work", "tmp", "shm")
OPEN_FOLDERS = 200  # a tree that needs more of them at once is hostile
ATTEMPTS = 100
_O_PATH, _O_CLOEXEC = 0o10000000, 0o2000000
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | _O_CLOEXEC
_DELETED = b" (deleted)"
_PF_EXITING = 0x4


def parent_folder(candidates, wanted_bytes):
    """Give the first folder of `candidates` that can be written and has so much room, else the roomiest one.

    Raises:
        OSError: none can be written.
    """
    usable = [path for path in candidates if os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK)]
    if not usable:
        raise OSError(errno.EACCES, "no folder for boxes can be written")
    rooms = [(free_bytes(path), path) for path in usable]
    for room, path in rooms:
        if room >= wanted_bytes:
            return path
    return max(rooms)[1]


def free_bytes(path):
    """Give how much can still be written to the file system of `path`."""
    facts = os.statvfs(path)
    return facts.f_bavail * facts.f_frsize


def claim(parent):
    """Make a pool's own folder in `parent`; give its real path and the descriptor that holds it.

    As long as a copy of the descriptor is open anywhere, `sweep` leaves the folder alone. It is closed by exec.

    Raises:
        OSError: the folder can't be made.
    """
    parent = os.path.realpath(parent)
    for _ in range(ATTEMPTS):
        path = os.path.join(parent, PREFIX + _random_name())
        os.mkdir(path, 0o700)
        try:
            descriptor = os.open(path, _OPEN_FOLDER)
        except OSError as error:
            if error.errno == errno.ENOENT:  # swept away between the two calls
                continue
            raise
        if _lock(descriptor) and _is_same(path, descriptor):
            return path, descriptor
        os.close(descriptor)
    raise OSError(errno.EEXIST, "each folder for boxes was swept away while it was made")


def make(folder):
    """Make an empty box with the folders of `PARTS` in a claimed folder, and give its path.

    Raises:
        OSError: it can't be made.
    """
    path = os.path.join(folder, _random_name())
    os.mkdir(path, 0o700)
    for name in PARTS:
        os.mkdir(os.path.join(path, name), 0o700)
    return path


def usage(path, most_bytes, most_files, pid=None, trusted=()):
    """Give `(bytes, files)` that a box takes on its file system; folders and links count as files too.

    Stops as soon as a limit is exceeded. What can't be measured counts as more than the limit: a tree with too
    many open branches, a file that is only reachable through a mapping or a message on its way.

    Args:
        path: what `make` gave.
        most_bytes: limit.
        most_files: limit.
        pid: of the job's process: its files without a name count too.
        trusted: inodes of sockets that only the host and the zygote send descriptors on.

    Raises:
        OSError: there is no such box.
    """
    count = _Count(most_bytes, most_files)
    _count_tree(path, count)
    if pid is not None and not count.is_over:
        names = set(b"socket:[" + ("%d]" % inode).encode("ascii") for inode in trusted)
        _count_nameless(pid, syscalls.path_bytes(path) + b"/", count, names)
    return count.bytes, count.files


def remove(path):
    """Remove a box or any other tree. Nobody may write to it any more. One that is not there is no error.

    Folders are moved up before they are emptied, so that depth costs neither descriptors nor stack.

    Raises:
        OSError: something can't be removed.
    """
    try:
        top = _open_usable(syscalls.path_bytes(path))
    except OSError as error:
        if error.errno == errno.ENOENT:
            return
        raise
    try:
        prefix = _random_name().encode("ascii")
        moved = 0
        waiting = _unlink_files(top)
        while waiting:
            name = waiting.pop()
            folder = _open_usable(_below(top, name))
            try:
                for inner in _unlink_files(folder):
                    moved += 1
                    target = prefix + b"%d" % moved
                    os.close(
                        _open_usable(_below(folder, inner))
                    )  # moving a folder needs the right to write it
                    os.rename(_below(folder, inner), _below(top, target))
                    waiting.append(target)
            finally:
                os.close(folder)
            os.rmdir(_below(top, name))
    finally:
        os.close(top)
    os.rmdir(path)


def sweep(parent, owners=()):
    """Remove the folders of pools that have died, and give their number. Never raises for a single folder.

    Args:
        parent: where pools claim theirs; others may write there too.
        owners: users beside this one whose folders are ours.
    """
    removed = 0
    allowed = set(owners) | {os.geteuid()}
    try:
        names = os.listdir(parent)
    except OSError:
        return 0
    for name in names:
        if name.startswith(PREFIX):
            try:
                removed += _sweep_one(os.path.join(parent, name), allowed)
            except OSError:  # another sweeper was faster, or it is not ours to remove
                pass
    return removed


def _sweep_one(path, allowed):
    descriptor = os.open(path, _OPEN_FOLDER)
    try:
        if os.fstat(descriptor).st_uid not in allowed or not _lock(descriptor):
            return 0
        remove(path)
        return 1
    finally:
        os.close(descriptor)


class _Count(object):
    """What was found so far, each file once."""

    def __init__(self, most_bytes, most_files):
        self.most_bytes, self.most_files = most_bytes, most_files
        self.bytes = self.files = 0
        self.seen = set()

    @property
    def is_over(self):
        return self.bytes > self.most_bytes or self.files > self.most_files

    def add(self, facts):
        if not stat.S_ISDIR(facts.st_mode) and facts.st_nlink != 1:
            key = (facts.st_dev, facts.st_ino)
            if key in self.seen:
                return
            self.seen.add(key)
        self.files += 1
        self.bytes += facts.st_blocks * 512
        if stat.S_ISLNK(facts.st_mode):
            self.bytes += facts.st_size

    def give_up(self):
        self.bytes = self.most_bytes + 1


def _count_tree(path, count):
    open_folders = []  # (descriptor, names of folders in it still to be looked at)

    def enter(folder_path):
        descriptor = _open_usable(folder_path)
        waiting = []
        open_folders.append((descriptor, waiting))
        waiting.extend(_count_entries(descriptor, count))

    enter(syscalls.path_bytes(path))
    try:
        while open_folders and not count.is_over:
            descriptor, waiting = open_folders[-1]
            if len(open_folders) > OPEN_FOLDERS:
                count.give_up()
            elif not waiting:
                os.close(open_folders.pop()[0])
            elif len(waiting) == 1:  # its last folder takes its place: a long chain needs two descriptors
                open_folders.pop()
                try:
                    _unless_gone(enter, _below(descriptor, waiting[0]))
                finally:
                    os.close(descriptor)
            else:
                _unless_gone(enter, _below(descriptor, waiting.pop()))
    finally:
        for descriptor, _ in open_folders:
            os.close(descriptor)


def _count_entries(descriptor, count):
    folders = []
    for name in os.listdir(b"/proc/self/fd/%d" % descriptor):
        try:
            facts = os.lstat(_below(descriptor, name))
        except OSError:  # gone meanwhile
            continue
        count.add(facts)
        if count.is_over:
            break
        if stat.S_ISDIR(facts.st_mode):
            folders.append(name)
    return folders


def _unless_gone(act, path):
    try:
        act(path)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            raise


def _count_nameless(pid, prefix, count, trusted):
    """Count what a job has deleted in its box and still holds. A process that has ended holds nothing."""
    process = b"/proc/%d/" % pid
    try:
        device = os.stat(prefix).st_dev
        tables = [process + b"task/" + task + b"/" for task in os.listdir(process + b"task")]
        with open(process + b"maps", "rb") as maps:
            mapped = maps.read()
    except (IOError, OSError):
        return
    held = set()
    for table in tables:
        try:
            numbers = os.listdir(table + b"fd")
        except OSError as error:
            if error.errno == errno.EACCES and not _is_exiting(table):  # it hides itself
                count.give_up()
            continue
        for number in numbers:
            _count_descriptor(table, number, device, held, count, trusted)
    if _DELETED in mapped:
        for line in mapped.splitlines():
            fields = line.split(None, 5)
            is_deleted = len(fields) == 6 and fields[5].startswith(prefix) and fields[5].endswith(_DELETED)
            if is_deleted and int(fields[4]) not in held:
                count.give_up()


def _is_exiting(table):
    """Say whether a thread is at its end: it has let go of its memory, and the kernel shows its files to root only."""
    try:
        with open(table + b"stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return fields[0] in b"ZX" or bool(int(fields[6]) & _PF_EXITING)
    except (IOError, OSError, IndexError, ValueError):  # it has gone
        return True


def _count_descriptor(table, number, device, held, count, trusted):
    """Count a file without a name, once; give up at a socket on which others may be on their way."""
    try:
        facts = os.stat(table + b"fd/" + number)
        if stat.S_ISSOCK(facts.st_mode):
            name = os.readlink(table + b"fd/" + number)
            if name not in trusted and _has_descriptors_on_their_way(table + b"fdinfo/" + number):
                count.give_up()
        elif facts.st_dev == device and facts.st_nlink == 0 and facts.st_ino not in held:
            held.add(facts.st_ino)
            if stat.S_ISREG(facts.st_mode):
                count.add(facts)
    except (IOError, OSError):  # closed meanwhile
        pass


def _has_descriptors_on_their_way(path):
    with open(path, "rb") as info:
        for line in info:
            if line.startswith(b"scm_fds:"):
                return int(line.split()[1]) > 0
    return False


def _unlink_files(descriptor):
    """Unlink everything in a folder but its folders; give the names of those."""
    folders = []
    for name in os.listdir(b"/proc/self/fd/%d" % descriptor):
        try:
            os.unlink(_below(descriptor, name))
        except OSError as error:
            if error.errno == errno.EISDIR:
                folders.append(name)
            elif error.errno != errno.ENOENT:
                raise
    return folders


def _open_usable(path):
    """Open a folder, never through a link, and take all rights to it that its owner can have."""
    reference = os.open(path, _O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | _O_CLOEXEC)
    try:
        shown = b"/proc/self/fd/%d" % reference
        if stat.S_IMODE(os.fstat(reference).st_mode) & 0o700 != 0o700:
            os.chmod(shown, 0o700)
        return os.open(shown, os.O_RDONLY | os.O_DIRECTORY | _O_CLOEXEC)
    finally:
        os.close(reference)


def _below(descriptor, name):
    return b"/proc/self/fd/%d/" % descriptor + name


def _random_name():
    return "".join("%02x" % byte for byte in bytearray(os.urandom(8)))


def _lock(descriptor):
    """Lock a folder for as long as its descriptor lives; False when it is locked already."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (IOError, OSError):  # IOError on Python 2.7
        return False
    return True


def _is_same(path, descriptor):
    try:
        named = os.lstat(path)
    except OSError:
        return False
    opened = os.fstat(descriptor)
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
