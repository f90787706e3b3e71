"""Reads and writes SVMLight: `label index:value index:value …`, zeros left out."""

from __future__ import annotations

import re
from array import array
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.column_names import numbered
from studiolo.formats.decoding import utf8_text
from studiolo.formats.missing import with_nulls
from studiolo.formats.reading import ReadResult, Source, entry, shown
from studiolo.formats.text_cells import cannot_hold
from studiolo.sdk import ModuleError

LABELS = "Labels"
MOST_CELLS = 250_000_000


def read(source: Source, *, encoding: str = "") -> ReadResult:
    """Read rows as the Double columns Col1 … Coln and the column Labels, absent values as 0.

    Indexes count from 1; a file that uses index 0 counts from 0, said in the receipt. `qid:` becomes the
    Integer column `qid`. What follows `#` is a comment. Labels are Integer when all are whole.

    Raises:
        ModuleError: `bad-svmlight` with its line; `too-many-cells` when the dense table would have more than
            250 million cells (2 GB); `bad-encoding`, `empty-file`.
    """
    receipt: list[dict[str, Any]] = []
    text = utf8_text(source, encoding, receipt).to_pybytes().decode("utf-8")
    rows, columns, values = array("q"), array("q"), array("d")
    labels: list[float] = []
    groups: list[int | None] = []
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        tokens = line.partition("#")[0].split()
        if not tokens:
            continue
        group = None
        token = tokens[0]
        try:
            labels.append(float(token))
            for token in tokens[1:]:
                index, colon, value = token.partition(":")
                if index == "qid":
                    group = int(value)
                    continue
                place = int(index)
                if not colon or place < 0:
                    raise ValueError
                columns.append(place)
                values.append(float(value))
                rows.append(len(labels) - 1)
        except (ValueError, OverflowError):
            raise ModuleError(
                f"{source.name}, line {number}: {shown(token)} is neither a label nor index:value.",
                "A line has a numeric label, then index:value pairs, such as `1 1:0.5 7:2`.",
                code="bad-svmlight",
            ) from None
        groups.append(group)
    return ReadResult(_dense(source, labels, groups, (rows, columns, values), receipt), receipt)


def _dense(
    source: Source,
    labels: list[float],
    groups: list[int | None],
    cells: tuple[array[int], array[int], array[float]],
    receipt: list[dict[str, Any]],
) -> pa.Table:
    rows, columns, values = (np.asarray(part) for part in cells)
    base = 1
    if len(columns) and columns.min() == 0:
        base = 0
        receipt.append(entry("indexes-from-zero", f"{source.name} counts from 0; index 0 is Col1."))
    width = int(columns.max()) + 1 - base if len(columns) else 0
    if width * len(labels) > MOST_CELLS:
        raise ModuleError(
            f"{source.name} has {len(labels)} rows and {width} columns, too many for a dense table.",
            f"At most {MOST_CELLS:,} cells fit. Hash the features, or leave columns out before the import.",
            code="too-many-cells",
        )
    dense = np.zeros((width, len(labels)))
    dense[columns - base, rows] = values
    whole = all(label.is_integer() and abs(label) < 2**53 for label in labels)
    arrays = [pa.array(column) for column in dense]
    names = numbered(width)
    if any(group is not None for group in groups):
        arrays.append(pa.array(groups, pa.int64()))
        names.append("qid")
    arrays.append(pa.array([int(x) for x in labels], pa.int64()) if whole else pa.array(labels, pa.float64()))
    return pa.Table.from_arrays(arrays, names=[*names, LABELS])


def write(table: pa.Table, *, label_column: str = "") -> bytes:
    """Write numeric and Boolean columns as SVMLight.

    The label is the column named, else `Labels`, else the last. Zeros are left out, except that the first row
    states the last column, so that reading gives as many columns. Column names are not kept.

    Raises:
        ModuleError: `format-cannot-hold`: a column that is no number, or a missing value; `missing-column`.
    """
    table = with_nulls(table)
    names = table.column_names
    label = label_column or (LABELS if LABELS in names else names[-1] if names else "")
    if label not in names:
        raise ModuleError(f'The dataset has no column "{label}" for the label.', code="missing-column")
    arrays = {name: _numbers(table.column(name), name) for name in names}
    labels = arrays.pop(label)
    parts = [[_number(value)] for value in labels]
    for place, values in enumerate(arrays.values(), start=1):
        present = np.flatnonzero(values)
        for row, value in zip(present.tolist(), values[present].tolist(), strict=True):
            parts[row].append(f"{place}:{_number(value)}")
    if parts and arrays and not parts[0][-1].startswith(f"{len(arrays)}:"):
        parts[0].append(f"{len(arrays)}:0")
    return "".join(" ".join(part) + "\n" for part in parts).encode()


def _numbers(column: pa.ChunkedArray, name: str) -> np.ndarray[Any, np.dtype[Any]]:
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        raise cannot_hold(name, "no number", "SVMLight")
    if column.null_count:
        raise cannot_hold(name, "missing in some rows", "SVMLight")
    if pa.types.is_boolean(kind):
        column = pc.cast(column, pa.int8())
    values: np.ndarray[Any, np.dtype[Any]] = column.to_numpy()
    return values


def _number(value: float) -> str:
    return repr(value.item() if hasattr(value, "item") else value)
