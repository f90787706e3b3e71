"""Makes every address local inside a network namespace, and listens there for the host to accept.

The namespace's only interface is `lo`. With a local route to 0.0.0.0/0 and ::/0 each connection a job makes, to
whatever address, ends at a listening socket of the same namespace; `getsockname()` of the accepted socket is the
address that was wanted. Sources: Linux `rtnetlink(7)`, `include/uapi/linux/rtnetlink.h`.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import os
import socket
import struct

from . import descriptors

BACKLOG = 128
DNS_PORT = 53
_AF_NETLINK, _NETLINK_ROUTE = 16, 0
_RTM_NEWLINK, _RTM_NEWROUTE, _NLMSG_ERROR = 16, 24, 2
_NLM_F_REQUEST, _NLM_F_ACK, _NLM_F_REPLACE, _NLM_F_CREATE = 1, 4, 0x100, 0x400
_IFF_UP = 1
_LO = 1  # index of `lo` in every network namespace (LOOPBACK_IFINDEX)
_RT_TABLE_LOCAL, _RTPROT_STATIC, _RT_SCOPE_HOST, _RTN_LOCAL, _RTA_OIF = 255, 4, 254, 2, 4
_NO_IPV6 = (
    errno.EAFNOSUPPORT,
    errno.EOPNOTSUPP,
    errno.EACCES,
    errno.ENODEV,
    errno.EINVAL,
    errno.EADDRNOTAVAIL,
)


def open_everything():
    """Bring `lo` up and make every IPv4 address local, every IPv6 address too where the kernel has IPv6.

    Call it in a fresh network namespace with rights over it.

    Raises:
        OSError: a step failed; the text names it.
    """
    link = struct.pack(str("=BxHiII"), 0, 0, _LO, _IFF_UP, _IFF_UP)
    _request("bring lo up", _RTM_NEWLINK, 0, link)
    _route_all("make IPv4 addresses local", socket.AF_INET)
    try:
        _route_all("make IPv6 addresses local", socket.AF_INET6)
    except OSError as error:
        if error.errno not in _NO_IPV6:
            raise


def listeners(ports):
    """Listen on `ports` of every address, and for DNS; give `[(label, socket)]`.

    Labels: `tcp4:443`, `tcp6:443`, `dns-udp4`, `dns-tcp4`, `dns-udp6`, `dns-tcp6`; those of IPv6 are left out
    where there is none. TCP to port 53 is DNS.

    Raises:
        OSError: a port can't be had; the text names it.
    """
    made = []
    try:
        for family in ("4", "6"):
            try:
                made.append(("dns-udp" + family, _bound(family, socket.SOCK_DGRAM, DNS_PORT)))
            except OSError as error:
                if family == "6" and error.errno in _NO_IPV6:
                    break
                raise
            made.append(("dns-tcp" + family, listener(family, DNS_PORT)))
            for port in sorted(set(ports) - {DNS_PORT}):
                made.append(("tcp%s:%d" % (family, port), listener(family, port)))
    except BaseException:
        for _, each in made:
            each.close()
        raise
    return made


def listener(family, port):
    """Give a TCP socket that listens on a port of every address of family "4" or "6". Raises OSError."""
    made = _bound(family, socket.SOCK_STREAM, port)
    made.listen(BACKLOG)
    return made


def hand_over(gate, made):
    """Send listeners to the host over the SOCK_SEQPACKET socket `gate`, one message each, and close them here.

    Raises:
        OSError: the host has gone.
    """
    try:
        for label, each in made:
            descriptors.send(gate, {"label": label}, [each.fileno()])
    finally:
        for _, each in made:
            each.close()


def _bound(family, kind, port):
    made = None
    try:
        made = socket.socket(socket.AF_INET6 if family == "6" else socket.AF_INET, kind)
        if family == "6":
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("::" if family == "6" else "0.0.0.0", port))
    except (OSError, socket.error) as error:
        if made is not None:
            made.close()
        raise OSError(error.errno, "listen on port %d (IPv%s): %s" % (port, family, os.strerror(error.errno)))
    return made


def _route_all(step, family):
    message = struct.pack(
        str("=BBBBBBBBI"), family, 0, 0, 0, _RT_TABLE_LOCAL, _RTPROT_STATIC, _RT_SCOPE_HOST, _RTN_LOCAL, 0
    )
    _request(
        step,
        _RTM_NEWROUTE,
        _NLM_F_CREATE | _NLM_F_REPLACE,
        message + struct.pack(str("=HHi"), 8, _RTA_OIF, _LO),
    )


def _request(step, kind, flags, body):
    """Ask the kernel one thing over rtnetlink and wait for its answer."""
    header = struct.pack(str("=IHHII"), 16 + len(body), kind, _NLM_F_REQUEST | _NLM_F_ACK | flags, 1, 0)
    try:
        number = _ask(header + body)
    except (OSError, socket.error) as error:
        number = error.errno
    if number:
        raise OSError(number, "%s: %s" % (step, os.strerror(number)))


def _ask(packet):
    """Give the error number of the kernel's answer, 0 when it agreed."""
    asking = socket.socket(_AF_NETLINK, socket.SOCK_RAW, _NETLINK_ROUTE)
    try:
        asking.send(packet)
        answer = asking.recv(4096)
    finally:
        asking.close()
    _, kind = struct.unpack(str("=IH"), answer[:6])
    if kind != _NLMSG_ERROR:
        return errno.EPROTO
    return -struct.unpack(str("=i"), answer[16:20])[0]
