"""Reads a path of the workspace, an address or a database into the store."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studiolo.connectors.address import parse_address
from studiolo.connectors.covering import check_covered, check_secrets
from studiolo.connectors.hiding import hiding
from studiolo.connectors.local import FileDigests, read_local, resolve_source
from studiolo.connectors.media_types import UNKNOWN, media_type_of
from studiolo.connectors.schemes import scheme_of, sqlite_path
from studiolo.connectors.sqlite_logs import check_log
from studiolo.connectors.wish import PLAIN, Wish
from studiolo.domain.secret_names import holds_password, secrets_in, without_secrets
from studiolo.store.blobs import BlobStore

if TYPE_CHECKING:
    from studiolo.connectors.http import HttpLimits

_VAGUE = ("", "text/plain", "application/octet-stream", "binary/octet-stream", "application/x-download")
ROWS = "application/vnd.studiolo.rows"
FOLDER = "application/zip"
PASSWORD_WARNING = (
    "The address has a password or key in it, which stands in the experiment's file. Keep it as a secret: "
    "studiolo secret set NAME, and write {secret:NAME} in its place."
)


@dataclass(frozen=True)
class FetchedFile:
    """The bytes of a source, in the store.

    Attributes:
        name: path or address as the author wrote it, without user, password and the values of a query.
        digest: the blob.
        size: length in bytes, at least 1.
        media_type: what the server says, or else what the name's ending tells.
        warnings: what the author should know: faults that passed, a password that is no secret.
    """

    name: str
    digest: str
    size: int
    media_type: str
    warnings: tuple[str, ...] = ()


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
    wish: Wish = PLAIN,
) -> FetchedFile:
    """Keep the bytes of a path, an address or a query of a database in the store.

    An unchanged file costs a look at its size and time; an address is fetched each time.

    Args:
        source: a path, relative to the workspace or absolute, or an address: http(s), `s3:`, `azure:`, `postgresql:`,
            `sqlite:`.
        workspace_root: the workspace's folder.
        blobs: the store.
        metadata: remembers the digests of files.
        allow_outside: paths may leave the workspace, and the address may be any: for what a person types on
            the command line, never for what an experiment's file says.
        network: patterns of the hosts that the workspace allows; others have to have public addresses.
        limits: bounds of fetching an address.
        cancel: set from another thread to end fetching an address; noticed within `silence_seconds`.
        wish: secrets, and what goes with the address.

    Raises:
        UserError: what is wrong with the path or address; see `connectors.local`, `connectors.http` and
            `connectors.postgres_reading`.
        WorkerError: `cancelled`.
    """
    with hiding(wish.secrets):
        path = sqlite_path(source)
        if path is not None or scheme_of(source) is None:
            found = _read_path(path or source, workspace_root, blobs, metadata, allow_outside, wish)
            return found if path is None else replace(found, name=source)
        reading = _Reading(source, blobs, network, limits, cancel, wish, allow_outside)
        return reading.read()


def _read_path(
    source: str, root: Path, blobs: BlobStore, metadata: FileDigests, allow_outside: bool, wish: Wish
) -> FetchedFile:
    if wish.may_be_folder:
        path = resolve_source(source, root, allow_outside=allow_outside)
        if path.is_dir():
            from studiolo.connectors.folders import read_folder

            digest, size = read_folder(source, path, root.resolve(), blobs, metadata)
            return FetchedFile(f"{source.rstrip('/')}/", digest, size, FOLDER)
    check_log(source, root)
    digest, size = read_local(source, root, blobs, metadata, allow_outside=allow_outside)
    return FetchedFile(source, digest, size, media_type_of(source))


class _Reading:
    """One reading of an address."""

    def __init__(
        self,
        source: str,
        blobs: BlobStore,
        network: Sequence[str],
        limits: HttpLimits | None,
        cancel: threading.Event | None,
        wish: Wish,
        is_typed: bool,
    ) -> None:
        # Loading urllib takes longer than an unchanged run may.
        from studiolo.connectors.http import HttpLimits

        self._source = source
        self._text = wish.opened(source)
        self._blobs = blobs
        self._network = network
        self._limits = limits or HttpLimits()
        self._cancel = cancel
        self._wish = wish
        self._is_typed = is_typed
        self._warnings: list[str] = []

    def read(self) -> FetchedFile:
        if holds_password(self._source):
            self._warnings.append(PASSWORD_WARNING)
        is_database = scheme_of(self._source) == "postgresql"
        found = self._rows() if is_database else self._object() or self._file()
        warnings = tuple(dict.fromkeys(without_secrets(one, self._wish.secrets) for one in self._warnings))
        return replace(found, warnings=warnings)

    def _rows(self) -> FetchedFile:
        from studiolo.connectors.postgres import parse_database
        from studiolo.connectors.postgres_reading import read_rows
        from studiolo.domain.addresses import host_port

        database = parse_database(self._text)
        check_secrets(self._wish.hosts, (database.host, database.tcp_port))
        typed = (host_port(database.host, database.tcp_port),) if self._is_typed else ()
        digest, size = read_rows(
            database,
            self._blobs,
            query=self._wish.query,
            table=self._wish.table,
            network=(*typed, *self._network),
            cancel=self._cancel,
            told=self._warnings.append,
        )
        return FetchedFile(database.shown, digest, size, ROWS)

    def _object(self) -> FetchedFile | None:
        from studiolo.connectors.fetch import fetch
        from studiolo.connectors.object_places import object_place
        from studiolo.domain.addresses import host_port

        place = object_place(self._text)
        if place is None:
            return None
        address = place.address("GET")
        typed = (host_port(*address.place),) if self._is_typed else ()
        network = (*typed, *self._network)
        check_secrets(self._wish.hosts, address.place)
        if place.opens and (place.is_own or secrets_in(self._source)):
            check_covered(address.place, network, "What opens a storage would be sent to")
        with hiding({}, place.hidden):
            if place.name.endswith("/") and self._wish.may_be_folder:
                from studiolo.connectors.folders import fetch_folder

                digest, size = fetch_folder(place, self._blobs, self._limits, network, self._cancel)
                return FetchedFile(place.shown, digest, size, FOLDER)
            digest, size, told = fetch(
                address, self._blobs, self._limits, network, self._cancel, None, self._warnings.append
            )
        return FetchedFile(place.shown, digest, size, _media_type(told, place.name))

    def _file(self) -> FetchedFile:
        from studiolo.connectors.fetch import fetch
        from studiolo.connectors.headers import parse_headers
        from studiolo.domain.addresses import host_port

        address = parse_address(self._text)
        typed = (host_port(*address.place),) if self._is_typed else ()
        network = (*typed, *self._network)
        headers = parse_headers(self._wish.opened(self._wish.headers))
        check_secrets(self._wish.hosts, address.place)
        if self._wish.secrets:
            check_covered(address.place, network, "A secret would be sent to")
        digest, size, told = fetch(
            address, self._blobs, self._limits, network, self._cancel, headers, self._warnings.append
        )
        return FetchedFile(address.shown, digest, size, _media_type(told, address.path))


def _media_type(told: str, name: str) -> str:
    by_ending = media_type_of(name)
    return by_ending if told in _VAGUE and (by_ending != UNKNOWN or not told) else told
