"""Special functions of Apply Math Operation, from scipy."""

from __future__ import annotations

import numpy as np
from scipy import special

from studiolo.modules.data_transformation.math_functions.function import Function, Numbers, one, two


def _polygamma(x: Numbers, order: Numbers) -> Numbers:
    """Give the derivative of that order of digamma; an order that is not 0, 1, 2 … gives NaN."""
    order = np.asarray(order, np.float64)
    is_order = (order >= 0) & (order == np.floor(order)) & np.isfinite(order)
    sign = np.where(np.mod(order, 2) == 0, -1.0, 1.0)
    known = np.where(is_order & (order > 0), order, 1.0)
    higher = sign * special.gamma(known + 1) * special.zeta(known + 1, x)
    return np.where(is_order, np.where(order == 0, special.psi(x), higher), np.nan)


SPECIAL: dict[str, Function] = {
    "Beta": two(special.beta),
    "BetaLn": two(special.betaln),
    "EllipticIntegralE": one(special.ellipe),
    "EllipticIntegralK": one(special.ellipk),
    "Erf": one(special.erf),
    "Erfc": one(special.erfc),
    "ErfcScaled": one(special.erfcx),
    "ErfInverse": one(special.erfinv),
    "ExponentialIntegralEin": one(special.expi),
    "Gamma": one(special.gamma),
    "GammaLn": one(special.gammaln),
    "GammaRegularizedP": two(special.gammainc),
    "GammaRegularizedPInverse": two(special.gammaincinv),
    "GammaRegularizedQ": two(special.gammaincc),
    "GammaRegularizedQInverse": two(special.gammainccinv),
    "Polygamma": two(_polygamma),
}
