"""The transformation that keeps the columns which another dataset had."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from studiolo.modules.columns.choosing import present
from studiolo.modules.transformations.transformation import Transformation
from studiolo.sdk.roles import LABEL, SCORE, role_of


@dataclass
class ColumnSelection(Transformation):
    """Keeps columns by name, and labels and scores in addition.

    Attributes:
        columns: names to keep, in order.
        may_be_absent: those of them that were a label or a score; a dataset to be scored lacks them.
    """

    columns: list[str] = field(default_factory=list)
    may_be_absent: list[str] = field(default_factory=list)

    def apply(self, table: pa.Table) -> pa.Table:
        """Give the columns in the order remembered, then labels and scores that are not among them.

        Raises:
            ModuleError: `missing-column`.
        """
        absent = set(self.may_be_absent) - set(table.column_names)
        names = present(table, [name for name in self.columns if name not in absent])
        kept = set(names)
        added = [
            name for name in table.column_names if name not in kept and role_of(table, name) in (LABEL, SCORE)
        ]
        return table.select(names + added)

    def tables(self) -> list[dict[str, Any]]:
        """Give the columns it keeps."""
        return [{"title": "Columns kept", "columns": ["Column"], "rows": [[name] for name in self.columns]}]
