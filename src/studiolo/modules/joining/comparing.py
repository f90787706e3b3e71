"""Key columns of two datasets made comparable, and their rows as numbers."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.keys import Codes, combined, encoded
from studiolo.modules.columns.kinds import kind_of, missing_in, one_chunk
from studiolo.sdk import ModuleError

_NUMBERS = ("Integer", "Double")
_EXACT = 2.0**53


def key_codes(
    left: pa.Table, right: pa.Table, left_keys: list[str], right_keys: list[str], *, match_case: bool
) -> tuple[Codes, Codes]:
    """Give a number for each row of both datasets; equal where all keys are equal, -1 where one is missing.

    Raises:
        ModuleError: `wrong-column-type` where two keys can't be compared.
    """
    columns = []
    for left_name, right_name in zip(left_keys, right_keys, strict=True):
        pair = _comparable(left, right, left_name, right_name)
        if not match_case and kind_of(pair[0].type) == "String":
            pair = [pc.utf8_upper(array) for array in pair]
        columns.append(encoded(pa.concat_arrays(pair)))
    codes = combined(columns)
    return codes[: left.num_rows], codes[left.num_rows :]


def _comparable(left: pa.Table, right: pa.Table, left_name: str, right_name: str) -> list[pa.Array]:
    arrays = [_plain(left.column(left_name)), _plain(right.column(right_name))]
    types = [array.type for array in arrays]
    if types[0] == types[1]:
        return arrays
    kinds = [kind_of(one) for one in types]
    if set(kinds) == {"Integer", "Double"}:
        return [
            array if kind == "Integer" else _whole(array) for array, kind in zip(arrays, kinds, strict=True)
        ]
    zones = [getattr(one, "tz", None) is None for one in types]
    if kinds[0] != kinds[1] or (kinds[0] == "DateTime" and zones[0] != zones[1]):
        told = [
            f"{kind} with a time zone" if not zone else kind for kind, zone in zip(kinds, zones, strict=True)
        ]
        raise ModuleError(
            f'The keys "{left_name[:80]}", {told[0]}, and "{right_name[:80]}", {told[1]}, can\'t be compared.',
            "Give both the same type with Edit Metadata.",
            code="wrong-column-type",
            parameter="join_key_columns_for_right_dataset",
        )
    wanted = _common(kinds[0], types)
    return [pc.cast(array, wanted, safe=False) for array in arrays]


def _plain(column: pa.ChunkedArray) -> pa.Array:
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_uint64(array.type) or pa.types.is_integer(array.type):
        try:
            return array.cast(pa.int64())
        except pa.ArrowInvalid:
            return array.cast(pa.float64(), safe=False)
    if pa.types.is_decimal(array.type) or pa.types.is_floating(array.type):
        return array.cast(pa.float64(), safe=False)
    return array


def _whole(array: pa.Array) -> pa.Array:
    """Give doubles as integers; what is no whole number can't equal one and becomes missing."""
    is_whole = pc.and_(pc.equal(pc.trunc(array), array), pc.less_equal(pc.abs(array), pa.scalar(_EXACT)))
    is_whole = pc.and_(pc.fill_null(is_whole, False), pc.invert(missing_in(array)))
    return pc.if_else(is_whole, array, pa.scalar(None, array.type)).cast(pa.int64())


def _common(kind: str, types: list[pa.DataType]) -> pa.DataType:
    if kind == "String":
        return pa.large_string()
    if kind == "Bytes":
        return pa.large_binary()
    units = ["s", "ms", "us", "ns"]
    unit = max(
        (getattr(one, "unit", "s") if not pa.types.is_date(one) else "s" for one in types), key=units.index
    )
    return pa.duration(unit) if kind == "TimeSpan" else pa.timestamp(unit, getattr(types[0], "tz", None))
