"""Reads what an object in the store says of itself: its card behind the pickle, which stays closed.

The form is that of `studiolo_child.object_card`. The bytes come from a job and may be hostile.
"""

from __future__ import annotations

import json
import math
import os
from typing import Any

from studiolo_child.object_card import CARD_BYTES, LENGTH, MARK, shaped

LONGEST_NUMBER = 32


def read_card(descriptor: int) -> dict[str, Any] | None:
    """Give the card of a pickled object, cut to its limits, or None when there is none that can be read.

    Never raises for what the bytes say.

    Args:
        descriptor: of the whole content; its position is neither used nor changed.
    """
    size = os.fstat(descriptor).st_size
    end = size - len(MARK) - LENGTH.size
    if end <= 0:
        return None
    trailer = os.pread(descriptor, LENGTH.size + len(MARK), end)
    if trailer[LENGTH.size :] != MARK:
        return None
    (length,) = LENGTH.unpack(trailer[: LENGTH.size])
    if not 0 < length <= min(CARD_BYTES, end):
        return None
    try:
        card = json.loads(
            os.pread(descriptor, length, end - length).decode("utf-8"),
            parse_constant=lambda name: None,
            parse_int=_whole,
            parse_float=_number,
        )
    except (ValueError, RecursionError):
        return None
    found: dict[str, Any] | None = shaped(card)
    return found


def _whole(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_NUMBER else text


def _number(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None
