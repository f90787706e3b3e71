"""The form in which rows go between a job and the host: one line that says the columns, then text as PostgreSQL has it.

The host hands the text on to a database, and reads the columns' line, but never parses what may be hostile with more
than string operations. `studiolo.formats.row_text` is the job's side.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from studiolo.errors import InternalError

MAGIC = b'{"studiolo-rows": 1, '
KINDS = (
    "boolean",
    "int16",
    "int32",
    "int64",
    "uint64",
    "float32",
    "float64",
    "decimal",
    "text",
    "bytes",
    "date",
    "timestamp",
    "timestamp-utc",
    "span",
)
_LONGEST_HEAD = 4 << 20
_PIECE_BYTES = 1 << 20
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class RowColumn:
    """A column of rows that go to a database.

    Attributes:
        name: in the table.
        kind: one of `KINDS`.
        precision: digits of a decimal.
        scale: digits of a decimal behind the point.
    """

    name: str
    kind: str
    precision: int = 0
    scale: int = 0


def head_of(columns: Sequence[dict[str, Any]]) -> bytes:
    """Give the first line for columns that come from a database."""
    return MAGIC + json.dumps({"columns": list(columns)}).encode()[1:] + b"\n"


def read_head(descriptor: int, size: int) -> tuple[list[RowColumn], int]:
    """Read the columns that a job tells, and where the rows begin.

    Raises:
        InternalError: it is not what our module writes.
    """
    text = os.pread(descriptor, min(size, _LONGEST_HEAD), 0)
    line, end, _ = text.partition(b"\n")
    try:
        if not end or not line.startswith(MAGIC):
            raise ValueError("no first line")
        columns = [
            RowColumn(
                str(one["name"]), str(one["kind"]), int(one.get("precision", 0)), int(one.get("scale", 0))
            )
            for one in json.loads(line)["columns"]
        ]
        if not all(one.kind in KINDS and 0 <= one.scale <= one.precision <= 76 for one in columns):
            raise ValueError("an unknown kind")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InternalError("internal", f"The rows of an export have another form: {error!r}"[:300]) from None
    return columns, len(line) + 1


def pieces(descriptor: int, begin: int, size: int) -> Iterator[bytes]:
    """Give the rows in pieces of a megabyte."""
    offset = begin
    while offset < size:
        piece = os.pread(descriptor, min(_PIECE_BYTES, size - offset), offset)
        if not piece:
            raise InternalError("internal", "The rows of an export end too early.")
        yield piece
        offset += len(piece)


def rows(descriptor: int, begin: int, size: int) -> Iterator[list[str | None]]:
    """Give each row as texts, missing values as None."""
    rest = b""
    for piece in pieces(descriptor, begin, size):
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield [_value(cell) for cell in line.decode("utf-8", "replace").split("\t")]


def _value(cell: str) -> str | None:
    if cell == r"\N":
        return None
    if "\\" not in cell:
        return cell
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), cell)
