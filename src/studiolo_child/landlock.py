"""Landlock: the second wall for files, signals and abstract sockets, made through ctypes.

Source: Linux `Documentation/userspace-api/landlock.rst`. Works with every ABI from 1; what an ABI lacks is
left out, and `restrict` says which ABI it used.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import ctypes
import os
import stat
import struct

from . import syscalls

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIRECTORY = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHARACTER_DEVICE, _MAKE_BLOCK_DEVICE = 1 << 6, 1 << 11
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_READ = _EXECUTE | _READ_FILE | _READ_DIRECTORY
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE  # rights that a file can have
_O_PATH, _O_CLOEXEC = 0o10000000, 0o2000000


def abi():
    """Give the version of Landlock that the running kernel enforces; 0 when it has none."""
    size = syscalls.libc.syscall(
        ctypes.c_long(444),
        None,
        ctypes.c_long(0),
        ctypes.c_long(1),  # LANDLOCK_CREATE_RULESET_VERSION
    )
    return max(size, 0)


def restrict(version, readable, writable, devices, network=False):
    """Shut this process and its children off from everything that is not listed, for good.

    Paths may be folders or single files; a symbolic link stands for what it leads to.

    Args:
        version: what `abi()` gave; 0 does nothing.
        readable: what may be read and executed.
        writable: where everything but device files may be made, changed and read, not executed.
        devices: existing files that may be read and written.
        network: leave TCP alone.

    Raises:
        OSError: the kernel refused, or a path is not there.
    """
    if not version:
        return
    handled = (1 << 13) - 1
    handled |= 1 << 13 if version >= 2 else 0
    handled |= _TRUNCATE if version >= 3 else 0
    handled |= _IOCTL_DEVICE if version >= 5 else 0
    tcp = 0b11 if version >= 4 and not network else 0
    scope = 0b11 if version >= 6 else 0  # abstract sockets and signals stay inside
    size = 8 if version < 4 else 16 if version < 6 else 24
    attributes = ctypes.create_string_buffer(struct.pack(str("=QQQ"), handled, tcp, scope), 24)
    ruleset = syscalls.call("landlock_create_ruleset", attributes, size, 0)
    try:
        write = handled & ~(_MAKE_CHARACTER_DEVICE | _MAKE_BLOCK_DEVICE | _IOCTL_DEVICE | _EXECUTE)
        for paths, access in (
            (readable, _READ),
            (writable, write),
            (devices, (_WRITE_FILE | _READ_FILE | _TRUNCATE) & handled),
        ):
            for path in paths:
                _allow(ruleset, path, access)
        syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
        syscalls.call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset, path, access):
    descriptor = os.open(path, _O_PATH | _O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _OF_FILES  # else the kernel refuses the rule
        rule = ctypes.create_string_buffer(struct.pack(str("=Qi"), access, descriptor), 12)
        syscalls.call("landlock_add_rule", ruleset, 1, rule, 0)
    finally:
        os.close(descriptor)
