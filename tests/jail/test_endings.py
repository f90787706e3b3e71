"""Crashes, foreign calls, secrets in memory, and the death of a process above (cases 39 to 44)."""

from __future__ import annotations

import os
import platform
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.jail.attacking import attack, attack_text
from tests.jail.hosts import HostProcess

needs_x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="a calling convention of x86_64 only")


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
    for name in ("/bin/sh", "/bin/bash", "/usr/bin/env", "/usr/bin/python3", "/bin/busybox", "/sbin/init",
                 "/usr/sbin/nologin"):
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
    "an error while telling the error": "class E(Exception):\n    def __str__(self): raise E\n"
    "    __repr__ = __str__\nraise E",
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
    # 1: no file either, and no pipe to a program of the machine (Linux, fs/coredump.c)
    if resource.getrlimit(resource.RLIMIT_CORE) not in ((0, 0), (1, 1)): breach("limit")
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
    allowed = {"HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "MPLBACKEND", "MPLCONFIGDIR", "OMP_NUM_THREADS",
               "OMP_WAIT_POLICY", "PATH", "TMPDIR", "USER", "PYTHONIOENCODING",
               "PYTHONDONTWRITEBYTECODE", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
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
known = bytearray(b"studiolo-secret-" + b"%032x" % os.getpid())  # what a search must find
found = search()
if bytes(known) not in found: say("ODD", "the search finds nothing")
if found - {bytes(known)}: breach(found)
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


def test_when_the_nursery_dies_its_jobs_die_too(jail: HostProcess) -> None:
    """Case 43: all cells end with it, also jobs that clear their death signal; other deaths: test_long_lived.py."""
    code = """
    tried("stay")
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
    with jail.beside() as host:
        host.start(attack_text(code, host.facts), stream=True).until("up")
        (launcher,) = host.ask("state")["processes"]
        zygote = launcher[1][0]
        below = _flat(zygote[1])
        assert len(below) > 8
        host.ask("signal", who="nursery", signal=int(signal.SIGKILL))
        deadline = time.monotonic() + 2
        alive = below
        while alive and time.monotonic() < deadline:
            time.sleep(0.005)
            alive = [pid for pid in alive if _lives(Path(f"/proc/{pid}/status"))]
        for pid in alive:
            os.kill(pid, signal.SIGKILL)
        assert alive == []
        assert host.run("def azureml_main(frame): print('again')").log == "again\n"


def _flat(tree: list[Any]) -> list[int]:
    return [pid for entry, below in tree for pid in (entry, *_flat(below))]


def _lives(status: Path) -> bool:
    try:
        return "State:\tZ" not in status.read_text()
    except OSError:
        return False
