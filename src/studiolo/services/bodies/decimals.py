"""Decimal cells of fixed precision to Arrow's sixteen bytes and back."""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from typing import Any

from studiolo.services.bodies.frame_writing import Buffers, bits

_LONGEST = 100
_CONTEXT = decimal.Context(prec=120)
NUMBERS_UP_TO = 15
"""Decimals of so many digits are written as JSON numbers; a Double holds them all."""


def expected(precision: int, scale: int) -> str:
    """Say what fits into a column of decimals."""
    return f"a decimal of at most {precision} digits, {scale} of them behind the point"


def parse_decimal(value: Any, precision: int, scale: int) -> int | None:
    """Give a cell as the whole number that stands for it; None for an empty text.

    Raises:
        ValueError: it is no decimal, or has more digits than the column.
    """
    if type(value) not in (str, int, float):
        raise ValueError
    text = str(value).strip()
    if not text:
        return None
    if len(text) > _LONGEST or "_" in text or not text.isascii():
        raise ValueError
    try:
        number = decimal.Decimal(text)
        # Far from the column's digits the exponent may be any number, and so would be the work of scaling.
        if not number.is_finite() or (number and not -scale <= number.adjusted() < precision):
            raise ValueError
        scaled = number.scaleb(scale, _CONTEXT)
        whole = int(scaled)
    except decimal.DecimalException:
        raise ValueError from None
    if whole != scaled or abs(whole) >= 10**precision:
        raise ValueError
    return whole


def buffers(kind: str, values: Sequence[int | None]) -> Buffers:
    """Give the buffers of a column of decimals."""
    missing = values.count(None)
    validity = bits([value is not None for value in values]) if missing else b""
    data = b"".join([(value or 0).to_bytes(16, "little", signed=True) for value in values])
    return Buffers(kind, missing, [validity, data])


def read_decimals(view: memoryview, rows: int) -> list[int]:
    """Give the whole numbers of a buffer of decimals."""
    return [int.from_bytes(view[at : at + 16], "little", signed=True) for at in range(0, rows * 16, 16)]


def decimal_text(whole: int, scale: int) -> str:
    """Write a decimal with all digits behind its point.

    >>> decimal_text(-5, 2), decimal_text(1234, 0)
    ('-0.05', '1234')
    """
    digits = f"{abs(whole):0{scale + 1}}"
    sign = "-" if whole < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else sign + digits
