"""The system-call filters of a job: what namespaces and Landlock do not confine is refused here.

Deny lists in classic BPF, assembled by hand so that no library is needed inside old environments. Refused
calls fail with EPERM and the job goes on; a foreign calling convention (i386, x32, 32-bit ARM) kills it; numbers
newer than the table fail with ENOSYS so that libraries fall back. Sources: Linux `seccomp(2)`, `struct
seccomp_data`. There are tables for x86_64 and aarch64; the one for aarch64 is tested by an interpreter of the
assembled program only: it has never been run on such a machine. Elsewhere `UnsupportedMachine` is raised.

    program()            everything a job in namespaces is refused
    program(building=True), then completion()        the same in two steps: of the zygote, then of its child
    program(building=True), then bare_completion()   a job without namespaces ("bare jail")
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import ctypes
import errno
import struct

from . import syscalls
from .call_numbers import AUDIT_ARCHITECTURES, NEWEST, UnsupportedMachine, known, numbers

__all__ = ["UnsupportedMachine", "bare_completion", "completion", "install", "program"]

_LOAD, _EQUAL, _GREATER, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
_ARCHITECTURE, _NUMBER, _ARGUMENTS = 4, 0, 16  # offsets in struct seccomp_data
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_REFUSE = _ERRNO | errno.EPERM
_REFUSE_SOCKET = _ERRNO | errno.EACCES
_DO_NOTHING = _ERRNO | 0  # the call is not made and seems to have succeeded
_X32_NUMBERS = 0x3FFFFFFF  # above it on x86_64

_DENIED = (
    # mounts and namespaces
    "mount umount2 pivot_root chroot unshare setns open_tree move_mount fsopen fsconfig fsmount fspick "
    "mount_setattr name_to_handle_at open_by_handle_at landlock_create_ruleset landlock_add_rule "
    "landlock_restrict_self "
    # other processes
    "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp migrate_pages "
    "move_pages "
    # memory that no limit counts, and shared objects that outlive a process
    "memfd_secret mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr msgget msgsnd msgrcv "
    "msgctl semget semop semctl semtimedop shmget shmat shmctl shmdt add_key request_key keyctl vmsplice "
    # large and young parts of the kernel
    "io_uring_setup io_uring_enter io_uring_register io_setup io_destroy io_getevents io_submit io_cancel bpf "
    "perf_event_open userfaultfd fanotify_init fanotify_mark inotify_init inotify_init1 inotify_add_watch "
    "modify_ldt ioperm iopl lookup_dcookie mbind set_mempolicy set_mempolicy_home_node quotactl quotactl_fd "
    # the machine
    "acct adjtimex clock_adjtime clock_settime settimeofday create_module init_module finit_module "
    "delete_module get_kernel_syms query_module kexec_load kexec_file_load reboot sethostname setdomainname "
    "swapon swapoff syslog vhangup sysfs ustat uselib _sysctl nfsservctl afs_syscall tuxcall security vserver"
).split()
# Extended attributes of a memory file are memory that no limit counts; copying files goes on without them.
_UNSUPPORTED = "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr".split()
# What the zygote and its children still need to build walls. Rule sets are memory that no limit counts.
_UNCOUNTED = ("splice", "tee", "sendfile")  # pages in sockets and pipes; libraries fall back to copying
BUILDING = ("setns", "unshare", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")
_NOT_THERE = ("clone3", "memfd_create")  # libraries fall back to clone and to files

_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_SOCKET_TYPE, _SOCK_STREAM, _SOCK_DGRAM, _SOCK_SEQPACKET = 0xF, 1, 2, 5
_ANY_PROTOCOL, _TCP, _UDP = 0, 6, 17
_REFUSED_CLONES = (
    0x7E020000 | 0x80 | 0x8000
)  # CLONE_NEW*, CLONE_PARENT: nobody watches the zygote's own children
_OF_THREADS, _CLONE_THREAD = (
    0x10400,
    0x10000,
)  # CLONE_THREAD | CLONE_FILES: the figures of /proc are the first thread's
_OF_A_THREAD = 0x00010000 | 0x00000400 | 0x00000100  # CLONE_THREAD, CLONE_FILES, CLONE_VM
_MAP_SHARED, _MAP_ANONYMOUS = 0x1, 0x20  # the first is also in MAP_SHARED_VALIDATE, not in MAP_PRIVATE
_MAP_HUGETLB = 0x40000
_SOL_SOCKET, _SO_SNDBUF, _SO_RCVBUF, _SO_LINGER = 1, 7, 8, 13
_SO_FILTERS = (26, 50, 51, 52)  # SO_ATTACH_FILTER, _BPF, _REUSEPORT_CBPF, _REUSEPORT_EBPF
_S_IFMT, _S_IFCHR, _S_IFBLK = 0xF000, 0x2000, 0x6000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_F_SETOWN, _F_SETSIG, _F_SETOWN_EX, _F_SETLEASE, _F_NOTIFY = 8, 10, 15, 1024, 1026
_QUERY_PERSONALITY = 0xFFFFFFFF
_PRIO_PROCESS, _IOPRIO_WHO_PROCESS = 0, 1

# Without namespaces: the calls that reach what Landlock does not cover.
_BARE_DENIED = (
    "fork vfork execve execveat pidfd_open pidfd_send_signal".split()  # SO_PEERPIDFD gives the host's
)
_BARE_PRCTL = (syscalls.PR_SET_PDEATHSIG, syscalls.PR_SET_DUMPABLE)  # its ties to the zygote
_BARE_NO_SOCKETS = "socket bind connect".split()
_BARE_IGNORED = (  # any file of this user could be changed; copying files must not fail
    "chmod fchmod fchmodat chown lchown fchown fchownat utime utimes utimensat futimesat".split()
)
_TO_OWN_PROCESS = "kill tgkill tkill rt_sigqueueinfo rt_tgsigqueueinfo".split()  # 0 would be the whole group
_OF_OWN_PROCESS = "prlimit64 sched_setaffinity sched_setscheduler sched_setparam sched_setattr".split()
_OF_OWN_WHO = (("setpriority", _PRIO_PROCESS), ("ioprio_set", _IOPRIO_WHO_PROCESS))
# TCGETS, TCGETS2, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX: what files and pipes are asked. Others change
# files that may only be read (FS_IOC_SETFLAGS, FS_IOC_ENABLE_VERITY) or send signals (FIOSETOWN).
_BARE_IOCTLS = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5451, 0x5450)


def program(network=False, building=False, machine=None):
    """Assemble the filter and give its bytes (`struct sock_filter[]`).

    Args:
        network: allow internet sockets (TCP and UDP); Unix sockets are always allowed (a network namespace
            confines them).
        building: the zygote's own filter, which its children inherit and complete with `completion()`: it
            leaves the calls of `BUILDING` and internet sockets open. Installing a filter costs half a
            millisecond, inheriting one nothing.
        machine: whose filter; by default of the one this runs on.

    Raises:
        UnsupportedMachine: there is no table for it.
    """
    machine = known(machine)
    denied = [name for name in _DENIED if not (building and name in BUILDING)]
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, AUDIT_ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        steps += [(_GREATER, 0, 1, _X32_NUMBERS), (_RETURN, 0, 0, _KILL)]
    steps += [(_GREATER, 0, 1, NEWEST), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    steps += _always(machine, _NOT_THERE, _ERRNO | errno.ENOSYS)
    steps += _always(machine, denied, _REFUSE)
    steps += _always(machine, _UNSUPPORTED, _ERRNO | errno.EOPNOTSUPP)
    steps += _always(machine, _UNCOUNTED, _ERRNO | errno.EINVAL)
    steps += _when(machine, "setsockopt", 1, _SOCKET_OPTIONS)
    if not building:
        steps += _filters(machine)
    # Shared memory without a file stays when most of it is unmapped again, and is counted nowhere.
    is_nameless = _return_if(_EQUAL, [_MAP_ANONYMOUS | _MAP_SHARED], _ERRNO | errno.ENOMEM)
    is_huge = _return_if(_ANY_BIT, [_MAP_HUGETLB], _ERRNO | errno.ENOMEM)
    steps += _when(machine, "mmap", 3, is_huge + [(_AND, 0, 0, _MAP_ANONYMOUS | _MAP_SHARED)] + is_nameless)
    steps += _sockets(machine, network or building)
    steps += _when(machine, "clone", 0, _CLONES)
    steps += _when(machine, "ioctl", 1, _return_if(_EQUAL, [_TIOCSTI, _TIOCLINUX], _REFUSE))
    steps += _when(machine, "fcntl", 1, _return_if(_EQUAL, [_F_SETLEASE, _F_NOTIFY], _REFUSE))
    steps += _when(machine, "personality", 0, _only([0, _QUERY_PERSONALITY], _REFUSE))
    for name, argument in (("mknod", 1), ("mknodat", 2)):
        device = [(_AND, 0, 0, _S_IFMT)] + _return_if(_EQUAL, [_S_IFCHR, _S_IFBLK], _REFUSE)
        steps += _when(machine, name, argument, device)
    return _assembled(steps)


def completion(network=False, machine=None):
    """Assemble the small filter that a child in a cell puts on top of `program(building=True)`.

    It refuses the calls of `BUILDING`, and internet sockets unless `network`. Small, because its installation
    is paid for each job.
    """
    machine = known(machine)
    steps = [(_LOAD, 0, 0, _NUMBER)] + _always(machine, BUILDING, _REFUSE)
    steps += _filters(machine)
    if not network:
        steps += _when(machine, "socket", 0, _only([_AF_UNIX], _REFUSE_SOCKET))
    return _assembled(steps)


def bare_completion(own_pid, machine=None):
    """Assemble the filter of a child without namespaces, to put on top of `program(building=True)`.

    It may start threads but no process, signal and prioritise only itself, and has no socket but pairs. Changes
    of modes, owners and times do nothing and seem to succeed: Landlock does not confine them.

    Args:
        own_pid: of the process that will install it.
        machine: see `program`.
    """
    machine = known(machine)
    steps = [(_LOAD, 0, 0, _NUMBER)]
    steps += _always(machine, list(BUILDING) + _BARE_DENIED, _REFUSE)
    steps += _when(machine, "prctl", 0, _return_if(_EQUAL, _BARE_PRCTL, _REFUSE))
    steps += _filters(machine)
    steps += _always(machine, _BARE_NO_SOCKETS, _REFUSE_SOCKET)
    steps += _always(machine, _BARE_IGNORED, _DO_NOTHING)
    steps += _when(machine, "clone", 0, [(_AND, 0, 0, _OF_A_THREAD)] + _only([_OF_A_THREAD], _REFUSE))
    for name in _TO_OWN_PROCESS:
        steps += _when(machine, name, 0, _only([own_pid], _REFUSE))
    for name in _OF_OWN_PROCESS:
        steps += _when(machine, name, 0, _only([0, own_pid], _REFUSE))
    for name, kind in _OF_OWN_WHO:
        who = [(_LOAD, 0, 0, _ARGUMENTS + 8)] + _only([0, own_pid], _REFUSE)
        steps += _when(machine, name, 0, [(_EQUAL, 1, 0, kind), (_RETURN, 0, 0, _REFUSE)] + who)
    # No datagrams: those can be sent to any socket file or abstract name, without a connect.
    kind = [(_LOAD, 0, 0, _ARGUMENTS + 8), (_AND, 0, 0, _SOCKET_TYPE)]
    kind += _only([_SOCK_STREAM, _SOCK_SEQPACKET], _REFUSE_SOCKET)
    steps += _when(machine, "socketpair", 0, kind)
    steps += _when(machine, "ioctl", 1, _only(_BARE_IOCTLS, _ERRNO | errno.ENOTTY))
    steps += _when(machine, "fcntl", 1, _return_if(_EQUAL, [_F_SETOWN, _F_SETSIG, _F_SETOWN_EX], _REFUSE))
    return _assembled(steps)


def install(filter_bytes):
    """Put the filter on this process and all it will start; it can't be taken off. Raises OSError."""
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    code = ctypes.create_string_buffer(filter_bytes, len(filter_bytes))
    header = struct.pack(str("=H6xQ"), len(filter_bytes) // 8, ctypes.addressof(code))
    holder = ctypes.create_string_buffer(header, len(header))  # addressof() alone keeps nothing alive
    syscalls.prctl(syscalls.PR_SET_SECCOMP, 2, ctypes.addressof(holder))


def _assembled(steps):
    allow = [(_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack(str("=HBBI"), *step) for step in steps + allow)


def _filters(machine):
    """Refuse further filters of system calls: their compiled code is one budget for the whole machine."""
    steps = _always(machine, ["seccomp"], _REFUSE)
    return steps + _when(machine, "prctl", 0, _return_if(_EQUAL, [syscalls.PR_SET_SECCOMP], _REFUSE))


def _always(machine, names, result):
    """Return `result` for the calls `names`, whatever their arguments."""
    return _return_if(_EQUAL, numbers(machine, names), result)


def _when(machine, name, argument, body):
    """Run `body` on the low half of an argument of call `name`; allow when it falls through."""
    block = [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument)] + body + [(_RETURN, 0, 0, _ALLOW)]
    return [step for number in numbers(machine, [name]) for step in [(_EQUAL, 0, len(block), number)] + block]


def _return_if(test, values, result):
    """Return `result` when `test` holds between the loaded word and one of `values`."""
    return [step for value in values for step in [(test, 0, 1, value), (_RETURN, 0, 0, result)]]


def _only(values, result):
    """Allow the call when the loaded word is one of `values`; else return `result`."""
    return _return_if(_EQUAL, values, _ALLOW) + [(_RETURN, 0, 0, result)]


def _sockets(machine, is_internet):
    """Allow Unix sockets; if `is_internet` also TCP and UDP: other protocols load parts of the kernel."""
    body = _return_if(_EQUAL, [_AF_UNIX], _ALLOW)
    if is_internet:
        body += [(_EQUAL, 2, 0, _AF_INET), (_EQUAL, 1, 0, _AF_INET6)]
    body += [(_RETURN, 0, 0, _REFUSE_SOCKET)]
    if is_internet:
        body += [(_LOAD, 0, 0, _ARGUMENTS + 8), (_AND, 0, 0, _SOCKET_TYPE)]
        body += [(_EQUAL, 2, 0, _SOCK_STREAM), (_EQUAL, 1, 0, _SOCK_DGRAM), (_RETURN, 0, 0, _REFUSE_SOCKET)]
        body += [(_LOAD, 0, 0, _ARGUMENTS + 16)] + _only([_ANY_PROTOCOL, _TCP, _UDP], _REFUSE_SOCKET)
    return _when(machine, "socket", 0, body) + _when(
        machine, "socketpair", 0, _only([_AF_UNIX], _REFUSE_SOCKET)
    )


_CLONES = _return_if(_ANY_BIT, [_REFUSED_CLONES], _REFUSE)
_CLONES += [(_AND, 0, 0, _OF_THREADS)] + _return_if(_EQUAL, [_CLONE_THREAD], _REFUSE)
# Buffers stay as long as the watcher reckons; nobody who closes a socket of a job has to wait for it.
_SOCKET_OPTIONS = [(_EQUAL, 1, 0, _SOL_SOCKET), (_RETURN, 0, 0, _ALLOW), (_LOAD, 0, 0, _ARGUMENTS + 16)]
_SOCKET_OPTIONS += _return_if(_EQUAL, [_SO_LINGER, _SO_SNDBUF, _SO_RCVBUF], _DO_NOTHING)
_SOCKET_OPTIONS += _return_if(_EQUAL, _SO_FILTERS, _REFUSE)
