"""Turns the `bundle` of a node, a zip or a folder of the workspace, into content of the store."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

from studiolo.connectors import read_source, resolve_source
from studiolo.domain.dataset import Content
from studiolo.errors import UserError
from studiolo.metadata import Metadata
from studiolo.store.blobs import BlobStore

FOLDER_LIMIT = 256 << 20
LEFT_OUT = "__pycache__"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time a zip can hold: the same files give the same bytes


def read_bundle(path: str, workspace: Path, blobs: BlobStore, metadata: Metadata) -> Content:
    """Keep a bundle in the store.

    A folder is packed the same way each time, so that unchanged files give the same digest.

    Args:
        path: relative to the workspace.
        workspace: its folder.
        blobs: the store.
        metadata: remembers the digests of files.

    Raises:
        UserError: missing, outside the workspace, hidden, or a folder of more than 256 MiB.
    """
    folder = resolve_source(path, workspace)
    if not folder.is_dir():
        fetched = read_source(path, workspace, blobs, metadata)
        return Content("zip", fetched.digest, fetched.size)
    data = packed_folder(folder, path)
    digest, size = blobs.put_bytes(data)
    return Content("zip", digest, size)


def packed_folder(folder: Path, path: str) -> bytes:
    """Pack a folder the same way each time; `path` is what an error calls it.

    Raises:
        UserError: `bundle-too-large`.
    """
    buffer = io.BytesIO()
    total = 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(_files(folder), key=lambda found: found.as_posix()):
            data = (folder / file).read_bytes()
            total += len(data)
            if total > FOLDER_LIMIT:
                raise UserError(
                    "bundle-too-large",
                    f"The bundle folder {path} holds more than {FOLDER_LIMIT >> 20} MiB.",
                    "Keep data in datasets, and only code and small files in a bundle.",
                )
            archive.writestr(zipfile.ZipInfo(file.as_posix(), EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _files(folder: Path) -> list[Path]:
    """Give the regular files below a folder, relative to it, but for hidden ones; links are not followed."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != LEFT_OUT and not name.startswith(".")]
        for name in names:
            file = Path(place, name)
            if not name.startswith(".") and not file.is_symlink() and file.is_file():
                found.append(file.relative_to(folder))
    return found
