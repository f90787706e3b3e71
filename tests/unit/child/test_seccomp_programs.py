"""What the assembled filters decide, call by call, on both machines: by an interpreter of classic BPF."""

from __future__ import annotations

import errno
import struct

import pytest

from studiolo_child import call_numbers, seccomp

MACHINES = ("x86_64", "aarch64")
ALLOW, KILL, ERRNO, NOTHING = 0x7FFF0000, 0x80000000, 0x00050000, 0x00050000
EPERM, EACCES, ENOSYS = (ERRNO | number for number in (errno.EPERM, errno.EACCES, errno.ENOSYS))
OWN = 4711
UNIX, INET, INET6, NETLINK, VSOCK = 1, 2, 10, 16, 40
STREAM, DGRAM, RAW, SEQPACKET, CLOEXEC = 1, 2, 3, 5, 0o2000000
THREAD = 0x3D0F00  # the flags with which the C library starts a thread


def decide(program: bytes, number: int, arguments: tuple[int, ...], architecture: int) -> int:
    """Run a filter on one call; only the instructions that the filters use are known here."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(value % 2**64 for value in padded))
    steps = [struct.unpack_from("=HBBI", program, 8 * index) for index in range(len(program) // 8)]
    word = at = 0
    for _ in range(len(steps)):
        code, if_true, if_false, value = steps[at]
        at += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            word = struct.unpack_from("=I", data, value)[0]
        elif code == 0x54:
            word &= value
        else:
            holds = {0x15: word == value, 0x25: word > value, 0x45: bool(word & value)}[code]
            at += if_true if holds else if_false
    raise AssertionError("the program does not end")


class Filter:
    """The filters of one process, of which the strictest decides."""

    def __init__(self, machine: str, *programs: bytes) -> None:
        self.machine, self.programs = machine, programs

    def __call__(self, name: str, *arguments: int) -> int | None:
        """Give what happens to the call `name`; None when the machine has no such call."""
        numbers = call_numbers.numbers(self.machine, [name])
        return self.by_number(numbers[0], *arguments) if numbers else None

    def by_number(self, number: int, *arguments: int, architecture: int | None = None) -> int:
        """Give the strictest answer; of several errors the one of the newest filter, as the kernel does."""
        known = call_numbers.AUDIT_ARCHITECTURES[self.machine] if architecture is None else architecture
        answers = [decide(program, number, arguments, known) for program in reversed(self.programs)]
        for kind in (KILL, ERRNO):
            for answer in answers:
                if answer & 0xFFFF0000 == kind:
                    return answer
        return ALLOW


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def normal(machine: str, network: bool = False) -> Filter:
    building = seccomp.program(building=True, machine=machine)
    return Filter(machine, building, seccomp.completion(network, machine=machine))


def bare(machine: str) -> Filter:
    building = seccomp.program(building=True, machine=machine)
    return Filter(machine, building, seccomp.bare_completion(OWN, machine=machine))


def test_both_ways_to_the_filter_of_a_job_decide_the_same(machine: str) -> None:
    """Inherited program and completion together refuse what the whole program refuses: every number, 0 to 600."""
    for network in (False, True):
        whole = Filter(machine, seccomp.program(network=network, machine=machine))
        parts = normal(machine, network)
        for number in range(600):
            for first in (0, UNIX, INET, NETLINK, 0x10000000, OWN):
                assert parts.by_number(number, first) == whole.by_number(number, first), (number, first)


def test_a_foreign_calling_convention_kills(machine: str) -> None:
    """Case 39: i386, 32-bit ARM and the other machine's calls mean something else under the same number."""
    filters = normal(machine)
    foreign = {0x40000003, 0x40000028, 0, *call_numbers.AUDIT_ARCHITECTURES.values()}
    foreign -= {call_numbers.AUDIT_ARCHITECTURES[machine]}
    assert {filters.by_number(172, architecture=architecture) for architecture in foreign} == {KILL}
    x32 = filters.by_number(0x40000000 | 39)
    assert x32 == (KILL if machine == "x86_64" else ENOSYS)


def test_what_is_newer_than_the_table_is_not_there(machine: str) -> None:
    """Libraries ask for new calls and fall back when there are none."""
    filters = normal(machine)
    assert {filters.by_number(number) for number in (451, 452, 463, 500, 100_000)} == {ENOSYS}
    assert (filters("clone3"), filters("memfd_create")) == (ENOSYS, ENOSYS)


_DENIED_TEXT = (
    "mount umount2 pivot_root chroot unshare setns open_tree move_mount fsopen fsmount mount_setattr "
    "open_by_handle_at ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp memfd_secret mq_open "
    "msgget semget shmget add_key request_key keyctl io_uring_setup io_uring_enter io_uring_register "
    "io_setup bpf perf_event_open userfaultfd fanotify_init inotify_init inotify_init1 inotify_add_watch "
    "modify_ldt ioperm iopl acct clock_settime settimeofday init_module finit_module delete_module "
    "kexec_load reboot sethostname swapon syslog vhangup quotactl vmsplice"
)
DENIED = _DENIED_TEXT.split()


@pytest.mark.parametrize("name", DENIED)
def test_a_denied_call_is_denied_in_every_filter(machine: str, name: str) -> None:
    """Cases 9, 10, 24, 27, 29, 37, 38, 49: whatever the grants and the jail."""
    for filters in (normal(machine), normal(machine, network=True), bare(machine)):
        assert filters(name) in (EPERM, None)


def test_only_building_may_change_namespaces(machine: str) -> None:
    """The zygote and its children build walls; then it is over."""
    building = Filter(machine, seccomp.program(building=True, machine=machine))
    assert (building("setns"), building("unshare"), building("mount")) == (ALLOW, ALLOW, EPERM)


def test_sockets_are_unix_or_those_of_a_grant(machine: str) -> None:
    """Cases 16 to 18: other families are refused, with a grant too."""
    without, granted = normal(machine), normal(machine, network=True)
    assert [without("socket", family, STREAM | CLOEXEC) for family in (UNIX, INET, INET6)] == [
        ALLOW,
        EACCES,
        EACCES,
    ]
    assert [granted("socket", family, STREAM | CLOEXEC) for family in (UNIX, INET, INET6)] == [ALLOW] * 3
    families = [family for family in range(64) if family not in (UNIX, INET, INET6)]
    assert {granted("socket", family, STREAM) for family in families} == {EACCES}
    assert {without("socket", family, STREAM) for family in families} == {EACCES}
    assert [granted("socketpair", family, STREAM) for family in (UNIX, INET, VSOCK)] == [
        ALLOW,
        EACCES,
        EACCES,
    ]


def test_a_grant_gives_tcp_and_udp_only(machine: str) -> None:
    """Case 17: raw sockets, ping, SCTP, DCCP and MPTCP would load or reach other parts of the kernel."""
    granted = normal(machine, network=True)
    for kind, protocol, expected in (
        (STREAM, 0, ALLOW),
        (STREAM, 6, ALLOW),
        (DGRAM, 0, ALLOW),
        (DGRAM | CLOEXEC, 17, ALLOW),
        (DGRAM, 1, EACCES),
        (STREAM, 132, EACCES),
        (STREAM, 262, EACCES),
        (RAW, 0, EACCES),
        (RAW, 6, EACCES),
        (SEQPACKET, 0, EACCES),
        (6, 0, EACCES),
        (6, 33, EACCES),
    ):
        assert granted("socket", INET, kind, protocol) == expected, (kind, protocol)


def test_a_clone_makes_threads_and_processes_but_no_namespaces(machine: str) -> None:
    """Case 37: each CLONE_NEW flag is refused by itself."""
    filters = normal(machine)
    assert (filters("clone", THREAD), filters("clone", 17)) == (ALLOW, ALLOW)
    for bit in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80):
        assert filters("clone", bit | 17) == EPERM


def test_arguments_are_looked_at_where_they_matter(machine: str) -> None:
    """Cases 10, 25, 38: device nodes, leases, input into a terminal, other personalities."""
    filters = normal(machine)
    assert [filters("mknodat", 0, 0, mode | 0o600) for mode in (0x1000, 0x8000, 0x2000, 0x6000)] == [
        ALLOW,
        ALLOW,
        EPERM,
        EPERM,
    ]
    assert [filters("ioctl", 0, request) for request in (0x5401, 0x5412, 0x541C)] == [ALLOW, EPERM, EPERM]
    assert [filters("fcntl", 3, command) for command in (1, 1024, 1026)] == [ALLOW, EPERM, EPERM]
    assert [filters("personality", value) for value in (0, 0xFFFFFFFF, 8)] == [ALLOW, ALLOW, EPERM]


def test_shared_memory_without_a_file_is_refused(machine: str) -> None:
    """Own case: of a mapping shared without a file all pages stay while one is mapped, and no limit counts them."""
    private, shared, validate, anonymous = 2, 1, 3, 0x20
    for filters in (normal(machine), bare(machine)):
        assert filters("mmap", 0, 4096, 3, private | anonymous, -1, 0) == ALLOW
        assert [filters("mmap", 0, 4096, 3, kind, 5, 0) for kind in (private, shared, validate)] == [
            ALLOW
        ] * 3
        for kind in (shared, validate, shared | 0x4000):
            assert filters("mmap", 0, 4096, 3, kind | anonymous, -1, 0) == ERRNO | errno.ENOMEM


def test_extended_attributes_are_not_supported(machine: str) -> None:
    """Case 49, own: on a memory file they take memory without end; shutil.copy goes on without them."""
    for filters in (normal(machine), bare(machine)):
        names = ("setxattr", "lsetxattr", "fsetxattr", "removexattr")
        assert {filters(name) for name in names} == {ERRNO | errno.EOPNOTSUPP}


def test_a_bare_child_starts_threads_only(machine: str) -> None:
    """Case 33: what can't fork leaves nothing behind; a thread without shared descriptors could hide files."""
    filters = bare(machine)
    assert {filters(name) for name in ("fork", "vfork", "execve", "execveat")} <= {EPERM, None}
    assert filters("clone", THREAD) == ALLOW
    for flags in (17, 0, 0x4111, THREAD & ~0x10000, THREAD & ~0x400):
        assert filters("clone", flags) == EPERM


@pytest.mark.parametrize("name", ["kill", "tgkill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"])
def test_a_bare_child_signals_itself_only(machine: str, name: str) -> None:
    """Case 28: also not its group (0), everyone (-1) or another group; high bits are what the kernel ignores."""
    filters = bare(machine)
    assert filters(name, OWN, 9) == ALLOW
    assert filters(name, OWN | 1 << 40, 9) == ALLOW
    assert {filters(name, target, 9) for target in (0, 1, -1, -OWN, OWN + 1, 1 << 40)} == {EPERM}


def test_a_bare_child_can_not_signal_by_other_ways(machine: str) -> None:
    """Own case: SIGIO of an owner that is not oneself, and the pidfd of a socket's peer (SO_PEERPIDFD)."""
    filters = bare(machine)
    assert (filters("pidfd_open", OWN), filters("pidfd_send_signal", 5, 9)) == (EPERM, EPERM)
    assert [filters("fcntl", 3, command, OWN) for command in (8, 10, 15, 4, 1030)] == [EPERM] * 3 + [
        ALLOW
    ] * 2
    assert filters("ioctl", 3, 0x8901) == ERRNO | errno.ENOTTY


@pytest.mark.parametrize(
    "name", ["prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"]
)
def test_a_bare_child_sets_its_own_limits_and_priority_only(machine: str, name: str) -> None:
    """Case 30: without a process namespace each of these reached other processes of the user."""
    filters = bare(machine)
    assert [filters(name, target) for target in (0, OWN, OWN + 1, 1, -1)] == [
        ALLOW,
        ALLOW,
        EPERM,
        EPERM,
        EPERM,
    ]


def test_a_bare_child_can_not_lower_the_priority_of_others(machine: str) -> None:
    """Case 30: groups and users are others as well."""
    filters = bare(machine)
    assert [filters("setpriority", 0, who) for who in (0, OWN, 1)] == [ALLOW, ALLOW, EPERM]
    assert [filters("setpriority", kind, 0) for kind in (1, 2)] == [EPERM, EPERM]
    assert [filters("ioprio_set", 1, who) for who in (0, OWN, 1)] == [ALLOW, ALLOW, EPERM]
    assert [filters("ioprio_set", kind, 0) for kind in (2, 3)] == [EPERM, EPERM]


def test_a_bare_child_has_pairs_of_sockets_only(machine: str) -> None:
    """Cases 16 to 23: without a network namespace nothing else may be had; datagrams could go anywhere."""
    filters = bare(machine)
    assert {filters("socket", family, STREAM) for family in range(64)} == {EACCES}
    assert (filters("connect", 3), filters("bind", 3)) == (EACCES, EACCES)
    assert [filters("socketpair", UNIX, kind | CLOEXEC) for kind in (STREAM, SEQPACKET, DGRAM, RAW)] == [
        ALLOW,
        ALLOW,
        EACCES,
        EACCES,
    ]
    assert filters("socketpair", INET, STREAM) == EACCES


def test_a_bare_child_changes_no_file_that_it_may_only_read(machine: str) -> None:
    """Case 13: modes, owners and times do nothing and say nothing; attributes and flags are not supported."""
    filters = bare(machine)
    silent_text = "chmod fchmod fchmodat chown lchown fchown fchownat utime utimes utimensat futimesat"
    silent = silent_text.split()
    assert {filters(name) for name in silent} <= {NOTHING, None}
    requests = (0x5401, 0x5413, 0x541B, 0x40086602, 0x401C5820, 0x40806685)
    expected = [ALLOW] * 3 + [ERRNO | errno.ENOTTY] * 3
    assert [filters("ioctl", 3, request) for request in requests] == expected


def test_everyday_calls_are_allowed_in_every_filter(machine: str) -> None:
    """False alarms cost more users than holes: read, write, open, stat, mmap, futex and the like."""
    numbers = {
        "x86_64": (0, 1, 2, 3, 4, 9, 10, 12, 13, 14, 39, 87, 96, 202, 218, 232, 257, 262, 332, 439),
        "aarch64": (17, 34, 35, 56, 57, 63, 64, 79, 96, 98, 113, 134, 135, 172, 214, 215, 222, 226, 291, 439),
    }
    for filters in (normal(machine), bare(machine)):
        assert {filters.by_number(number) for number in numbers[machine]} == {ALLOW}


def test_a_machine_without_a_table_is_named() -> None:
    """R-6.2: no filter is better than a wrong one, but then the wall is missing and says so."""
    with pytest.raises(seccomp.UnsupportedMachine, match="riscv64"):
        seccomp.program(machine="riscv64")


def test_a_name_in_no_table_is_an_error_not_a_hole() -> None:
    """A misspelt name must not leave a call open."""
    for machine in MACHINES:
        with pytest.raises(KeyError):
            call_numbers.numbers(machine, ["mount", "umount3"])


def test_the_tables_hold_no_number_twice() -> None:
    """One number under two names would be a slip of the pen."""
    for machine in MACHINES:
        table = [*call_numbers._SINCE_LINUX_5, *call_numbers._TABLES[machine]]
        numbers = call_numbers.numbers(machine, table)
        assert len(set(numbers)) == len(table)
