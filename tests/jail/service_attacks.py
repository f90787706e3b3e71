"""A service that evaluates what it is sent, what a request can see of its place, and what one can leave there."""

from __future__ import annotations

from tests.jail.trials import text

LIMITS = {
    "memory_mb": 512,
    "cpu_seconds": 20,
    "wall_seconds": 30,
    "disk_mb": 32,
    "files": 2000,
    "processes": 32,
    "output_mb": 64,
}

SERVICE = text(
    """
    import ctypes, errno, fcntl, io, json, mmap, os, resource, select, signal, socket, stat, struct, sys, time
    import pandas

    with io.open("kept.txt", "w") as file:
        file.write(u"as it was loaded")
    with io.open("empty.txt", "w") as file:
        pass
    os.mkdir("folder")
    OPENED = io.open("kept.txt", "rb")
    WRITTEN = io.open("open.txt", "wb+")
    WRITTEN.write(b"as it was loaded")
    WRITTEN.flush()
    READ, WRITE = os.pipe()
    NEAR, FAR = socket.socketpair()
    SHARED = mmap.mmap(-1, 4096)
    SHARED[:4] = b"mine"
    STATE = []
    LOADED = os.urandom(8)

    def sockets():
        found = []
        for name in os.listdir("/proc/self/fd"):
            try:
                if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                    found.append(int(name))
            except OSError:
                pass
        return found

    def others():
        return sorted(set(sockets()) - {NEAR.fileno(), FAR.fileno()})

    def inode(number):
        return os.fstat(number).st_ino

    KNOWN = set(map(inode, others()))

    def send(data, *descriptors):
        for number in others():
            end = socket.fromfd(number, socket.AF_UNIX, socket.SOCK_SEQPACKET)
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("=%di" % len(descriptors), *descriptors))]
            end.sendmsg([data], rights if descriptors else [])

    def packet(head, *parts):
        data = head if isinstance(head, bytes) else json.dumps(head).encode()
        data = struct.pack("<I", len(data)) + data
        return data + b"\\0" * (-len(data) % 64) + b"".join(parts)

    def output(name, size, data=b"", times=1):
        head = {"report": {"status": "ok"}, "outputs": [{"name": name, "size": size}] * times}
        send(packet(head, data))

    def opened(name="kept.txt", mode=os.O_RDONLY, size=None):
        if size is not None:
            os.truncate(name, size)
        return os.open(name, mode)

    def azureml_main(dataframe1=None, dataframe2=None):
        scope = dict(globals(), said=None, parent=os.getppid())
        exec(dataframe1["do"][0], scope)
        return pandas.DataFrame({"said": [repr(scope["said"])]}),
    """
)

# What a request can see of the place it runs in.
LOOK = text(
    """
    below = {}
    for place, names, files in os.walk("/box"):
        for name in names + files:
            path = os.path.join(place, name)
            below[path] = os.lstat(path).st_mode, os.lstat(path).st_size if name in files else None
    numbers = sorted(int(name) for name in os.listdir("/proc/self/fd"))
    open_files = {}
    for number in numbers:
        try:
            facts = os.fstat(number)
        except OSError:
            continue
        place = os.lseek(number, 0, os.SEEK_CUR) if stat.S_ISREG(facts.st_mode) else None
        size = facts.st_size if stat.S_ISREG(facts.st_mode) else None
        open_files[number] = facts.st_mode, size, place, fcntl.fcntl(number, fcntl.F_GETFL)
    abstract = []
    for name in (b"\\0left", "/tmp/left", "left", "/dev/shm/left"):
        end = socket.socket(socket.AF_UNIX)
        abstract.append(end.connect_ex(name))
        end.close()
    cpu = resource.RLIMIT_CPU  # counts from the use of each request
    said = {
        "cwd": os.getcwd(),
        "here": os.stat(".").st_nlink > 0,
        "below": sorted(below.items()),
        "kept": io.open("kept.txt", "rb").read(),
        "read on": OPENED.read(4),
        "open": os.pread(WRITTEN.fileno(), 100, 0),
        "pipe": select.select([READ, NEAR, FAR], [], [], 0)[0],
        "shared": SHARED[:6],
        "open files": open_files,
        "abstract": abstract,
        "processes": len([name for name in os.listdir("/proc") if name.isdigit()]),
        "environment": sorted(os.environ),
        "state": STATE,
        "limits": [resource.getrlimit(number) for number in range(16) if number != cpu],
        "priority": [os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0), os.sched_getscheduler(0)],
        "umask": os.umask(0o22),
        "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "handlers": [signal.getsignal(number) == signal.SIG_DFL for number in (1, 15, 17, 34)],
        "script": [len(io.open(name, "rb").read()) for name in os.listdir(".") if name.endswith(".py")],
    }
    STATE.append(1)
    """
)

ATTACKS = {
    "files and folders": """
        for folder in (".", "/tmp", "/dev/shm", os.environ["HOME"], os.environ["MPLCONFIGDIR"]):
            io.open(os.path.join(folder, "left"), "w").write(u"read me")
        os.makedirs("/tmp/" + "/".join(["d"] * 200))
        os.mkdir("/tmp/closed"); os.mkdir("/tmp/closed/below"); os.chmod("/tmp/closed", 0)
        os.symlink("/tmp", "link"); os.mkfifo("fifo")
    """,
    "a file of the node, with its times put back": """
        was = os.stat("kept.txt")
        io.open("kept.txt", "r+b").write(b"AS")
        os.utime("kept.txt", ns=(was.st_atime_ns, was.st_mtime_ns))
    """,
    "a file of the node, through a mapping": """
        number = os.open("kept.txt", os.O_RDWR)
        mapped = mmap.mmap(number, 16)
        mapped[0]
        mapped[:2] = b"AS"
    """,
    "the script's own file, through a mapping": """
        for name in os.listdir("."):
            if name.endswith(".py"):
                os.chmod(name, 0o644)
                mapped = mmap.mmap(os.open(name, os.O_RDWR), 16)
                mapped[0]
                mapped[:1] = b"#"
                os.truncate(name, 5)
    """,
    "a file of the node replaced": "os.rename('kept.txt', 'away'); os.rename('empty.txt', 'kept.txt')",
    "a file that the node holds open": "os.pwrite(WRITTEN.fileno(), b'AS', 0)",
    "a file that the node holds open, through a mapping": """
        mapped = mmap.mmap(WRITTEN.fileno(), 16)
        mapped[0]
        mapped[:2] = b"AS"
    """,
    "the working directory removed": """
        import shutil
        shutil.rmtree(os.getcwd(), ignore_errors=True)
    """,
    "the working directory in another's place": """
        here = os.getcwd()
        os.rename(here, here + "2")
        os.mkdir(here)
    """,
    "a folder without rights": "os.chmod('folder', 0); os.chmod('.', 0)",
    "the place in an open file": "OPENED.seek(9)",
    "modes of open files": """
        for number in (1, 2, OPENED.fileno(), WRITE):
            fcntl.fcntl(number, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
    """,
    "a pipe of the node": "os.write(WRITE, b'read me')",
    "a socket of the node": "FAR.send(b'read me')",
    "shared memory of the node": "SHARED[:6] = b'yours!'",
    "every file that can be written": """
        for name in os.listdir("/proc/self/fd"):
            try:
                if stat.S_ISREG(os.fstat(int(name)).st_mode) and int(name) > 2:
                    os.pwrite(int(name), b"read me", 0)
            except OSError:
                pass
    """,
    "processes that wait": """
        for _ in range(8):
            if os.fork() == 0:
                os.setsid()
                signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
                if os.fork() == 0:
                    while True:
                        time.sleep(0.001)
                os._exit(0)
    """,
    "processes that go on making processes": """
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            while True:
                try:
                    if os.fork() == 0 and os.fork():
                        os._exit(0)
                except OSError:
                    pass
    """,
    "sockets that listen": """
        held = []
        for name in (b"\\0left", "/tmp/left", "left", "/dev/shm/left"):
            end = socket.socket(socket.AF_UNIX); end.bind(name); end.listen(5); held.append(end)
        if os.fork() == 0:
            time.sleep(1000)
    """,
    "variables": "os.environ['LEFT'] = '1'; STATE.append(2); os.umask(0); SHARED.close()",
    "limits of the process that loaded the node": """
        for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_STACK):
            resource.prlimit(parent, which, (99, 99))
    """,
    "its priority": """
        os.setpriority(os.PRIO_PROCESS, parent, 19)
        os.sched_setscheduler(parent, os.SCHED_IDLE, os.sched_param(0))
    """,
    "its processors": "os.sched_setaffinity(parent, [min(os.sched_getaffinity(0))])",
    "it is stopped": "os.kill(parent, signal.SIGSTOP)",
    "it is killed": "os.kill(parent, signal.SIGKILL); time.sleep(100)",
    "it gets every signal that has an effect": """
        for number in (signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGTERM):
            os.kill(parent, number)
    """,
    "the end that says the host has gone": "os._exit(3)",
    "another end": "os._exit(4)",
    "stopped itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "an answer, and no end": """
        send(packet({"report": {"status": "ok"}, "outputs": []}))
        while True:
            time.sleep(100)
    """,
    "an answer, and a process that stops the next": """
        if os.fork() == 0:
            os.kill(parent, signal.SIGSTOP)
            time.sleep(0.2)
            os.kill(parent, signal.SIGCONT)
            time.sleep(100)
    """,
    "it says that it is ready": """
        for number in sockets():
            end = socket.fromfd(number, socket.AF_UNIX, socket.SOCK_SEQPACKET)
            for status in (0, 9, 1 << 80, -1):
                try:
                    end.send(json.dumps({"ready": 1, "status": status}).encode())
                except OSError:
                    pass
    """,
}
