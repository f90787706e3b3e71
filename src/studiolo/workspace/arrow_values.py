"""Makes Arrow's scalars and arrays of plain values without `pyarrow.scalar` and `pyarrow.array`.

Those load pandas, wherever it is installed, to see whether a value is one of its own; the host never loads it.
"""

from __future__ import annotations

import decimal
from array import array as packed
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow


def scalar(value: Any, kind: Any) -> pyarrow.Scalar:
    """Give a value as a scalar of a type; None as a missing one.

    Raises:
        OverflowError: the type can't hold the number.
    """
    import pyarrow as pa

    if value is None:
        return pa.nulls(1, kind)[0]
    return _kept(value, kind) if isinstance(value, int | float) else array([value], kind)[0]


@lru_cache(maxsize=512, typed=True)
def _kept(value: Any, kind: Any) -> pyarrow.Scalar:
    return array([value], kind)[0]


def array(values: Sequence[Any], kind: Any) -> pyarrow.Array:
    """Give values, none of them missing, as an array of a type.

    Args:
        values: booleans, numbers, texts or bytes; ticks for times; whole numbers of the last digit for decimals.
        kind: boolean, number, large string or binary, time, span or decimal.

    Raises:
        OverflowError: the type can't hold a number.
    """
    import pyarrow as pa

    types = pa.types
    if types.is_large_string(kind) or types.is_large_binary(kind):
        parts = [value.encode() if isinstance(value, str) else value for value in values]
        ends = packed("q", [0])
        for part in parts:
            ends.append(ends[-1] + len(part))
        return _from(kind, len(parts), ends.tobytes(), b"".join(parts))
    if types.is_decimal(kind):
        data = b"".join(int(value).to_bytes(16, "little", signed=True) for value in values)
        return _from(kind, len(values), data)
    if types.is_floating(kind):
        return _from(pa.float64(), len(values), packed("d", values).tobytes()).cast(kind, safe=False)
    if types.is_boolean(kind):
        return _from(pa.uint8(), len(values), bytes(bool(value) for value in values)).cast(kind)
    width, is_signed = kind.bit_width // 8, not types.is_unsigned_integer(kind)
    data = b"".join(int(value).to_bytes(width, "little", signed=is_signed) for value in values)
    return _from(kind, len(values), data)


def decimal_ticks(value: decimal.Decimal, scale: int) -> int:
    """Give a decimal as a whole number of its last digit.

    >>> decimal_ticks(decimal.Decimal("1.5"), 2)
    150
    """
    with decimal.localcontext(decimal.Context(prec=80)):
        return int(value.scaleb(scale))


def _from(kind: Any, count: int, *data: bytes) -> pyarrow.Array:
    import pyarrow as pa

    return pa.Array.from_buffers(kind, count, [None, *(pa.py_buffer(part) for part in data)], 0)
