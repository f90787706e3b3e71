"""What a port of a finished node holds: a dataset to look at, or bytes to take away."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Content, ReceiptEntry, Schema
from studiolo.errors import UserError
from studiolo.store.blobs import BlobStore
from studiolo.store.codec import open_table, read_schema

if TYPE_CHECKING:
    import pyarrow

Saver = Callable[["Output", Path, str | None], None]


class Output:
    """Immutable content of the workspace's store, as it came out of a port or was registered.

    Args:
        content: what it is.
        blobs: the store that holds it.
        saver: writes it to a file in another format.
        name: what messages call it, such as `clean.result_dataset`.
        receipt: what was changed where it crossed the border (R-2.4).
    """

    def __init__(
        self,
        content: Content,
        blobs: BlobStore,
        saver: Saver,
        name: str,
        receipt: Sequence[ReceiptEntry] = (),
    ) -> None:
        self.content = content
        self.name = name
        self.receipt = tuple(receipt)
        self._blobs = blobs
        self._saver = saver

    def __repr__(self) -> str:
        size = (
            f"{self.rows} rows x {self.columns} columns" if self.kind == "dataset" else f"{self.size} bytes"
        )
        return f"<Output {self.name}: {self.kind}, {size}>"

    @property
    def kind(self) -> str:
        """`dataset`, `zip`, `file`, `object` or `device`."""
        return self.content.kind

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes in hexadecimal."""
        return self.content.digest

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self.content.size

    @property
    def path(self) -> Path:
        """The file in the store; never change it."""
        return self._blobs.path(self.content.digest)

    @cached_property
    def schema(self) -> Schema:
        """Rows and columns of a dataset, read from its header.

        Raises:
            UserError: `not-a-dataset`; `missing-content` when the store has lost it.
        """
        if self.kind != "dataset":
            raise UserError(
                "not-a-dataset",
                f"{self.name} is no dataset; it is of the kind {self.kind}.",
                "Save it to a file with `save`, or choose another port.",
            )
        return read_schema(self.path)

    @cached_property
    def card(self) -> dict[str, Any] | None:
        """What an object says of itself: `title`, `settings`, `tables`; None for other kinds and without a card.

        Nothing is unpickled for it.

        Raises:
            UserError: `missing-content` when the store has lost it.
        """
        if self.kind != "object":
            return None
        from studiolo.store.object_card import read_card

        descriptor = self._blobs.open(self.digest)
        try:
            return read_card(descriptor)
        finally:
            os.close(descriptor)

    @property
    def rows(self) -> int:
        """Number of rows of a dataset."""
        return self.schema.rows

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names of a dataset."""
        return self.schema.names

    def to_arrow(self) -> pyarrow.Table:
        """Give a dataset as a table without copying it; missing numbers are null."""
        from studiolo_child.frames.arrow_frames import with_missing

        _ = self.schema
        return with_missing(open_table(self.path))

    def to_pandas(self) -> Any:
        """Give a dataset as a pandas DataFrame of this process. Needs pandas there."""
        return self.to_arrow().to_pandas()

    def head(self, count: int = 10) -> list[dict[str, Any]]:
        """Give the first rows of a dataset, each as column name to Python value, None for missing.

        Times are cut to microseconds, the finest that Python's own types have.
        """
        from studiolo.workspace.statistics import in_python

        table = self.to_arrow().slice(0, count)
        columns = [in_python(column).to_pylist() for column in table.columns]
        return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]

    def statistics(self) -> list[dict[str, Any]]:
        """Give one entry a column over all rows; see `studiolo.workspace.statistics`."""
        from studiolo.workspace.statistics import column_statistics

        table = self.to_arrow()
        return [column_statistics(table, column) for column in self.schema.columns]

    def save(self, path: str | Path, format: str | None = None) -> Path:
        """Write it to a file: a dataset in the format of the ending or the one named, others as they are."""
        target = Path(path).expanduser().absolute()
        self._saver(self, target, format)
        return target
