"""Rights, and the calls that change the machine (facts/sandbox-attacks.md, cases 36 to 38).

Where a call could harm this machine if its wall were missing, its arguments are senseless: then the kernel
would answer EINVAL, EFAULT or EBADF instead of EPERM, and the test fails without harm.
"""

from __future__ import annotations

import platform
from typing import Any

import pytest

from tests.jail.attacking import attack
from tests.jail.hosts import HostProcess

needs_x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="a call of x86_64 only")

# Also run without a jail by test_control.py: there each of them is a breach.
CAPABILITIES = """
tried("look at /proc/self/status")
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    if int(status[name], 16): breach("%s is %s" % (name, status[name]))
if status["NoNewPrivs"].strip() != "1": breach("new privileges")
if status["Seccomp"].strip() != "2": breach("no filter")
"""
USER_NAMESPACE = """
refused("a user namespace", lambda: syscall("unshare", 0x10000000))
"""


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(CAPABILITIES, id="case 36 no capability is left, no new privilege can come"),
        pytest.param(USER_NAMESPACE, id="case 37 a user namespace"),
    ],
)
def test_a_job_has_no_rights(jail: HostProcess, code: str) -> None:
    """Cases 36, 37: every set of capabilities is empty, the filter is on, and no namespace brings rights back."""
    attack(jail, code)


RISES = {
    "setuid": "os.setuid(0)",
    "setresuid": "os.setresuid(0, 0, 0)",
    "setreuid to the pool": "os.setreuid(2000000001, 0)",
    "setgid": "os.setgid(0)",
    "setfsuid": "libc.setfsuid(0); libc.setfsuid(-1) == 1000 and syscall('setns', -1, 0)",
    "setgroups": "os.setgroups([0])",
    "initgroups": "os.initgroups('studiolo', 0)",
    "nice": "os.nice(-5)",
    "SCHED_FIFO": "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))",
    "SCHED_DEADLINE": "syscall('sched_setattr', 0, struct.pack('=IIQiIQQQ', 48, 6, 0, 0, 0, 10**6, 10**7, 10**7), 0)",
    "real-time input and output": "syscall('ioprio_set', 1, 0, 1 << 13)",
    "more memory": "resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))",
    "more processes": "resource.setrlimit(resource.RLIMIT_NPROC, (-1, -1))",
    "more descriptors": "resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))",
    "more CPU": "resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))",
    "larger files": "resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))",
    "core dumps": "resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))",
    "by prlimit": "resource.prlimit(0, resource.RLIMIT_DATA, (-1, -1))",
    "capset": "syscall('capset', struct.pack('=Ii', 0x20080522, 0), struct.pack('=6I', 1 << 21, 1 << 21, 0, 0, 0, 0))",
    "ambient": "prctl(47, 2, 21)",
    "securebits": "prctl(28, 0, 0)",
    "privileges again": "prctl(38, 0, 0)",
    "strict mode off": "prctl(22, 0, 0)",
    "memory map": "prctl(35, 8, 4096)",
}


@pytest.mark.parametrize("act", RISES.values(), ids=[f"case 36 {name}" for name in RISES])
def test_rights_and_limits_cannot_be_raised(jail: HostProcess, act: str) -> None:
    """Case 36: no identity, no priority, no limit above those of the job."""
    code = f"""
    def act():
        try: {act}
        except ValueError as error: raise OSError(EPERM, str(error))
    refused("rise", act, by=(EPERM, EACCES, EINVAL, ENODEV, ENXIO))
    """
    attack(jail, code)


SPACES = {"mnt": 17, "cgroup": 25, "uts": 26, "ipc": 27, "user": 28, "pid": 29, "net": 30, "time": 7}


@pytest.mark.parametrize("name", SPACES)
def test_no_namespace_can_be_made_or_entered(jail: HostProcess, name: str) -> None:
    """Case 37: neither by unshare, clone, clone3, fork of either, nor by opening those there are."""
    code = f"""
    flag = 1 << {SPACES[name]}
    refused("unshare", lambda: syscall("unshare", flag), by=(EPERM,))
    refused("unshare with user", lambda: syscall("unshare", flag | 0x10000000), by=(EPERM,))
    def clone():
        pid = syscall("clone", flag | signal.SIGCHLD, 0, 0, 0, 0)
        if pid == 0: os._exit(0)
        return pid
    if flag != 1 << 7: refused("clone", clone, by=(EPERM,))  # CSIGNAL: no flag of clone
    def clone3():
        pid = syscall("clone3", struct.pack("=11Q", flag, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, 0), 88)
        if pid == 0: os._exit(0)
        return pid
    refused("clone3", clone3, by=(ENOSYS,))
    for pid in ("self", "1"):
        def enter(): syscall("setns", os.open("/proc/%s/ns/{name}" % pid, os.O_RDONLY), 0)
        refused("setns " + pid, enter, by=(EPERM, EACCES, ENOENT))
    """
    attack(jail, code)


MACHINE = {
    "reboot": "syscall('reboot', 0, 0, 0, 0)",
    "settimeofday": "syscall('settimeofday', 1, 0)",
    "clock_settime": "syscall('clock_settime', 1, 1)",
    "clock_adjtime": "syscall('clock_adjtime', 99, 1)",
    "adjtimex": "syscall('adjtimex', 1)",
    "sethostname": "syscall('sethostname', 1, 1)",
    "setdomainname": "syscall('setdomainname', 1, 1)",
    "bpf": "syscall('bpf', 0, bytes(128), 0)",
    "bpf program": "syscall('bpf', 5, struct.pack('=IIQQIIQ', 1, 2, 1, 1, 0, 0, 0) + bytes(88), 128)",
    "perf_event_open": "syscall('perf_event_open', struct.pack('=IIQ', 1, 128, 0) + bytes(112), 0, -1, -1, 0)",
    "userfaultfd": "syscall('userfaultfd', 0)",
    "userfaultfd of user mode": "syscall('userfaultfd', 1)",
    "personality READ_IMPLIES_EXEC": "syscall('personality', 0x0400000)",
    "personality ADDR_NO_RANDOMIZE": "syscall('personality', 0x0040000)",
    "personality 32 bits": "syscall('personality', 8)",
    "swapon": "syscall('swapon', 1, 0)",
    "swapoff": "syscall('swapoff', 1)",
    "kexec_load": "syscall('kexec_load', 0, 99, 0, 0xffff)",
    "kexec_file_load": "syscall('kexec_file_load', -1, -1, 0, 0, 0xffff)",
    "init_module": "syscall('init_module', 1, 0, 1)",
    "finit_module": "syscall('finit_module', -1, 1, 99)",
    "delete_module": "syscall('delete_module', 1, 0)",
    "acct": "syscall('acct', 1)",
    "quotactl": "syscall('quotactl', -1, 1, 0, 0)",
    "syslog": "syscall('syslog', 3, ctypes.create_string_buffer(100), 100)",
    "vhangup": "syscall('vhangup')",
    "lookup_dcookie": "syscall('lookup_dcookie', 0, 1, 1)",
    "mbind": "syscall('mbind', 0, 0, 0, 0, 0, 0)",
    "set_mempolicy": "syscall('set_mempolicy', 0, 0, 0)",
    "migrate_pages": "syscall('migrate_pages', 1, 0, 0, 0)",
    "move_pages": "syscall('move_pages', 1, 0, 0, 0, 0, 0)",
    "process_madvise": "syscall('process_madvise', -1, 0, 0, 0, 0)",
    "process_mrelease": "syscall('process_mrelease', -1, 0)",
    "memfd_secret": "syscall('memfd_secret', 0)",
    "nfsservctl": "syscall('nfsservctl', 0, 0, 0)",
}
ONLY_X86 = {
    "modify_ldt": "syscall('modify_ldt', 1, 0, 0)",
    "ioperm": "syscall('ioperm', 0x80, 1, 1)",
    "iopl": "syscall('iopl', 3)",
    "uselib": "syscall('uselib', 1)",
    "ustat": "syscall('ustat', 0, 1)",
    "sysfs": "syscall('sysfs', 3)",
}


def _cases(calls: dict[str, str], **values: Any) -> list[Any]:
    return [pytest.param(call, id=f"case 38 {name}", **values) for name, call in calls.items()]


@pytest.mark.parametrize("call", [*_cases(MACHINE), *_cases(ONLY_X86, marks=needs_x86)])
def test_the_machine_cannot_be_changed(jail: HostProcess, call: str) -> None:
    """Case 38: clocks, names, modules, kernels, swap, tracing and the young parts of the kernel: EPERM."""
    attack(jail, f"refused('the machine', lambda: {call}, by=(EPERM,))")


def test_memory_files_cannot_be_made(jail: HostProcess) -> None:
    """Case 49: memfd_create makes memory that no limit counts; libraries fall back on ENOSYS."""
    attack(jail, "refused('memfd_create', lambda: syscall('memfd_create', b'x', 0), by=(ENOSYS,))")


def test_calls_newer_than_the_filter_are_not_there(jail: HostProcess) -> None:
    """Own: what the filter does not know, it does not let through (mount calls by number, for example)."""
    code = """
    for number in list(range(451, 700)) + [1000, 4095, 0x3ffffff0]:
        refused("call %d" % number, lambda: syscall(number, -1, -1, -1, -1, -1, -1), by=(ENOSYS,))
    """
    attack(jail, code)


@needs_x86
def test_high_bits_of_arguments_fool_no_comparison(jail: HostProcess) -> None:
    """Own: the kernel cuts some arguments to 32 bits; a filter that compares 64 would be passed by."""
    code = """
    for high in (1 << 32, 0xffffffff << 32):
        def unsigned(value): return ctypes.c_ulong(value)
        for name, arguments in (("socket", (2, 1, 0)), ("socket", (16, 3, 0)), ("personality", (0x0400000,))):
            refused(name, lambda: syscall(name, unsigned(arguments[0] | high), *arguments[1:]), by=(EPERM, EACCES))
        refused("ioctl", lambda: syscall(16, 0, unsigned(0x5412 | high), b"x"), by=(EPERM,))
        refused("fcntl", lambda: syscall(72, 1, unsigned(1024 | high), 0), by=(EPERM,))
        device = os.makedev(254, 0)
        refused("mknod", lambda: syscall("mknodat", -100, b"node", unsigned(0o60600 | high), device), by=(EPERM,))
    """
    attack(jail, code)


def test_terminals_take_no_input_from_a_job(jail: HostProcess) -> None:
    """Own: TIOCSTI typed into the shell that had started a program; no terminal can be had or made."""
    code = """
    for number in (0, 1, 2):
        refused("TIOCSTI", lambda: fcntl.ioctl(number, 0x5412, b"x"), by=(EPERM,))
        refused("TIOCLINUX", lambda: fcntl.ioctl(number, 0x541C, b"\\x03"), by=(EPERM,))
        refused("TIOCSCTTY", lambda: fcntl.ioctl(number, 0x540E, 1), by=(EPERM, ENOTTY))
    refused("/dev/tty", os.open, "/dev/tty", os.O_RDWR)
    refused("a new terminal", os.openpty)
    refused("/dev/ptmx", os.open, "/dev/ptmx", os.O_RDWR)
    """
    attack(jail, code)


def test_clocks_are_as_they_were(jail: HostProcess) -> None:
    """Own: time can't be set by any call or clock, shifted by a namespace, nor the machine be woken."""
    code = """
    now = struct.pack("=qq", 10**9, 0)
    for clock in range(0, 12):
        refused("clock_settime %d" % clock, lambda: syscall("clock_settime", clock, now), by=(EPERM,))
    refused("time.clock_settime", time.clock_settime, time.CLOCK_REALTIME, 10**9, by=(EPERM,))
    refused("adjtimex", lambda: syscall("adjtimex", bytes(208)), by=(EPERM,))
    refused("clock_adjtime", lambda: syscall("clock_adjtime", 0, bytes(208)), by=(EPERM,))
    refused("a time namespace", lambda: syscall("unshare", 0x80), by=(EPERM,))
    def offsets(): os.write(os.open("/proc/self/timens_offsets", os.O_WRONLY), b"monotonic 86400 0")
    refused("offsets", offsets)
    timer = ctypes.c_int()
    for clock in (8, 9):  # CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM
        def create(): syscall("timer_create", clock, None, ctypes.byref(timer))
        refused("a timer that wakes", create, by=(EPERM, ENOTSUP))
    refused("/dev/rtc", os.open, "/dev/rtc", os.O_RDWR)
    """
    attack(jail, code)


def test_a_flood_of_timers_ends_at_a_limit(jail: HostProcess) -> None:
    """Own: timers and waiting signals are kernel memory; both count against one small limit."""
    code = """
    timer, made = ctypes.c_int(), 0
    tried("timers")
    try:
        for made in range(100000): syscall("timer_create", 1, None, ctypes.byref(timer))
    except OSError as error:
        if error.errno != EAGAIN: say("ODD", repr(error))
    if made > 1000: breach("%d timers" % made)
    """
    attack(jail, code)


def test_a_flood_of_waiting_signals_ends_at_a_limit(jail: HostProcess) -> None:
    """Own: queued signals to oneself are kernel memory that nobody counts but RLIMIT_SIGPENDING."""
    code = """
    tried("signals")
    number = signal.SIGRTMIN + 1
    signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    info, made = struct.pack("=iiiiiiq", number, 0, -1, 0, os.getpid(), 0, 0) + bytes(96), 0
    try:
        for made in range(100000): syscall("rt_sigqueueinfo", os.getpid(), number, info)
    except OSError as error:
        if error.errno != EAGAIN: say("ODD", repr(error))
    if made > 1000: breach("%d signals" % made)
    """
    attack(jail, code)


def test_walls_cannot_be_loosened_by_more_walls(jail: HostProcess) -> None:
    """Own: filters of the job's own only add; a listener for its own calls lets nothing through."""
    code = """
    allow = struct.pack("=HBBI", 6, 0, 0, 0x7fff0000)
    room = ctypes.create_string_buffer(allow, len(allow))
    program = ctypes.create_string_buffer(struct.pack("=H6xQ", 1, ctypes.addressof(room)), 16)
    libc.prctl(22, 2, ctypes.c_ulong(ctypes.addressof(program)), 0, 0)
    try: syscall("seccomp", 1, 8, program)  # a listener
    except OSError: pass
    refused("unshare", lambda: syscall("unshare", 0x10000000), by=(EPERM,))
    refused("write", open, "/etc/passwd", "w")
    refused("a socket", socket.socket, by=(EACCES,))
    refused("keyctl", lambda: syscall("keyctl", 0, -1, 0, 0, 0), by=(EPERM,))
    """
    attack(jail, code)


def test_rule_sets_cannot_be_made(jail: HostProcess) -> None:
    """Own: rules of Landlock are kernel memory that no limit counts; after the walls stand nobody needs them."""
    code = """
    rules = ctypes.create_string_buffer(struct.pack("=QQQ", 0, 3, 0), 24)
    refused("a rule set", lambda: os.close(syscall("landlock_create_ruleset", rules, 24, 0)))
    refused("a rule", lambda: syscall(445, -1, 2, bytes(16), 0))
    refused("to restrict itself", lambda: syscall(446, -1, 0))
    """
    attack(jail, code)


@needs_x86
def test_the_vsyscall_page_is_no_way_past_the_filter(jail: HostProcess) -> None:
    """Own: the fixed page of old calls (time, gettimeofday, getcpu) can at most end its own caller."""
    code = """
    tried("vsyscall")
    for page in (0xffffffffff600000, 0xffffffffff600400, 0xffffffffff600800, 0xffffffffff600001):
        in_child(lambda: ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)(page)(None, None))
    """
    attack(jail, code)


@pytest.mark.parametrize("argument", [-1, 0], ids=["minus one", "zero"])
def test_every_call_by_number_with_senseless_arguments_harms_nobody(jail: HostProcess, argument: int) -> None:
    """Own: all calls that the filter knows, in children that go on where the last one died; the aftermath tells."""
    code = f"""
    tried("all calls")
    at = mmap.mmap(-1, 4096)
    def go():
        for number in range(3, 64):
            try: os.close(number)
            except OSError: pass
        null = os.open("/dev/null", os.O_RDWR); os.dup2(null, 1); os.dup2(null, 2)
        while True:
            number = struct.unpack("=i", at[:4])[0]
            at[:4] = struct.pack("=i", number + 1)
            if number > 450: os._exit(0)
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            libc.syscall(ctypes.c_long(number), *[ctypes.c_long({argument})] * 6)
    while struct.unpack("=i", at[:4])[0] <= 450:
        status = in_child(go)
    """
    attack(jail, code)
