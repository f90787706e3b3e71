"""Arrow types: which of them frames have, their names there, and what the others become."""

from __future__ import absolute_import, division, print_function, unicode_literals

import pyarrow as pa
import pyarrow.compute as pc

from . import layout
from .receipts import note, quoted

_UNITS = ("s", "ms", "us", "ns")
_NAMES = {"halffloat": "float16", "float": "float32", "double": "float64", "large_string": "string"}
_NAMES.update({"large_binary": "bytes", "date32[day]": "date32"})
_ARROW = {"bool": pa.bool_(), "string": pa.large_string(), "bytes": pa.large_binary(), "date32": pa.date32()}


def frame_type(kind):
    """Give the name in frames of an Arrow type that `settle` left."""
    if pa.types.is_decimal(kind):
        return "decimal(%d,%d)" % (kind.precision, kind.scale)
    if pa.types.is_timestamp(kind) and kind.tz:
        return "timestamp[%s, %s]" % (kind.unit, kind.tz)
    text = str(kind)
    return _NAMES.get(text, text)


def arrow_type(text):
    """Give the Arrow type of a type in a frame's header, categorical excepted."""
    known = _ARROW.get(text)
    if known is not None:
        return known
    parts = layout.parse_type(text)
    if parts.kind == "timestamp":
        return pa.timestamp(parts.unit, parts.zone)
    if parts.kind == "duration":
        return pa.duration(parts.unit)
    if parts.kind == "decimal":
        return pa.decimal128(parts.precision, parts.scale)
    _ARROW[text] = known = getattr(pa, text)()
    return known


def settle(name, data, receipt):
    """Turn an array of any Arrow type into one of a type that frames have.

    Args:
        name: name of the column, for the receipt.
        data: pyarrow.Array or ChunkedArray.
        receipt: list of entries that gets what was changed.

    Returns:
        The same data, or new data of another type.
    """
    kind = data.type
    types = pa.types
    if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
        return data
    if types.is_large_string(kind) or types.is_large_binary(kind) or types.is_date32(kind):
        return data
    if types.is_timestamp(kind):
        return _settle_zone(name, data, receipt)
    if types.is_duration(kind):
        return data
    if types.is_string(kind) or _is(kind, "is_string_view"):
        return pc.cast(data, pa.large_string())
    if types.is_binary(kind) or types.is_fixed_size_binary(kind) or _is(kind, "is_binary_view"):
        return pc.cast(data, pa.large_binary())
    if types.is_decimal(kind):
        return _settle_decimal(name, data, receipt)
    if types.is_dictionary(kind):
        return _settle_dictionary(name, data, receipt)
    return _settle_foreign(name, data, receipt)


def _is(kind, test):
    test = getattr(pa.types, test, None)
    return test is not None and test(kind)


def _tell(receipt, name, kind, what, code, lossy=False):
    note(receipt, code, "%s: %s became %s" % (quoted(name), str(kind)[:100], what), name, lossy)


def _settle_zone(name, data, receipt):
    zone = data.type.tz
    if not zone or layout.is_zone(zone):
        return data
    text = "%s: the time zone %s became UTC, the moments stay" % (quoted(name), quoted(zone))
    note(receipt, "timezone-to-utc", text, name, True)
    return data.cast(pa.timestamp(data.type.unit, "UTC"))


def _settle_decimal(name, data, receipt):
    kind = data.type
    if pa.types.is_decimal128(kind) and 0 <= kind.scale <= kind.precision:
        return data
    scale = max(kind.scale, 0)
    precision = max(kind.precision + max(0, -kind.scale), scale)
    try:
        settled = pc.cast(data, pa.decimal128(min(precision, 38), scale))
    except (pa.ArrowInvalid, ValueError):
        _tell(receipt, name, kind, "String: more than 38 digits", "decimal-to-string", True)
        texts = [None if value is None else str(value) for value in data.to_pylist()]
        return pa.array(texts, pa.large_string())
    _tell(receipt, name, kind, str(settled.type), "decimal-width")
    return settled


def _settle_dictionary(name, data, receipt):
    kind = data.type
    if isinstance(data, pa.ChunkedArray):
        if data.num_chunks == 0:
            data = pa.DictionaryArray.from_arrays(
                pa.array([], pa.int32()), pa.array([], kind.value_type), ordered=kind.ordered
            )
        else:
            data = data if data.num_chunks == 1 else data.unify_dictionaries()
            indices = pa.chunked_array([chunk.indices for chunk in data.chunks])
            indices = indices.chunk(0) if indices.num_chunks == 1 else pa.concat_arrays(indices.chunks)
            data = pa.DictionaryArray.from_arrays(indices, data.chunk(0).dictionary, ordered=kind.ordered)
    if pa.types.is_nested(kind.value_type) or pa.types.is_dictionary(kind.value_type):
        _tell(receipt, name, kind, "plain values", "categories-dropped")
        return settle(name, data.dictionary.take(data.indices), receipt)
    values = settle(name, data.dictionary, receipt)
    if values.type == data.dictionary.type:
        return data
    return pa.DictionaryArray.from_arrays(data.indices, values, ordered=kind.ordered)


def _settle_foreign(name, data, receipt):
    from .text_of import json_text

    kind = data.type
    if isinstance(kind, pa.BaseExtensionType):
        _tell(receipt, name, kind, "its storage type %s" % kind.storage_type, "extension-to-storage")
        chunks = [chunk.storage for chunk in (data.chunks if isinstance(data, pa.ChunkedArray) else [data])]
        return settle(name, pa.chunked_array(chunks, kind.storage_type), receipt)
    if _is(kind, "is_run_end_encoded"):
        return settle(name, pc.run_end_decode(data), receipt)
    if pa.types.is_date64(kind):
        _tell(receipt, name, kind, "date32", "date-width")
        return pc.cast(data, pa.date32())
    if pa.types.is_null(kind):
        _tell(receipt, name, kind, "Double without any value", "null-to-double")
        return pa.array([None] * len(data), pa.float64())
    if pa.types.is_nested(kind):
        pairs = [None if value is None else json_text(value) for value in data.to_pylist()]
        lossy = any(pair[1] for pair in pairs if pair is not None)
        _tell(receipt, name, kind, "JSON text", "nested-to-json", lossy)
        return pa.array([None if pair is None else pair[0] for pair in pairs], pa.large_string())
    _tell(
        receipt, name, kind, "String", "%s-to-string" % ("time" if pa.types.is_time(kind) else "object"), True
    )
    texts = [None if value is None else str(value) for value in data.to_pylist()]
    return pa.array(texts, pa.large_string())
