"""What a Python device shows: the log and the pictures of a node's script."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Content
from studiolo.errors import UserError
from studiolo.store.digest import is_digest
from studiolo.studio.opened_tables import open_content

if TYPE_CHECKING:
    from studiolo.workspace import Workspace

SHOWN_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml", "text/html")
ACTIVE_TYPES = ("text/html",)
_DOCUMENT_LIMIT = 64 << 20
_LOG_CHARACTERS = 2 << 20


@dataclass(frozen=True)
class DevicePicture:
    """A picture of a device.

    Attributes:
        name: its name in the script's working directory.
        media_type: as its bytes told when it was collected.
        content: the bytes in the store.
    """

    name: str
    media_type: str
    content: Content

    @property
    def is_shown(self) -> bool:
        """The page may show it; others are only for saving."""
        return self.media_type in SHOWN_TYPES

    @property
    def is_active(self) -> bool:
        """It may run scripts, so it belongs into a sandboxed frame."""
        return self.media_type in ACTIVE_TYPES


@dataclass(frozen=True)
class Device:
    """The log, its middle cut when it is long, and the pictures in order of creation."""

    log: str
    pictures: tuple[DevicePicture, ...]


def device_of(workspace: Workspace, digest: str) -> Device:
    """Read the document of a Python device.

    Raises:
        UserError: `unknown-content`, `missing-content`; `not-a-device`, it is other content.
    """
    descriptor = open_content(workspace, digest)
    try:
        size = os.fstat(descriptor).st_size
        document: Any = json.loads(_whole(descriptor, size)) if size <= _DOCUMENT_LIMIT else None
        pictures = tuple(_picture(one) for one in document["pictures"])
        log = str(document["log"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError(
            "not-a-device",
            f"The content {digest[:12]} is not what a Python device shows.",
            "Look at it in another way, or download it.",
        ) from None
    finally:
        os.close(descriptor)
    half = _LOG_CHARACTERS // 2
    if len(log) > _LOG_CHARACTERS:
        log = f"{log[:half]}\n... the middle is cut ...\n{log[-half:]}"
    return Device(log, pictures)


def picture_of(workspace: Workspace, digest: str, index: int) -> tuple[DevicePicture, int]:
    """Give a picture of a device with a descriptor of its bytes, which is the caller's to close.

    Raises:
        UserError: as for `device_of`; `unknown-picture`.
    """
    pictures = device_of(workspace, digest).pictures
    if not 0 <= index < len(pictures):
        raise UserError(
            "unknown-picture", f"The device has {len(pictures)} pictures, and none at position {index}.", ""
        )
    picture = pictures[index]
    descriptor = workspace.blobs.open(picture.content.digest)
    size = os.fstat(descriptor).st_size
    return DevicePicture(
        picture.name, picture.media_type, Content("file", picture.content.digest, size)
    ), descriptor


def _picture(entry: dict[str, Any]) -> DevicePicture:
    content = Content.from_json(entry["content"])
    if not isinstance(content.digest, str) or not is_digest(content.digest):
        raise ValueError("no digest")
    return DevicePicture(str(entry["name"]), str(entry["media_type"]), content)


def _whole(descriptor: int, size: int) -> bytes:
    pieces = []
    offset = 0
    while offset < size:
        piece = os.pread(descriptor, size - offset, offset)
        if not piece:
            break
        pieces.append(piece)
        offset += len(piece)
    return b"".join(pieces)
