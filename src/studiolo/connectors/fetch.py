"""Reads an http(s) address into the store: streamed, bounded, decompressed, complete or not at all."""

from __future__ import annotations

import hashlib
import http.client
import threading
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from studiolo.connectors.address import Address
from studiolo.connectors.http import (
    HttpLimits,
    PassingError,
    ask,
    check_cancel,
    deadline,
    raise_fault,
    retrying,
)
from studiolo.errors import UserError
from studiolo.store.blobs import BlobStore
from studiolo.store.failures import size_text, storing
from studiolo.store.temporary import TemporaryFile

_PIECE_BYTES = 256 << 10


def fetch(
    address: Address,
    blobs: BlobStore,
    limits: HttpLimits,
    network: Sequence[str] = (),
    cancel: threading.Event | None = None,
    headers: Mapping[str, str] | None = None,
    told: Callable[[str], None] | None = None,
) -> tuple[str, int, str]:
    """Keep what an address gives, and give its digest, size and media type (empty when not told).

    Memory stays the same whatever the size. A connection that breaks off is an error, never a shorter file.

    Args:
        address: to ask.
        blobs: the store.
        limits: of the fetching.
        network: patterns of the hosts that may be asked although they are not public.
        cancel: ends it when set.
        headers: sent to this server alone, not to where it sends elsewhere.
        told: is told of each fault that another try follows.

    Raises:
        UserError: `address-…`; see `studiolo.connectors.http`. Also a full disk.
        WorkerError: `cancelled`.
    """

    def attempt() -> tuple[str, int, str]:
        request = urllib.request.Request(address.url, headers={"Accept-Encoding": "gzip", "Accept": "*/*"})
        for name, value in (headers or {}).items():
            request.add_unredirected_header(name, value)
        with ask(address, request, limits, network) as response:
            media_type = response.headers.get_content_type() if response.headers.get("Content-Type") else ""
            digest, size = _keep(address, response, blobs, limits, cancel)
            return digest, size, media_type

    return retrying(attempt, limits, cancel, told)


def fetch_text(
    address: Address,
    limits: HttpLimits,
    network: Sequence[str],
    cancel: threading.Event | None = None,
    *,
    most: int,
) -> bytes:
    """Give what an address gives, as it is, at most `most` bytes of it.

    Raises:
        UserError: `address-…`; see `studiolo.connectors.http`.
        WorkerError: `cancelled`.
    """

    def attempt() -> bytes:
        request = urllib.request.Request(address.url, headers={"Accept": "*/*"})
        with ask(address, request, limits, network) as response:
            found = b"".join(_pieces(address, response, replace(limits, size_bytes=most), cancel))
        if len(found) > most:
            raise _too_large(address, replace(limits, size_bytes=most))
        return found

    return retrying(attempt, limits, cancel)


def _keep(
    address: Address,
    response: http.client.HTTPResponse,
    blobs: BlobStore,
    limits: HttpLimits,
    cancel: threading.Event | None,
) -> tuple[str, int]:
    state = hashlib.sha256()
    size = 0
    pieces = _pieces(address, response, limits, cancel)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        pieces = _decompressed(address, pieces)
    elif encoding not in ("", "identity"):
        raise UserError(
            "address-encoding",
            f'{address.shown} sends its content encoded as "{encoding[:40]}", which was not asked for.',
            "Only gzip is understood.",
        )
    # The outer block turns faults of the disk into errors; those of the network are turned before.
    with storing(blobs.temporary, response.length), TemporaryFile(blobs.temporary) as file:
        for piece in pieces:
            size += len(piece)
            if size > limits.size_bytes:
                raise _too_large(address, limits)
            state.update(piece)
            file.write(piece)
        if size == 0:
            raise UserError("empty-file", f"{address.shown} gave no content.", "Check the address.")
        return blobs.put_temporary(file, size, state.hexdigest()), size


def _pieces(
    address: Address,
    response: http.client.HTTPResponse,
    limits: HttpLimits,
    cancel: threading.Event | None,
) -> Iterator[bytes]:
    expected = response.length
    if expected is not None and expected > limits.size_bytes:
        raise _too_large(address, limits)
    until = deadline(limits)
    received = 0
    while True:
        check_cancel(cancel)
        if time.monotonic() > until:
            raise UserError(
                "address-unreachable",
                f"{address.shown} took more than {limits.total_seconds:g} seconds for {size_text(received)}.",
                "The server or the network is too slow for this file.",
            )
        try:
            piece = response.read1(_PIECE_BYTES)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise_fault(address, error, limits)
        if not piece:
            break
        received += len(piece)
        if received > limits.size_bytes:  # before decompression; bombs are found after it
            raise _too_large(address, limits)
        yield piece
    # Reading by pieces, http.client takes the end of the connection for the end of the content.
    if expected is not None and received != expected:
        raise_fault(address, http.client.IncompleteRead(b"", expected - received), limits)


def _decompressed(address: Address, pieces: Iterator[bytes]) -> Iterator[bytes]:
    machine = zlib.decompressobj(wbits=31)
    for piece in pieces:
        while piece:
            if machine.eof:
                machine = zlib.decompressobj(wbits=31)
            try:
                out = machine.decompress(piece, _PIECE_BYTES)
            except zlib.error as error:
                raise _bad_gzip(address, str(error)) from None
            if out:
                yield out
            piece = machine.unused_data if machine.eof else machine.unconsumed_tail
    # What came may all be taken in and still wait to be given out.
    while not machine.eof and (out := machine.decompress(b"", _PIECE_BYTES)):
        yield out
    if not machine.eof:
        raise PassingError(_bad_gzip(address, "it ends too early"))


def _bad_gzip(address: Address, why: str) -> UserError:
    return UserError(
        "address-encoding",
        f"{address.shown} says its content is compressed by gzip, but it cannot be read: {why}.",
        "The fault is on the server's side.",
    )


def _too_large(address: Address, limits: HttpLimits) -> UserError:
    return UserError(
        "address-too-large",
        f"{address.shown} gives more than {size_text(limits.size_bytes)}.",
        "Fetch it by other means into the workspace's data folder and read it from there.",
        allowed_bytes=limits.size_bytes,
    )
