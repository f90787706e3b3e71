"""Memory and disk: whatever way a script takes them, it gets no more than its limits and all comes back (R-6.1).

Numbers of cases are those of facts/sandbox-attacks.md. Every bomb also stops by itself at 640 to 800 MB.
"""

from __future__ import annotations

import pytest

from tests.jail.hosts import HostProcess
from tests.jail.trials import attack, run, together

# `hold(taken, what)` is called with what lies in memory that no limit ended yet; half as much again is slack.
HOLD = """
import ctypes, mmap, os, signal, socket, sys, time
MB = 1 << 20
MOST = 640 * MB
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
sys.setrecursionlimit(1 << 30)
FAILED = ctypes.c_void_p(-1).value

def deep(levels):  # each takes about half a KiB of the C stack
    return levels and list(map(deep, [levels - 1]))

def resident():
    return int(open('/proc/self/statm').read().split()[1]) * 4096

def tried(what):
    print('TRIED: ' + what, flush=True)

def hold(taken, what):
    time.sleep(0.3)
    if taken > 400 * MB:
        print('BREACH: %d MB of 256 held by %s' % (taken // MB, what), flush=True)
"""

PRIVATE = {
    "case 45 bytes": "while taken < MOST: kept.append(bytes(b'x') * (16 * MB)); taken += 16 * MB",
    "case 45 one object": "kept.append(b'x' * MOST); taken = MOST",
    "case 45 list of small objects": "while taken < MOST: kept.append([float(n) for n in range(100000)]); taken += 3200000",
    "case 45 numpy": "import numpy\nwhile taken < MOST: kept.append(numpy.ones(2 * MB)); taken += 16 * MB",
    "case 45 text": "text = 'x' * MB\nwhile taken < MOST: text += text; taken = len(text)",
    "case 45 pyarrow": "import pyarrow\nwhile taken < MOST:\n"
    "    kept.append(pyarrow.allocate_buffer(32 * MB)); ctypes.memset(kept[-1].address, 1, 32 * MB); taken += 32 * MB",
    "own: whole numbers": "number = 3\nwhile taken < MOST: number = number << (64 * MB); taken = number.bit_length() // 8",
    "own: huge pages": "while taken < MOST:\n"
    "    at = libc.mmap(None, 34 * MB, 3, 0x22, -1, 0)\n    if at == FAILED: raise MemoryError\n"
    "    libc.madvise(at, 34 * MB, 14); ctypes.memset(at, 1, 34 * MB); taken += 34 * MB",
    "own: explicit huge pages": "while taken < MOST:\n"
    "    at = libc.mmap(None, 32 * MB, 3, 0x40022, -1, 0)\n    if at == FAILED: raise MemoryError\n"
    "    ctypes.memset(at, 1, 32 * MB); taken += 32 * MB",
    "own: stacks of threads": "import threading\nthreading.stack_size(64 * MB)\nready = threading.Semaphore(0)\n"
    "def fill(): deep(50000); ready.release(); time.sleep(5)\n"
    "for _ in range(12): threading.Thread(target=fill, daemon=True).start()\n"
    "for _ in range(12): ready.acquire(timeout=3)\ntaken = resident()",
    "own: a stack without limit": "import resource\n"
    "resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY,) * 2)\ndeep(1 << 20)\ntaken = resident()",
}


@pytest.mark.parametrize("code", PRIVATE.values(), ids=PRIVATE.keys())
def test_private_memory_ends_at_its_limit(jail: HostProcess, code: str) -> None:
    """Case 45: a MemoryError in the script, or the job is ended; never more than the limit and some slack."""
    attack(jail, f"tried('it')\nkept, taken = [], 0\n{code}\nhold(taken, 'it')", HOLD)


def test_the_error_of_a_memory_bomb_names_memory(jail: HostProcess) -> None:
    """Case 45: people learn what was used up, whether the kernel or the watcher ended it."""
    reply = run(jail, "kept = []\nfor _ in range(48): kept.append(bytearray(b'x') * (16 << 20))")
    assert reply.code in ("out-of-memory", "script-raised")
    assert "memory" in (reply.summary + (reply.hint or "")).lower()


SHARED = {
    "case 46 shared anonymous maps": "while taken < MOST:\n"
    "    kept.append(mmap.mmap(-1, 16 * MB)); touch(kept[-1], 16 * MB); taken += 16 * MB",
    "case 46 unmapped but for one page": "while taken < MOST:\n"
    "    at = libc.mmap(None, 32 * MB, 3, 0x21, -1, 0)\n    if at == FAILED: raise MemoryError\n"
    "    ctypes.memset(at, 1, 32 * MB); libc.munmap(at + 4096, 32 * MB - 4096); taken += 32 * MB",
    "case 46 /dev/zero, mapped shared": "fd = os.open('/dev/zero', os.O_RDWR)\nwhile taken < MOST:\n"
    "    at = libc.mmap(None, 32 * MB, 3, 1, fd, 0)\n    if at == FAILED: raise MemoryError\n"
    "    ctypes.memset(at, 1, 32 * MB); libc.munmap(at + 4096, 32 * MB - 4096); taken += 32 * MB",
    "case 46 /dev/zero, only read": "fd = os.open('/dev/zero', os.O_RDONLY)\nwhile taken < MOST:\n"
    "    at = libc.mmap(None, 32 * MB, 1, 1, fd, 0)\n    if at == FAILED: raise MemoryError\n"
    "    for page in range(0, 32 * MB, 4096): ctypes.c_char.from_address(at + page).value\n"
    "    libc.munmap(at + 4096, 32 * MB - 4096); taken += 32 * MB",
    "own: huge pages held by pipes": "class Piece(ctypes.Structure): _fields_ = [('at', ctypes.c_void_p), ('length', ctypes.c_size_t)]\n"
    "while taken < MOST:\n    readable, writable = os.pipe()\n    for _ in range(15):\n"
    "        at = libc.mmap(None, 4 * MB, 3, 0x22, -1, 0); first = (at + 2 * MB - 1) // (2 * MB) * (2 * MB)\n"
    "        libc.madvise(first, 2 * MB, 14); ctypes.memset(first, 1, 2 * MB)\n"
    "        if libc.vmsplice(writable, ctypes.byref(Piece(first, 1)), 1, 2) != 1: raise OSError('refused')\n"
    "        libc.munmap(at, 4 * MB); taken += 2 * MB",
    "own: attributes of memory files": "for number in range(3, 64):\n    for name in range(4000):\n"
    "        try: os.setxattr(number, 'user.%d' % name, b'x' * 65000); taken += 65000\n        except OSError: break",
}
TOUCH = """
def touch(mapping, size):
    for page in range(0, size, 4096): mapping[page] = 1
"""


@pytest.mark.parametrize("code", SHARED.values(), ids=SHARED.keys())
def test_memory_that_no_process_limit_counts_is_counted(jail: HostProcess, code: str) -> None:
    """Case 46: shared and kernel memory escape RLIMIT_DATA; the watcher or the filter holds them."""
    attack(jail, f"tried('it')\nkept, taken = [], 0\n{code}\nhold(taken, 'it')", HOLD + TOUCH)


CHILDREN = {
    "case 47 private": "return bytearray(b'x') * (80 * MB)",
    "case 47 shared": "held = mmap.mmap(-1, 80 * MB); touch(held, 80 * MB); return held",
    "case 47 inherited and written": "touch(before, 80 * MB)",
    "case 50 sockets": "held = []\nwhile len(held) < 360:\n    held += socket.socketpair()\n    for end in held[-2:]:\n"
    "        end.setblocking(False)\n        try:\n            while True: end.send(bytes(1 << 16))\n"
    "        except OSError: pass\nreturn held",
}
INDENTED = "\n" + " " * 4


@pytest.mark.parametrize("code", CHILDREN.values(), ids=CHILDREN.keys())
def test_many_children_share_one_limit(jail: HostProcess, code: str) -> None:
    """Cases 47 and 50: ten children with 80 MB each are 800 MB, however they came by them."""
    top = f"before = bytearray(80 * MB)\ndef take():{INDENTED}{code.replace(chr(10), INDENTED)}"
    text = """
readable, writable = os.pipe()
tried('ten children')
for _ in range(10):
    if os.fork() == 0:
        try:
            held = take()
            os.write(writable, b'x')
            time.sleep(6)
        finally:
            os._exit(0)
os.close(writable)
count = sum(len(os.read(readable, 1)) for _ in range(10))
hold(count * 80 * MB, 'children')
"""
    attack(jail, text, HOLD + TOUCH + top)


def test_two_jobs_have_a_limit_each(jail: HostProcess) -> None:
    """Case 51: one job's memory does not count against another's, even when one dies of it."""
    fits = "held = bytearray(b'x') * (180 << 20)\nimport time; time.sleep(0.6)\nprint('fits')"
    bursts = "import mmap, time\nheld = []\nfor _ in range(30):\n    held.append(mmap.mmap(-1, 16 << 20))\n"
    bursts += "    held[-1].write(b'x' * (16 << 20))\ntime.sleep(5)"
    replies = together(jail, [fits, bursts, fits])
    assert [reply.code is None for reply in replies] == [True, False, True]


UNCOUNTED = {
    "memfd_create": "libc.memfd_create(b'x', 0)",
    "memfd_secret": "libc.syscall(447, 0)",
    "shmget": "libc.shmget(0, 1 << 20, 0o1600)",
    "semget": "libc.semget(0, 8, 0o1600)",
    "msgget": "libc.msgget(0, 0o1600)",
    "mq_open": "libc.syscall(240, b'queue', 0o102, 0o600, None)",
    "vmsplice": "libc.vmsplice(1, None, 0, 0)",
    "fsetxattr": "libc.fsetxattr(1, b'user.x', b'x', 1, 0)",
    "io_setup": "libc.syscall(206, 8, ctypes.byref(ctypes.c_long()))",
}


@pytest.mark.parametrize("call", UNCOUNTED.values(), ids=UNCOUNTED.keys())
def test_calls_for_uncounted_memory_are_refused(jail: HostProcess, call: str) -> None:
    """Case 49: memory files, System V and POSIX objects, gifts to pipes, attributes: none of them is counted."""
    attack(jail, f"tried('call')\nif {call} >= 0: print('BREACH: it worked')", HOLD)


DISK = {
    "case 48 /dev/shm": "write('/dev/shm/big')",
    "case 52 one large file": "write('big')",
    "case 52 in all three places": "write('big'); write('/tmp/big'); write('/dev/shm/big')",
    "case 52 fallocate": "fd = os.open('big', os.O_CREAT | os.O_RDWR)\nfor n in range(96):\n"
    "    os.posix_fallocate(fd, n * MB, MB); room.append(MB)",
    "case 52 many small files": "for n in range(100000):\n    with open('f%d' % n, 'wb') as file: file.write(bytes(8192))\n"
    "    room.append(8192)",
    "own: deleted but open files": "for n in range(96):\n    file = open('x', 'wb'); keep.append(file); os.unlink('x')\n"
    "    file.write(bytes(MB)); file.flush(); room.append(MB)",
    "own: extended attributes": "open('x', 'w')\nfor n in range(2000): os.setxattr('x', 'user.%d' % n, bytes(60000)); room.append(60000)",
    "own: punched and filled again": "fd = os.open('x', os.O_CREAT | os.O_RDWR)\nfor n in range(96):\n"
    "    os.pwrite(fd, bytes(MB), n * MB); room.append(MB)\n    libc.fallocate64(fd, 3, ctypes.c_long(0), ctypes.c_long(4096))",
}
WRITE = """
room, keep = [], []
def write(path):
    with open(path, 'wb', buffering=0) as file:
        for _ in range(96): room.append(file.write(bytes(MB)))
"""


@pytest.mark.parametrize("code", DISK.values(), ids=DISK.keys())
def test_the_box_has_one_size(jail: HostProcess, code: str) -> None:
    """Cases 48 and 52: no space is left at the limit, wherever the bytes go; the machine's disk is not touched."""
    text = f"""
tried('fill')
try:
    {code.replace(chr(10), chr(10) + "    ")}
except OSError as error:
    print(type(error).__name__, error.errno)
if sum(room) > 34 * MB: print('BREACH: %d MB of 32' % (sum(room) // MB))
"""
    attack(jail, text, HOLD + WRITE, processes=8)


def test_shared_memory_larger_than_the_box_ends_the_job_only(jail: HostProcess) -> None:
    """Case 48: the kernel gives such a segment and sends SIGBUS when it is touched; the error says why."""
    code = "from multiprocessing import shared_memory\nprint('TRIED: 256 MB', flush=True)\n"
    code += "held = shared_memory.SharedMemory(create=True, size=256 << 20)\n"
    code += "for at in range(0, 256 << 20, 4096): held.buf[at] = 1\nprint('BREACH: all of it')"
    reply = attack(jail, code)
    assert reply.code in ("killed", "script-raised", "disk-full")


INODES = {
    "case 53 folders": "os.mkdir('d%d' % n)",
    "case 53 empty files": "os.close(os.open('f%d' % n, os.O_CREAT | os.O_WRONLY))",
    "own: hard links": "os.link('one', 'l%d' % n)",
    "own: symbolic links": "os.symlink('x' * 900, 's%d' % n)",
    "own: pipes with names": "os.mkfifo('p%d' % n)",
    "own: socket files": "s = socket.socket(socket.AF_UNIX); s.bind('k%d' % n); s.close()",
    "own: folders within folders": "os.mkdir('d'); os.chdir('d')",
}


@pytest.mark.parametrize("code", INODES.values(), ids=INODES.keys())
def test_the_number_of_files_ends(jail: HostProcess, code: str) -> None:
    """Case 53: no inode is left at the limit; 200000 folders are never made."""
    text = f"""
open('one', 'w').close()
tried('many')
try:
    for n in range(5000): {code}
    print('BREACH: 5000 of 2000')
except OSError as error:
    print(error.errno)
"""
    attack(jail, text, HOLD)


def test_a_sparse_file_of_a_terabyte_is_not_made(jail: HostProcess) -> None:
    """Case 60: a file's length is bounded too, so that whoever copies it is not buried."""
    code = "tried('1 TB')\nwith open('x.png', 'wb') as file:\n    try: file.truncate(1 << 40)\n"
    code += "    except OSError as error: print(error.errno)\n    else: print('BREACH: made')"
    attack(jail, code, HOLD)


NUMBERS = {
    "own: open files": "os.open('/dev/null', os.O_RDONLY)",
    "case 50 pipes": "os.pipe()",
    "own: sockets": "kept.extend(socket.socketpair())",
    "own: epoll": "kept.append(select.epoll())",
    "own: events": "os.eventfd(0) if hasattr(os, 'eventfd') else os.dup(0)",
    "own: process descriptors": "os.pidfd_open(os.getpid())",
    "own: the highest number": "os.dup2(0, 100000)",
}


@pytest.mark.parametrize("code", NUMBERS.values(), ids=NUMBERS.keys())
def test_open_descriptors_end_at_their_limit(jail: HostProcess, code: str) -> None:
    """Case 50: RLIMIT_NOFILE stops it, also after an attempt to raise it."""
    text = f"""
import resource, select
kept = []
tried('many')
try: resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096)); print('BREACH: raised')
except (ValueError, OSError): pass
try:
    for _ in range(2000): {code}
    print('BREACH: 2000 descriptors')
except OSError as error:
    print(error.errno)
"""
    attack(jail, text, HOLD)


PIPES = (
    "pipes = [os.pipe() for _ in range(200)]\nheld = 0\nfor _, end in pipes:\n"
    "    try: fcntl.fcntl(end, 1031, MB)\n    except OSError: pass\n    os.set_blocking(end, False)\n"
    "    try:\n        while True: held += os.write(end, bytes(65536))\n    except OSError: pass\n"
)


def test_buffers_of_pipes_stay_small(jail: HostProcess) -> None:
    """Case 50: pipes made as large as the kernel lets them hold less than the job's memory."""
    attack(jail, f"import fcntl\ntried('200 pipes')\n{PIPES}hold(held, 'pipes')\nprint(held // MB)", HOLD)


WAITS = {
    "case 56 random bytes for ever": "fd = os.open('/dev/urandom', os.O_RDONLY)\nwhile True: os.read(fd, MB)",
    "own: stops itself": "os.kill(os.getpid(), signal.SIGSTOP)",
    "own: stops all its threads and children": "os.fork(); os.kill(0, signal.SIGSTOP)",
    "own: never reads, ignores all signals": "[signal.signal(n, signal.SIG_IGN) for n in range(1, 32) if n not in (9, 19)]\n"
    "while True: time.sleep(10)",
    "own: never returns from a finalizer": "class Stays:\n    def __del__(self):\n        while True: time.sleep(10)\nStays()",
    "own: a storm of its own signals": "signal.signal(signal.SIGALRM, lambda *_: None)\n"
    "signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)\nwhile True: pass",
}


def test_what_never_ends_is_ended(jail: HostProcess) -> None:
    """Case 56 and own: the wall limit ends what waits, spins, sleeps, or has stopped itself; all at once here."""
    codes = [f"tried('to stay')\n{code}" for code in WAITS.values()]
    replies = together(jail, codes, HOLD, wall_seconds=2)
    ends = [(name, reply.code, reply.log) for name, reply in zip(WAITS, replies, strict=True)]
    assert ends == [(name, "wall-limit", "TRIED: to stay\n") for name in WAITS]


DEEP = {
    "own: recursion without end": "sys.setrecursionlimit(1000)\ndef f(): return f()\nf()",
    "own: an error that can't be told": "sys.setrecursionlimit(1000)\nclass E(Exception):\n    def __str__(self): return str(self)\nraise E",
    "own: an error whose telling takes all memory": "class E(Exception):\n"
    "    def __str__(self): return 'x' * (1 << 40)\nraise E",
    "own: a million causes": "error = None\nfor n in range(20000):\n    new = ValueError(n); new.__cause__ = error; error = new\nraise error",
    "own: a group in a group": "group = ValueError()\nfor _ in range(5000): group = ExceptionGroup('x', [group])\nraise group",
    "own: causes in a circle": "a, b = ValueError('a'), ValueError('b'); a.__cause__, b.__cause__ = b, a; raise a",
    "own: no recursion is left": "sys.setrecursionlimit(60)\nraise ValueError('x')",
    "own: the C stack": "deep(1 << 20)",
    "own: everything that tells errors is broken": "import traceback, linecache\n"
    "traceback.format_exception = traceback.extract_tb = linecache.getline = None\n"
    "sys.excepthook = None; sys.stdout = sys.stderr = None; os.write = None\nraise ValueError('x')",
}


@pytest.mark.parametrize("code", DEEP.values(), ids=DEEP.keys())
def test_an_error_that_fights_back_is_still_an_error(jail: HostProcess, code: str) -> None:
    """Case 41: the run ends with a reason; a forked worker never runs on in the zygote's loop."""
    reply = attack(jail, f"tried('to fail')\n{code}", HOLD)
    assert reply.code in ("script-raised", "killed", "out-of-memory", "exited", "bad-result")
