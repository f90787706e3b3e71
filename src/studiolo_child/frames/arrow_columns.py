"""Arrow arrays of any type as columns of a frame, in the one form that equal values always have.

Needs pyarrow and Python 3, and uses nothing else, so that it serves the host as well as the jail.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import pyarrow as pa
import pyarrow.compute as pc

from . import layout
from .arrow_types import frame_type, settle
from .columns import ABSENT, Column, buffer_of
from .receipts import note, quoted

_NAT = -(1 << 63)


def arrow_column(name, data, receipt):
    """Give an Arrow array as a column.

    Numbers and texts without missing values stay where they lie, one piece for each chunk or combined.

    Args:
        name: name of the column, for the receipt.
        data: pyarrow.Array or ChunkedArray of any type.
        receipt: list of entries that gets what was changed.
    """
    data = settle(name, data, receipt)
    kind = data.type
    if pa.types.is_dictionary(kind):
        return _categorical_column(name, _one_array(data), receipt)
    return _values_column(name, data, receipt)


def _values_column(name, data, receipt):
    kind = data.type
    text = frame_type(kind)
    if pa.types.is_floating(kind):
        return _float_column(text, data)
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        data = _without_nat(name, data, receipt)
    if pa.types.is_boolean(kind):
        return _bool_column(_one_array(data))
    if pa.types.is_large_string(kind) or pa.types.is_large_binary(kind):
        return _text_column(text, _one_array(data))
    width = kind.bit_width // 8
    if not data.null_count:
        return Column(text, 0, [ABSENT, _chunks(data, width)], len(data))
    values = _one_array(data)
    validity = _validity(values)
    nulls = values.null_count
    if pa.types.is_temporal(kind):
        values = values.view(pa.int32() if width == 4 else pa.int64())
    filled = pc.fill_null(values, pa.scalar(0, values.type))
    return Column(text, nulls, [validity, _chunks(filled, width)], len(values))


def _one_array(data):
    if isinstance(data, pa.Array):
        return data
    if data.num_chunks == 1:
        return data.chunk(0)
    return pa.concat_arrays(data.chunks) if data.num_chunks else pa.array([], data.type)


def _arrays(data):
    return [data] if isinstance(data, pa.Array) else data.chunks


def _chunks(data, width):
    """Give the values of a fixed width, all chunks one after the other, as a buffer."""
    pieces = []
    for array in _arrays(data):
        if len(array):
            values = array.buffers()[1]
            pieces.append(values.slice(array.offset * width, len(array) * width))
    if not pieces:
        return ABSENT
    views = [memoryview(piece) for piece in pieces]
    return (len(data) * width, lambda: views)


def _float_column(text, data):
    width = data.type.bit_width // 8
    if data.null_count:
        if width == 2:  # Arrow has no fill_null for it
            data = pc.cast(pc.fill_null(pc.cast(data, pa.float32()), float("nan")), pa.float16())
        else:
            data = pc.fill_null(data, float("nan"))
    return Column(text, -1, [_chunks(data, width)], len(data))


def _without_nat(name, data, receipt):
    """Turn the one number that pandas reads as NaT into a missing value."""
    numbers = data.cast(pa.int64()) if isinstance(data, pa.ChunkedArray) else data.view(pa.int64())
    lowest = pc.min(numbers).as_py()
    if lowest != _NAT:
        return data
    text = "%s: the time furthest in the past means missing" % quoted(name)
    note(receipt, "time-to-missing", text, name)
    return pc.if_else(pc.equal(numbers, pa.scalar(_NAT, pa.int64())), pa.scalar(None, data.type), data)


def _bits(buffer, offset, count):
    """Give `count` bits from bit `offset` of a buffer as bytes, unused bits 0."""
    length = (count + 7) // 8
    if offset % 8:
        part = buffer.slice(offset // 8, (offset % 8 + count + 7) // 8)
        number = (int.from_bytes(part, "little") >> (offset % 8)) & ((1 << count) - 1)
        return number.to_bytes(length, "little")
    raw = buffer.slice(offset // 8, length).to_pybytes()
    if count % 8:
        raw = raw[:-1] + bytes([raw[-1] & ((1 << count % 8) - 1)])
    return raw


def _validity(array):
    """Give the validity of an array with missing values as a buffer."""
    return buffer_of(_bits(array.buffers()[0], array.offset, len(array)))


def _bool_column(array):
    count, nulls = len(array), array.null_count
    if not count:
        return Column("bool", 0, [ABSENT, ABSENT], 0)
    values = _bits(array.buffers()[1], array.offset, count)
    if not nulls:
        return Column("bool", 0, [ABSENT, buffer_of(values)], count)
    validity = _validity(array)
    both = int.from_bytes(values, "little") & int.from_bytes(validity[1], "little")
    return Column("bool", nulls, [validity, buffer_of(both.to_bytes(len(values), "little"))], count)


def _text_column(text, array):
    count, nulls = len(array), array.null_count
    if not count:
        return Column(text, 0, [ABSENT, buffer_of(bytes(8)), ABSENT], 0)
    if nulls:
        validity = _validity(array)
        first, last = _bounds(array)
        if (pc.sum(pc.binary_length(array)).as_py() or 0) != last - first:  # something stands under the nulls
            array = pc.fill_null(array, b"" if text == "bytes" else "")
    else:
        validity = ABSENT
    first, last = _bounds(array)
    offsets = array.buffers()[1].slice(array.offset * 8, (count + 1) * 8)
    if first:
        numbers = pa.Array.from_buffers(pa.int64(), count + 1, [None, offsets])
        offsets = pc.subtract(numbers, first).buffers()[1].slice(0, (count + 1) * 8)
    data = memoryview(array.buffers()[2].slice(first, last - first)) if last > first else None
    buffers = [validity, buffer_of(memoryview(offsets)), (last - first, data)]
    return Column(text, nulls, buffers, count)


def _bounds(array):
    """Give where the data of a string array begins and ends in its data buffer."""
    offsets = memoryview(array.buffers()[1]).cast("q")
    return offsets[array.offset], offsets[array.offset + len(array)]


def _categorical_column(name, array, receipt):
    dictionary, indices = array.dictionary, array.indices
    if pa.types.is_floating(dictionary.type):
        missing = pc.is_nan(dictionary.cast(pa.float64()))
        dictionary = pc.if_else(missing, pa.scalar(None, dictionary.type), dictionary)
    repeats = len(pc.unique(dictionary)) < len(dictionary)
    if dictionary.null_count or repeats:
        values = pc.unique(dictionary).drop_null()
        renumber = pc.index_in(dictionary, values)
        indices = renumber.take(indices)
        dictionary = values
        if repeats:
            text = "%s: repeated categories became one" % quoted(name)
            note(receipt, "categories-merged", text, name)
    index = layout.index_type(len(dictionary))
    indices = indices.cast(getattr(pa, index)())
    codes = _values_column(name, indices, receipt)
    column = Column("categorical", codes.nulls, codes.buffers, len(array))
    column.codes = index
    column.ordered = bool(array.type.ordered)
    column.dictionary = _values_column(name, dictionary, receipt)
    return column
