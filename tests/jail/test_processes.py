"""Other processes, and what a job leaves behind (facts/sandbox-attacks.md, cases 28 to 35 and 44)."""

from __future__ import annotations

import pytest

from tests.jail.attacking import attack, attack_text
from tests.jail.hosts import HostProcess

# Also run without a jail by test_control.py: there each of them is a breach.
FREEZE_VICTIM = """
refused("stop a process of the host", os.kill, V["victim"], signal.SIGSTOP, by=(ESRCH, EPERM))
"""


LIMIT_VICTIM = """
victim = V["victim"]
refused("limits", resource.prlimit, victim, resource.RLIMIT_NOFILE, (100, 100), by=(ESRCH, EPERM))
refused("priority", os.setpriority, os.PRIO_PROCESS, victim, 19, by=(ESRCH, EPERM, EACCES))
refused("processor", os.sched_setaffinity, victim, {0}, by=(ESRCH, EPERM))
refused("scheduler", os.sched_setscheduler, victim, os.SCHED_BATCH, os.sched_param(0), by=(ESRCH, EPERM))
refused("input and output", lambda: syscall("ioprio_set", 1, victim, 3 << 13), by=(ESRCH, EPERM))
"""


PEEK_VICTIM = """
room = ctypes.create_string_buffer(64)
piece = struct.pack("=QQ", ctypes.addressof(room), 64)
def peek():
    for line in open("/proc/%d/maps" % V["victim"]):
        if "r" in line.split()[1]: break
    there = struct.pack("=QQ", int(line.split("-")[0], 16), 64)
    return syscall("process_vm_readv", V["victim"], piece, 1, there, 1, 0)
refused("read the memory of a process of the host", peek, by=(ENOENT, ESRCH, EPERM))
"""


READ_ENVIRONMENT = """
for pid in (V["host"], V["victim"], os.getppid()):
    for name in ("environ", "cmdline"): refused("%s of %d" % (name, pid), read, "/proc/%d/%s" % (pid, name))
"""


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(FREEZE_VICTIM, id="case 28 stop a process of the host"),
        pytest.param(PEEK_VICTIM, id="case 29 read its memory"),
        pytest.param(LIMIT_VICTIM, id="case 30 limit it"),
        pytest.param(READ_ENVIRONMENT, id="case 44 read its environment"),
    ],
)
def test_processes_of_the_host_are_out_of_reach(jail: HostProcess, code: str) -> None:
    """Cases 28 to 30, 44: the victim is of the same account; the aftermath shows it unharmed."""
    attack(jail, code)


def test_no_signal_reaches_another_process(jail: HostProcess) -> None:
    """Case 28: by every call that sends one, to the host, the victim, init, the parent, by any number."""
    code = """
    by = (ESRCH, EPERM, EINVAL, ENOSYS)
    info = struct.pack("=iii", 0, 0, -1) + bytes(116)
    targets = [V["host"], V["victim"], 1] + list(range(2, 400))
    for pid in targets:
        if pid == os.getpid(): continue
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT) if pid < 5 or pid > 300 else (0,):
            refused("kill %d" % pid, os.kill, pid, number, by=by)
            refused("tkill %d" % pid, lambda: syscall("tkill", pid, number), by=by)
            refused("tgkill %d" % pid, lambda: syscall("tgkill", pid, pid, number), by=by)
            refused("sigqueue %d" % pid, lambda: syscall("rt_sigqueueinfo", pid, number, info), by=by)
            refused("tgsigqueue %d" % pid, lambda: syscall("rt_tgsigqueueinfo", pid, pid, number, info), by=by)
            if pid not in (0, 1): refused("group %d" % pid, os.killpg, pid, number, by=by)
        def by_handle(): syscall("pidfd_send_signal", syscall("pidfd_open", pid, 0), 9, None, 0)
        refused("pidfd %d" % pid, by_handle, by=by)
    def by_folder(): syscall("pidfd_send_signal", os.open("/proc/1", os.O_RDONLY), 9, None, 0)
    def by_thread(): syscall("pidfd_send_signal", syscall("pidfd_open", 1, 0x80), 9, None, 0)
    refused("pidfd of its folder", by_folder, by=by + (EBADF,))
    refused("pidfd of a thread", by_thread, by=by)
    refused("everybody", os.kill, -1, signal.SIGKILL, by=by)
    if os.getppid(): refused("the parent", os.kill, os.getppid(), signal.SIGSTOP, by=by)
    def owner():
        read_end, write_end = os.pipe()
        fcntl.fcntl(read_end, fcntl.F_SETOWN, 1); fcntl.fcntl(read_end, 10, signal.SIGKILL)
        fcntl.fcntl(read_end, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK); os.write(write_end, b"x")
    try: owner()  # F_SETOWN sends later, or never: init is there at the end
    except OSError: pass
    os.kill(os.getpid(), 0)
    """
    attack(jail, code, limits={"log_kb": 4096})


def test_no_process_can_be_traced_or_read(jail: HostProcess) -> None:
    """Case 29: not even its own children, so that no bug of tracing is in reach."""
    code = """
    child = os.fork()
    if child == 0: time.sleep(60)
    room = ctypes.create_string_buffer(64)
    piece = struct.pack("=QQ", ctypes.addressof(room), 64)
    for pid in (1, child, V["victim"], V["host"]):
        for request, name in ((16, "attach"), (0x4206, "seize"), (2, "peek"), (0, "traceme")):
            refused("ptrace %s %d" % (name, pid), lambda: syscall("ptrace", request, pid, 0, 0), by=(EPERM,))
        refused("readv", lambda: syscall("process_vm_readv", pid, piece, 1, piece, 1, 0), by=(EPERM,))
        refused("writev", lambda: syscall("process_vm_writev", pid, piece, 1, piece, 1, 0), by=(EPERM,))
        refused("kcmp", lambda: syscall("kcmp", os.getpid(), pid, 0, 0, 0), by=(EPERM,))
        def steal():
            handle = syscall("pidfd_open", pid, 0)
            return syscall("pidfd_getfd", handle, 0, 0)
        refused("pidfd_getfd", steal, by=(EPERM, ESRCH, EINVAL))
        if pid != child: refused("mem", os.open, "/proc/%d/mem" % pid, os.O_RDONLY)
    own = syscall("pidfd_open", os.getpid(), 0)
    refused("pidfd_getfd of itself", lambda: syscall("pidfd_getfd", own, 1, 0), by=(EPERM,))
    os.kill(child, signal.SIGKILL)
    """
    attack(jail, code)


def test_no_other_process_can_be_slowed_or_limited(jail: HostProcess) -> None:
    """Case 30: by number, by group, by user: what the same account owns outside stays as it is."""
    code = LIMIT_VICTIM + (
        """
for pid in range(2, 2000):
    if pid == os.getpid(): continue
    try: resource.prlimit(pid, resource.RLIMIT_NOFILE)
    except ProcessLookupError: continue
    except PermissionError: pass
    breach("process %d" % pid)
for uid in (0, 1000, 12345, 2000000001):
    for what, who in ((os.PRIO_USER, uid), (os.PRIO_PGRP, V["host"])):
        try: os.setpriority(what, who, 19)  # of its own processes, where it may
        except OSError as error:
            if error.errno not in (ESRCH, EPERM, EACCES): say("ODD", repr(error))
"""
    )
    attack(jail, code)


BOMBS = {
    "linear": """
try:
    while True:
        if os.fork() == 0: time.sleep(60); os._exit(0)
        made += 1
except BlockingIOError: tried("refused after %d" % made)
""",
    "exponential": """
tried("everybody forks")
for _ in range(12):
    try: os.fork()
    except BlockingIOError: pass
if os.getpid() != first: time.sleep(60); os._exit(0)
""",
    "threads": """
import threading
try:
    while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); made += 1
except threading.ThreadError: tried("refused after %d" % made)
""",
    "vfork": """
tried("vfork")
for _ in range(200):
    try: subprocess.Popen(["/nothing"])
    except OSError: pass
""",
    "zombies": """
tried("zombies")
try:
    for made in range(100000):
        if os.fork() == 0: os._exit(0)
except BlockingIOError: pass
""",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=[f"case 31 {name}" for name in BOMBS])
def test_bombs_of_processes_stay_small(jail: HostProcess, bomb: str) -> None:
    """Case 31: EAGAIN at the limit, the host answers meanwhile, and all are dead at the end."""
    code = "made, first = 0, os.getpid()\n" + bomb + "\nif made > 40: breach('%d processes' % made)"
    running = jail.start(attack_text(code, jail.facts), limits={"processes": 20})
    beside = jail.run("def azureml_main(frame): print('beside')")
    reply = running.reply()
    assert (beside.code, beside.log) == (None, "beside\n")
    assert "TRIED" in reply.log and "BREACH" not in reply.log, reply.log
    assert reply.code is None, (reply.code, reply.summary, reply.traceback)


@pytest.mark.parametrize(
    ("code", "limits", "ends"),
    [
        (
            "for _ in range(3):\n    if os.fork() == 0:\n        while True: pass\nfor _ in range(3): os.wait()",
            {"cpu_seconds": 1},
            "cpu-limit",
        ),
        ("if os.fork() == 0: time.sleep(60)\nos.wait()", {"wall_seconds": 1}, "wall-limit"),
        (
            "while True:\n    if os.fork() == 0:\n        for n in range(10**6): pass\n"
            "        os._exit(0)\n    os.wait()",
            {"cpu_seconds": 1, "wall_seconds": 20},
            "cpu-limit",
        ),
    ],
    ids=["case 32 busy children", "case 32 a sleeping child", "case 32 many short children"],
)
def test_limits_hold_for_children_too(
    jail: HostProcess, code: str, limits: dict[str, int], ends: str
) -> None:
    """Case 32: CPU time is summed over the job's processes, those that have ended too."""
    attack(jail, "tried('burn')\n" + code, ends_with=ends, limits=limits)


def test_page_tables_count_as_memory(jail: HostProcess) -> None:
    """Own: reading a byte in each 2 MB of a huge empty map costs a page of tables each, in every child anew."""
    code = """
    libc.mmap.restype = ctypes.c_void_p
    def fill():
        for size in (15 << 30, 1 << 30):
            at = libc.mmap(None, ctypes.c_size_t(size), 1, 0x4022, -1, ctypes.c_long(0))
            if at == 2**64 - 1: continue
            for place in range(at, at + size, 2 << 20): ctypes.c_char.from_address(place).value
        time.sleep(60)
    tried("fill")
    for _ in range(12):
        if os.fork() == 0: fill()
    time.sleep(60)
    """
    attack(jail, code, ends_with="out-of-memory", limits={"memory_mb": 150, "wall_seconds": 10})


DAEMONS = {
    "double fork": "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: live()\n    os._exit(0)\nos.wait()",
    "ignores every signal": "if os.fork() == 0:\n    os.setsid()\n    for n in range(1, 65):\n"
    "        try: signal.signal(n, signal.SIG_IGN)\n        except (OSError, ValueError): pass\n    live()",
    "stopped": "for _ in range(5):\n    if os.fork() == 0: os.kill(os.getpid(), signal.SIGSTOP); live()",
    "forks for ever": "if os.fork() == 0:\n    while True:\n        if os.fork(): os._exit(0)\n"
    "        time.sleep(0.001)",
    "threads": "import threading\nfor _ in range(10): threading.Thread(target=live, daemon=True).start()",
    "waits in vfork": "if os.fork() == 0:\n    if libc.vfork() == 0:\n        while True: libc.pause()",
    "without death signal": "if os.fork() == 0:\n    prctl(1, 0); os.setsid(); prctl(4, 0); live()",
    "a reaper of its own": "prctl(36, 1)\nif os.fork() == 0:\n    if os.fork() == 0: live()\n    os._exit(0)",
    "at exit": "import atexit\natexit.register(live)",
    "holds the log": "if os.fork() == 0:\n    os.setsid()\n    while True: os.write(1, b'x' * 4096)",
    "a thread that is no daemon": "import threading\nthreading.Thread(target=live).start()",
}


@pytest.mark.parametrize("daemon", DAEMONS.values(), ids=[f"case 33 {name}" for name in DAEMONS])
def test_what_a_job_leaves_behind_dies_with_it(jail: HostProcess, daemon: str) -> None:
    """Case 33: the run ends when azureml_main has returned, whatever still lives; the aftermath finds nothing."""
    code = "tried('stay')\ndef live():\n    while True: time.sleep(0.01)\n" + daemon
    reply = jail.run(attack_text(code, jail.facts))
    assert reply.code is None and reply.usage["wall_seconds"] < 20, (
        reply.code,
        reply.summary,
        reply.log[:1000],
    )


STUBBORN = {
    "ignores every signal": "for n in range(1, 65):\n    try: signal.signal(n, signal.SIG_IGN)\n"
    "    except (OSError, ValueError): pass\nwhile True: time.sleep(1)",
    "stops itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "stops its group": "os.fork(); os.kill(0, signal.SIGSTOP)",
    "sleeps for ever": "time.sleep(10**6)",
    "works for ever": "while True: pass",
    "reads for ever": "while True: read('/dev/urandom', 1 << 20)",
    "waits in vfork": "if libc.vfork() == 0:\n    while True: libc.pause()",
    "waits for a lock": "import threading\nlock = threading.Lock(); lock.acquire(); lock.acquire()",
    "never lets the interpreter": "re.match('(a+)+$', 'a' * 40 + 'b')",
    "waits for itself": "a, b = socket.socketpair()\na.recv(1)",
    "all threads stopped": "import threading\n"
    "for _ in range(5): threading.Thread(target=time.sleep, args=(60,)).start()\n"
    "os.kill(os.getpid(), signal.SIGSTOP)",
}


def test_what_never_ends_is_killed_at_the_wall_limit(jail: HostProcess) -> None:
    """Case 34: also a frozen process, and one that ignores every signal; all at once, a second each."""
    running = {
        name: jail.start(attack_text(f"tried('stay')\n{code}", jail.facts), limits={"wall_seconds": 1})
        for name, code in STUBBORN.items()
    }
    replies = {name: pending.reply() for name, pending in running.items()}
    assert {name: reply.code for name, reply in replies.items()} == dict.fromkeys(STUBBORN, "wall-limit")


def test_a_job_that_ignores_sigxcpu_ends_at_the_hard_limit(jail: HostProcess) -> None:
    """Case 35: the kernel's second limit, or the watcher, takes no answer."""
    code = """
    tried("spin")
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True: pass
    """
    attack(jail, code, ends_with="cpu-limit", limits={"cpu_seconds": 1})
