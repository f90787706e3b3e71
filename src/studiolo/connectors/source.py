"""Reads a path of the workspace or an http(s) address into the store."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studiolo.connectors.address import is_address, parse_address
from studiolo.connectors.local import FileDigests, read_local
from studiolo.connectors.media_types import UNKNOWN, media_type_of
from studiolo.store.blobs import BlobStore

if TYPE_CHECKING:
    from studiolo.connectors.http import HttpLimits

_VAGUE = ("", "text/plain", "application/octet-stream", "binary/octet-stream", "application/x-download")


@dataclass(frozen=True)
class FetchedFile:
    """The bytes of a source, in the store.

    Attributes:
        name: path or address as the author wrote it, without user, password and the values of a query.
        digest: the blob.
        size: length in bytes, at least 1.
        media_type: what the server says, or else what the name's ending tells.
    """

    name: str
    digest: str
    size: int
    media_type: str


def read_source(
    source: str,
    workspace_root: Path,
    blobs: BlobStore,
    metadata: FileDigests,
    *,
    allow_outside: bool = False,
    network: Sequence[str] = (),
    limits: HttpLimits | None = None,
    cancel: threading.Event | None = None,
) -> FetchedFile:
    """Keep the bytes of a path or an address in the store.

    An unchanged file costs a look at its size and time; an address is fetched each time.

    Args:
        source: a path, relative to the workspace or absolute, or an http(s) address.
        workspace_root: the workspace's folder.
        blobs: the store.
        metadata: remembers the digests of files.
        allow_outside: paths may leave the workspace, and the address may be any: for what a person types on
            the command line, never for what an experiment's file says.
        network: patterns of the hosts that the workspace allows; others have to have public addresses.
        limits: bounds of fetching an address.
        cancel: set from another thread to end fetching an address; noticed within `silence_seconds`.

    Raises:
        UserError: what is wrong with the path or address; see `connectors.local` and `connectors.http`.
        WorkerError: `cancelled`.
    """
    if not is_address(source):
        digest, size = read_local(source, workspace_root, blobs, metadata, allow_outside=allow_outside)
        return FetchedFile(source, digest, size, media_type_of(source))
    address = parse_address(source)
    # Loading urllib takes longer than an unchanged run may.
    from studiolo.connectors.fetch import fetch
    from studiolo.connectors.http import HttpLimits
    from studiolo.domain.addresses import host_port

    typed = (host_port(*address.place),) if allow_outside else ()
    digest, size, told = fetch(address, blobs, limits or HttpLimits(), (*typed, *network), cancel)
    by_ending = media_type_of(address.path)
    media_type = by_ending if told in _VAGUE and (by_ending != UNKNOWN or not told) else told
    return FetchedFile(address.shown, digest, size, media_type)
