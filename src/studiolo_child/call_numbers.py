"""The numbers of the system calls that the filters name, for each machine there is a table of.

Sources: Linux `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`. A call that a
machine does not have is named in `_NEVER_THERE`, so that a name that is only misspelt can't pass unseen.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import struct

from . import syscalls

_SINCE_LINUX_5 = {
    "clone3": 435, "fsconfig": 431, "fsmount": 432, "fsopen": 430, "fspick": 433, "io_uring_enter": 426,
    "io_uring_register": 427, "io_uring_setup": 425, "landlock_add_rule": 445, "landlock_create_ruleset": 444,
    "landlock_restrict_self": 446, "memfd_secret": 447, "mount_setattr": 442,
    "move_mount": 429, "open_tree": 428, "pidfd_getfd": 438, "pidfd_open": 434, "pidfd_send_signal": 424,
    "process_madvise": 440, "process_mrelease": 448, "quotactl_fd": 443, "set_mempolicy_home_node": 450,
}  # fmt: skip
_X86_64 = {
    "_sysctl": 156, "acct": 163, "add_key": 248, "adjtimex": 159, "afs_syscall": 183, "bind": 49,
    "bpf": 321, "chmod": 90, "chown": 92, "chroot": 161, "clock_adjtime": 305, "clock_settime": 227,
    "clone": 56, "connect": 42, "create_module": 174, "delete_module": 176, "execve": 59, "execveat": 322,
    "fanotify_init": 300, "fanotify_mark": 301, "fchmod": 91, "fchmodat": 268, "fchown": 93,
    "fchownat": 260, "fcntl": 72, "finit_module": 313, "fork": 57, "fremovexattr": 199, "fsetxattr": 190,
    "futimesat": 261, "get_kernel_syms": 177, "init_module": 175, "inotify_add_watch": 254,
    "inotify_init": 253, "inotify_init1": 294, "io_cancel": 210, "io_destroy": 207, "io_getevents": 208,
    "io_setup": 206, "io_submit": 209, "ioctl": 16, "ioperm": 173, "iopl": 172, "ioprio_set": 251,
    "kcmp": 312, "kexec_file_load": 320, "kexec_load": 246, "keyctl": 250, "kill": 62, "lchown": 94,
    "lookup_dcookie": 212, "lremovexattr": 198, "lsetxattr": 189, "mbind": 237, "memfd_create": 319,
    "migrate_pages": 256, "mmap": 9, "mknod": 133, "mknodat": 259, "modify_ldt": 154, "mount": 165, "move_pages": 279,
    "mq_getsetattr": 245, "mq_notify": 244, "mq_open": 240, "mq_timedreceive": 243, "mq_timedsend": 242,
    "mq_unlink": 241, "msgctl": 71, "msgget": 68, "msgrcv": 70, "msgsnd": 69, "name_to_handle_at": 303,
    "nfsservctl": 180, "open_by_handle_at": 304, "perf_event_open": 298, "personality": 135,
    "pivot_root": 155, "prctl": 157, "prlimit64": 302, "process_vm_readv": 310, "process_vm_writev": 311, "ptrace": 101,
    "query_module": 178, "quotactl": 179, "reboot": 169, "removexattr": 197, "request_key": 249,
    "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "sched_setaffinity": 203, "sched_setattr": 314,
    "sched_setparam": 142, "sched_setscheduler": 144,
    "seccomp": 317, "security": 185, "sendfile": 40, "setsockopt": 54, "splice": 275, "tee": 276,
    "semctl": 66, "semget": 64,
    "semop": 65, "semtimedop": 220, "set_mempolicy": 238, "setdomainname": 171, "sethostname": 170,
    "setns": 308, "setpriority": 141, "settimeofday": 164, "setxattr": 188, "shmat": 30, "shmctl": 31,
    "shmdt": 67, "shmget": 29, "socket": 41, "socketpair": 53, "swapoff": 168, "swapon": 167, "sysfs": 139,
    "syslog": 103, "tgkill": 234, "tkill": 200, "tuxcall": 184, "umount2": 166, "unshare": 272,
    "uselib": 134, "userfaultfd": 323, "ustat": 136, "utime": 132, "utimensat": 280, "utimes": 235,
    "vfork": 58, "vhangup": 153, "vmsplice": 278, "vserver": 236,
}  # fmt: skip
_AARCH64 = {
    "acct": 89, "add_key": 217, "adjtimex": 171, "bind": 200, "bpf": 280, "chroot": 51,
    "clock_adjtime": 266, "clock_settime": 112, "clone": 220, "connect": 203, "delete_module": 106,
    "execve": 221, "execveat": 281, "fanotify_init": 262, "fanotify_mark": 263, "fchmod": 52,
    "fchmodat": 53, "fchown": 55, "fchownat": 54, "fcntl": 25, "finit_module": 273, "fremovexattr": 16,
    "fsetxattr": 7, "init_module": 105, "inotify_add_watch": 27, "inotify_init1": 26, "io_cancel": 3,
    "io_destroy": 1, "io_getevents": 4, "io_setup": 0, "io_submit": 2, "ioctl": 29, "ioprio_set": 30,
    "kcmp": 272, "kexec_file_load": 294, "kexec_load": 104, "keyctl": 219, "kill": 129,
    "lookup_dcookie": 18, "lremovexattr": 15, "lsetxattr": 6, "mbind": 235, "memfd_create": 279,
    "migrate_pages": 238, "mmap": 222, "mknodat": 33, "mount": 40, "move_pages": 239, "mq_getsetattr": 185,
    "mq_notify": 184, "mq_open": 180, "mq_timedreceive": 183, "mq_timedsend": 182, "mq_unlink": 181,
    "msgctl": 187, "msgget": 186, "msgrcv": 188, "msgsnd": 189, "name_to_handle_at": 264, "nfsservctl": 42,
    "open_by_handle_at": 265, "perf_event_open": 241, "personality": 92, "pivot_root": 41,
    "prctl": 167, "prlimit64": 261,
    "process_vm_readv": 270, "process_vm_writev": 271, "ptrace": 117, "quotactl": 60, "reboot": 142,
    "removexattr": 14, "request_key": 218, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240,
    "sched_setaffinity": 122,
    "seccomp": 277, "sendfile": 71, "setsockopt": 208, "splice": 76, "tee": 77,
    "sched_setattr": 274, "sched_setparam": 118, "sched_setscheduler": 119,
    "semctl": 191, "semget": 190, "semop": 193, "semtimedop": 192, "set_mempolicy": 237,
    "setdomainname": 162, "sethostname": 161, "setns": 268, "setpriority": 140, "settimeofday": 170,
    "setxattr": 5, "shmat": 196, "shmctl": 195, "shmdt": 197, "shmget": 194, "socket": 198,
    "socketpair": 199, "swapoff": 225, "swapon": 224, "syslog": 116, "tgkill": 131, "tkill": 130,
    "umount2": 39, "unshare": 97, "userfaultfd": 282, "utimensat": 88, "vhangup": 58, "vmsplice": 75,
}  # fmt: skip
_TABLES = {"x86_64": _X86_64, "aarch64": _AARCH64}
_NEVER_THERE = {
    "x86_64": (),
    "aarch64": (
        "_sysctl", "afs_syscall", "chmod", "chown", "create_module", "fork", "futimesat", "get_kernel_syms",
        "inotify_init", "ioperm", "iopl", "lchown", "mknod", "modify_ldt", "query_module", "security", "sysfs",
        "tuxcall", "uselib", "ustat", "utime", "utimes", "vfork", "vserver",
    ),
}  # fmt: skip
NEWEST = 450  # what is newer than the tables is refused
AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_* of linux/audit.h


class UnsupportedMachine(Exception):
    """There is no table of call numbers for this machine."""


def known(machine=None):
    """Give `machine`, by default the one this runs on.

    Raises:
        UnsupportedMachine: it has no table, or this interpreter is a 32-bit program.
    """
    machine = machine or syscalls.MACHINE
    if machine not in _TABLES:
        raise UnsupportedMachine("there is no table of system calls for %s" % machine)
    if struct.calcsize(str("P")) != 8:
        raise UnsupportedMachine("there is no table of system calls for 32-bit programs")
    return machine


def numbers(machine, names):
    """Give the sorted numbers of the calls `names`, without those that the machine never had.

    Raises:
        KeyError: a name that no table has.
    """
    table = _TABLES[machine]
    found = [name for name in names if name not in _NEVER_THERE[machine]]
    return sorted(_SINCE_LINUX_5[name] if name in _SINCE_LINUX_5 else table[name] for name in found)
