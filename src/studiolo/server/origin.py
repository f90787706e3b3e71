"""The server's address as its documents and answers name it."""

from __future__ import annotations

import re

from starlette.requests import Request

_HOST = re.compile(r"[A-Za-z0-9._-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")


def origin_of(request: Request, address: str | None) -> str:
    """Give scheme, host and port.

    Args:
        request: what a client asked.
        address: that clients know the server by; None for the one of the request. What no host can be called is
            not repeated.
    """
    if address is not None:
        return address
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        host = "{}:{}".format(*(request.scope.get("server") or ("localhost", 80)))
    return f"{request.scope['scheme']}://{host}"
