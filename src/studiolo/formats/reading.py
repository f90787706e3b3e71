"""What every reader of a file format takes and gives: a source of bytes, a table, a receipt of changes."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

import pyarrow as pa

from studiolo.sdk import ModuleError

SHOWN = 60
RECEIPT_KEY = b"studiolo.receipt"


class Source(Protocol):
    """Bytes with a name; `studiolo.sdk.SourceFile` is one."""

    name: str
    size: int

    def open(self) -> IO[bytes]:
        """Open the bytes from their beginning."""
        ...

    def read(self) -> bytes:
        """Give all bytes."""
        ...

    def map(self) -> Any:
        """Give all bytes as something with the buffer protocol, without a copy where that is possible."""
        ...


class MemorySource:
    """A source whose bytes are at hand, such as a parameter's text.

    Attributes:
        name: what messages call it.
        size: length in bytes.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.size = len(data)
        self._data = data

    def open(self) -> IO[bytes]:
        """Open the bytes from their beginning."""
        return io.BytesIO(self._data)

    def read(self) -> bytes:
        """Give all bytes."""
        return self._data

    def map(self) -> bytes:
        """Give all bytes without a copy."""
        return self._data


@dataclass(frozen=True)
class ReadResult:
    """What reading gave.

    Attributes:
        table: the values; missing ones are nulls.
        receipt: what reading changed, as the entries of R-2.4: dicts with code, text, column, lossy.
    """

    table: pa.Table
    receipt: list[dict[str, Any]] = field(default_factory=list)


def entry(code: str, text: str, column: str | None = None, lossy: bool = False) -> dict[str, Any]:
    """Give one receipt entry."""
    return {"code": code, "text": text, "column": column, "lossy": lossy}


def shown(value: object) -> str:
    """Give a value for a message, quoted, on one line and never long."""
    text = str(value)
    if len(text) > SHOWN:
        text = text[:SHOWN] + "…"
    return '"' + text.replace("\n", "\\n").replace("\r", "\\r") + '"'


def unreadable(source: Source, what: str, reason: object = "", hint: str = "") -> ModuleError:
    """Give the error of a file that is not what its format says."""
    because = f": {str(reason).splitlines()[0]}" if str(reason).strip() else ""
    return ModuleError(f"{source.name} can't be read as {what}{because}.", hint, code="wrong-format")


def data_of(source: Source) -> pa.Buffer:
    """Give the bytes of a source without a copy, unpacked when the name ends in `.gz`.

    Raises:
        ModuleError: `empty-file` or, for a broken `.gz`, `wrong-format`.
    """
    data = source.map()
    if source.name.lower().split("?")[0].endswith(".gz"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as fault:
            raise unreadable(source, "gzip", fault) from None
    buffer = pa.py_buffer(data)
    if buffer.size == 0:
        raise ModuleError(
            f"{source.name} is empty.", "Check that the file was written to its end.", code="empty-file"
        )
    return buffer


def with_receipt(table: pa.Table, receipt: list[dict[str, Any]]) -> pa.Table:
    """Give the table with the receipt in its schema metadata, from where the child moves it to the output."""
    if not receipt:
        return table
    return table.replace_schema_metadata({RECEIPT_KEY: json.dumps(receipt).encode()})
