"""Text that bombs begin with: system calls, and a judge of what they hold."""

from __future__ import annotations

# `hold(taken, what)` is called with what lies in memory that no limit ended yet; half as much again is slack.
HOLD = """
import ctypes, fcntl, mmap, os, signal, socket, sys, time
MB = 1 << 20
MOST = 640 * MB
READ_WRITE, SHARED, PRIVATE, HUGE, WANT_HUGE = 3, 0x21, 0x22, 0x40000, 14
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
TOUCH = """
def touch(mapping, size):
    for page in range(0, size, 4096): mapping[page] = 1
"""
