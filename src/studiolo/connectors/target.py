"""Writes content to a path of the workspace, an address or a table of a database."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studiolo.connectors.address import parse_address
from studiolo.connectors.covering import check_secrets
from studiolo.connectors.hiding import hiding
from studiolo.connectors.local import resolve_database, write_local
from studiolo.connectors.media_types import media_type_of
from studiolo.connectors.schemes import scheme_of, sqlite_path
from studiolo.connectors.tables import MODES
from studiolo.connectors.wish import PLAIN, Wish
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import UserError

if TYPE_CHECKING:
    from studiolo.connectors.http import HttpLimits

METHODS = ("PUT", "POST")


@dataclass(frozen=True)
class WrittenTarget:
    """Where content went.

    Attributes:
        name: path or address as the author wrote it, without user, password and the values of a query.
        size: length in bytes.
        is_changed: False when the file had these bytes already and was left alone.
    """

    name: str
    size: int
    is_changed: bool


def write_target(
    target: str,
    descriptor: int,
    size: int,
    workspace_root: Path,
    *,
    allow_outside: bool = False,
    network: Sequence[str] = (),
    method: str = "PUT",
    media_type: str | None = None,
    limits: HttpLimits | None = None,
    cancel: threading.Event | None = None,
    wish: Wish = PLAIN,
) -> WrittenTarget:
    """Write the first `size` bytes behind a descriptor to a path or an address, whole or not at all.

    Args:
        target: a path, relative to the workspace or absolute, or an address: http(s), `s3:`, `azure:`, `postgresql:`,
            `sqlite:`.
        descriptor: open for reading, such as a blob's or a sealed memfd; its position does not matter.
        size: number of bytes.
        workspace_root: the workspace's folder.
        allow_outside: paths may leave the workspace; for what a person types.
        network: patterns of the hosts that the workspace allows; nothing is sent to others.
        method: how an address takes content, one of `METHODS`.
        media_type: told to an address; by the ending of its path when None.
        limits: bounds of sending to an address.
        cancel: set from another thread to end the sending.
        wish: secrets, and what goes with the address. Databases get what `studiolo.formats.row_text` wrote.

    Raises:
        UserError: what is wrong with the path or address; the old content is as it was.
        WorkerError: `cancelled`.
    """
    with hiding(wish.secrets):
        path, scheme = sqlite_path(target), scheme_of(target)
        if path is not None:
            from studiolo.connectors.sqlite_writing import write_sqlite

            place = resolve_database(path, workspace_root, allow_outside=allow_outside)
            write_sqlite(path, place, _table(wish), _mode(wish), descriptor, size, cancel)
            return WrittenTarget(target, size, True)
        if scheme is None:
            is_changed = write_local(target, workspace_root, descriptor, size, allow_outside=allow_outside)
            return WrittenTarget(target, size, is_changed)
        if scheme == "postgresql":
            from studiolo.connectors.postgres import parse_database
            from studiolo.connectors.postgres_writing import write_rows

            database = parse_database(wish.opened(target))
            check_secrets(wish.hosts, (database.host, database.tcp_port))
            write_rows(database, _table(wish), _mode(wish), descriptor, size, network=network, cancel=cancel)
            return WrittenTarget(database.shown, size, True)
        return _send(target, descriptor, size, network, method, media_type, limits, cancel, wish)


def _send(
    target: str,
    descriptor: int,
    size: int,
    network: Sequence[str],
    method: str,
    media_type: str | None,
    limits: HttpLimits | None,
    cancel: threading.Event | None,
    wish: Wish,
) -> WrittenTarget:
    from studiolo.connectors.headers import parse_headers
    from studiolo.connectors.http import HttpLimits
    from studiolo.connectors.object_places import object_place
    from studiolo.connectors.send import send

    if method not in METHODS:
        raise UserError(
            "bad-method",
            f'Content cannot be sent by the method "{method}".',
            did_you_mean(method, METHODS, "method"),
        )
    headers = parse_headers(wish.opened(wish.headers))
    place = object_place(wish.opened(target))
    if place is not None:
        method, headers = "PUT", {**headers, **place.put_headers}
    address = parse_address(wish.opened(target)) if place is None else place.address("PUT")
    check_secrets(wish.hosts, address.place)
    told = media_type or media_type_of(address.path)
    with hiding({}, place.hidden if place is not None else ()):
        send(address, descriptor, size, told, method, limits or HttpLimits(), network, cancel, headers)
    return WrittenTarget(address.shown if place is None else place.shown, size, True)


def _table(wish: Wish) -> str:
    if not wish.table.strip():
        raise UserError(
            "missing-query", "Writing into a database needs a table.", "Set the parameter `table`."
        )
    return wish.table


def _mode(wish: Wish) -> str:
    if wish.mode not in MODES:
        raise UserError(
            "unknown-choice",
            f'There is no way "{wish.mode[:80]}" to write a table.',
            did_you_mean(wish.mode, MODES, "mode"),
        )
    return wish.mode
