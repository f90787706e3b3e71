"""Trigonometric and hyperbolic functions of Apply Math Operation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from studiolo.modules.data_transformation.math_functions.function import Function, Numbers, one

Compute = Callable[[Numbers], Numbers]


def _inverted(function: Compute) -> Compute:
    """Give 1 / f(x)."""
    return lambda x: 1 / function(x)


def _of_inverse(function: Compute) -> Compute:
    """Give f(1 / x)."""
    return lambda x: function(1 / x)


def _in_degrees(function: Compute) -> Compute:
    """Give f(x) in degrees."""
    return lambda x: np.rad2deg(function(x))


def _of_degrees(function: Compute) -> Compute:
    """Give f(x), and NaN where x is infinite."""
    return lambda x: np.where(np.isinf(x), np.nan, function(x))


_sine, _cosine, _tangent = (_of_degrees(each) for each in (special.sindg, special.cosdg, special.tandg))


def _cotangent_degrees(x: Numbers) -> Numbers:
    return _cosine(x) / _sine(x)


def _arc_cotangent(x: Numbers) -> Numbers:
    return np.where(x == 0, np.pi / 2, np.arctan(1 / x))


COMPUTED: dict[str, Compute] = {
    "Acos": np.arccos,
    "AcosDegrees": _in_degrees(np.arccos),
    "Acosh": np.arccosh,
    "Acot": _arc_cotangent,
    "AcotDegrees": _in_degrees(_arc_cotangent),
    "Acoth": _of_inverse(np.arctanh),
    "Acsc": _of_inverse(np.arcsin),
    "AcscDegrees": _in_degrees(_of_inverse(np.arcsin)),
    "Acsch": _of_inverse(np.arcsinh),
    "Arg": lambda x: np.where(np.isnan(x), np.nan, np.angle(x)),
    "Asec": _of_inverse(np.arccos),
    "AsecDegrees": _in_degrees(_of_inverse(np.arccos)),
    "Asech": _of_inverse(np.arccosh),
    "Asin": np.arcsin,
    "AsinDegrees": _in_degrees(np.arcsin),
    "Asinh": np.arcsinh,
    "Atan": np.arctan,
    "AtanDegrees": _in_degrees(np.arctan),
    "Atanh": np.arctanh,
    "Cis": np.cos,
    "Cos": np.cos,
    "CosDegrees": _cosine,
    "Cosh": np.cosh,
    "Cot": _inverted(np.tan),
    "CotDegrees": _cotangent_degrees,
    "Coth": _inverted(np.tanh),
    "Csc": _inverted(np.sin),
    "CscDegrees": _inverted(_sine),
    "Csch": _inverted(np.sinh),
    "DegreesToRadians": np.deg2rad,
    "RadiansToDegrees": np.rad2deg,
    "Sec": _inverted(np.cos),
    "SecDegrees": _inverted(_cosine),
    "Sech": _inverted(np.cosh),
    "Sign": np.sign,
    "Sin": np.sin,
    "Sinc": np.sinc,
    "SinDegrees": _sine,
    "Sinh": np.sinh,
    "Tan": np.tan,
    "TanDegrees": _tangent,
    "Tanh": np.tanh,
}

TRIGONOMETRIC: dict[str, Function] = {name: one(compute) for name, compute in COMPUTED.items()}
