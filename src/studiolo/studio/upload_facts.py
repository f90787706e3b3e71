"""What is known of an upload, as a noun and as a small file beside its bytes."""

from __future__ import annotations

import json
import os
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from studiolo.errors import UserError

IDS = re.compile(r"[0-9a-f]{32}")
STATES = ("receiving", "reading", "done", "failed")
_NAME_CHARACTERS = 255


@dataclass(frozen=True)
class Upload:
    """An upload.

    Attributes:
        id: 32 hexadecimal digits.
        file_name: as the browser told, without folders; its ending tells the format.
        size: bytes that are to come in all.
        created: seconds since the epoch, UTC.
        received: bytes that have come.
        state: one of `STATES`.
        dataset: name of the dataset that is, or was, made of it.
        version: of that dataset.
        error: why it could not be read, as JSON of a StudioloError.
    """

    id: str
    file_name: str
    size: int
    created: float
    received: int = 0
    state: str = "receiving"
    dataset: str | None = None
    version: int | None = None
    error: Mapping[str, Any] | None = None

    def with_received(self, received: int) -> Upload:
        """Give it with the bytes that have come; what could not be read can be tried again, so it has them all."""
        return replace(self, received=min(received, self.size))

    def receiving(self) -> Upload:
        """Give it as before it was read."""
        return replace(self, state="receiving", dataset=None)

    def reading(self, dataset: str) -> Upload:
        """Give it as it is while a dataset is made of it."""
        return replace(self, state="reading", dataset=dataset, error=None)

    def done(self, dataset: str, version: int) -> Upload:
        """Give it as a dataset."""
        return replace(self, state="done", received=self.size, dataset=dataset, version=version)

    def failed(self, error: Mapping[str, Any]) -> Upload:
        """Give it as not readable."""
        return replace(self, state="failed", dataset=None, error=error)


def new_id() -> str:
    """Give a name that nobody can guess."""
    return secrets.token_hex(16)


def file_name_of(told: str) -> str:
    r"""Give the file's own name out of what a browser told.

    >>> file_name_of("C:\\data\\a.csv"), file_name_of("x/ b.csv ")
    ('a.csv', 'b.csv')

    Raises:
        UserError: `wrong-file-name`.
    """
    name = told.replace("\\", "/").rpartition("/")[2].strip()
    is_hidden = any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name)
    if not name or name in (".", "..") or len(name) > _NAME_CHARACTERS or is_hidden:
        raise UserError(
            "wrong-file-name",
            f"{told[:100]!r} can't be the name of a file.",
            "Take 1 to 255 characters without line breaks, and an ending that names the format.",
        )
    return name


def read_facts(folder: Path, id: str) -> Upload | None:
    """Read the facts of an upload; None when there is none, or its file is damaged."""
    try:
        found = json.loads((folder / id / "facts.json").read_bytes())
        upload = Upload(**found)
    except (OSError, ValueError, TypeError):
        return None
    return upload if upload.state in STATES and upload.id == id else None


def write_facts(folder: Path, upload: Upload) -> None:
    """Write the facts of an upload, whole or not at all.

    Raises:
        OSError: the disk is full, or the upload has been given up.
    """
    path = folder / upload.id / "facts.json"
    temporary = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
    temporary.write_text(json.dumps(asdict(upload)))
    temporary.rename(path)
