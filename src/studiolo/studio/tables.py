"""Tables as the page asks for them: a window of rows and columns, sorted and filtered over all rows (R-2.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Schema
from studiolo.errors import UserError
from studiolo.studio.cells import cells_of
from studiolo.studio.column_pairs import compared
from studiolo.studio.filters import Filter
from studiolo.studio.gates import Gate
from studiolo.studio.histograms import figures_of
from studiolo.studio.kept_figures import KeptFigures
from studiolo.studio.opened_tables import OpenedTables
from studiolo.studio.orders import Orders, Sort

if TYPE_CHECKING:
    import pyarrow

    from studiolo.workspace import Workspace

MOST_ROWS = 500
WHOLE_CELL_CHARACTERS = 200_000
WAITING = 12
"""Requests for figures that may wait, each in a thread of the server, which has 40 for everything."""


@dataclass(frozen=True)
class Page:
    """A window of a table.

    Attributes:
        offset: of the first row among those that match.
        matching: number of rows that the filters keep.
        first_column: position.
        row_numbers: position of each row in the whole table.
        rows: cells, see `studiolo.studio.cells`.
        cut: row and column in the page, and the whole length, of each cell that was cut.
    """

    offset: int
    matching: int
    first_column: int
    row_numbers: list[int]
    rows: list[list[Any]]
    cut: list[list[int]]


class Tables:
    """The tables of a workspace's store, for the page.

    Nothing is copied but what is shown; orders and figures are computed on the mapped file by Arrow. Safe for
    several threads.

    Args:
        workspace: whose store it is.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._opened = OpenedTables(workspace)
        self._orders = Orders()
        self._kept = KeptFigures(workspace.places.cache / "figures")
        self._kept.forget_lost(workspace.blobs.has)
        self._gate = Gate(width=2, line=WAITING)

    def schema(self, digest: str) -> Schema:
        """Give rows and columns of a table from its header.

        Raises:
            UserError: `unknown-content`, `missing-content` or `not-a-dataset`.
        """
        return self._opened.schema(digest)

    def size(self, digest: str) -> int:
        """Give the length of content in bytes; call `schema` before, which knows whether it is there."""
        return self._workspace.blobs.path(digest).stat().st_size

    def page(
        self,
        digest: str,
        offset: int = 0,
        limit: int = 100,
        first_column: int = 0,
        column_count: int = 100,
        sort: Sort | None = None,
        filters: Sequence[Filter] = (),
    ) -> Page:
        """Give a window of a table after filtering and sorting over all rows.

        Args:
            digest: of the table.
            offset: of the first row; beyond the end the page is empty.
            limit: number of rows, at most `MOST_ROWS`.
            first_column: position.
            column_count: number of columns.
            sort: by which column.
            filters: all of them hold for each row shown.

        Raises:
            UserError: as for `schema`; `wrong-filter`, `missing-column`, `table-busy`.
        """
        table = self._opened.table(digest)
        for column in [one.column for one in filters] + ([sort.column] if sort else []):
            self._check_column(table, column)
        order = self._orders.rows(digest, table, filters, sort)
        matching = table.num_rows if order is None else len(order)
        first, limit = min(offset, matching), min(limit, MOST_ROWS)
        left = min(first_column, table.num_columns)
        window = table.select(list(range(left, min(left + column_count, table.num_columns))))
        if order is None:
            numbers = list(range(first, min(first + limit, matching)))
            window = window.slice(first, limit)
        else:
            shown = order.slice(first, limit)
            numbers, window = shown.to_pylist(), window.take(shown)
        columns, cut = [], []
        for at, column in enumerate(window.columns):
            cells, lengths = cells_of(_one_array(column))
            columns.append(cells)
            cut += [[row, at, length] for row, length in lengths.items()]
        rows = [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in numbers]
        return Page(offset, matching, left, numbers, rows, sorted(cut))

    def cell(self, digest: str, row: int, column: int) -> tuple[str, int]:
        """Give a whole cell as text, at most `WHOLE_CELL_CHARACTERS` of it, and its whole length.

        Raises:
            UserError: as for `schema`; `missing-column`, `missing-row`.
        """
        table = self._opened.table(digest)
        self._check_column(table, column)
        if row >= table.num_rows:
            raise UserError(
                "missing-row", f"The table has {table.num_rows} rows, and none at position {row}.", ""
            )
        values = _one_array(table.column(column).slice(row, 1))
        cells, cut = cells_of(values, WHOLE_CELL_CHARACTERS)
        from studiolo.studio.cells import label_of

        text = label_of(cells[0]) if not isinstance(cells[0], float) else repr(cells[0])
        return text, cut.get(0, len(text))

    def figures(self, digest: str, column: int, bins: int = 10, log: bool = False) -> dict[str, Any]:
        """Give statistics and a histogram of a column over all rows; kept for the next time.

        Args:
            digest: of the table.
            column: position.
            bins: bars, at most.
            log: bars of equal width on a logarithmic scale, where all values are above 0.

        Raises:
            UserError: as for `schema`; `missing-column`, `table-busy`.
        """
        schema = self._opened.schema(digest)
        self._check_position(column, len(schema.columns))

        def compute() -> dict[str, Any]:
            table = self._opened.table(digest)
            return figures_of(table.select([column]), schema.columns[column], bins, log)

        return self._kept.get(digest, f"{column}-{bins}{'-log' if log else ''}", compute, self._gate)

    def comparison(self, digest: str, x: int, y: int) -> dict[str, Any]:
        """Compare two columns over all rows: `scatter`, `boxes` or `crosstab`.

        Raises:
            UserError: as for `schema`; `missing-column`, `table-busy`.
        """
        schema = self._opened.schema(digest)
        for column in (x, y):
            self._check_position(column, len(schema.columns))

        def compute() -> dict[str, Any]:
            table = self._opened.table(digest)
            return compared(_one_array(table.column(x)), _one_array(table.column(y)))

        return self._kept.get(digest, f"{x}-with-{y}", compute, self._gate)

    def _check_column(self, table: pyarrow.Table, column: int) -> None:
        self._check_position(column, table.num_columns)

    def _check_position(self, column: int, count: int) -> None:
        if not 0 <= column < count:
            raise UserError(
                "missing-column",
                f"The table has {count} columns, and none at position {column}.",
                "Positions count from 0. Load the page again.",
            )


def _one_array(values: pyarrow.ChunkedArray) -> pyarrow.Array:
    import pyarrow as pa

    if values.num_chunks == 1:
        return values.chunk(0)
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.nulls(0, values.type)
