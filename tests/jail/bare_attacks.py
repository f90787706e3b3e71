"""What is tried in a bare jail, and what must work there: texts for test_bare_jail.py, see attacking.py."""

from __future__ import annotations

FILES = {
    "case 1 read": """
        for path in (V["secret_file"], "/etc/shadow", "/etc/passwd", "/proc/kcore", "/dev/vda", "/dev/mem", "/dev/kmsg",
                     "/proc/%d/environ" % V["host"], "/proc/%d/mem" % V["host"], "/proc/%d/maps" % V["host"],
                     "/proc/%d/root/etc/passwd" % V["host"], "/proc/1/environ", "/proc/self/root/etc/passwd"):
            refused("read " + path, read, path)
    """,
    "case 2 list": """
        for path in ("/", "/home", "/root", "/etc", "/var", "/tmp", "/dev/shm", "/proc", "/sys", V["folder"], "../..",
                     "../../..", "/proc/%d/fd" % V["host"]):
            refused("list " + path, os.listdir, path)
    """,
    "case 3 write": """
        shared = ("/run", "/dev", "/tmp", "/dev/shm", "../..")
        for folder in ("/", "/etc", "/usr/lib", "/var", *shared, V["folder"], sys.prefix):
            refused("write in " + folder, open, folder + "/studiolo-planted", "w", by=(*WALLS, ENOTDIR))
            nameless = os.O_TMPFILE | os.O_RDWR
            refused("O_TMPFILE in " + folder, os.open, folder, nameless, by=(*WALLS, ENOTDIR, EOPNOTSUPP))
        refused("write", open, V["writable_file"], "a")
    """,
    "case 4 change a library": """
        import pandas
        for path in (pandas.__file__, os.__file__, V["library"], V["writable_file"]):
            refused("truncate", os.truncate, path, 0)
            refused("append", open, path, "a")
            refused("unlink", os.unlink, path)
            refused("rename", os.rename, path, path + "2")
            refused("rename to the box", os.rename, path, "here", by=(*WALLS, EXDEV))
            refused("link", os.link, path, "here", by=(*WALLS, EXDEV))
            refused("setxattr", os.setxattr, path, "user.x", b"1", by=(EOPNOTSUPP,))
            for act in (lambda: os.chmod(path, 0o777), lambda: os.utime(path, (1, 1)), lambda: os.chown(path, 1, 1)):
                tried("silently"), act()  # the aftermath looks whether it did something
        with open(pandas.__file__) as file:
            tried("by descriptor"), os.fchmod(file.fileno(), 0o777), os.utime(file.fileno(), (1, 1))
            for request in (0x40086602, 0x401C5820, 0x40806685, 0x8901):
                refused("ioctl %#x" % request, fcntl.ioctl, file, request, b"\\0" * 128, by=(ENOTTY,))
    """,
    "case 5 through links": """
        os.symlink(V["secret_file"], "secret"), os.symlink("/", "root"), os.symlink("/proc/self/cwd/../../..", "up")
        for path in ("secret", "root/etc/passwd", "up/x", "/proc/self/cwd/secret", "/proc/self/fd/../cwd/secret"):
            refused("read " + path, read, path)
        refused("write", open, "secret", "a")
        refused("list", os.listdir, "root")
    """,
    "case 7 the kernel": """
        own = ("/proc/self/oom_score_adj", "/proc/self/mem")
        for path in ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", *own):
            refused("write " + path, os.open, path, os.O_WRONLY)
        for path in ("/proc/kallsyms", "/proc/keys", "/proc/net/tcp", "/proc/self/net/unix", "/proc/self/net/tcp",
                     "/proc/thread-self/net/unix", "/proc/self/task/%d/net/unix" % os.getpid(), "/proc/self/mountinfo"):
            refused("read " + path, read, path)
    """,
    "case 8 descriptors": """
        tried("all descriptors")
        for number in range(3, 4096):
            try: target = os.readlink("/proc/self/fd/%d" % number)
            except OSError: continue
            own = ("socket:", "pipe:", "/memfd:", "/dev/null", os.path.dirname(os.getcwd()))
            if not target.startswith(own): breach(target)
    """,
    "case 9 mounts": """
        refused("mount", lambda: syscall("mount", b"x", b".", b"tmpfs", 0, 0), by=(EPERM,))
        refused("umount2", lambda: syscall("umount2", b"/proc", 2), by=(EPERM,))
        refused("pivot_root", lambda: syscall("pivot_root", b".", b"."), by=(EPERM,))
        refused("chroot", lambda: syscall("chroot", b"."), by=(EPERM,))
        refused("open_tree", lambda: syscall("open_tree", -100, b"/", 1), by=(EPERM,))
        refused("fsopen", lambda: syscall("fsopen", b"tmpfs", 0), by=(EPERM,))
        refused("setns", lambda: syscall("setns", 3, 0), by=(EPERM,))
    """,
    "case 10 devices and handles": """
        for kind in (0o20600, 0o60600):
            refused("mknod", os.mknod, "device", kind, os.makedev(1, 5), by=(EPERM,))
        refused("name", lambda: syscall("name_to_handle_at", -100, b".", bytes(200), bytes(8), 0), by=(EPERM,))
        refused("handle", lambda: syscall("open_by_handle_at", 3, bytes(200), 0), by=(EPERM,))
        os.mkfifo("fifo")
    """,
    "cases 11, 40 programs": """
        import shutil
        shutil.copy(os.path.realpath(sys.executable), "copy")
        for path in ("./copy", "/bin/sh", sys.executable, "/lib64/ld-linux-x86-64.so.2"):
            refused("exec " + path, os.execv, path, [path, "-c", "0"], by=(EPERM,))
            refused("spawn " + path, subprocess.run, [path, "-c", "0"], by=(EPERM,))
        if os.system("true") == 0: breach("system")
    """,
    "case 27 watching": """
        refused("inotify", lambda: syscall("inotify_init1", 0), by=(EPERM,))
        refused("fanotify", lambda: syscall("fanotify_init", 0, 0), by=(EPERM,))
        with open(os.__file__) as file:
            refused("lease", fcntl.fcntl, file, fcntl.F_SETLEASE, fcntl.F_RDLCK, by=(EPERM,))
            refused("notify", fcntl.fcntl, file, fcntl.F_NOTIFY, fcntl.DN_ACCESS, by=(EPERM,))
    """,
}
NETWORK = {
    "case 16 TCP": """
        import urllib.request
        for host in ("127.0.0.1", "::1", "localhost", "example.com"):
            refused("connect " + host, socket.create_connection, (host, V["tcp"]), 2, by=(*WALLS, -2, -3, -5))
        refused("url", urllib.request.urlopen, "http://127.0.0.1:%d/" % V["tcp"], None, 2, by=(*WALLS, None))
    """,
    "cases 17, 18 families": """
        for family in (*range(46), 99):
            for kind in (1, 2, 3, 5):
                refused("socket %d %d" % (family, kind), lambda: syscall("socket", family, kind, 0), by=(EACCES,))
    """,
    "case 19 io_uring": """
        refused("setup", lambda: syscall("io_uring_setup", 8, bytes(120)), by=(EPERM,))
        refused("register", lambda: syscall("io_uring_register", 3, 0, 0, 0), by=(EPERM,))
    """,
    "cases 21, 23 Unix sockets": """
        ours, theirs = socket.socketpair()
        for address in ("\\0" + V["abstract"], V["socket_file"], "/run/docker.sock"):
            refused("connect", ours.connect, address, by=(EACCES,))
            refused("bind", ours.bind, address + "2", by=(EACCES,))
            refused("sendto", ours.sendto, b"x", address, by=(EISCONN, EOPNOTSUPP))
        refused("datagrams", socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM, by=(EACCES,))
        refused("listen", ours.listen, by=(EINVAL,))
    """,
    "cases 24, 49 keys, queues, segments": """
        refused("keyctl", lambda: syscall("keyctl", 0, -3, 0), by=(EPERM,))
        refused("add_key", lambda: syscall("add_key", b"user", b"x", b"y", 1, -3), by=(EPERM,))
        refused("shmget", lambda: syscall("shmget", 0, 4096, 0o1600), by=(EPERM,))
        refused("shmat", lambda: syscall("shmat", V["shared_memory"], 0, 0), by=(EPERM,))
        refused("mq_open", lambda: syscall("mq_open", b"x", 66, 0o600, 0), by=(EPERM,))
        refused("memfd_create", lambda: syscall("memfd_create", b"x", 0), by=(ENOSYS,))
        refused("memfd_secret", lambda: syscall("memfd_secret", 0), by=(EPERM,))
    """,
}
PROCESSES = {
    "case 28 signals": """
        for target in (V["victim"], V["host"], os.getppid(), 1, 0, -1, -V["victim"], -os.getpgid(V["host"])):
            for number in (signal.SIGSTOP, signal.SIGKILL, 0):
                refused("kill %d" % target, os.kill, target, number, by=(EPERM,))
        refused("tgkill", lambda: syscall("tgkill", V["victim"], V["victim"], 9), by=(EPERM,))
        refused("tkill", lambda: syscall("tkill", V["victim"], 9), by=(EPERM,))
        refused("sigqueue", lambda: syscall("rt_sigqueueinfo", V["victim"], 9, bytes(128)), by=(EPERM,))
        refused("pidfd", lambda: syscall("pidfd_open", V["victim"], 0), by=(EPERM,))
    """,
    "own: signals by descriptors": """
        ours, theirs = socket.socketpair()
        refused("owner", fcntl.fcntl, ours, fcntl.F_SETOWN, V["victim"], by=(EPERM,))
        refused("owner of a kind", fcntl.fcntl, ours, 15, struct.pack("ii", 1, V["victim"]), by=(EPERM,))
        refused("which signal", fcntl.fcntl, ours, 10, 9, by=(EPERM,))
        connection, _ = job_socket()
        try: peer = struct.unpack("i", connection.getsockopt(socket.SOL_SOCKET, 77, 4))[0]
        except OSError: peer = 0  # a kernel without SO_PEERPIDFD
        refused("the peer", lambda: syscall("pidfd_send_signal", peer, 9, 0, 0), by=(EPERM,))
    """,
    "case 29 memory of others": """
        for pid in (V["victim"], V["host"], os.getppid()):
            refused("ptrace", lambda: syscall("ptrace", 16, pid, 0, 0), by=(EPERM,))
            refused("seize", lambda: syscall("ptrace", 0x4206, pid, 0, 0), by=(EPERM,))
            refused("readv", lambda: syscall("process_vm_readv", pid, 0, 0, 0, 0, 0), by=(EPERM,))
            refused("kcmp", lambda: syscall("kcmp", pid, pid, 0, 0, 0), by=(EPERM,))
            refused("mem", read, "/proc/%d/mem" % pid)
            refused("fd", os.listdir, "/proc/%d/fd" % pid)
        refused("getfd", lambda: syscall("pidfd_getfd", 3, 0, 0), by=(EPERM,))
    """,
    "case 30 limits of others": """
        for pid in (V["victim"], V["host"], os.getppid()):
            refused("prlimit", resource.prlimit, pid, resource.RLIMIT_NOFILE, (3, 3), by=(EPERM,))
            refused("nice", os.setpriority, os.PRIO_PROCESS, pid, 19, by=(EPERM,))
            refused("affinity", os.sched_setaffinity, pid, {0}, by=(EPERM,))
            refused("policy", os.sched_setscheduler, pid, os.SCHED_IDLE, os.sched_param(0), by=(EPERM,))
            refused("io", lambda: syscall("ioprio_set", 1, pid, 3 << 13), by=(EPERM,))
        refused("user", os.setpriority, os.PRIO_USER, os.getuid(), 19, by=(EPERM,))
        refused("group", os.setpriority, os.PRIO_PGRP, os.getpgid(V["victim"]), 19, by=(EPERM,))
    """,
    "cases 31, 33 processes": """
        import multiprocessing
        refused("fork", os.fork, by=(EPERM,))
        if platform.machine() == "x86_64": refused("vfork", lambda: syscall(58), by=(EPERM,))
        refused("clone", lambda: syscall("clone", signal.SIGCHLD, 0, 0, 0, 0), by=(EPERM,))
        refused("clone of the parent's", lambda: syscall("clone", 0x8000, 0, 0, 0, 0), by=(EPERM,))
        refused("clone3", lambda: syscall("clone3", bytes(88), 88), by=(ENOSYS,))
        refused("process", multiprocessing.get_context("fork").Process(target=print).start, by=(EPERM,))
    """,
    "case 36 rights": """
        tried("status")
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            if int(status[name], 16): breach(name)
        if status["NoNewPrivs"].strip() != "1" or status["Seccomp"].strip() != "2": breach("unfiltered")
        refused("nice", os.nice, -5)
        refused("real time", os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))
        header, one = struct.pack("=Ii", 0x20080522, 0), struct.pack("=6I", 1, 1, 0, 0, 0, 0)
        refused("capset", lambda: syscall("capset", header, one))
        for name in ("NOFILE", "DATA", "AS", "CPU", "FSIZE", "CORE"):
            number = getattr(resource, "RLIMIT_" + name)
            def higher(): resource.setrlimit(number, (resource.getrlimit(number)[1] + 1,) * 2)
            def act():
                try: higher()
                except ValueError as error: raise OSError(EPERM, str(error))
            refused("limit " + name, act)
    """,
    "cases 37, 38 the machine": """
        for flag in (0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
            refused("unshare", lambda: syscall("unshare", flag), by=(EPERM,))
        for name in ("reboot", "bpf", "perf_event_open", "userfaultfd", "swapon", "init_module", "kexec_load", "syslog",
                     "sethostname", "settimeofday", "quotactl", "process_madvise", "move_pages"):
            refused(name, lambda: syscall(name, -1, -1, -1, -1, -1), by=(EPERM,))
    """,
    "case 44 the environment": """
        tried("the environment")
        leak(repr(dict(os.environ)), "the environment")
        leak(read("/proc/self/environ"), "the first environment")
        leak(read("/proc/self/cmdline"), "the command line")
    """,
}
ATTACKS = {**FILES, **NETWORK, **PROCESSES}

# Code of the error, and what `azureml_main` does.
WRITE_ON = "while True: f.write(bytes(1 << 16)); time.sleep(0.001)"
BOMBS = {
    "case 45 memory": ("out-of-memory", "a = [bytearray(1 << 20) for _ in range(4096)]"),
    "case 46 a mapped file": (
        "disk-full",
        "f = open('m', 'w+b'); f.truncate(1 << 30); m = mmap.mmap(f.fileno(), 1 << 30)\n"
        "for at in range(0, 1 << 30, 4096): m[at] = 1",
    ),
    "case 52 one file": ("disk-full", "f = open('f', 'wb')\n" + WRITE_ON),
    "case 52 fallocate": (
        "disk-full",
        "os.posix_fallocate(os.open('f', os.O_CREAT | os.O_WRONLY), 0, 60 << 20); time.sleep(9)",
    ),
    "own: deleted files": (
        "disk-full",
        "kept = []\nwhile True:\n kept.append(open('f', 'wb')); os.unlink('f')\n"
        " kept[-1].write(bytes(1 << 20)); kept[-1].flush(); time.sleep(0.001)",
    ),
    "own: a file on its way in a message": (
        "disk-full",
        "a, b = socket.socketpair(); f = os.open('f', os.O_RDWR | os.O_CREAT); os.write(f, bytes(1 << 20))\n"
        "socket.send_fds(a, [b'x'], [f]); os.close(f); os.unlink('f'); time.sleep(9)",
    ),
    "own: a file behind one mapped page": (
        "disk-full",
        "f = os.open('f', os.O_RDWR | os.O_CREAT); os.write(f, bytes(1 << 20)); libc.mmap.restype = ctypes.c_void_p\n"
        "libc.mmap(None, 4096, 1, 1, f, ctypes.c_long(0)); os.close(f); os.unlink('f'); time.sleep(9)",
    ),
    "case 53 folders": ("disk-full", "for n in range(10**6): os.mkdir('d%d' % n); time.sleep(0.0001)"),
    "case 59 in a closed folder": (
        "disk-full",
        "os.mkdir('d', 0o300); f = open('d/f', 'wb')\n" + WRITE_ON,
    ),
    "case 34 for ever": (
        "wall-limit",
        "[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 3, 15)]\nwhile True: time.sleep(1)",
    ),
    "case 35 busy": ("cpu-limit", "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"),
    "case 41 crash": ("killed", "ctypes.string_at(0)"),
    "case 41 stack": (
        "killed",
        "sys.setrecursionlimit(10**9)\ndef f(n): return map(f, [n]).__next__()\nf(0)",
    ),
}

WORKS = {
    "threads": "import threading\nt = threading.Thread(target=print); t.start(); t.join()",
    "a pool of threads": "from concurrent.futures import ThreadPoolExecutor as T\n"
    "assert sum(T(4).map(abs, [-1, 2])) == 3",
    "joblib by threads": "from joblib import Parallel, delayed\n"
    "assert Parallel(2, prefer='threads')(delayed(abs)(n) for n in (-1, 2)) == [1, 2]",
    "asyncio": "import asyncio\nasync def f(): return 1\nassert asyncio.run(f()) == 1",
    "copying": "import os, shutil\nopen('a', 'w').write('x'); shutil.copy2('a', 'b'); shutil.copytree('.', '../tmp/c')",
    "temporary files": "import tempfile\nwith tempfile.TemporaryDirectory() as d: open(d + '/x', 'w').write('x')",
    "sqlite": "import sqlite3\nc = sqlite3.connect('x.db'); c.execute('create table t(a)'); c.commit()",
    "parquet": "import pandas as pd\npd.DataFrame({'a': [1]}).to_parquet('x.parquet'); pd.read_parquet('x.parquet')",
    "linear algebra": "import numpy as np\nassert round(np.linalg.inv(np.eye(300)).trace()) == 300",
    "a figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('f.png')",
    "own /proc": "import os\nopen('/proc/self/status').read(); os.listdir('/proc/self/fd')",
    "zones": "import zoneinfo\nzoneinfo.ZoneInfo('Europe/Vienna')",
    "callbacks": "import ctypes\nctypes.CFUNCTYPE(ctypes.c_int)(lambda: 1)()",
    "sklearn": "from sklearn.linear_model import LogisticRegression as L\nL().fit([[0], [1]], [0, 1]).predict([[1]])",
    "signals to oneself": "import os, signal\nsignal.signal(10, lambda *_: None)\nos.kill(os.getpid(), 10)",
}
