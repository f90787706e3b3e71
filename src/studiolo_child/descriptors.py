"""Sends small JSON messages with file descriptors over a SOCK_SEQPACKET socket. Runs on Python 2.7 too.

One message is one packet: never split, never merged. Python 2.7 has no `sendmsg`; there the call is made
through ctypes (struct msghdr of x86_64 and aarch64 Linux).
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import array
import ctypes
import errno
import json
import os
import socket
import struct

MESSAGE_LIMIT = 1 << 16
DESCRIPTOR_LIMIT = 250  # the kernel takes 253 in one message (SCM_MAX_FD)
_SCM_RIGHTS = 1
_MSG_CMSG_CLOEXEC = 0x40000000


def send(connection, message, descriptors=()):
    """Send a JSON-ready message and descriptors as one packet.

    Raises:
        OSError: the peer is gone (in Python 2 `socket.error`).
        ValueError: more than `MESSAGE_LIMIT` bytes or `DESCRIPTOR_LIMIT` descriptors; the peer would lose some.
    """
    send_bytes(connection, json.dumps(message).encode("ascii"), descriptors)


def send_bytes(connection, data, descriptors=()):
    """Send bytes and descriptors as one packet; raises as `send` does."""
    if len(data) > MESSAGE_LIMIT or len(descriptors) > DESCRIPTOR_LIMIT:
        raise ValueError(
            "a message of %d bytes with %d descriptors is too large" % (len(data), len(descriptors))
        )
    if hasattr(connection, "sendmsg"):
        ancillary = []
        if descriptors:
            ancillary = [(socket.SOL_SOCKET, _SCM_RIGHTS, array.array(str("i"), descriptors))]
        connection.sendmsg([data], ancillary)
    else:
        _send_ctypes(connection.fileno(), data, descriptors)


def receive(connection):
    """Wait for one packet and give `(message, descriptors)`; `(None, [])` when the peer has gone.

    A packet that is not a JSON object gives `({}, descriptors)`: the sender may be hostile. An empty packet
    can't be told from the end, so it counts as that; descriptors that came with it are closed.
    """
    try:
        data, descriptors = receive_bytes(connection)
    except (OSError, socket.error) as error:
        if error.errno == errno.EBADF:
            return None, []
        if error.errno != errno.ECONNRESET:
            raise
        try:  # the peer left something unread; the kernel says so before it gives the peer's own last words
            data, descriptors = receive_bytes(connection)
        except (OSError, socket.error):
            return None, []
    if not data:
        close_all(descriptors)
        return None, []
    try:
        message = json.loads(data.decode("ascii"))
    except (ValueError, RuntimeError):
        message = {}
    return (message if isinstance(message, dict) else {}), descriptors


def close_all(descriptors):
    """Close descriptors, those already closed too."""
    for descriptor in descriptors:
        try:
            os.close(descriptor)
        except OSError:
            pass


def receive_bytes(connection):
    """Wait for one packet and give `(bytes, descriptors)`, as they come."""
    if hasattr(connection, "recvmsg"):
        return _receive_method(connection)
    return _receive_ctypes(connection.fileno())


def _receive_method(connection):
    descriptors = array.array(str("i"))
    data, ancillary, _, _ = connection.recvmsg(
        MESSAGE_LIMIT, socket.CMSG_SPACE(4 * DESCRIPTOR_LIMIT), _MSG_CMSG_CLOEXEC
    )
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == _SCM_RIGHTS:
            descriptors.frombytes(payload[: len(payload) - len(payload) % 4])
    return data, list(descriptors)


class _IoVector(ctypes.Structure):
    _fields_ = [(str("base"), ctypes.c_void_p), (str("length"), ctypes.c_size_t)]


class _MessageHeader(ctypes.Structure):
    _fields_ = [
        (str("name"), ctypes.c_void_p),
        (str("name_length"), ctypes.c_uint32),
        (str("vectors"), ctypes.POINTER(_IoVector)),
        (str("vector_count"), ctypes.c_size_t),
        (str("control"), ctypes.c_void_p),
        (str("control_length"), ctypes.c_size_t),
        (str("flags"), ctypes.c_int),
    ]


_libc = ctypes.CDLL(None, use_errno=True)


def _raise_errno():
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number))


def _send_ctypes(socket_number, data, descriptors):
    payload = ctypes.create_string_buffer(data, len(data))
    vector = _IoVector(ctypes.cast(payload, ctypes.c_void_p), len(data))
    header = _MessageHeader(None, 0, ctypes.pointer(vector), 1, None, 0, 0)
    if descriptors:
        rights = struct.pack(str("=%di" % len(descriptors)), *descriptors)
        control = struct.pack(str("=Qii"), 16 + len(rights), socket.SOL_SOCKET, _SCM_RIGHTS) + rights
        control += b"\0" * (-len(control) % 8)
        buffer = ctypes.create_string_buffer(control, len(control))
        header.control = ctypes.cast(buffer, ctypes.c_void_p)
        header.control_length = len(control)
    if _libc.sendmsg(socket_number, ctypes.byref(header), 0x4000) < 0:  # MSG_NOSIGNAL
        _raise_errno()


def _receive_ctypes(socket_number):
    payload = ctypes.create_string_buffer(MESSAGE_LIMIT)
    vector = _IoVector(ctypes.cast(payload, ctypes.c_void_p), MESSAGE_LIMIT)
    control = ctypes.create_string_buffer(16 + 4 * DESCRIPTOR_LIMIT + 8)
    header = _MessageHeader(
        None, 0, ctypes.pointer(vector), 1, ctypes.cast(control, ctypes.c_void_p), len(control), 0
    )
    size = _libc.recvmsg(socket_number, ctypes.byref(header), _MSG_CMSG_CLOEXEC)
    if size < 0:
        _raise_errno()
    descriptors = []
    if header.control_length >= 16:
        length, level, kind = struct.unpack(str("=Qii"), control.raw[:16])
        if level == socket.SOL_SOCKET and kind == _SCM_RIGHTS:
            count = (length - 16) // 4
            descriptors = list(struct.unpack(str("=%di" % count), control.raw[16 : 16 + 4 * count]))
    return payload.raw[:size], descriptors
