"""The form of an attack: a script that says what it tried and what it managed.

    attack(jail, "refused('read shadow', lambda: open('/etc/shadow').read(), by=[ENOENT])")

The text runs inside `azureml_main`, after a prelude with `V` (where the victims are), and these:

    refused(what, act, by=…)   `act` must fail, and by one of these error numbers; otherwise a BREACH
    tried(what), breach(what)  say so by hand
    leak(data)                 a BREACH when `data` holds a secret of the victims
    syscall(name, *arguments)  a raw system call; raises OSError

A wrong error number is told as `ODD`: then the attempt may have failed by its own fault, not by a wall.
"""

from __future__ import annotations

import textwrap
from typing import Any

from tests.jail.hosts import HostProcess, Reply

PRELUDE = '''
import ctypes, errno, fcntl, mmap, os, platform, re, resource, select, signal, socket, struct, subprocess, sys, time
from errno import *
from numbers import Integral

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
WALLS = (EPERM, EACCES, ENOSYS, ENOENT, EROFS)
_X86_64 = dict(acct=163, add_key=248, adjtimex=159, bpf=321, capset=126, chroot=161, clock_adjtime=305,
    clock_settime=227, clone=56, clone3=435, copy_file_range=326, delete_module=176, fallocate=285,
    fanotify_init=300, finit_module=313, fsconfig=431, fsmount=432, fsopen=430, fspick=433, getpid=39,
    init_module=175, inotify_init1=294, io_setup=206, io_uring_enter=426, io_uring_register=427,
    io_uring_setup=425, ioperm=173, iopl=172, ioprio_set=251, kcmp=312, kexec_file_load=320, kexec_load=246,
    keyctl=250, kill=62, landlock_create_ruleset=444, lookup_dcookie=212, mbind=237, memfd_create=319,
    memfd_secret=447, migrate_pages=256, mknodat=259, modify_ldt=154, mount=165, mount_setattr=442,
    move_mount=429, move_pages=279, mq_open=240, msgget=68, name_to_handle_at=303, nfsservctl=180,
    open_by_handle_at=304, open_tree=428, openat2=437, perf_event_open=298, personality=135, pidfd_getfd=438,
    pidfd_open=434, pidfd_send_signal=424, pivot_root=155, prlimit64=302, process_madvise=440,
    process_mrelease=448, process_vm_readv=310, process_vm_writev=311, ptrace=101, quotactl=179, reboot=169,
    request_key=249, rt_sigqueueinfo=129, rt_tgsigqueueinfo=297, sched_setaffinity=203, sched_setattr=314,
    seccomp=317, semget=64, set_mempolicy=238, setdomainname=171, sethostname=170, setns=308,
    setpriority=141, setresuid=117, settimeofday=164, shmat=30, shmget=29, socket=41, swapoff=168, swapon=167,
    sysfs=139, syslog=103, tgkill=234, timer_create=222, tkill=200, umount2=166, unshare=272, uselib=134,
    userfaultfd=323, ustat=136, vhangup=153, vmsplice=278)
_AARCH64 = dict(acct=89, add_key=217, adjtimex=171, bpf=280, capset=91, chroot=51, clock_adjtime=266,
    clock_settime=112, clone=220, clone3=435, copy_file_range=285, delete_module=106, fallocate=47,
    fanotify_init=262, finit_module=273, fsconfig=431, fsmount=432, fsopen=430, fspick=433, getpid=172,
    init_module=105, inotify_init1=26, io_setup=0, io_uring_enter=426, io_uring_register=427,
    io_uring_setup=425, ioprio_set=30, kcmp=272, kexec_file_load=294, kexec_load=104, keyctl=219, kill=129,
    landlock_create_ruleset=444, lookup_dcookie=18, mbind=235, memfd_create=279, memfd_secret=447,
    migrate_pages=238, mknodat=33, mount=40, mount_setattr=442, move_mount=429, move_pages=239, mq_open=180,
    msgget=186, name_to_handle_at=264, nfsservctl=42, open_by_handle_at=265, open_tree=428, openat2=437,
    perf_event_open=241, personality=92, pidfd_getfd=438, pidfd_open=434, pidfd_send_signal=424,
    pivot_root=41, prlimit64=261, process_madvise=440, process_mrelease=448, process_vm_readv=270,
    process_vm_writev=271, ptrace=117, quotactl=60, reboot=142, request_key=218, rt_sigqueueinfo=138,
    rt_tgsigqueueinfo=240, sched_setaffinity=122, sched_setattr=274, seccomp=277, semget=190,
    set_mempolicy=237, setdomainname=162, sethostname=161, setns=268, setpriority=140, setresuid=147,
    settimeofday=170, shmat=196, shmget=194, socket=198, swapoff=225, swapon=224, syslog=116, tgkill=131,
    timer_create=107, tkill=130, umount2=39, unshare=97, userfaultfd=282, vhangup=58, vmsplice=75)
NUMBERS = _AARCH64 if platform.machine() == "aarch64" else _X86_64


def say(word, what):
    """One write: children and threads say things too."""
    sys.stdout.flush()
    text = ("%s: %s" % (word, what)).replace("\\n", " ")[:2000]
    os.write(1, (text if isinstance(text, bytes) else text.encode("utf-8", "replace")) + b"\\n")


def tried(what): say("TRIED", what)


def breach(what): say("BREACH", what)


def refused(what, act, *arguments, **options):
    by = options.get("by", WALLS)
    tried(what)
    try:
        value = act(*arguments)
    except OSError as error:
        if getattr(error, "errno", error.args[:1]) not in by:
            say("ODD", "%s: %r" % (what, error))
        return None
    except Exception as error:
        say("ODD", "%s: %r" % (what, error))
        return None
    breach("%s gave %r" % (what, value))
    return value


def syscall(name, *arguments):
    number = NUMBERS[name] if isinstance(name, str) else name
    converted = [ctypes.c_long(item) if isinstance(item, Integral) else item for item in arguments]
    value = libc.syscall(ctypes.c_long(number), *converted)
    if value < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return value


def prctl(option, *arguments):
    rest = [ctypes.c_ulong(argument) for argument in (arguments + (0,) * 4)[:4]]
    if libc.prctl(option, *rest) < 0:
        raise OSError(ctypes.get_errno(), "prctl")


def leak(data, where):
    found = re.findall(b"studiolo-sec[r]et-[0-9a-f]{32}", data if isinstance(data, bytes) else data.encode())
    if found:
        breach("%s holds a secret" % where)


def read(path, size=1 << 16):
    with open(path, "rb") as file:
        return file.read(size)


def in_child(act):
    """Run `act` in a fork; give its wait status."""
    pid = os.fork()
    if pid == 0:
        try:
            act()
        except BaseException as error:
            say("CHILD", repr(error))
        finally:
            os._exit(0)
    return os.waitpid(pid, 0)[1]


def job_socket():
    """The job's own socket to the host, and the descriptor of its report."""
    connection = report = None
    for number in range(3, 64):
        try: target = os.readlink("/proc/self/fd/%d" % number)
        except OSError: continue
        if target.startswith("socket:"): connection = socket.socket(fileno=os.dup(number))
        if "report" in target: report = number
    return connection, report
'''


def body(code: str) -> str:
    """Give a script whose `azureml_main` does `code`."""
    return "def azureml_main(dataframe1=None, dataframe2=None):\n" + textwrap.indent(
        textwrap.dedent(code).strip() + "\n", "    "
    )


def attack_text(code: str, facts: dict[str, Any]) -> str:
    """Give the whole text of an attack: prelude, where the victims are, and `code` in `azureml_main`."""
    return f"{PRELUDE}\nV = {facts!r}\n\n{body(code)}"


def attack(jail: HostProcess, code: str, ends_with: str | None = None, **values: Any) -> Reply:
    """Run an attack; assert that it was made, that every part of it failed by a wall, and how the job ended.

    Args:
        jail: where.
        code: the attack.
        ends_with: code of the error that the job must end with; None when it must succeed.
        values: for `jail.run`.
    """
    reply = jail.run(attack_text(code, jail.facts), **values)
    assert failures(reply.log) == [], reply.log
    assert "TRIED" in reply.log, (reply.code, reply.summary, reply.log)
    assert reply.code == ends_with, (reply.code, reply.summary, reply.traceback, reply.log)
    return reply


def failures(log: str) -> list[str]:
    """Give the lines of an attack's log that tell of a breach, or of an attempt that failed by its own fault."""
    return [line for line in log.splitlines() if line.startswith(("BREACH", "ODD"))]
