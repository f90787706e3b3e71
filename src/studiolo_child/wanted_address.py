"""Finds which host and port a failed network call wanted, from the frames of its exception.

The exceptions themselves do not say it. Python's own functions and most libraries have the address in the locals
of functions called `create_connection`, `getaddrinfo`, `connect` and the like.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import re
import sys

_FUNCTIONS = ("create_connection", "getaddrinfo", "connect", "sock_connect", "_connect_sock", "do_open")
_MOST_FRAMES = 1000
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}$")
_SERVICES = {"http": 80, "https": 443, "ftp": 21, "smtp": 25, "ssh": 22}


def wanted_address(links):
    """Give `host:port` as a grant is written, or "" when it can't be told.

    Args:
        links: an exception and those it came from, the last first.
    """
    for link in links:
        frames = getattr(link, "__traceback__", None)
        if frames is None and sys.version_info[0] == 2:
            frames = sys.exc_info()[2] if sys.exc_info()[1] is link else None
        for _ in range(_MOST_FRAMES):
            if frames is None:
                break
            name = frames.tb_frame.f_code.co_name
            if name in _FUNCTIONS:
                found = _in_locals(name, frames.tb_frame.f_locals)
                if found:
                    return found
            frames = frames.tb_next
    return ""


def _in_locals(function, local):
    if function == "do_open":  # of urllib: "host" or "host:port"
        return _of_url(local.get("host"), getattr(local.get("http_class"), "default_port", None))
    address = local.get("address")
    if type(address) is tuple and len(address) >= 2:
        return _written(address[0], address[1])
    return _written(local.get("host"), local.get("port"))


def _of_url(host, port):
    host = _text(host)
    match = re.match(r"(.*):([0-9]+)$", host)
    if match:
        host, port = match.groups()
    return _written(host.strip("[]"), port)


def _written(host, port):
    host, port = _text(host).partition("%")[0].rstrip("."), port if type(port) is int else _text(port)
    if not isinstance(port, int):
        port = int(port) if port.isdigit() and len(port) < 6 else _SERVICES.get(port, 0)
    if not _HOST.match(host) or not 0 < port < 65536:
        return ""
    return "%s:%d" % ("[%s]" % host if ":" in host else host, port)


def _text(value):
    """Give text as it is, "" for anything else: the script's own classes run code."""
    if type(value) is bytes:
        return value.decode("latin-1")
    return value if type(value) is type("") else ""
