"""Orders of a table's rows: filtered and sorted over all rows, computed once and kept as positions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studiolo.studio.filters import Filter, matching_rows
from studiolo.studio.gates import Gate

if TYPE_CHECKING:
    import pyarrow

KEPT_BYTES = 256 << 20
_FEW_DISTINCT = 8
_PROBED_ROWS = 100_000


@dataclass(frozen=True)
class Sort:
    """Order by one column, missing values last, rows with equal values as they were.

    Attributes:
        column: position.
        descending: the greatest first.
    """

    column: int
    descending: bool = False


class Orders:
    """Positions of the rows to show, by table, filters and sort.

    Four bytes a row (eight beyond 4 billion) are kept for each, in all at most `KEPT_BYTES`, the ones used last;
    computing one takes about twelve bytes a row more, one at a time.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[object, pyarrow.Array] = OrderedDict()
        self._gate = Gate(width=1, line=4)

    def rows(
        self, digest: str, table: pyarrow.Table, filters: Sequence[Filter], sort: Sort | None
    ) -> pyarrow.Array | None:
        """Give the positions of the rows in the order to show; None when that is all as they are.

        Raises:
            UserError: `wrong-filter`, or `table-busy` while newer requests wait.
        """
        if not filters and sort is None:
            return None
        wish = (digest, tuple(filters), sort)
        found = self._known(wish)
        if found is not None:
            return found
        with self._gate.entered():
            found = self._known(wish)  # somebody else may have asked for the same
            if found is None:
                matching = self._matching(digest, table, filters)
                found = matching if sort is None else _sorted(table, matching, sort)
                self._keep(wish, found)
        return found

    def _matching(self, digest: str, table: pyarrow.Table, filters: Sequence[Filter]) -> pyarrow.Array | None:
        if not filters:
            return None
        wish = (digest, tuple(filters), None)
        found = self._known(wish)
        if found is None:
            found = matching_rows(table, filters)
            self._keep(wish, found)
        return found

    def _known(self, wish: object) -> pyarrow.Array | None:
        with self._lock:
            if wish in self._kept:
                self._kept.move_to_end(wish)
                return self._kept[wish]
        return None

    def _keep(self, wish: object, rows: pyarrow.Array) -> None:
        with self._lock:
            self._kept[wish] = rows
            self._kept.move_to_end(wish)
            while len(self._kept) > 1 and sum(one.nbytes for one in self._kept.values()) > self._kept_bytes:
                self._kept.popitem(last=False)


def _sorted(table: pyarrow.Table, matching: pyarrow.Array | None, sort: Sort) -> pyarrow.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.column(sort.column)
    if matching is not None:
        column = column.take(matching)
    values = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0) if values.num_chunks else pa.nulls(0, values.type)
    order = "descending" if sort.descending else "ascending"
    # Stable, and NaN goes last together with nulls in both directions.
    rows = pc.array_sort_indices(sortable(values), order=order, null_placement="at_end")
    rows = rows.cast(pa.uint32() if table.num_rows < 1 << 32 else pa.uint64())
    return rows if matching is None else matching.take(rows)


def sortable(values: pyarrow.Array) -> pyarrow.Array:
    """Give an array whose order is that of `values`, and that Arrow sorts quickly."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if kind == pa.float16():
        return values.cast(pa.float32())
    if pa.types.is_large_string(kind) and len(values) > _PROBED_ROWS:
        probed = pc.count_distinct(values.slice(0, _PROBED_ROWS)).as_py()
        if probed * _FEW_DISTINCT < _PROBED_ROWS:
            values = values.dictionary_encode()
    if pa.types.is_dictionary(values.type):
        return _ranks(values)
    return values


def _ranks(values: pyarrow.DictionaryArray) -> pyarrow.Array:
    """Give each value's place among its categories: in their own order, or that of their values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if values.type.ordered:
        return values.indices
    order = pc.array_sort_indices(sortable(values.dictionary))
    places = pc.array_sort_indices(order)  # the inverse of a permutation
    return places.cast(pa.int64()).take(values.indices)
