"""The type of a column of texts follows from all of its values (R-2.1)."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from studiolo.formats.value_types import MARKERS, find_type


def found(texts: list[str | None], **options: Any) -> tuple[str, list[Any], list[str]]:
    receipt: list[dict[str, Any]] = []
    column = pa.chunked_array([pa.array(texts, pa.string())])
    result = find_type(column, MARKERS, "x", receipt, **options)
    return str(result.type), result.to_pylist(), [entry["code"] for entry in receipt]


@pytest.mark.parametrize(
    ("texts", "kind", "values"),
    [
        (["1", "-2", None, "0"], "int64", [1, -2, None, 0]),
        (["-0"], "int64", [0]),
        (["9223372036854775807"], "int64", [9223372036854775807]),
        (["18446744073709551615", "1"], "uint64", [18446744073709551615, 1]),
        (["1", "2.5"], "double", [1.0, 2.5]),
        (["1e3", ".5", "5.", "+1.5"], "double", [1000.0, 0.5, 5.0, 1.5]),
        (["inf", "-Infinity", "1"], "double", [float("inf"), float("-inf"), 1.0]),
        (["12345678901234567890", "0.5"], "double", [12345678901234567890.0, 0.5]),
        (["true", "False", None, "TRUE"], "bool", [True, False, None, True]),
        (["1", "true"], "string", ["1", "true"]),
        (["0", "1"], "int64", [0, 1]),
        (["yes", "no"], "string", ["yes", "no"]),
        (["1,5"], "string", ["1,5"]),
        (["0x10"], "string", ["0x10"]),
        (["1_000"], "string", ["1_000"]),
        (["1e999", "1.0"], "string", ["1e999", "1.0"]),
        (["12:30"], "string", ["12:30"]),
        (["2020-1-1"], "string", ["2020-1-1"]),
        (["20200101"], "int64", [20200101]),
        (["2020-13-01"], "string", ["2020-13-01"]),
        ([None, None], "double", [None, None]),
        ([], "double", []),
        ([""], "string", [""]),
    ],
)
def test_the_first_type_that_fits_all_values_is_taken(
    texts: list[str | None], kind: str, values: list[Any]
) -> None:
    """Integer, Double, Boolean, DateTime, String in this order; no value may be changed to fit (R-2.1)."""
    assert found(texts)[:2] == (kind, values)


@pytest.mark.parametrize("code", ["007", "-0123", "00.5", "+4930901820"])
def test_codes_stay_text(code: str) -> None:
    """A leading zero or plus is lost in a number, and `007` is then another article (R-2.1)."""
    assert found(["12", code]) == ("string", ["12", code], ["codes-kept"])


def test_whole_numbers_beyond_64_bits_stay_text() -> None:
    """A Double would round them, and they are mostly keys."""
    key = "123456789012345678901234567890"
    assert found([key, "1"]) == ("string", [key, "1"], ["number-too-large"])


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("2020-01-31", "timestamp[us]", "2020-01-31 00:00:00.000000"),
        ("2020-01-31 10:11", "timestamp[us]", "2020-01-31 10:11:00.000000"),
        ("2020-01-31T10:11:12", "timestamp[us]", "2020-01-31 10:11:12.000000"),
        ("2020-01-31 10:11:12.123456", "timestamp[us]", "2020-01-31 10:11:12.123456"),
        ("2020-01-31 10:11:12.123456789", "timestamp[ns]", "2020-01-31 10:11:12.123456789"),
        ("0001-01-01", "timestamp[us]", "0001-01-01 00:00:00.000000"),
        ("9999-12-31", "timestamp[us]", "9999-12-31 00:00:00.000000"),
    ],
)
def test_iso_forms_are_datetime(text: str, kind: str, shown: str) -> None:
    """Years from 1 to 9999 to the microsecond, finer ones in nanoseconds: nothing of a time is cut."""
    column = find_type(pa.chunked_array([[text, None]]), MARKERS, "x", [])
    assert (str(column.type), column.cast(pa.string()).to_pylist()) == (kind, [shown, None])


def test_zones_are_kept_as_moments_in_utc() -> None:
    """The moment is the same; the offset is gone, and that is said (R-2.4)."""
    kind, _, codes = found(["2020-01-01T02:00:00+02:00", "2020-01-01 00:00Z"])
    assert (kind, codes) == ("timestamp[us, tz=UTC]", ["zone-to-utc"])
    assert found(["2020-01-01 00:00Z"])[2] == []
    assert found(["2020-01-01T02:00:00+02:00", "2020-01-01 00:00"])[0] == "string"


def test_one_value_at_the_very_end_decides() -> None:
    """Types never come from the first rows (R-2.1)."""
    many = [str(number) for number in range(100_000)]
    assert found(many)[0] == "int64"
    assert found([*many, "0.5"])[0] == "double"
    assert found([*many, "x"])[0] == "string"
    assert found(["1.5"] * 100_000 + ["2020-01-01"])[0] == "string"
    assert found([None] * 100_000 + ["2020-01-01"])[0] == "timestamp[us]"


def test_blanks_around_values_do_not_count() -> None:
    """`1, 2` is a table of numbers; texts keep their blanks, since those are theirs."""
    assert found([" 1", "2 "])[:2] == ("int64", [1, 2])
    assert found(["1"] * 100 + [" 2 "])[0] == "int64"
    assert found([" a", "b "])[:2] == ("string", [" a", "b "])


def test_quoted_markers_are_missing_among_numbers_and_text_among_texts() -> None:
    """Programs that quote everything write missing as "" or "NA"; NA is also Namibia."""
    assert found(["1", "NA", "", "2"])[:2] == ("int64", [1, None, None, 2])
    assert found(["DE", "NA", ""])[:2] == ("string", ["DE", "NA", ""])
    assert found(["NA", ""])[:2] == ("string", ["NA", ""])
    assert found([""] * 200 + ["3"])[0] == "int64"


def test_a_decimal_comma_makes_doubles() -> None:
    """Half of Europe writes 2,5; a dot there is no decimal mark."""
    assert found(["2,5", "3"], decimal=",")[:2] == ("double", [2.5, 3.0])
    assert found(["1.000", "2,5"], decimal=",")[0] == "string"


def test_a_fraction_far_behind_makes_large_numbers_doubles() -> None:
    """Who writes decimals measures: then rounding is meant, also of what would else be a key."""
    key = "12345678901234567890123"
    assert found([key] * 200 + ["0.5"])[0] == "double"
    assert found([key] * 200)[0] == "string"
