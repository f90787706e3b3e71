"""Datasets as nouns: columns, schema, receipts and the reference to content in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CONTENT_KINDS = ("dataset", "zip", "file", "object", "device")


@dataclass(frozen=True)
class Content:
    """Immutable content in the store, named by its digest.

    Attributes:
        kind: one of `CONTENT_KINDS`: a frame, a zip, other bytes, a pickled Python object that only a
            jailed child opens, or the document of a Python device (log and pictures).
        digest: SHA-256 of the bytes in hexadecimal, 64 characters.
        size: length in bytes.
    """

    kind: str
    digest: str
    size: int

    def to_json(self) -> dict[str, Any]:
        """Give the reference as a JSON-ready dictionary."""
        return {"kind": self.kind, "digest": self.digest, "size": self.size}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Content:
        """Read what `to_json` gave."""
        return cls(kind=data["kind"], digest=data["digest"], size=data["size"])


@dataclass(frozen=True)
class Column:
    """One column of a dataset.

    Attributes:
        name: unique within the dataset.
        type: the precise type as frames write it, such as `int32`, `float64`, `string`,
            `timestamp[ns, UTC]` or `categorical`.
        missing: number of missing values, NaN and NaT included; None when not counted.
        role: `feature`, `label`, `score`, `weight` or None.
        category: kind of score or further mark, or None.
    """

    name: str
    type: str
    missing: int | None = None
    role: str | None = None
    category: str | None = None

    @property
    def studio_type(self) -> str:
        """The studio's name of the type: Boolean, Integer, Double, String, DateTime, TimeSpan, Categorical, Bytes."""
        return studio_type(self.type)


@dataclass(frozen=True)
class Schema:
    """Rows and columns of a dataset."""

    rows: int
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)


def studio_type(frame_type: str) -> str:
    """Give the studio's type name of a precise frame type.

    >>> studio_type("int8"), studio_type("timestamp[ns, UTC]"), studio_type("decimal(9,2)")
    ('Integer', 'DateTime', 'Double')
    """
    prefixes = {
        "bool": "Boolean",
        "int": "Integer",
        "uint": "Integer",
        "float": "Double",
        "decimal": "Double",
        "string": "String",
        "timestamp": "DateTime",
        "date": "DateTime",
        "duration": "TimeSpan",
        "categorical": "Categorical",
        "bytes": "Bytes",
    }
    for prefix, name in prefixes.items():
        if frame_type.startswith(prefix):
            return name
    return "String"


@dataclass(frozen=True)
class ReceiptEntry:
    """One change made to data where it crossed the border of a script (R-2.4).

    Attributes:
        code: stable name of the kind of change, such as `index-dropped`.
        text: the change in one sentence that names the column.
        column: the column it concerns, or None for the whole table.
        lossy: True when the original values cannot be had back; a strict node fails then.
    """

    code: str
    text: str
    column: str | None = None
    lossy: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give the entry as a JSON-ready dictionary."""
        return {"code": self.code, "text": self.text, "column": self.column, "lossy": self.lossy}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ReceiptEntry:
        """Read what `to_json` gave."""
        return cls(data["code"], data["text"], data.get("column"), bool(data.get("lossy")))


@dataclass(frozen=True)
class RegisteredDataset:
    """A named, versioned entry of the workspace: `studiolo dataset add`.

    Attributes:
        name: unique name within the workspace.
        version: from 1.
        content: the frame, zip or file.
        rows: number of rows, None when it is not a table.
        columns: number of columns, None when it is not a table.
        origin: the path or address it was read from.
        created: seconds since the epoch, UTC.
        receipt: what reading it changed.
    """

    name: str
    version: int
    content: Content
    rows: int | None
    columns: int | None
    origin: str
    created: float
    receipt: tuple[ReceiptEntry, ...] = field(default=())
