"""Frames as pyarrow Tables without copying, and Tables as frames: for the host and for modules on Arrow.

Needs pyarrow and Python 3.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import pyarrow as pa
import pyarrow.compute as pc

from . import layout
from .arrow_columns import arrow_column
from .arrow_types import arrow_type
from .columns import write_columns
from .names_out import unique_names

_MARKS = ("role", "category")


def table_from_frame(buffer):
    """Give a frame as a pyarrow.Table whose columns lie in `buffer`.

    Missing floats stay NaN, see `with_missing`. Roles and categories stand in the fields' metadata as
    `studiolo.role` and `studiolo.category`. Values are not looked at: what a hostile job wrote must have
    passed studiolo.store.codec.check_frame.

    Args:
        buffer: bytes, memoryview, mapping or pyarrow.Buffer of the whole frame; kept alive by the table.

    Raises:
        FrameError: the bytes are not a frame.
    """
    whole = buffer if isinstance(buffer, pa.Buffer) else pa.py_buffer(buffer)
    header, start = layout.read_header(memoryview(whole))
    fields, arrays = [], []
    for column in header["columns"]:
        try:
            array = _array(whole, start, column, header["rows"])
        except pa.ArrowInvalid as error:
            raise layout.FrameError("column `%s`: %s" % (column["name"][:80], error))
        marks = dict(("studiolo." + mark, column[mark]) for mark in _MARKS if mark in column)
        fields.append(pa.field(column["name"], array.type, metadata=marks or None))
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _array(whole, start, column, rows):
    buffers = [
        whole.slice(start + offset, length) if length else None for offset, length in column["buffers"]
    ]
    # Missing values are counted by Arrow when asked: the number in the header came from the writer.
    nulls = -1 if column["nulls"] > 0 else 0
    if column["type"] == "categorical":
        codes = _from_buffers(getattr(pa, column["index"])(), rows, buffers, nulls)
        described = column["dictionary"]
        values = _array(whole, start, described, described["rows"])
        return pa.DictionaryArray.from_arrays(codes, values, ordered=column["ordered"], safe=False)
    kind = arrow_type(column["type"])
    if pa.types.is_floating(kind):
        return _from_buffers(kind, rows, [None] + buffers, 0)
    return _from_buffers(kind, rows, buffers, nulls)


def _from_buffers(kind, rows, buffers, nulls):
    if not rows:
        return pa.nulls(0, kind)
    return pa.Array.from_buffers(kind, rows, [buffers[0]] + [_present(part) for part in buffers[1:]], nulls)


_NOTHING = pa.py_buffer(b"")


def _present(part):
    return _NOTHING if part is None else part


def with_missing(table):
    """Give `table` with NaN turned into nulls in its float columns; columns without NaN are not copied."""
    for at, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = table.column(at)
            missing = pc.is_nan(column if field.type != pa.float16() else pc.cast(column, pa.float32()))
            if pc.any(missing).as_py():
                nothing = pa.nulls(1, field.type)[0]  # pa.scalar would load pandas
                nulls = pc.if_else(missing, nothing, column)
                table = table.set_column(at, field, nulls)
    return table


def frame_from_table(table, target, receipt=None, dialect="designer"):
    """Write a pyarrow.Table as a frame: the same bytes that pandas_out writes for the same values.

    Chunks become one, nulls in float columns become NaN, types that frames lack become the nearest one.

    Args:
        table: any pyarrow.Table.
        target: descriptor, written from its current position; or a file object with `write`.
        receipt: list that gets an entry for each change of a type or name.
        dialect: `designer` or `classic`: how duplicate column names become unique.

    Returns:
        {"rows", "columns", "size"}: the shape of the frame and its length in bytes.
    """
    entries = []
    names = unique_names(list(table.column_names), dialect, entries)
    columns = [arrow_column(name, data, entries) for name, data in zip(names, table.columns)]
    marks = {}
    for name, field in zip(names, table.schema):
        found = dict(
            (mark, field.metadata[key].decode("utf-8"))
            for mark in _MARKS
            for key in [("studiolo." + mark).encode("ascii")]
            if field.metadata and key in field.metadata
        )
        if found:
            marks[name] = found
    rows = table.num_rows if names else 0
    size = write_columns(target, rows, names, columns, marks)
    if receipt is not None:
        receipt.extend(entries)
    return {"rows": rows, "columns": len(names), "size": size}
