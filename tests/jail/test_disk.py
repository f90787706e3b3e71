"""Disk, files and descriptors: the box has one size, and all of it goes with the job (R-6.1).

Numbers of cases are those of facts/sandbox-attacks.md.
"""

from __future__ import annotations

import pytest

from tests.jail.bombs import HOLD
from tests.jail.cases import SHARED_MEMORY
from tests.jail.hosts import HostProcess
from tests.jail.trials import attack, text

DISK = {
    "case 48 /dev/shm": "write('/dev/shm/big')",
    "case 52 one large file": "write('big')",
    "case 52 in all three places": "write('big'); write('/tmp/big'); write('/dev/shm/big')",
    "case 52 fallocate": text(
        """
        fd = os.open('big', os.O_CREAT | os.O_RDWR)
        for n in range(96):
            os.posix_fallocate(fd, n * MB, MB)
            room.append(MB)
        """
    ),
    "case 52 many small files": text(
        """
        for n in range(100000):
            with open('f%d' % n, 'wb') as file:
                file.write(bytes(8192))
            room.append(8192)
        """
    ),
    "own: deleted but open files": text(
        """
        for n in range(96):
            file = open('x', 'wb')
            keep.append(file)
            os.unlink('x')
            file.write(bytes(MB))
            file.flush()
            room.append(MB)
        """
    ),
    "own: extended attributes": text(
        """
        open('x', 'w')
        for n in range(2000):
            os.setxattr('x', 'user.%d' % n, bytes(60000))
            room.append(60000)
        """
    ),
    "own: punched and filled again": text(
        """
        fd = os.open('x', os.O_CREAT | os.O_RDWR)
        for n in range(96):
            os.pwrite(fd, bytes(MB), n * MB)
            room.append(MB)
            libc.fallocate64(fd, 3, ctypes.c_long(0), ctypes.c_long(4096))
        """
    ),
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


@pytest.mark.needs(**SHARED_MEMORY[0], because=SHARED_MEMORY[1])
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


PIPES = text(
    """
        pipes = [os.pipe() for _ in range(200)]
        held = 0
        for _, end in pipes:
            try:
                fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, MB)
            except OSError:
                pass
            os.set_blocking(end, False)
            try:
                while True:
                    held += os.write(end, bytes(65536))
            except OSError:
                pass
        """
)


def test_buffers_of_pipes_stay_small(jail: HostProcess) -> None:
    """Case 50: pipes made as large as the kernel lets them hold less than the job's memory."""
    attack(jail, f"import fcntl\ntried('200 pipes')\n{PIPES}\nhold(held, 'pipes')\nprint(held // MB)", HOLD)
