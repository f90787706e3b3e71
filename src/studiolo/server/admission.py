"""The door of a service: whose key it is, how many requests it may send, how long a body may be."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request

from studiolo.domain.service import Service
from studiolo.services.bodies.errors import ServiceProblem

WINDOW_SECONDS = 60.0
DRAIN_SECONDS, DRAINED_BYTES = 1.0, 1 << 20


def key_slot(keys: Mapping[str, str], header: str | None) -> str | None:
    """Give which of a service's keys a header `Authorization: Bearer KEY` holds, or None.

    All hashes are compared, each in constant time.
    """
    scheme, _, key = (header or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return None
    digest = hashlib.sha256(key.strip().encode("utf-8", "surrogateescape")).hexdigest()
    found = None
    for slot, known in keys.items():
        if hmac.compare_digest(digest, known):
            found = slot
    return found


class RateLimits:
    """Counts the requests of each key in this server process.

    Args:
        processes: number of server processes that share the limit evenly.
    """

    def __init__(self, processes: int = 1) -> None:
        self._processes = max(processes, 1)
        self._allowance: dict[tuple[str, str], tuple[float, float]] = {}

    def admit(self, service: Service, slot: str) -> None:
        """Let a request in.

        Raises:
                ServiceProblem: `request-throttled`, with the seconds to wait.
        """
        if service.requests_per_minute is None:
            return
        most = max(service.requests_per_minute / self._processes, 1.0)
        now = time.monotonic()
        left, at = self._allowance.get((service.id, slot), (most, now))
        left = min(most, left + (now - at) * most / WINDOW_SECONDS)
        if left < 1.0:
            self._allowance[service.id, slot] = (left, now)
            wait = (1.0 - left) * WINDOW_SECONDS / most
            raise ServiceProblem(
                "request-throttled",
                f"The {slot} key may send {service.requests_per_minute} requests a minute.",
                "Send it again later.",
                retry_after_seconds=wait,
            )
        self._allowance[service.id, slot] = (left - 1.0, now)


async def read_body(request: Request, most_bytes: int, most_seconds: float) -> bytes:
    """Read a request's body.

    Raises:
        ServiceProblem: `request-too-large`, `request-timeout` or `type-unsupported`.
    """
    coding = request.headers.get("content-encoding", "identity").lower()
    if coding != "identity":
        said = f'The body is coded as "{coding[:40]}".'
        raise ServiceProblem("type-unsupported", said, "Send it as it is.", target="Content-Encoding")
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > most_bytes:
        raise _too_long(most_bytes)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(most_seconds):
            async for piece in request.stream():
                size += len(piece)
                if size > most_bytes:
                    raise _too_long(most_bytes)
                pieces.append(piece)
    except TimeoutError:
        said = f"The body did not arrive within {most_seconds:g} s."
        raise ServiceProblem("request-timeout", said, "Send it again.", target="body") from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def drain(request: Request) -> None:
    """Read the rest of a body that nobody wants; a server that hangs up on it can take its answer back with it."""
    size = 0
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            async for piece in request.stream():
                size += len(piece)
                if size > DRAINED_BYTES:
                    return
    except (TimeoutError, ClientDisconnect, RuntimeError):  # the last: it has been read
        return


def _too_long(most_bytes: int) -> ServiceProblem:
    return ServiceProblem(
        "request-too-large",
        f"The body is longer than {most_bytes >> 20} MiB.",
        "Send fewer rows at once, or use the batch interface.",
        target="body",
    )
