"""Listens on a port when a job first connects to it, for jobs that may reach any port.

The job's process gets a seccomp filter that reports each connect(2) to its cell's init and waits. Init reads the
wanted port, listens on it, sends the listener to the host, and lets the call go on. What may be reached is decided
by the host for each connection; nothing is enforced here. Sources: Linux `seccomp_unotify(2)`,
`include/uapi/linux/seccomp.h`.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import ctypes
import errno
import os
import select
import signal
import socket
import struct

from . import descriptors, loopback, syscalls

MOST_LISTENERS = 128  # each takes a descriptor of the host
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_MACHINES = {"x86_64": (0xC000003E, 42), "aarch64": (0xC00000B7, 203)}  # AUDIT_ARCH_*, number of connect
_SET_MODE_FILTER, _NEW_LISTENER, _WAIT_KILLABLE = 1, 1 << 3, 1 << 5
_RECEIVE, _SEND = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND
_CONTINUE = 1
_LONGEST_ADDRESS = 28  # struct sockaddr_in6


class _Notification(ctypes.Structure):
    _fields_ = [
        (str("id"), ctypes.c_uint64),
        (str("pid"), ctypes.c_uint32),
        (str("flags"), ctypes.c_uint32),
        (str("number"), ctypes.c_int32),
        (str("architecture"), ctypes.c_uint32),
        (str("instruction"), ctypes.c_uint64),
        (str("arguments"), ctypes.c_uint64 * 6),
    ]


class _Response(ctypes.Structure):
    _fields_ = [
        (str("id"), ctypes.c_uint64),
        (str("value"), ctypes.c_int64),
        (str("error"), ctypes.c_int32),
        (str("flags"), ctypes.c_uint32),
    ]


class _IoVector(ctypes.Structure):
    _fields_ = [(str("base"), ctypes.c_void_p), (str("length"), ctypes.c_size_t)]


def install_notifier():
    """Report every connect(2) of this process and all it will start; give the descriptor to answer them on.

    The first connect waits until somebody serves the descriptor; when its last copy is closed connect fails with
    ENOSYS. It is closed on exec.

    Raises:
        OSError: the kernel can't (before Linux 5.5) or another such filter is in place; the process must end.
    """
    if syscalls.MACHINE not in _MACHINES:
        raise OSError(errno.ENOSYS, "report connections: no call numbers for %s" % syscalls.MACHINE)
    architecture, connect = _MACHINES[syscalls.MACHINE]
    steps = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 0, 3, architecture),  # the job's main filter ends foreign architectures
        (_LOAD, 0, 0, 0),
        (_EQUAL, 0, 1, connect),
        (_RETURN, 0, 0, _NOTIFY),
        (_RETURN, 0, 0, _ALLOW),
    ]
    program = b"".join(struct.pack(str("=HBBI"), *step) for step in steps)
    code = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack(str("=H6xQ"), len(steps), ctypes.addressof(code)), 16)
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    try:
        listening = syscalls.call("seccomp", _SET_MODE_FILTER, _NEW_LISTENER | _WAIT_KILLABLE, header)
    except OSError as error:
        if error.errno != errno.EINVAL:  # before Linux 5.19 a signal may interrupt the wait
            raise
        listening = syscalls.call("seccomp", _SET_MODE_FILTER, _NEW_LISTENER, header)
    # No call has this id: a kernel that can let calls go on says so, an older one rejects the flag first.
    if _answer(listening, 0) == errno.EINVAL:
        os.close(listening)
        raise OSError(errno.EINVAL, "report connections: the kernel can't let them go on (Linux 5.5 can)")
    return listening


def serve(gate, notifier_connection, made):
    """Listen wherever the job connects to, for ever. Runs in the cell's init.

    Args:
        gate: SOCK_SEQPACKET socket to the host; each new listener goes there as `{"label": "tcp4:8080"}`.
        notifier_connection: socket on which the descriptor of `install_notifier` arrives.
        made: labels of the listeners that the host has already.
    """
    made = set(made)
    _, received = descriptors.receive(notifier_connection)
    notifier_connection.close()
    if len(received) == 1:
        poller = select.poll()
        poller.register(received[0], select.POLLIN)
        notification = _Notification()
        while _wait(poller):
            if _next(received[0], notification):
                try:
                    _listen(gate, notification, made)
                except (OSError, socket.error, ValueError):
                    pass  # nobody listens: the job's connection is refused
                _answer(received[0], notification.id)
    descriptors.close_all(received)
    while True:  # nobody is left who could connect; the cell lives on until it is ended
        signal.pause()


def _wait(poller):
    """Wait for a report; say no when no process is left that could make one."""
    while True:
        try:
            return any(event & select.POLLIN for _, event in poller.poll())
        except (OSError, select.error) as error:
            if error.args[0] != errno.EINTR:
                raise


def _next(listening, notification):
    """Fetch a report; say whether there was one: its process may have died meanwhile."""
    ctypes.memset(ctypes.byref(notification), 0, ctypes.sizeof(notification))
    request = ctypes.c_ulong(_RECEIVE)
    return syscalls.libc.ioctl(ctypes.c_int(listening), request, ctypes.byref(notification)) == 0


def _answer(listening, number):
    """Let the call of a report go on; give the error number, which matters to nobody: its process has died."""
    response = _Response(number, 0, 0, _CONTINUE)
    while True:
        if syscalls.libc.ioctl(ctypes.c_int(listening), ctypes.c_ulong(_SEND), ctypes.byref(response)) == 0:
            return 0
        if ctypes.get_errno() != errno.EINTR:
            return ctypes.get_errno()


def _listen(gate, notification, made):
    for family, port in _wanted(notification):
        label = "tcp%s:%d" % (family, port)
        if label in made or len(made) >= MOST_LISTENERS:
            continue
        made.add(label)  # also when it fails: a port that the job itself listens on is not tried again
        loopback.hand_over(gate, [(label, loopback.listener(family, port))])


def _wanted(notification):
    """Give (family, port) of the listeners that a connection needs; none for loopback and other families."""
    size = min(notification.arguments[2] & 0xFFFFFFFF, _LONGEST_ADDRESS)
    address = _read(notification.pid, notification.arguments[1], size)
    if len(address) < 8:
        return []
    family = struct.unpack(str("=H"), address[:2])[0]
    port = struct.unpack(str("!H"), address[2:4])[0]
    if port in (0, loopback.DNS_PORT):
        return []
    if family == socket.AF_INET:
        return [] if _is_own(address[4:8]) else [("4", port)]
    if family != socket.AF_INET6 or len(address) < 24:
        return []
    wanted = address[8:24]
    if wanted[:12] == b"\0" * 10 + b"\xff\xff":
        return [] if _is_own(wanted[12:]) else [("4", port)]
    return [] if wanted[:15] == b"\0" * 15 and wanted[15:] in (b"\0", b"\1") else [("6", port)]


def _is_own(address):
    """Say whether an IPv4 address is loopback: the job's own servers, never the network."""
    return address[:1] == b"\x7f" or address == b"\0\0\0\0"


def _read(pid, address, size):
    """Give bytes of another process's memory, fewer or none when they can't be read."""
    buffer = ctypes.create_string_buffer(_LONGEST_ADDRESS)
    ours = _IoVector(ctypes.addressof(buffer), size)
    theirs = _IoVector(address, size)
    count = syscalls.libc.process_vm_readv(
        ctypes.c_int(pid),
        ctypes.byref(ours),
        ctypes.c_ulong(1),
        ctypes.byref(theirs),
        ctypes.c_ulong(1),
        ctypes.c_ulong(0),
    )
    return buffer.raw[: max(count, 0)]
