"""Memory: whatever way a script takes it, it gets no more than its limit, and all comes back (R-6.1).

Numbers of cases are those of facts/sandbox-attacks.md. Every bomb also stops by itself at 640 to 800 MB.
"""

from __future__ import annotations

import pytest

from tests.jail.bombs import HOLD, TOUCH
from tests.jail.cases import PYARROW, cases
from tests.jail.hosts import HostProcess
from tests.jail.trials import attack, run, text, together

PRIVATE = {
    "case 45 bytes": "while taken < MOST: kept.append(bytes(b'x') * (16 * MB)); taken += 16 * MB",
    "case 45 one object": "kept.append(b'x' * MOST); taken = MOST",
    "case 45 list of small objects": text(
        """
        while taken < MOST:
            kept.append([float(n) for n in range(100000)])
            taken += 3200000
        """
    ),
    "case 45 numpy": "import numpy\nwhile taken < MOST: kept.append(numpy.ones(2 * MB)); taken += 16 * MB",
    "case 45 text": "text = 'x' * MB\nwhile taken < MOST: text += text; taken = len(text)",
    "case 45 pyarrow": text(
        """
        import pyarrow
        while taken < MOST:
            kept.append(pyarrow.allocate_buffer(32 * MB))
            ctypes.memset(kept[-1].address, 1, 32 * MB)
            taken += 32 * MB
        """
    ),
    "own: whole numbers": text(
        """
        number = 3
        while taken < MOST:
            number = number << 64 * MB
            taken = number.bit_length() // 8
        """
    ),
    "own: huge pages": text(
        """
        while taken < MOST:
            at = libc.mmap(None, 34 * MB, READ_WRITE, PRIVATE, -1, 0)
            if at == FAILED:
                raise MemoryError
            libc.madvise(at, 34 * MB, WANT_HUGE)
            ctypes.memset(at, 1, 34 * MB)
            taken += 34 * MB
        """
    ),
    "own: explicit huge pages": text(
        """
        while taken < MOST:
            at = libc.mmap(None, 32 * MB, READ_WRITE, PRIVATE | HUGE, -1, 0)
            if at == FAILED:
                raise MemoryError
            ctypes.memset(at, 1, 32 * MB)
            taken += 32 * MB
        """
    ),
    "own: stacks of threads": text(
        """
        import threading
        threading.stack_size(64 * MB)
        ready = threading.Semaphore(0)

        def fill():
            deep(50000)
            ready.release()
            time.sleep(5)
        for _ in range(12):
            threading.Thread(target=fill, daemon=True).start()
        for _ in range(12):
            ready.acquire(timeout=3)
        taken = resident()
        """
    ),
    "own: a stack without limit": text(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY,) * 2)
        deep(1 << 20)
        taken = resident()
        """
    ),
}


@pytest.mark.parametrize("code", cases(PRIVATE, {"case 45 pyarrow": PYARROW}))
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
    "case 46 unmapped but for one page": text(
        """
        while taken < MOST:
            at = libc.mmap(None, 32 * MB, READ_WRITE, SHARED, -1, 0)
            if at == FAILED:
                raise MemoryError
            ctypes.memset(at, 1, 32 * MB)
            libc.munmap(at + 4096, 32 * MB - 4096)
            taken += 32 * MB
        """
    ),
    "case 46 /dev/zero, mapped shared": text(
        """
        fd = os.open('/dev/zero', os.O_RDWR)
        while taken < MOST:
            at = libc.mmap(None, 32 * MB, READ_WRITE, 1, fd, 0)
            if at == FAILED:
                raise MemoryError
            ctypes.memset(at, 1, 32 * MB)
            libc.munmap(at + 4096, 32 * MB - 4096)
            taken += 32 * MB
        """
    ),
    "case 46 /dev/zero, only read": text(
        """
        fd = os.open('/dev/zero', os.O_RDONLY)
        while taken < MOST:
            at = libc.mmap(None, 32 * MB, 1, 1, fd, 0)
            if at == FAILED:
                raise MemoryError
            for page in range(0, 32 * MB, 4096):
                ctypes.c_char.from_address(at + page).value
            libc.munmap(at + 4096, 32 * MB - 4096)
            taken += 32 * MB
        """
    ),
    "own: huge pages held by pipes": text(
        """

        class Piece(ctypes.Structure):
            _fields_ = [('at', ctypes.c_void_p), ('length', ctypes.c_size_t)]
        while taken < MOST:
            readable, writable = os.pipe()
            for _ in range(15):
                at = libc.mmap(None, 4 * MB, READ_WRITE, PRIVATE, -1, 0)
                first = (at + 2 * MB - 1) // (2 * MB) * (2 * MB)
                libc.madvise(first, 2 * MB, WANT_HUGE)
                ctypes.memset(first, 1, 2 * MB)
                if libc.vmsplice(writable, ctypes.byref(Piece(first, 1)), 1, 2) != 1:
                    raise OSError('refused')
                libc.munmap(at, 4 * MB)
                taken += 2 * MB
        """
    ),
    "own: attributes of memory files": text(
        """
        for number in range(3, 64):
            for name in range(4000):
                try:
                    os.setxattr(number, 'user.%d' % name, b'x' * 65000)
                    taken += 65000
                except OSError:
                    break
        """
    ),
}


@pytest.mark.parametrize("code", SHARED.values(), ids=SHARED.keys())
def test_memory_that_no_process_limit_counts_is_counted(jail: HostProcess, code: str) -> None:
    """Case 46: shared and kernel memory escape RLIMIT_DATA; the watcher or the filter holds them."""
    attack(jail, f"tried('it')\nkept, taken = [], 0\n{code}\nhold(taken, 'it')", HOLD + TOUCH)


CHILDREN = {
    "case 47 private": "return bytearray(b'x') * (80 * MB)",
    "case 47 shared": "held = mmap.mmap(-1, 80 * MB); touch(held, 80 * MB); return held",
    "case 47 inherited and written": "touch(before, 80 * MB)",
    "case 50 sockets": text(
        """
        held = []
        while len(held) < 360:
            held += socket.socketpair()
            for end in held[-2:]:
                end.setblocking(False)
                try:
                    while True:
                        end.send(bytes(1 << 16))
                except OSError:
                    pass
        return held
        """
    ),
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
    bursts = text(
        """
        import mmap, time
        held = []
        for _ in range(30):
            held.append(mmap.mmap(-1, 16 << 20))
            held[-1].write(b'x' * (16 << 20))
        time.sleep(5)
        """
    )
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
