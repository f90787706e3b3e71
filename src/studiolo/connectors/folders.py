"""Folders as sources: the files of a folder, or the objects whose names begin alike, in one zip of the store."""

from __future__ import annotations

import os
import re
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from studiolo.connectors.fetch import fetch, fetch_text
from studiolo.connectors.http import HttpLimits
from studiolo.connectors.local import FileDigests, read_local
from studiolo.connectors.object_places import ObjectPlace, S3Place
from studiolo.errors import UserError
from studiolo.store.blobs import BlobStore
from studiolo.store.failures import storing
from studiolo.store.temporary import TemporaryFile

MOST_FILES = 10_000
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time a zip can hold: the same files give the same bytes
_PIECE_BYTES = 1 << 20
_PAGE_BYTES = 16 << 20
_MOST_PAGES = 1_000  # some of them may be empty

Part = tuple[str, str, int]
"""Name below the folder, digest and size."""


def read_folder(
    name: str, folder: Path, root: Path, blobs: BlobStore, digests: FileDigests
) -> tuple[str, int]:
    """Keep the files below a folder of the workspace as a zip; give its digest and size.

    Files and folders whose names begin with `.` or `_` are left out, as the marks that other programs leave there.
    Links are not followed.

    Args:
        name: of the folder as the author wrote it.
        folder: its absolute path.
        root: of the workspace.
        blobs: the store.
        digests: of unchanged files.

    Raises:
        UserError: `no-files`, `too-many-files`, and those of `read_local`.
    """
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if not one.startswith((".", "_"))]
        found += [Path(place, one) for one in names if _counts(one) and not Path(place, one).is_symlink()]
    paths = {path.relative_to(folder).as_posix(): path for path in found if path.is_file()}
    _check_count(name, len(paths))
    parts = []
    for inner in sorted(paths):
        whole = (
            str(paths[inner].relative_to(root)) if paths[inner].is_relative_to(root) else str(paths[inner])
        )
        digest, size = read_local(whole, root, blobs, digests)
        parts.append((inner, digest, size))
    return _packed(parts, blobs)


def fetch_folder(
    place: ObjectPlace,
    blobs: BlobStore,
    limits: HttpLimits,
    network: Sequence[str],
    cancel: threading.Event | None,
) -> tuple[str, int]:
    """Keep the objects whose names begin as a place's does as a zip; give its digest and size.

    Raises:
        UserError: `no-files`, `too-many-files`, `address-…`.
        WorkerError: `cancelled`.
    """
    names = _listed(place, limits, network, cancel)
    wanted = sorted(name for name in names if _counts(name[len(place.name) :]))
    _check_count(place.shown, len(wanted))
    parts = []
    for name in wanted:
        digest, size, _ = fetch(place.at(name).address("GET"), blobs, limits, network, cancel)
        parts.append((name[len(place.name) :], digest, size))
    return _packed(parts, blobs)


def _counts(name: str) -> bool:
    return not name.endswith("/") and not any(part.startswith((".", "_")) for part in name.split("/"))


def _check_count(name: str, count: int) -> None:
    if count == 0:
        raise UserError(
            "no-files",
            f'"{name}" holds no files.',
            "Files whose names begin with . or _ do not count. Check the name.",
        )
    if count > MOST_FILES:
        raise UserError(
            "too-many-files",
            f'"{name}" holds more than {MOST_FILES:,} files.',
            "Name a folder below it, or put small files together first.",
        )


def _listed(
    place: ObjectPlace, limits: HttpLimits, network: Sequence[str], cancel: threading.Event | None
) -> list[str]:
    names: dict[str, None] = {}  # each once, whatever the server says
    marker = ""
    for _ in range(_MOST_PAGES):
        text = fetch_text(place.listing(marker), limits, network, cancel, most=_PAGE_BYTES)
        found, marker = _page(text, place)
        names |= dict.fromkeys(found)
        if not marker or len(names) > MOST_FILES:
            break
    else:
        raise _bad_listing(place, "it does not come to an end")
    return [name for name in names if name.startswith(place.name)]


def _page(text: bytes, place: ObjectPlace) -> tuple[list[str], str]:
    """Read one page of names and what the next page begins with; empty for the last."""
    item, name, after = (
        ("Contents", "Key", "NextContinuationToken")
        if isinstance(place, S3Place)
        else ("Blob", "Name", "NextMarker")
    )
    try:
        if b"<!DOCTYPE" in text[:1000] or b"<!ENTITY" in text:
            raise ElementTree.ParseError("it has a document type")
        tree = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise _bad_listing(place, str(error)) from None
    for element in tree.iter():
        element.tag = re.sub(r"^\{[^}]*\}", "", element.tag)
    names = [one.findtext(name, "") for one in tree.iter(item)]
    return [one for one in names if one], tree.findtext(after, "") or ""


def _bad_listing(place: ObjectPlace, why: str) -> UserError:
    return UserError(
        "bad-listing",
        f"The list of what lies below {place.shown} can't be read: {why}.",
        "Is the address that of a bucket or container?",
    )


def _packed(parts: Sequence[Part], blobs: BlobStore) -> tuple[str, int]:
    """Put contents of the store into a zip without compressing them; the same parts give the same bytes."""
    total = sum(size for _, _, size in parts)
    with storing(blobs.temporary, total), TemporaryFile(blobs.temporary) as file:
        with (
            os.fdopen(os.dup(file.descriptor), "wb") as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive,
        ):
            for name, digest, size in parts:
                facts = zipfile.ZipInfo(name, _EPOCH)
                facts.file_size = size
                with archive.open(facts, "w") as member, os.fdopen(blobs.open(digest), "rb") as content:
                    while piece := content.read(_PIECE_BYTES):
                        member.write(piece)
        size = os.fstat(file.descriptor).st_size
        return blobs.put_temporary(file, size), size
