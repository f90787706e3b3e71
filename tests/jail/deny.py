"""Runs a command as on a machine that lacks something: `python -m tests.jail.deny NAME[,NAME...] -- COMMAND...`.

A filter of system calls answers as kernels and containers do that do not offer a mechanism, for the command and
all it starts. It only takes away: nothing can be done under it that could not be done without.

    namespaces          the default profile of Docker: no namespace can be made or entered, nothing mounted
    user-namespace      as with kernel.unprivileged_userns_clone=0, but for root as well
    mount-namespace     as under AppArmor's profile for containers: nothing can be mounted
    process-namespace, network-namespace
    read-only-mounts    mounts can't be made read-only as a whole
    landlock            a kernel where it is not built in;   landlock-off: where it is not switched on
    seccomp             a kernel without filters of system calls
    pidfd, memfd        a kernel before 5.3, before 3.17
"""

from __future__ import annotations

import errno
import os
import struct
import sys

from studiolo_child import call_numbers, seccomp

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
ARGUMENTS = 16
OTHERS = {
    "x86_64": {"prctl": 157, "seccomp": 317},
    "aarch64": {"prctl": 167, "seccomp": 277},
}
SAME_EVERYWHERE = {
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
}
PR_GET_SECCOMP, PR_SET_SECCOMP = 21, 22
NEW_MOUNTS, NEW_USERS, NEW_PROCESSES, NEW_NETWORK = 0x00020000, 0x10000000, 0x20000000, 0x40000000
ANY_NEW = 0x7E020000
_MOUNTING_TEXT = "mount umount2 pivot_root open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr"
MOUNTING = _MOUNTING_TEXT.split()
LANDLOCK = list(SAME_EVERYWHERE)
_DOCKER_TEXT = (  # beside namespaces and mounts; what an ordinary script never calls is left out
    "bpf perf_event_open keyctl add_key request_key userfaultfd io_uring_setup io_uring_enter "
    "io_uring_register name_to_handle_at open_by_handle_at lookup_dcookie quotactl quotactl_fd "
    "fanotify_init syslog acct kcmp settimeofday clock_settime sethostname setdomainname swapon swapoff "
    "reboot kexec_load init_module finit_module delete_module mbind set_mempolicy migrate_pages "
    "move_pages"
)
DOCKER = _DOCKER_TEXT.split()

Step = tuple[int, int, int, int]


def number(name: str) -> int:
    """Give the number of a call on this machine."""
    machine = call_numbers.known()
    if name in SAME_EVERYWHERE:
        return SAME_EVERYWHERE[name]
    if name in OTHERS[machine]:
        return OTHERS[machine][name]
    found: list[int] = call_numbers.numbers(machine, [name])
    return found[0]


def refused(names: list[str], error: int) -> list[Step]:
    """Refuse calls whatever their arguments."""
    steps: list[Step] = []
    for name in names:
        steps += [(EQUAL, 0, 1, number(name)), (RETURN, 0, 0, ERRNO | error)]
    return steps


def refused_when(name: str, test: int, values: list[int], error: int) -> list[Step]:
    """Refuse a call when its first argument equals one of `values` (EQUAL) or has a bit of it (ANY_BIT)."""
    block: list[Step] = [(LOAD, 0, 0, ARGUMENTS)]
    for value in values:
        block += [(test, 0, 1, value), (RETURN, 0, 0, ERRNO | error)]
    block.append((LOAD, 0, 0, 0))  # further rules look at the number again
    return [(EQUAL, 0, len(block), number(name)), *block]


def without_namespaces(flags: int) -> list[Step]:
    """Refuse new namespaces of some kinds; clone3, whose flags a filter can't see, is not there at all."""
    steps = refused_when("unshare", ANY_BIT, [flags], errno.EPERM)
    steps += refused_when("clone", ANY_BIT, [flags], errno.EPERM)
    return steps + refused(["clone3"], errno.ENOSYS)


def rules(name: str) -> list[Step]:
    """Give the part of the filter that takes a mechanism away."""
    if name == "namespaces":
        whole = refused(["unshare", "setns", *MOUNTING, *DOCKER], errno.EPERM)
        return whole + without_namespaces(ANY_NEW)
    if name == "seccomp":
        modes = [PR_GET_SECCOMP, PR_SET_SECCOMP]
        return refused_when("prctl", EQUAL, modes, errno.EINVAL) + refused(["seccomp"], errno.ENOSYS)
    single = {
        "user-namespace": lambda: without_namespaces(NEW_USERS),
        "mount-namespace": lambda: refused(
            [name for name in MOUNTING if name != "mount_setattr"], errno.EPERM
        ),
        "process-namespace": lambda: without_namespaces(NEW_PROCESSES),
        "network-namespace": lambda: without_namespaces(NEW_NETWORK),
        "read-only-mounts": lambda: refused(["mount_setattr"], errno.EPERM),
        "landlock": lambda: refused(LANDLOCK, errno.ENOSYS),
        "landlock-off": lambda: refused(LANDLOCK, errno.EOPNOTSUPP),
        "pidfd": lambda: refused(["pidfd_open", "pidfd_send_signal", "pidfd_getfd"], errno.ENOSYS),
        "memfd": lambda: refused(["memfd_create"], errno.ENOSYS),
    }
    return single[name]()


NAMES = (
    "namespaces",
    "user-namespace",
    "mount-namespace",
    "process-namespace",
    "network-namespace",
    "read-only-mounts",
    "landlock",
    "landlock-off",
    "seccomp",
    "pidfd",
    "memfd",
)


def program(names: list[str]) -> bytes:
    """Assemble the filter that takes mechanisms away."""
    steps: list[Step] = [(LOAD, 0, 0, 0)]
    for name in names:
        steps += rules(name)
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def main() -> None:
    """Install the filter and become the command."""
    if len(sys.argv) < 4 or sys.argv[2] != "--":
        sys.exit(__doc__)
    seccomp.install(program(sys.argv[1].split(",")))
    os.execvp(sys.argv[3], sys.argv[3:])


if __name__ == "__main__":
    main()
