"""Content of the store as files to save: a dataset in a format of Export Data, everything else as it is."""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studiolo.store.failures import storing
from studiolo.store.object_card import read_card
from studiolo.store.temporary import TemporaryFile
from studiolo.studio.opened_tables import open_content
from studiolo.worker.jobs import blob_input, path_in_store
from studiolo.workspace.single_jobs import module_result

if TYPE_CHECKING:
    from studiolo.workspace import Workspace

TEXT_CHARACTERS = 200_000
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.file",
}
ENDINGS = {"text": ".txt", "svmlight": ".svm"}
KIND_ENDINGS = {"zip": ".zip", "object": ".pkl", "device": ".json"}


@dataclass(frozen=True)
class OpenedFile:
    """A file to send: its descriptor is the receiver's to close, and its name in the store may be gone already."""

    descriptor: int
    size: int
    name: str
    media_type: str


@dataclass(frozen=True)
class PortLook:
    """What a port holds, how to look at it, Python code that loads it, and the card of an object."""

    view: str
    name: str
    kind: str
    digest: str
    size: int
    code: str
    card: dict[str, Any] | None = None


@dataclass(frozen=True)
class Download:
    """Content to be saved by the browser.

    Attributes:
        workspace: whose store holds it.
        digest: of the content.
        kind: of the content.
        format: of Export Data, for a dataset.
        name: without ending.
    """

    workspace: Workspace
    digest: str
    kind: str
    format: str
    name: str

    def opened(self) -> OpenedFile:
        """Make the file.

        Raises:
            UserError: `unknown-content`, `missing-content`; the format is unknown or can't hold the table.
        """
        descriptor = open_content(self.workspace, self.digest)
        if self.kind != "dataset":
            ending = KIND_ENDINGS.get(self.kind, "")
            name = self.name if self.name.endswith(ending) else self.name + ending
            media_type = "application/zip" if self.kind == "zip" else "application/octet-stream"
            return OpenedFile(descriptor, os.fstat(descriptor).st_size, name, media_type)
        size = os.fstat(descriptor).st_size
        os.close(descriptor)
        return self._written(size)

    def _written(self, size: int) -> OpenedFile:
        """Write a dataset in the format, by a job in the jail, to a file without a name."""
        blobs = self.workspace.blobs
        name = self.name + ENDINGS.get(self.format, f".{self.format}")
        parameters = {"path": "data", "format": self.format}
        dataset = blob_input("dataset", "dataset", size, path_in_store(self.digest))
        with module_result(
            self.workspace, "export-data", parameters, inputs=(dataset,), memory_for=size
        ) as result:
            sealed = result.outputs["file"]
            with storing(blobs.temporary, sealed.size), TemporaryFile(blobs.temporary) as file:
                file.copy(sealed.descriptor, sealed.size)
                descriptor = os.dup(file.descriptor)
        media_type = MEDIA_TYPES.get(self.format, "application/octet-stream")
        return OpenedFile(descriptor, sealed.size, name, media_type)


def text_of(workspace: Workspace, digest: str) -> dict[str, Any]:
    """Give the beginning of bytes as text: `text`, `length` in bytes and `is_cut`.

    UTF-16 is known by its mark; everything else is read as UTF-8, what is none of it as the replacement sign.

    Raises:
        UserError: `unknown-content`, `missing-content`.
    """
    descriptor = open_content(workspace, digest)
    try:
        size = os.fstat(descriptor).st_size
        data = os.pread(descriptor, 4 * TEXT_CHARACTERS, 0)
    finally:
        os.close(descriptor)
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if is_wide else "utf-8-sig")("replace")
    text = decoder.decode(data, final=len(data) == size)
    is_cut = len(data) < size or len(text) > TEXT_CHARACTERS
    return {"text": text[:TEXT_CHARACTERS], "length": size, "is_cut": is_cut}


def card_of(workspace: Workspace, digest: str) -> dict[str, Any] | None:
    """Give what an object says of itself: `title`, `settings`, `tables`; None for content without a card.

    Raises:
        UserError: `unknown-content`, `missing-content`.
    """
    descriptor = open_content(workspace, digest)
    try:
        return read_card(descriptor)
    finally:
        os.close(descriptor)


def looks_like_text(beginning: bytes) -> bool:
    """Say whether bytes begin like a text: UTF-8 without zero bytes, or UTF-16 with its mark.

    >>> looks_like_text("grün".encode()), looks_like_text(bytes(4))
    (True, False)
    """
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    if b"\0" in beginning:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return False
    return True
