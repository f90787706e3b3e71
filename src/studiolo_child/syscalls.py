"""Linux calls that Python does not offer everywhere, by ctypes: namespaces, mounts, capabilities, memfd, pidfd.

Runs on Python 2.7 and 3.6 to 3.14 without any package, so that the same file serves the launcher outside the
jail and the zygote of an old environment inside it. Call numbers: Linux `include/uapi/asm-generic/unistd.h`
and `arch/x86/entry/syscalls/syscall_64.tbl`.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import ctypes
import errno
import os
import platform
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

MACHINE = platform.machine()
_NUMBERS = {
    "x86_64": {"pivot_root": 155, "capget": 125, "capset": 126, "memfd_create": 319, "seccomp": 317},
    "aarch64": {"pivot_root": 41, "capget": 90, "capset": 91, "memfd_create": 279, "seccomp": 277},
}
_COMMON = {  # one number on every architecture since Linux 5
    "pidfd_send_signal": 424,
    "open_tree": 428,
    "pidfd_open": 434,
    "close_range": 436,
    "mount_setattr": 442,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC = 1, 2, 4, 8
OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC = 1, 0o2000000
AT_FDCWD, AT_EMPTY_PATH, AT_RECURSIVE = -100, 0x1000, 0x8000

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 24, 28, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECUREBITS_LOCKED = 0b11101111  # no root magic, no setuid fix-up, no ambient rights; all locked

F_ADD_SEALS = 1033
F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE = 1, 2, 4, 8
ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE


def path_bytes(path):
    """Give a path as the bytes that the kernel takes; None stays None."""
    if path is None or isinstance(path, bytes):
        return path
    return path.encode("utf-8") if str is bytes else os.fsencode(path)


def check(result, what):
    """Give `result`; raise OSError with `what` in its text when it is negative."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (what, os.strerror(number)))
    return result


def call(name, *arguments):
    """Make the system call `name`; integers are passed as C longs. Raises OSError, on other systems too."""
    number = _COMMON.get(name)
    if number is None:
        number = _NUMBERS.get(MACHINE, {}).get(name)
    if number is None or not sys.platform.startswith("linux"):
        raise OSError(errno.ENOSYS, "%s: %s" % (name, os.strerror(errno.ENOSYS)))
    converted = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    return check(libc.syscall(ctypes.c_long(number), *converted), name)


def unshare(flags):
    """Leave the namespaces named by `flags` for new ones."""
    check(libc.unshare(ctypes.c_int(flags)), "unshare(%#x)" % flags)


def setns(descriptor, flags=0):
    """Enter the namespaces behind a namespace file or, with several flags, a pidfd (Linux 5.8)."""
    check(libc.setns(ctypes.c_int(descriptor), ctypes.c_int(flags)), "setns(%#x)" % flags)


def mount(source, target, kind=None, flags=0, data=None):
    """Mount as mount(2) does."""
    check(
        libc.mount(
            path_bytes(source),
            path_bytes(target),
            path_bytes(kind),
            ctypes.c_ulong(flags),
            path_bytes(data),
        ),
        "mount %s on %s" % (source, target),
    )


def unmount(target):
    """Detach a mount at once, whoever still uses it."""
    check(libc.umount2(path_bytes(target), MNT_DETACH), "umount %s" % target)


def pivot_root(new_root, put_old):
    """Make `new_root` the root of this mount namespace and hang the old one at `put_old`."""
    call("pivot_root", path_bytes(new_root), path_bytes(put_old))


def prctl(option, argument=0, third=0):
    """Call prctl(2) with up to two arguments."""
    return check(
        libc.prctl(
            ctypes.c_int(option),
            ctypes.c_ulong(argument),
            ctypes.c_ulong(third),
            ctypes.c_ulong(0),
            ctypes.c_ulong(0),
        ),
        "prctl(%d)" % option,
    )


def make_read_only(path, descriptor=AT_FDCWD, recursive=True, noexec=False):
    """Make a mount read-only, without setuid and device files, its submounts too.

    With `path` empty the mount is the one that `descriptor` (of `open_tree`) stands for. Kernels before 5.12
    have no mount_setattr; there the top mount alone is remounted.
    """
    attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV
    if noexec:
        attributes |= MOUNT_ATTR_NOEXEC
    flags = (AT_RECURSIVE if recursive else 0) | (AT_EMPTY_PATH if not path else 0)
    attr = ctypes.create_string_buffer(struct.pack(str("=QQQQ"), attributes, 0, 0, 0), 32)
    try:
        call("mount_setattr", descriptor, path_bytes(path), flags, attr, 32)
    except OSError as error:
        if error.errno != errno.ENOSYS or not path:
            raise
        mount(None, path, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def open_tree(path):
    """Give a descriptor of a private clone of the mount at `path`, attached nowhere (Linux 5.2)."""
    return call("open_tree", AT_FDCWD, path_bytes(path), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)


def write_text(path, text):
    """Write to an existing file such as those of /proc; never creates it."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode("ascii"))
    finally:
        os.close(descriptor)


def map_ids(outer_uid, outer_gid, inner_uid, inner_gid):
    """Map one user and one group into the user namespace this process has just made."""
    write_text("/proc/self/setgroups", "deny")
    write_text("/proc/self/uid_map", "%d %d 1" % (inner_uid, outer_uid))
    write_text("/proc/self/gid_map", "%d %d 1" % (inner_gid, outer_gid))


def drop_capabilities():
    """Give up every capability for good: bounding set, ambient set, securebits, and all three sets.

    Who has none can't set the first and the third, and with no_new_privs never needs to.
    """
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break
    libc.prctl(PR_CAP_AMBIENT, ctypes.c_ulong(PR_CAP_AMBIENT_CLEAR_ALL), 0, 0, 0)
    try:
        prctl(PR_SET_SECUREBITS, SECUREBITS_LOCKED)
    except OSError as error:
        if error.errno != errno.EPERM or _has_capabilities():
            raise
    header = ctypes.create_string_buffer(struct.pack(str("=Ii"), 0x20080522, 0), 8)
    call("capset", header, ctypes.create_string_buffer(24))


def _has_capabilities():
    header = ctypes.create_string_buffer(struct.pack(str("=Ii"), 0x20080522, 0), 8)
    sets = ctypes.create_string_buffer(24)
    call("capget", header, sets)
    effective, permitted, _, more_effective, more_permitted, _ = struct.unpack(str("=6I"), sets.raw)
    return bool(effective | permitted | more_effective | more_permitted)


def die_with_parent():
    """Ask for SIGKILL when the parent's thread ends. A change of user clears it."""
    prctl(PR_SET_PDEATHSIG, 9)


def set_dumpable(value):
    """Let others of the same user look into this process (1) or not (0)."""
    prctl(PR_SET_DUMPABLE, value)


def go_first_when_memory_ends():
    """Let the kernel end this process before others when the machine is out of memory; it can't be taken back."""
    write_text("/proc/self/oom_score_adj", "1000")


def memfd(name):
    """Give an empty anonymous file that can be sealed."""
    return call("memfd_create", path_bytes(name), 3)  # MFD_CLOEXEC | MFD_ALLOW_SEALING


def pidfd_open(pid):
    """Give a descriptor that stands for a process and becomes readable when it has ended."""
    return call("pidfd_open", pid, 0)


def pidfd_kill(descriptor):
    """Send SIGKILL to the process behind a pidfd; one that has ended is no error."""
    try:
        call("pidfd_send_signal", descriptor, 9, None, 0)
    except OSError as error:
        if error.errno != errno.ESRCH:
            raise


def close_all_except(keep):
    """Close every descriptor from 3 up that is not in `keep`."""
    low = 3
    for descriptor in sorted(keep):
        if descriptor > low:
            _close_range(low, descriptor - 1)
        low = max(low, descriptor + 1)
    _close_range(low, 0x7FFFFFFF)


def _close_range(first, last):
    try:
        call("close_range", first, last, 0)
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.EPERM):
            raise
        for name in os.listdir("/proc/self/fd"):
            if first <= int(name) <= last:
                try:
                    os.close(int(name))
                except OSError:
                    pass
