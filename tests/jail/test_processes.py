"""Processes and how they end (facts/sandbox-attacks.md, cases 28 to 35 and 39 to 44)."""

from __future__ import annotations

import platform
from typing import Any

import pytest

from tests.jail.attacking import attack, attack_text
from tests.jail.hosts import HostProcess

needs_x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="a calling convention of x86_64 only")

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
    refused("environment of %d" % pid, lambda: leak(read("/proc/%d/environ" % pid), "environment") or read("/proc/%d/environ" % pid))
    refused("arguments of %d" % pid, lambda: leak(read("/proc/%d/cmdline" % pid), "arguments") or read("/proc/%d/cmdline" % pid))
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
    targets = [V["host"], V["victim"], 1, *range(2, 400)]
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
    refused("pidfd of its folder", lambda: syscall("pidfd_send_signal", os.open("/proc/1", os.O_RDONLY), 9, None, 0), by=by + (EBADF,))
    refused("pidfd with thread", lambda: syscall("pidfd_send_signal", syscall("pidfd_open", 1, 0x80), 9, None, 0), by=by)
    refused("everybody", os.kill, -1, signal.SIGKILL, by=by)
    refused("the parent", lambda: os.kill(os.getppid(), signal.SIGSTOP) if os.getppid() else syscall("setns", -1, 0), by=by)
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
    refused("pidfd_getfd of itself", lambda: syscall("pidfd_getfd", syscall("pidfd_open", os.getpid(), 0), 1, 0), by=(EPERM,))
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
except RuntimeError: tried("refused after %d" % made)
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
            "while True:\n    if os.fork() == 0:\n        for n in range(10**6): pass\n        os._exit(0)\n    os.wait()",
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


DAEMONS = {
    "double fork": "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0: live()\n    os._exit(0)\nos.wait()",
    "ignores every signal": "if os.fork() == 0:\n    os.setsid()\n    for n in range(1, 65):\n"
    "        try: signal.signal(n, signal.SIG_IGN)\n        except (OSError, ValueError): pass\n    live()",
    "stopped": "for _ in range(5):\n    if os.fork() == 0: os.kill(os.getpid(), signal.SIGSTOP); live()",
    "forks for ever": "if os.fork() == 0:\n    while True:\n        if os.fork(): os._exit(0)\n        time.sleep(0.001)",
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
    "all threads stopped": "import threading\nfor _ in range(5): threading.Thread(target=time.sleep, args=(60,)).start()\n"
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


FOREIGN = {
    "i386": "b'\\x53\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\x5b\\xc3'",  # getpid by int 0x80
    "i386 socket": "b'\\x53\\xb8\\x67\\x01\\x00\\x00\\xcd\\x80\\x5b\\xc3'",
    "x32": "b'\\xb8\\x27\\x00\\x00\\x40\\x0f\\x05\\xc3'",  # getpid with the bit of x32
    "x32 by the highest number": "b'\\xb8\\xff\\xff\\xff\\xff\\x0f\\x05\\xc3'",
}


@needs_x86
@pytest.mark.parametrize("machine_code", FOREIGN.values(), ids=[f"case 39 {name}" for name in FOREIGN])
def test_foreign_calling_conventions_kill(jail: HostProcess, machine_code: str) -> None:
    """Case 39: their calls have other numbers, which the filter would misread."""
    code = f"""
    tried("call")
    room = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
    room.write({machine_code})
    at = ctypes.addressof(ctypes.c_char.from_buffer(room))
    ctypes.CFUNCTYPE(ctypes.c_int)(at)()
    breach("it came back")
    """
    reply = attack(jail, code, ends_with="killed")
    assert reply.details["signal"] == "SIGSYS"


def test_no_program_of_the_machine_can_be_started(jail: HostProcess) -> None:
    """Case 40: no shell, no env, nothing of /bin, not through the loader; the interpreter is what there is."""
    code = """
    import glob, shutil
    for name in ("/bin/sh", "/bin/bash", "/usr/bin/env", "/usr/bin/python3", "/bin/busybox", "/sbin/init", "/usr/sbin/nologin"):
        refused(name, os.execv, name, [name])
        refused("/usr" + name, os.execv, "/usr" + name, [name])
    refused("os.system", lambda: os.system("true") and syscall("setns", -1, 0))
    for loader in glob.glob("/lib*/ld-linux*") + glob.glob("/lib*/*/ld-linux*"):
        tried(loader)
        if subprocess.call([loader, "/bin/sh", "-c", "true"], stderr=subprocess.DEVNULL) == 0: breach(loader)
    for name in ("sh", "bash", "sudo", "su", "gcc", "git", "perl", "mount"):
        if shutil.which(name, path="/bin:/usr/bin:/sbin:/usr/sbin:/usr/local/bin"): breach(name)
    """
    attack(jail, code)


CRASHES: dict[str, tuple[str, dict[str, Any]]] = {
    "segfault": ("ctypes.string_at(8)", {"signal": "SIGSEGV"}),
    "abort": ("os.abort()", {"signal": "SIGABRT"}),
    "illegal instruction": ("os.kill(os.getpid(), signal.SIGILL)", {"signal": "SIGILL"}),
    "a bus error": (
        "number = os.open('f', os.O_CREAT | os.O_RDWR); os.ftruncate(number, 4096)\n"
        "room = mmap.mmap(number, 4096); os.ftruncate(number, 0); room[0]",
        {"signal": "SIGBUS"},
    ),
    "killed by itself": ("os.kill(os.getpid(), signal.SIGKILL)", {"signal": "SIGKILL"}),
    "terminated by itself": ("os.kill(os.getpid(), signal.SIGTERM)", {"signal": "SIGTERM"}),
    "hung up by itself": ("os.kill(os.getpid(), signal.SIGHUP)", {"signal": "SIGHUP"}),
    "20 MB on the stack": (
        "import threading\nthreading.stack_size(32768)\nsys.setrecursionlimit(10**8)\n"
        "def deep(n): return sorted([n], key=deep)\n"
        "one = threading.Thread(target=deep, args=(1,)); one.start(); one.join()",
        {"signal": "SIGSEGV"},
    ),
    "in a thread": (
        "import threading\none = threading.Thread(target=ctypes.string_at, args=(8,)); one.start(); one.join()",
        {"signal": "SIGSEGV"},
    ),
    "though it is ignored": (
        "signal.signal(signal.SIGSEGV, signal.SIG_IGN); ctypes.string_at(8)",
        {"signal": "SIGSEGV"},
    ),
}


@pytest.mark.parametrize("name", CRASHES)
def test_a_crash_is_told_by_its_signal(jail: HostProcess, name: str) -> None:
    """Case 41: the job ends with a clear error; no copy of the zygote runs on, and no core file is left (case 42)."""
    code, details = CRASHES[name]
    reply = attack(jail, "tried('crash')\n" + code, ends_with="killed")
    assert details.items() <= dict(reply.details).items(), reply.details


RAISES = {
    "recursion without end": "def f(n): return f(n + 1)\nf(0)",
    "recursion in text": "class E(Exception):\n    def __str__(self): return str(self)\nraise E",
    "an error while telling the error": "class E(Exception):\n    def __str__(self): raise E\n    __repr__ = __str__\nraise E",
    "out of recursion while telling": "sys.setrecursionlimit(100)\ndef f(): f()\nf()",
    "a broken excepthook": "sys.excepthook = None; sys.stderr = None; raise ValueError",
    "keyboard": "raise KeyboardInterrupt",
    "generator": "raise GeneratorExit",
    "no class of errors": "class B(BaseException): pass\nraise B",
}


@pytest.mark.parametrize("code", RAISES.values(), ids=[f"case 41 {name}" for name in RAISES])
def test_an_odd_error_is_the_scripts_error(jail: HostProcess, code: str) -> None:
    """Case 41: the error is told, the worker ends, and the zygote does not run on in its child."""
    reply = attack(jail, "tried('raise')\n" + code, ends_with="script-raised")
    assert reply.where["file"] == "scripts/node.py"


def test_crashes_leave_no_core(jail: HostProcess) -> None:
    """Case 42: neither a file in the box nor a limit that could be raised; the kernel may not dump secrets."""
    code = """
    tried("crash a child")
    status = in_child(lambda: ctypes.string_at(8))
    if os.WCOREDUMP(status): breach("dumped")
    if resource.getrlimit(resource.RLIMIT_CORE) != (0, 0): breach("limit")
    left = [name for place in (".", "/tmp", "/dev/shm", "..") for name in os.listdir(place) if "core" in name]
    if left: breach(left)
    refused("raise it", lambda: syscall("prlimit64", 0, 4, struct.pack("=QQ", 1 << 20, 1 << 20), None), by=(EPERM,))
    """
    attack(jail, code)


def test_secrets_of_the_host_are_in_no_environment(jail: HostProcess) -> None:
    """Case 44: neither in its own environment, arguments and memory, nor in another process's."""
    code = """
    tried("look")
    leak(repr(dict(os.environ)) + repr(sys.argv) + repr(getattr(sys, "orig_argv", "")), "python")
    if V["variable"] in os.environ: breach("the variable")
    allowed = {"HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "MPLBACKEND", "MPLCONFIGDIR", "OMP_NUM_THREADS", "PATH", "TMPDIR",
               "USER", "PYTHONIOENCODING", "PYTHONDONTWRITEBYTECODE", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
               "NUMEXPR_NUM_THREADS", "JE_ARROW_MALLOC_CONF", "ARROW_DEFAULT_MEMORY_POOL"}
    more = {name for name in os.environ if name not in allowed and not name.startswith(("KMP_", "STUDIOLO_"))}
    if more: breach(sorted(more))
    for name in os.listdir("/proc"):
        if name.isdigit():
            for what in ("environ", "cmdline", "auxv"):
                try: leak(read("/proc/%s/%s" % (name, what), 1 << 20), name + what)
                except OSError: pass
    """
    attack(jail, code)


SEARCH = """
tried("search all memory")
import gc
mark = b"studiolo-" + b"secret-"
pattern = re.compile(b"studiolo-sec[r]et-[0-9a-f]{32}")
def search():
    found = set()
    with open("/proc/self/mem", "rb", 0) as memory:
        for line in open("/proc/self/maps"):
            place, rights = line.split()[:2]
            if "r" not in rights or "[v" in line: continue
            begin, end = (int(part, 16) for part in place.split("-"))
            for at in range(begin, end, 1 << 22):
                try: data = os.pread(memory.fileno(), min(end - at, 1 << 22) , at)
                except OSError: break
                found |= set(pattern.findall(data))
    return found
found = search()
if found: breach(found)
frame, names = sys._getframe(), set()
while frame is not None:
    names |= {repr(value) for value in list(frame.f_locals.values()) if isinstance(value, (str, bytes))}
    frame = frame.f_back
for value in gc.get_objects():
    if isinstance(value, dict): names |= {item for item in list(value.values()) if isinstance(item, str)}
leak(" ".join(names), "frames and objects")
"""


def test_memory_holds_nothing_of_the_host_or_other_jobs(jail: HostProcess) -> None:
    """Own, case 70: after a job with a secret in its text, data and log, another searches all it can reach."""
    secret = "studiolo-secret-" + "ab" * 16
    table = [{"a": [secret] * 1000}]
    first = jail.run(
        f"def azureml_main(frame):\n    print(frame['a'][0]); x = '{secret}'\n    return frame", inputs=table
    )
    assert first.log == secret + "\n"
    attack(jail, SEARCH)


@pytest.mark.parametrize("who", ["host", "launcher", "zygote", "nursery"])
def test_when_a_process_above_dies_nothing_lives_on(jail: HostProcess, who: str) -> None:
    """Case 43: SIGKILL to the host or a process of the pool, while a job that clears its death signal runs."""
    import os
    import signal
    import time
    from pathlib import Path

    code = """
    tried("stay")
    import threading
    prctl(1, 0)
    for n in range(3):
        if os.fork() == 0:
            prctl(1, 0); os.setsid()
            for number in range(1, 65):
                try: signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError): pass
            while True: time.sleep(0.01)
    say("TRIED", "up"); time.sleep(60)
    """
    with HostProcess(jail.account) as host:
        host.start(attack_text(code, host.facts), stream=True).until("up")
        state = host.ask("state")
        below = _flat(state["processes"])
        assert len(below) > 8
        if who == "host":
            host.kill()
        else:
            if who == "nursery":  # its cells and the jobs in them end with it; the zygote stays
                nursery = state["processes"][0][1][0][1][0]
                below = _flat([nursery])
            host.ask("signal", who=who, signal=int(signal.SIGKILL))
        began = time.monotonic()
        alive = below
        while alive and time.monotonic() - began < 10:
            time.sleep(0.005)
            alive = [pid for pid in alive if _lives(Path(f"/proc/{pid}/status"))]
        took = time.monotonic() - began
        for pid in alive:
            os.kill(pid, signal.SIGKILL)
        assert (alive, took < 2) == ([], True), took
        if who != "host":
            assert host.run("def azureml_main(frame): print('again')").log == "again\n"


def _flat(tree: list[Any]) -> list[int]:
    return [pid for entry, below in tree for pid in (entry, *_flat(below))]


def _lives(status: Any) -> bool:
    try:
        return "State:\tZ" not in status.read_text()
    except OSError:
        return False
