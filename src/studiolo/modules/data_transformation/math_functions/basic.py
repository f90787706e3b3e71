"""Basic functions, comparisons and arithmetic of Apply Math Operation."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from studiolo.modules.data_transformation.math_functions.function import Function, Numbers, one, truth, two


def _table(step: int) -> Numbers:
    """Give n! (step 1) or n!! (step 2) for n = 0, 1 … as long as it fits a Double."""
    values = [1]
    while True:
        number = len(values)
        product = number * (values[number - step] if number >= step else 1)
        if product.bit_length() > 1024 or product > int(np.finfo(np.float64).max):
            return np.asarray([float(value) for value in values])
        values.append(product)


def _looked_up(step: int, between: Callable[[Numbers], Numbers]) -> Callable[[Numbers], Numbers]:
    def compute(x: Numbers) -> Numbers:
        table = _table(step)
        is_whole = (x >= 0) & (x == np.floor(x)) & (x < len(table))
        result = np.where(x >= len(table), np.inf, between(x))
        result[is_whole] = table[x[is_whole].astype(np.int64)]
        return result

    return compute


def _gamma_between(x: Numbers) -> Numbers:
    return np.where(x >= 0, special.gamma(np.where(x >= 0, x, np.nan) + 1), np.nan)


def _double_factorial_below(x: Numbers) -> Numbers:
    return np.where(x == -1, 1.0, np.nan)


def _root(x: Numbers, n: Numbers) -> Numbers:
    """Give the n-th root; of a negative number where n is odd."""
    is_odd = np.mod(n, 2) == 1
    return np.where((x < 0) & is_odd, -np.power(np.abs(x), 1 / np.asarray(n)), np.power(x, 1 / np.asarray(n)))


def _log(x: Numbers, base: Numbers) -> Numbers:
    if np.ndim(base) == 0 and base in (2, 10):
        return np.log2(x) if base == 2 else np.log10(x)  # exact at whole powers
    return np.log(x) / np.log(base)


BASIC: dict[str, Function] = {
    "Abs": one(np.abs),
    "Atan2": two(np.arctan2),
    "Conj": one(np.positive),
    "Cuberoot": one(np.cbrt),
    "DoubleFactorial": one(_looked_up(2, _double_factorial_below)),
    "Eps": one(lambda x: np.spacing(np.abs(x))),
    "Exp": one(np.exp),
    "Exp2": two(lambda t, x: x * np.exp2(t)),
    "ExpMinus1": one(np.expm1),
    "Factorial": one(_looked_up(1, _gamma_between)),
    "Hypotenuse": two(np.hypot),
    "ImaginaryPart": one(lambda x: np.where(np.isnan(x), np.nan, 0.0)),
    "Ln": one(np.log),
    "LnPlus1": one(np.log1p),
    "Log": two(_log),
    "Log10": one(np.log10),
    "Log2": one(np.log2),
    "NthRoot": two(_root),
    "Pow": two(np.power),
    "RealPart": one(np.positive),
    "Sqrt": one(np.sqrt),
    "SqrtPi": one(lambda x: np.sqrt(x * math.pi)),
    "Square": one(np.square),
}

COMPARE: dict[str, Function] = {
    "EqualTo": truth(np.equal),
    "GreaterThan": truth(np.greater),
    "GreaterThanOrEqualTo": truth(np.greater_equal),
    "LessThan": truth(np.less),
    "LessThanOrEqualTo": truth(np.less_equal),
    "NotEqualTo": truth(np.not_equal),
    "PairMax": two(np.maximum),
    "PairMin": two(np.minimum),
}

OPERATIONS: dict[str, Function] = {
    "Add": two(np.add),
    "Divide": two(np.divide),
    "Multiply": two(np.multiply),
    "Subtract": two(np.subtract),
}
