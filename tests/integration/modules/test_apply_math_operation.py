"""Apply Math Operation (R-4.4; facts 5, Apply Math Operation, and the function lists of the catalogue)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import special

from studiolo.modules.data_transformation.apply_math_operation import CATEGORIES, apply_math_operation
from studiolo.sdk.roles import role_of, with_role

NAN, INF = float("nan"), float("inf")


def computed(name: str, values: list[Any], second: Any = 0, **given: Any) -> list[Any]:
    """Compute a function of one column by its name alone."""
    category = next(category for category, functions in CATEGORIES.items() if name in functions)
    prefix = category.lower()
    given = {f"{prefix}_function": name, f"{prefix}_constant": second, "output_mode": "ResultOnly", **given}
    table = apply_math_operation(
        pa.table({"x": pa.array(values) if values else pa.array([], pa.float64())}),
        category=category,
        **given,
    )
    result: list[Any] = table.column(0).to_pylist()
    return result


def same(found: list[Any], wanted: Any) -> bool:
    """Compare numbers, missing ones included."""
    return bool(
        np.allclose(np.asarray(found, float), np.asarray(wanted, float), rtol=1e-12, atol=0, equal_nan=True)
    )


X = [-2.5, -1.0, 0.0, 0.25, 3.0, NAN]
PLAIN: dict[str, Callable[[Any], Any]] = {
    "Abs": np.abs,
    "Conj": np.conj,
    "Cuberoot": np.cbrt,
    "Exp": np.exp,
    "ExpMinus1": np.expm1,
    "Ln": np.log,
    "LnPlus1": np.log1p,
    "Log10": np.log10,
    "Log2": np.log2,
    "Sqrt": np.sqrt,
    "SqrtPi": lambda x: np.sqrt(np.pi * x),
    "Square": np.square,
    "CeilingPower2": lambda x: np.ceil(x) ** 2,
    "EllipticIntegralE": special.ellipe,
    "EllipticIntegralK": special.ellipk,
    "Erf": special.erf,
    "Erfc": special.erfc,
    "ErfcScaled": lambda x: np.exp(x * x) * special.erfc(x),
    "ErfInverse": special.erfinv,
    "ExponentialIntegralEin": special.expi,
    "Gamma": special.gamma,
    "GammaLn": special.gammaln,
    "Acos": np.arccos,
    "AcosDegrees": lambda x: np.arccos(x) * 180 / np.pi,
    "Acosh": np.arccosh,
    "Acoth": lambda x: np.arctanh(1 / x),
    "Acsc": lambda x: np.arcsin(1 / x),
    "Acsch": lambda x: np.arcsinh(1 / x),
    "Asec": lambda x: np.arccos(1 / x),
    "Asech": lambda x: np.arccosh(1 / x),
    "Asin": np.arcsin,
    "Asinh": np.arcsinh,
    "Atan": np.arctan,
    "AtanDegrees": lambda x: np.arctan(x) * 180 / np.pi,
    "Atanh": np.arctanh,
    "Cos": np.cos,
    "Cosh": np.cosh,
    "Cot": lambda x: np.cos(x) / np.sin(x),
    "Coth": lambda x: np.cosh(x) / np.sinh(x),
    "Csc": lambda x: 1 / np.sin(x),
    "Csch": lambda x: 1 / np.sinh(x),
    "DegreesToRadians": lambda x: x * np.pi / 180,
    "RadiansToDegrees": lambda x: x * 180 / np.pi,
    "Sec": lambda x: 1 / np.cos(x),
    "Sech": lambda x: 1 / np.cosh(x),
    "Sign": np.sign,
    "Sin": np.sin,
    "Sinc": lambda x: np.where(x == 0, 1, np.sin(np.pi * x) / (np.pi * x)),
    "Sinh": np.sinh,
    "Tan": np.tan,
    "Tanh": np.tanh,
}


@pytest.mark.parametrize("name", PLAIN)
def test_functions_of_one_column_are_those_of_numpy_and_scipy(name: str) -> None:
    """No real result is missing, not an error."""
    with np.errstate(all="ignore"):
        wanted = PLAIN[name](np.asarray(X))
    found = np.asarray(computed(name, X), float)
    assert np.allclose(found, wanted, rtol=1e-9, atol=1e-15, equal_nan=True)


BINARY: list[tuple[str, float, Callable[[Any], Any]]] = [
    ("Atan2", 2.0, lambda x: np.arctan2(x, 2)),
    ("Exp2", 3.0, lambda x: 3 * 2**x),
    ("Hypotenuse", 4.0, lambda x: np.hypot(x, 4)),
    ("Log", 3.0, lambda x: np.log(x) / np.log(3)),
    ("Pow", 2.0, lambda x: x * x),
    ("Pow", -0.5, lambda x: 1 / np.sqrt(x)),
    ("NthRoot", 3.0, np.cbrt),
    ("NthRoot", 2.0, np.sqrt),
    ("PairMax", 0.0, lambda x: np.maximum(x, 0)),
    ("PairMin", 0.0, lambda x: np.minimum(x, 0)),
    ("Add", 2.0, lambda x: x + 2),
    ("Subtract", 2.0, lambda x: x - 2),
    ("Multiply", 2.0, lambda x: x * 2),
    ("Divide", 2.0, lambda x: x / 2),
    ("Mod", 2.0, lambda x: x - 2 * np.floor(x / 2)),
    ("Remainder", 2.0, lambda x: x - 2 * np.trunc(x / 2)),
    ("Quotient", 2.0, lambda x: np.trunc(x / 2)),
    ("Beta", 2.0, lambda x: special.beta(x, 2)),
    ("BetaLn", 2.0, lambda x: special.betaln(x, 2)),
    ("GammaRegularizedP", 2.0, lambda a: special.gammainc(a, 2)),
    ("GammaRegularizedQ", 2.0, lambda a: special.gammaincc(a, 2)),
    ("GammaRegularizedPInverse", 0.5, lambda a: special.gammaincinv(a, 0.5)),
    ("GammaRegularizedQInverse", 0.25, lambda a: special.gammainccinv(a, 0.25)),
]


@pytest.mark.parametrize(("name", "second", "plain"), BINARY)
def test_functions_with_a_constant(name: str, second: float, plain: Callable[[Any], Any]) -> None:
    """By their definitions; the column is the first argument."""
    with np.errstate(all="ignore"):
        wanted = plain(np.asarray(X))
    assert np.allclose(np.asarray(computed(name, X, second), float), wanted, rtol=1e-9, equal_nan=True)


def test_faults_of_the_designer_are_not_copied() -> None:
    """x/0 has its sign, √0 is 0, a negative number has a square, Polygamma its order (facts 5)."""
    assert same(computed("Divide", [1, -1, 0], 0), [INF, -INF, NAN])
    assert computed("Sqrt", [0.0]) == [0.0]
    assert computed("Pow", [-2.0], 2) == [4.0]
    for order in (0, 1, 2, 3):
        assert same(computed("Polygamma", [0.5, 2.0, 9.5], order), special.polygamma(order, [0.5, 2.0, 9.5]))
    assert same(computed("Polygamma", [2.0], 1.5), [NAN])


def test_factorials_are_exact() -> None:
    """From 171 infinite (facts 5), of negative numbers missing; between whole numbers the gamma function."""
    assert same(
        computed("Factorial", [0, 1, 5, 20, 170, 171, -1]),
        [1, 1, 120, math.factorial(20), math.factorial(170), INF, NAN],
    )
    assert same(computed("Factorial", [2.5, NAN]), [special.gamma(3.5), NAN])
    assert same(
        computed("DoubleFactorial", [-1, 0, 1, 7, 8, 400, 2.5, -3]), [1, 1, 1, 105, 384, INF, NAN, NAN]
    )


def test_eps_is_the_gap_to_the_next_number() -> None:
    """As in MATLAB."""
    assert computed("Eps", [1.0, -1.0, 1024.0]) == [2.0**-52, 2.0**-52, 2.0**-42]


def test_angles_in_degrees_are_exact() -> None:
    """The sine of 180° is 0, not 1e-16."""
    degrees = [0.0, 30.0, 90.0, 180.0, 270.0]
    assert same(computed("SinDegrees", degrees), [0, 0.5, 1, 0, -1])
    assert computed("CosDegrees", [60.0, 90.0, 180.0])[1:] == [0.0, -1.0]
    assert same(computed("TanDegrees", [0.0, 45.0]), [0, 1])
    assert same(computed("CotDegrees", [45.0, 90.0]), [1, 0])
    assert same(computed("SecDegrees", [60.0]), [2]) and same(computed("CscDegrees", [30.0]), [2])
    assert same(computed("SinDegrees", [INF]), [NAN])
    assert same(computed("AsinDegrees", [0.5]), [30]) and same(computed("AcotDegrees", [1.0, 0.0]), [45, 90])
    assert same(computed("AsecDegrees", [2.0]), [60]) and same(computed("AcscDegrees", [2.0]), [30])
    assert same(computed("Acot", [0.0, -1.0]), [np.pi / 2, -np.pi / 4])


def test_complex_functions_are_those_of_real_numbers() -> None:
    """The studio has no complex numbers."""
    assert same(computed("Arg", [-2.0, 3.0, NAN]), [np.pi, 0, NAN])
    assert same(computed("ImaginaryPart", [2.0, NAN]), [0, NAN])
    assert computed("RealPart", [2.0]) == [2.0] and same(computed("Cis", [1.0]), [np.cos(1)])


ROUNDED: list[tuple[str, float, list[float], list[float]]] = [
    ("Ceiling", 0, [1.2, -1.2, 3.0], [2, -1, 3]),
    ("Ceiling", 1, [1.1, 1.11], [1.1, 1.2]),
    ("Floor", 1, [1.19, -1.11, 0.3], [1.1, -1.2, 0.3]),
    ("RoundDigits", 0, [0.5, 1.5, 2.5, -0.5, -2.5], [1, 2, 3, -1, -3]),
    ("RoundDigits", 2, [1.005, 2.675, -1.005, 1e300], [1.01, 2.68, -1.01, 1e300]),
    ("RoundDigits", -2, [149.0, 150.0, 4.0], [100, 200, 0]),
    ("RoundDigits", 320, [1.5e-319], [1.5e-319]),
    ("RoundUp", 1, [1.01, -1.01, 1.1], [1.1, -1.1, 1.1]),
    ("RoundDown", 1, [1.19, -1.19], [1.1, -1.1]),
    ("Truncate", 0, [1.9, -1.9], [1, -1]),
    ("ToEven", 0, [0.9, 1.0, 2.9, 3.0, -3.0], [0, 2, 2, 4, -4]),
    ("ToOdd", 0, [0.0, 1.9, 2.1, -2.1], [1, 1, 3, -3]),
    ("ToMultiple", 5, [12.4, 12.5, -12.5], [10, 15, -15]),
    ("ToMultiple", 0, [3.0, NAN], [0, NAN]),
    ("Mod", -3, [7.0, -7.0], [-2, -1]),
    ("Remainder", -3, [7.0, -7.0], [1, -1]),
    ("Quotient", 0, [1.0, -1.0, 0.0], [INF, -INF, NAN]),
]


@pytest.mark.parametrize(("name", "second", "values", "wanted"), ROUNDED)
def test_rounding(name: str, second: float, values: list[float], wanted: list[float]) -> None:
    """Halves away from zero (4/5 rule), digits as written and not as their Doubles happen to be."""
    assert computed(name, [*values, INF, NAN], second)[: len(values)] == pytest.approx(
        wanted, nan_ok=True, rel=1e-15
    )
    assert not any(math.copysign(1, value) < 0 for value in computed(name, values, second) if value == 0)


@pytest.mark.parametrize(
    "name", ["Ceiling", "Floor", "RoundDigits", "RoundUp", "RoundDown", "Truncate", "ToEven", "ToOdd"]
)
def test_rounding_leaves_infinity_and_missing(name: str) -> None:
    """They have no digits."""
    assert same(computed(name, [INF, -INF, NAN], 2), [INF, -INF, NAN])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("EqualTo", [False, True, False, None]),
        ("NotEqualTo", [True, False, True, None]),
        ("GreaterThan", [False, False, True, None]),
        ("GreaterThanOrEqualTo", [False, True, True, None]),
        ("LessThan", [True, False, False, None]),
        ("LessThanOrEqualTo", [True, True, False, None]),
    ],
)
def test_comparisons_are_boolean_and_missing_with_the_value(name: str, wanted: list[Any]) -> None:
    """Neither true nor false is known of a missing value."""
    assert computed(name, [1, 2, 3, None], 2) == wanted


def test_names_say_what_was_computed() -> None:
    """`Op(col)`, `Op(col_$const)`, `Op(a_b)`, `(2)` on a clash (facts 5)."""
    table = pa.table({"a": [1, 2], "b": [10, 20], "s": ["x", "y"]})
    one = apply_math_operation(table, column_set=["a"])
    assert one.column_names == ["a", "b", "s", "Abs(a)"]
    assert apply_math_operation(one, column_set=["a"]).column_names[-1] == "Abs(a)(2)"
    for constant, name in ((2, "Add(a_$2)"), (0.5, "Add(a_$0.5)"), (-1.0, "Add(a_$-1)")):
        given: dict[str, Any] = {
            "category": "Operations",
            "operations_constant": constant,
            "column_set": ["a"],
        }
        assert apply_math_operation(table, **given).column_names[-1] == name
    sums = apply_math_operation(table, category="Operations", operations_argument_type="ColumnSet")
    assert sums.select([3, 4]).to_pydict() == {"Add(a_a)": [2.0, 4.0], "Add(b_b)": [20.0, 40.0]}


def test_columns_as_second_argument() -> None:
    """One serves all, several are taken in order; a missing value makes the result missing."""
    table = pa.table({"a": [1, 2], "b": [10, 20], "c": [5, None]})
    given: dict[str, Any] = {
        "category": "Operations",
        "operations_function": "Subtract",
        "operations_argument_type": "ColumnSet",
        "output_mode": "ResultOnly",
    }
    one = apply_math_operation(table, column_set=["a", "b"], operations_argument_columns=["c"], **given)
    assert same(one["Subtract(a_c)"].to_pylist(), [-4, NAN]) and same(
        one["Subtract(b_c)"].to_pylist(), [5, NAN]
    )
    two = apply_math_operation(table, column_set=["a", "b"], operations_argument_columns=["b", "a"], **given)
    assert two.to_pydict() == {"Subtract(a_b)": [-9, -18], "Subtract(b_a)": [9, 18]}


def test_in_place_keeps_names_order_and_roles() -> None:
    """Untouched columns are the same columns."""
    table = with_role(pa.table({"s": ["x"], "a": [-1], "b": [2]}), ["a"], "label")
    result = apply_math_operation(table, column_set=["a"], output_mode="Inplace")
    assert result.to_pydict() == {"s": ["x"], "a": [1.0], "b": [2]} and role_of(result, "a") == "label"


def test_what_can_not_be_computed_is_told(refused: Callable[..., Any]) -> None:
    """Texts, tables without numbers, and sets of different size (R-4.4)."""
    table = pa.table({"a": [1], "b": [2], "c": [3], "s": ["x"]})
    assert refused(apply_math_operation, table, column_set=["s"])[0] == "wrong-column-type"
    assert refused(apply_math_operation, table.select(["s"]))[0] == "no-columns"
    given: dict[str, Any] = {"category": "Operations", "operations_argument_type": "ColumnSet"}
    told = refused(apply_math_operation, table, operations_argument_columns=["a", "b"], **given)
    assert told[:2] == ("bad-parameter", "3 columns are chosen as first argument and 2 as second.")
    assert (
        refused(apply_math_operation, table, operations_argument_columns=["d"], **given)[0]
        == "missing-column"
    )


def test_every_function_takes_any_numbers() -> None:
    """None of them warns or fails, whatever the numbers, the constant or the columns; also no rows at all."""
    values = [NAN, INF, -INF, 0.0, -0.0, 1e-320, -1e308, 1e308, 0.5, 171, -171, 2**53]
    for functions in CATEGORIES.values():
        for name in functions:
            for second in (0, -1, 2.5, 1e308):
                assert len(computed(name, values, second)) == len(values)
            prefix = next(category for category, known in CATEGORIES.items() if name in known).lower()
            given = {f"{prefix}_argument_type": "ColumnSet"} if functions[name].has_second else {}
            assert len(computed(name, values, 0, **given)) == len(values)
            assert computed(name, []) == []
