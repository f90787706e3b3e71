"""Key columns of two datasets made comparable, and their rows as numbers."""

from __future__ import annotations

import decimal

import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.keys import Codes, combined, encoded
from studiolo.modules.columns.kinds import kind_of, missing_in, one_chunk
from studiolo.sdk import ModuleError

_NUMBERS = ("Integer", "Double")
_EXACT = 2.0**53
_GREATEST = 2**63 - 1
_UNITS = ["s", "ms", "us", "ns"]


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
    if set(kinds) == {"Integer", "Double"} or kinds == ["Integer", "Integer"]:
        return [_whole(array) for array in arrays]
    if kinds == ["Double", "Double"]:
        return _doubles(arrays)
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
    return [_cast(array, wanted) for array in arrays]


def _plain(column: pa.ChunkedArray) -> pa.Array:
    array = one_chunk(column)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_integer(array.type):
        return array if pa.types.is_uint64(array.type) else array.cast(pa.int64())
    return array.cast(pa.float64(), safe=False) if pa.types.is_floating(array.type) else array


def _whole(array: pa.Array) -> pa.Array:
    """Give numbers as int64; what is no whole number, or too large for one, becomes missing: it equals none."""
    if pa.types.is_int64(array.type):
        return array
    if pa.types.is_uint64(array.type):
        is_whole = pc.less_equal(array, pa.scalar(_GREATEST, pa.uint64()))
    elif pa.types.is_decimal(array.type):
        kind = array.type
        wide = array.cast(pa.decimal256(max(kind.precision, kind.scale + 1), kind.scale))  # 1.0 fits, too
        reach = pa.scalar(decimal.Decimal(_GREATEST), pa.decimal256(19, 0))
        is_whole = pc.and_(pc.equal(pc.trunc(wide), wide), pc.less_equal(pc.abs(wide), reach))
    else:
        is_whole = pc.and_(pc.equal(pc.trunc(array), array), pc.less_equal(pc.abs(array), pa.scalar(_EXACT)))
    is_whole = pc.and_(pc.fill_null(is_whole, False), pc.invert(missing_in(array)))
    return pc.if_else(is_whole, array, pa.scalar(None, array.type)).cast(pa.int64())


def _doubles(arrays: list[pa.Array]) -> list[pa.Array]:
    """Give Doubles and decimals in one type; two decimals keep all their digits."""
    if not all(pa.types.is_decimal(array.type) for array in arrays):
        return [array.cast(pa.float64(), safe=False) for array in arrays]
    scale = max(array.type.scale for array in arrays)
    return [array.cast(pa.decimal256(76, scale)) for array in arrays]


def _cast(array: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Give values in another type of their kind; a moment beyond the reach of a finer unit becomes missing."""
    try:
        return array.cast(wanted)
    except pa.ArrowInvalid:
        if pa.types.is_date(array.type):
            array = array.cast(pa.timestamp("s"))
        reach = _GREATEST // 10 ** (3 * (_UNITS.index(wanted.unit) - _UNITS.index(array.type.unit)))
        counts = array.cast(pa.int64())
        fits = pc.and_(pc.less_equal(counts, reach), pc.greater_equal(counts, -reach))
        return pc.if_else(fits, array, pa.scalar(None, array.type)).cast(wanted)


def _common(kind: str, types: list[pa.DataType]) -> pa.DataType:
    if kind == "String":
        return pa.large_string()
    if kind == "Bytes":
        return pa.large_binary()
    unit = max(
        (getattr(one, "unit", "s") if not pa.types.is_date(one) else "s" for one in types), key=_UNITS.index
    )
    return pa.duration(unit) if kind == "TimeSpan" else pa.timestamp(unit, getattr(types[0], "tz", None))
