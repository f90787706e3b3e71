"""The system-call filter of a job: what namespaces do not confine is refused here.

A deny list in classic BPF, assembled by hand so that no library is needed inside old environments. Refused
calls fail with EPERM and the job goes on; a foreign calling convention (i386, x32) kills it; numbers newer
than the table fail with ENOSYS so that libraries fall back. Sources: Linux `seccomp(2)`, `struct seccomp_data`;
call numbers of x86_64. Other machines have no table yet: `program` raises `UnsupportedMachine`.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import ctypes
import errno
import struct

from . import syscalls

_LOAD, _EQUAL, _GREATER, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_ARCHITECTURE, _NUMBER, _ARGUMENTS = 4, 0, 16  # offsets in struct seccomp_data
_X86_64, _X32_BIT = 0xC000003E, 0x3FFFFFFF
_NEWEST_KNOWN = 450

_DENIED = {
    # mounts and namespaces
    "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
    "mount_setattr": 442, "name_to_handle_at": 303, "open_by_handle_at": 304,
    # other processes
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "process_madvise": 440,
    "process_mrelease": 448, "pidfd_getfd": 438, "kcmp": 312, "migrate_pages": 256, "move_pages": 279,
    # memory that no limit counts, and shared objects that outlive a process
    "memfd_secret": 447, "mq_open": 240, "mq_unlink": 241, "mq_timedsend": 242, "mq_timedreceive": 243,
    "mq_notify": 244, "mq_getsetattr": 245, "msgget": 68, "msgsnd": 69, "msgrcv": 70, "msgctl": 71,
    "semget": 64, "semop": 65, "semctl": 66, "semtimedop": 220, "shmget": 29, "shmat": 30, "shmctl": 31,
    "shmdt": 67, "add_key": 248, "request_key": 249, "keyctl": 250,
    # large and young parts of the kernel
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "io_setup": 206, "io_destroy": 207,
    "io_getevents": 208, "io_submit": 209, "io_cancel": 210, "bpf": 321, "perf_event_open": 298,
    "userfaultfd": 323, "fanotify_init": 300, "fanotify_mark": 301, "inotify_init": 253, "inotify_init1": 294,
    "inotify_add_watch": 254, "modify_ldt": 154, "ioperm": 173, "iopl": 172, "lookup_dcookie": 212,
    "mbind": 237, "set_mempolicy": 238, "set_mempolicy_home_node": 450, "quotactl": 179, "quotactl_fd": 443,
    # the machine
    "acct": 163, "adjtimex": 159, "clock_adjtime": 305, "clock_settime": 227, "settimeofday": 164,
    "create_module": 174, "init_module": 175, "finit_module": 313, "delete_module": 176,
    "get_kernel_syms": 177, "query_module": 178, "kexec_load": 246, "kexec_file_load": 320, "reboot": 169,
    "sethostname": 170, "setdomainname": 171, "swapon": 167, "swapoff": 168, "syslog": 103, "vhangup": 153,
    "sysfs": 139, "ustat": 136, "uselib": 134, "_sysctl": 156, "nfsservctl": 180, "afs_syscall": 183,
    "tuxcall": 184, "security": 185, "vserver": 236,
}  # fmt: skip
_CLONE, _CLONE3, _FCNTL, _IOCTL, _MEMFD_CREATE = 56, 435, 72, 16, 319
_MKNOD, _MKNODAT, _PERSONALITY, _SOCKET, _SOCKETPAIR = 133, 259, 135, 41, 53

_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_NEW_NAMESPACE_FLAGS = 0x7E020000 | 0x80  # every CLONE_NEW*, CLONE_NEWTIME included
_S_IFMT, _S_IFCHR, _S_IFBLK = 0xF000, 0x2000, 0x6000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_F_SETLEASE, _F_NOTIFY = 1024, 1026
_QUERY_PERSONALITY = 0xFFFFFFFF


class UnsupportedMachine(Exception):
    """There is no table of call numbers for this machine."""


BUILDING = ("setns", "unshare")  # what the zygote and its children still need to build walls


def program(network=False, building=False):
    """Assemble the filter and give its bytes (`struct sock_filter[]`).

    Args:
        network: allow internet sockets; Unix sockets are always allowed (a network namespace confines them).
        building: leave the calls of `BUILDING` out: the zygote's own filter, which its children inherit and
            complete with `completion()`. Installing a filter costs half a millisecond, inheriting one nothing.

    Raises:
        UnsupportedMachine: not on x86_64.
    """
    if syscalls.MACHINE != "x86_64":
        raise UnsupportedMachine("no seccomp table for %s" % syscalls.MACHINE)
    refuse = _ERRNO | errno.EPERM
    families = [_AF_UNIX] + ([_AF_INET, _AF_INET6] if network else [])
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _X86_64),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_GREATER, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _KILL),
        (_GREATER, 0, 1, _NEWEST_KNOWN),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    for number in (_CLONE3, _MEMFD_CREATE):  # libraries fall back to clone and to files
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    for number in sorted(_DENIED[name] for name in _DENIED if not (building and name in BUILDING)):
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, refuse)]
    steps += _unless_one_of(_SOCKET, 0, families, _ERRNO | errno.EACCES)
    steps += _unless_one_of(_SOCKETPAIR, 0, [_AF_UNIX], _ERRNO | errno.EACCES)
    steps += _when(_CLONE, 0, [(_ANY_BIT, 0, 1, _NEW_NAMESPACE_FLAGS), (_RETURN, 0, 0, refuse)])
    steps += _when_one_of(_IOCTL, 1, [_TIOCSTI, _TIOCLINUX], refuse)
    steps += _when_one_of(_FCNTL, 1, [_F_SETLEASE, _F_NOTIFY], refuse)
    steps += _unless_one_of(_PERSONALITY, 0, [0, _QUERY_PERSONALITY], refuse)
    for number, argument in ((_MKNOD, 1), (_MKNODAT, 2)):
        device = [(_AND, 0, 0, _S_IFMT)] + _return_if_one_of([_S_IFCHR, _S_IFBLK], refuse)
        steps += _when(number, argument, device)
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack(str("=HBBI"), *step) for step in steps)


def completion():
    """Assemble the small filter that refuses the calls of `BUILDING`, on top of `program(building=True)`."""
    steps = [(_LOAD, 0, 0, _NUMBER)]
    for name in BUILDING:
        steps += [(_EQUAL, 0, 1, _DENIED[name]), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack(str("=HBBI"), *step) for step in steps)


def install(filter_bytes):
    """Put the filter on this process and all it will start; it can't be taken off. Raises OSError."""
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    code = ctypes.create_string_buffer(filter_bytes, len(filter_bytes))
    header = struct.pack(str("=H6xQ"), len(filter_bytes) // 8, ctypes.addressof(code))
    holder = ctypes.create_string_buffer(header, len(header))  # addressof() alone keeps nothing alive
    syscalls.prctl(syscalls.PR_SET_SECCOMP, 2, ctypes.addressof(holder))


def _when(number, argument, body):
    """Run `body` on the low half of an argument of call `number`; allow when it falls through."""
    block = [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument)] + body + [(_RETURN, 0, 0, _ALLOW)]
    return [(_EQUAL, 0, len(block), number)] + block


def _return_if_one_of(values, result):
    steps = []
    for value in values:
        steps += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, result)]
    return steps


def _when_one_of(number, argument, values, result):
    return _when(number, argument, _return_if_one_of(values, result))


def _unless_one_of(number, argument, values, result):
    allowed = _return_if_one_of(values, _ALLOW)
    return _when(number, argument, allowed + [(_RETURN, 0, 0, result)])
