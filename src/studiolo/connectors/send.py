"""Sends content to an http(s) address by PUT or POST."""

from __future__ import annotations

import os
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence

from studiolo.connectors.address import Address
from studiolo.connectors.http import HttpLimits, PassingError, ask, check_cancel, deadline, retrying
from studiolo.errors import UserError

_PIECE_BYTES = 256 << 10


def send(
    address: Address,
    descriptor: int,
    size: int,
    media_type: str,
    method: str,
    limits: HttpLimits,
    network: Sequence[str],
    cancel: threading.Event | None = None,
    more_headers: Mapping[str, str] | None = None,
    told: Callable[[str], None] | None = None,
) -> None:
    """Send the first `size` bytes behind a descriptor; returns when the server has accepted them.

    A PUT is repeated after a fault that may pass, as putting the same twice is putting it once. A POST is
    repeated only when nothing of it reached the server.

    Raises:
        UserError: `address-…`; see `studiolo.connectors.http`.
        WorkerError: `cancelled`.
    """
    begun = False

    def body() -> Iterator[bytes]:
        nonlocal begun
        begun = True
        until = deadline(limits)
        offset = 0
        while offset < size:
            check_cancel(cancel)
            if time.monotonic() > until:
                raise UserError(
                    "address-unreachable",
                    f"{address.shown} took more than {limits.total_seconds:g} seconds to take the content.",
                    "The server or the network is too slow for it.",
                )
            piece = os.pread(descriptor, min(_PIECE_BYTES, size - offset), offset)
            if not piece:
                raise ValueError(f"the content ends after {offset} of {size} bytes")
            yield piece
            offset += len(piece)

    def attempt() -> None:
        headers = {"Content-Length": str(size), "Content-Type": media_type, **(more_headers or {})}
        request = urllib.request.Request(address.url, data=body(), headers=headers, method=method)
        try:
            with ask(address, request, limits, network):
                pass
        except PassingError as fault:
            if begun and method == "POST":
                raise _unsure(fault.error) from fault.__cause__
            raise

    retrying(attempt, limits, cancel, told)


def _unsure(error: UserError) -> UserError:
    error.hint = f"{error.hint} It was not sent again, as the server may have acted on it already.".strip()
    return error
