"""Rounding functions of Apply Math Operation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studiolo.modules.data_transformation.math_functions.function import Function, Numbers, one, two

TWO_GAPS = 2.0**-51  # twice the distance of neighbouring Doubles, relative to them
EXACT = 2.0**52  # from here on a Double has no fraction


def _half_away(x: Numbers) -> Numbers:
    return np.copysign(np.floor(np.abs(x) + 0.5), x)


def _away(x: Numbers) -> Numbers:
    return np.copysign(np.ceil(np.abs(x)), x)


def _to_digits(rounded: Callable[[Numbers], Numbers]) -> Callable[[Numbers, Numbers], Numbers]:
    """Round to decimal digits, negative ones before the point.

    A number like 1.1, whose Double times ten is slightly more than 11, counts as what it is written as.
    """

    def compute(x: Numbers, digits: Numbers) -> Numbers:
        digits = np.clip(np.trunc(digits), -323, 323)
        if np.ndim(digits) == 0 and digits == 0:
            return rounded(x)
        half = digits // 2  # in two steps: 10 ** 320 alone would overflow
        first, second = np.power(10.0, half), np.power(10.0, digits - half)
        scaled = x * first * second
        halves = np.rint(scaled * 2) / 2
        scaled = np.where(np.abs(scaled - halves) <= TWO_GAPS * np.abs(scaled), halves, scaled)
        result = rounded(scaled) / first / second
        is_beyond = np.abs(scaled) >= EXACT
        return np.where((digits >= 0) & is_beyond, x, result) if is_beyond.any() else result

    return compute


def _even(x: Numbers) -> Numbers:
    result: Numbers = np.copysign(2 * np.floor((np.abs(x) + 1) / 2), x)
    return result


def _odd(x: Numbers) -> Numbers:
    return np.where(np.isinf(x), x, np.copysign(2 * np.floor(np.abs(x) / 2) + 1, x))


def _multiple(x: Numbers, of: Numbers) -> Numbers:
    return np.where(np.asarray(of) == 0, np.where(np.isnan(x), x, 0.0), _half_away(x / of) * of)


FUNCTIONS: dict[str, Function] = {
    "Ceiling": two(_to_digits(np.ceil)),
    "CeilingPower2": one(lambda x: np.square(np.ceil(x))),
    "Floor": two(_to_digits(np.floor)),
    "Mod": two(np.mod),
    "Quotient": two(lambda x, y: np.trunc(x / y)),
    "Remainder": two(np.fmod),
    "RoundDigits": two(_to_digits(_half_away)),
    "RoundDown": two(_to_digits(np.trunc)),
    "RoundUp": two(_to_digits(_away)),
    "ToEven": one(_even),
    "ToMultiple": two(_multiple),
    "ToOdd": one(_odd),
    "Truncate": two(_to_digits(np.trunc)),
}


def _unsigned_zero(function: Function) -> Function:
    compute = function.compute
    return Function(lambda *arguments: compute(*arguments) + 0.0, function.has_second)


ROUNDING: dict[str, Function] = {name: _unsigned_zero(function) for name, function in FUNCTIONS.items()}
