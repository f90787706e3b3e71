"""Writes content to a path of the workspace or to an http(s) address."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studiolo.connectors.address import is_address, parse_address
from studiolo.connectors.local import write_local
from studiolo.connectors.media_types import media_type_of
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
) -> WrittenTarget:
    """Write the first `size` bytes behind a descriptor to a path or an address, whole or not at all.

    Args:
        target: a path, relative to the workspace or absolute, or an http(s) address.
        descriptor: open for reading, such as a blob's or a sealed memfd; its position does not matter.
        size: number of bytes.
        workspace_root: the workspace's folder.
        allow_outside: paths may leave the workspace; for what a person types.
        network: patterns of the hosts that the workspace allows; nothing is sent to others.
        method: how an address takes content, one of `METHODS`.
        media_type: told to an address; by the ending of its path when None.
        limits: bounds of sending to an address.
        cancel: set from another thread to end the sending.

    Raises:
        UserError: what is wrong with the path or address; the old file is as it was.
        WorkerError: `cancelled`.
    """
    if not is_address(target):
        is_changed = write_local(target, workspace_root, descriptor, size, allow_outside=allow_outside)
        return WrittenTarget(target, size, is_changed)
    address = parse_address(target)
    if method not in METHODS:
        raise UserError(
            "bad-method",
            f'Content cannot be sent by the method "{method}".',
            did_you_mean(method, METHODS, "method"),
        )
    from studiolo.connectors.http import HttpLimits
    from studiolo.connectors.send import send

    told = media_type or media_type_of(address.path)
    send(address, descriptor, size, told, method, limits or HttpLimits(), network, cancel)
    return WrittenTarget(address.shown, size, True)
