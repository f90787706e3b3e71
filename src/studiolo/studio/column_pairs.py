"""Two columns of a table side by side over all rows: points, boxes or counts (R-2.6, compare to)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studiolo.studio.histograms import is_textual, most_frequent, numbers_of
from studiolo.workspace.arrow_values import array, scalar

if TYPE_CHECKING:
    import pyarrow

MOST_POINTS = 2_000
MOST_CATEGORIES = 12


def compared(x: pyarrow.Array, y: pyarrow.Array) -> dict[str, Any]:
    """Compare two columns: two numbers as points, number and category as boxes, two categories as counts.

    Times and spans count as numbers, in seconds. Rows where one of the two is missing or infinite are left out.
    """
    is_category = [_is_category(values.type) for values in (x, y)]
    if not any(is_category):
        return _scatter(numbers_of(x), numbers_of(y))
    if all(is_category):
        return _crosstab(x, y)
    if is_category[0]:
        return _boxes(x, numbers_of(y), is_swapped=False)
    return _boxes(y, numbers_of(x), is_swapped=True)


def _is_category(kind: Any) -> bool:
    import pyarrow as pa

    return bool(is_textual(kind) or pa.types.is_dictionary(kind) or pa.types.is_boolean(kind))


def _scatter(x: pyarrow.Array, y: pyarrow.Array) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = pc.indices_nonzero(
        pc.fill_null(pc.and_(pc.is_finite(x), pc.is_finite(y)), scalar(False, pa.bool_()))
    )
    count = len(rows)
    is_sample = count > MOST_POINTS
    if is_sample:
        rows = rows.take(array([at * count // MOST_POINTS for at in range(MOST_POINTS)], pa.int64()))
    return {
        "kind": "scatter",
        "x": x.take(rows).to_pylist(),
        "y": y.take(rows).to_pylist(),
        "rows": count,
        "is_sample": is_sample,
    }


def _boxes(category: pyarrow.Array, number: pyarrow.Array, is_swapped: bool) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    no = scalar(False, pa.bool_())
    is_present = pc.fill_null(pc.and_(pc.is_finite(number), pc.is_valid(category)), no)
    category, number = category.filter(is_present), number.filter(is_present)
    labels, counts, keys = most_frequent(category, MOST_CATEGORIES)
    codes = _codes(category, keys)
    boxes = [
        _box(label, count, number.filter(pc.fill_null(pc.equal(codes, scalar(at, codes.type)), no)))
        for at, (label, count) in enumerate(zip(labels, counts, strict=True))
    ]
    return {
        "kind": "boxes",
        "boxes": boxes,
        "is_swapped": is_swapped,
        "other_values": len(number) - sum(counts),
    }


def _box(label: str, count: int, numbers: pyarrow.Array) -> dict[str, Any]:
    """Give the five numbers of a box; its whiskers end at the last values within 1.5 widths of the box."""
    import pyarrow as pa
    import pyarrow.compute as pc

    q1, median, q3 = pc.quantile(numbers, q=[0.25, 0.5, 0.75], interpolation="linear").to_pylist()
    reach = 1.5 * (q3 - q1)
    low, high = scalar(q1 - reach, pa.float64()), scalar(q3 + reach, pa.float64())
    is_near = pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high))
    ends = pc.min_max(numbers.filter(is_near)).as_py()
    return {
        "label": label,
        "count": count,
        "low": ends["min"],
        "q1": q1,
        "median": median,
        "q3": q3,
        "high": ends["max"],
    }


def _crosstab(x: pyarrow.Array, y: pyarrow.Array) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    is_present = pc.and_(pc.is_valid(x), pc.is_valid(y))
    x, y = x.filter(is_present), y.filter(is_present)
    x_labels, _, x_keys = most_frequent(x, MOST_CATEGORIES)
    y_labels, _, y_keys = most_frequent(y, MOST_CATEGORIES)
    width = max(len(y_labels), 1)
    codes = pc.add(pc.multiply(_codes(x, x_keys), scalar(width, pa.int32())), _codes(y, y_keys))
    counts = [[0] * len(y_labels) for _ in x_labels]
    shown = 0
    for entry in pc.value_counts(codes).to_pylist():
        if entry["values"] is not None:
            counts[entry["values"] // width][entry["values"] % width] = entry["counts"]
            shown += entry["counts"]
    return {
        "kind": "crosstab",
        "x": x_labels,
        "y": y_labels,
        "counts": counts,
        "other_rows": len(x) - shown,
    }


def _codes(values: pyarrow.Array, keys: pyarrow.Array) -> pyarrow.Array:
    """Give each value's place among `keys` as `most_frequent` gave them, null for others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.index_in(values.indices if pa.types.is_dictionary(values.type) else values, value_set=keys)
