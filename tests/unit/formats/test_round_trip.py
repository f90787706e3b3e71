"""What is written reads back as the same table, for every format and the types it can hold (R-2.5)."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo.formats import choosing
from studiolo.formats.reading import MemorySource

FAST = settings(max_examples=60, deadline=None)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
TRICKY = st.sampled_from(
    ["", "NA", "null", "?", '"', "'", ",", "a,b", "a\nb", "\r", "\r\n", " x ", "\\", "\t", "%", "{}", "é"]
)
NAMES = st.text(st.sampled_from("abcxyzäÄ _-.,'\"%{}?@#:;|0123456789"), min_size=1, max_size=6).map(str.strip)
TIMES = st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31))
SPANS = st.timedeltas(datetime.timedelta(-(10**5)), datetime.timedelta(10**5))
DOUBLES = st.floats(allow_nan=False).map(lambda number: number + 0.0)
KINDS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "Integer": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "Double": (pa.float64(), DOUBLES),
    "Boolean": (pa.bool_(), st.booleans()),
    "String": (pa.string(), TEXT | TRICKY),
    "DateTime": (pa.timestamp("us"), TIMES),
    "TimeSpan": (pa.duration("us"), SPANS),
    "Zoned": (pa.timestamp("us", "UTC"), TIMES.map(lambda moment: moment.replace(tzinfo=datetime.UTC))),
    "Milliseconds": (
        pa.timestamp("us"),
        TIMES.map(lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)),
    ),
    "Categorical": (pa.string(), TEXT | TRICKY),
    "Bytes": (pa.binary(), st.binary(max_size=5)),
    "Small": (pa.int16(), st.integers(-(2**15), 2**15 - 1)),
    "Single": (pa.float32(), st.floats(allow_nan=False, width=32)),
    "Decimal": (pa.decimal128(9, 2), st.decimals(-1000, 1000, places=2)),
    "Day": (pa.date32(), st.dates()),
}


@st.composite
def tables(draw: st.DrawFn, *kinds: str) -> tuple[pa.Table, dict[str, str]]:
    """Give a table of columns of some of the kinds, and name to kind."""
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))
    names = draw(st.lists(NAMES.filter(bool), min_size=len(chosen), max_size=len(chosen), unique=True))
    rows = draw(st.integers(1, 5))
    columns = []
    for kind in chosen:
        wanted, elements = KINDS[kind]
        cells = draw(st.lists(st.none() | elements, min_size=rows, max_size=rows))
        column = pa.array(cells, wanted)
        columns.append(column.dictionary_encode() if kind == "Categorical" else column)
    return pa.Table.from_arrays(columns, names=names), dict(zip(names, chosen, strict=True))


def through(table: pa.Table, name: str, **options: Any) -> pa.Table:
    """Write a table and read it back."""
    return choosing.read(MemorySource(name, choosing.write(table, name)), **options).table


def plain(table: pa.Table) -> dict[str, tuple[str, list[Any]]]:
    """Give a table as column name to (type, values), wide texts as texts."""
    kinds = {"large_string": "string", "large_binary": "binary"}
    return {
        name: (kinds.get(str(column.type), str(column.type)), column.to_pylist())
        for name, column in zip(table.column_names, table.columns, strict=True)
    }


def expected(table: pa.Table, kinds: dict[str, str]) -> dict[str, tuple[str, list[Any]]]:
    """Give what a text format must bring back: a column without any value is Double, whatever it was."""
    result = plain(table)
    for name in kinds:
        if all(value is None for value in result[name][1]):
            result[name] = ("double", result[name][1])
    return result


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.csv.gz"])
@FAST
@given(data=tables("Integer", "Double", "Boolean", "DateTime", "Zoned", "String", "TimeSpan", "Categorical"))
def test_delimited_text_brings_values_back(name: str, data: tuple[pa.Table, dict[str, str]]) -> None:
    """Types are found again from the values; those that text can't tell are given to the reader."""
    table, kinds = data
    given_kinds = ("String", "TimeSpan", "Categorical", "Double")
    types = {column: kind for column, kind in kinds.items() if kind in given_kinds}
    wanted = expected(table, {column: kind for column, kind in kinds.items() if kind not in given_kinds})
    back = plain(through(table, name, types=types))
    for column in [column for column, kind in kinds.items() if kind == "Categorical"]:
        assert back.pop(column)[1] == wanted.pop(column)[1]
    assert back == wanted


@FAST
@given(data=tables("Integer", "Double", "Boolean", "String", "Milliseconds", "Zoned"))
def test_json_lines_bring_values_back(data: tuple[pa.Table, dict[str, str]]) -> None:
    """JSON tells numbers, truth and texts apart; DateTime comes back by its form."""
    table, kinds = data
    assert plain(through(table, "x.jsonl")) == expected(table, kinds)


@FAST
@given(data=tables("Integer", "Double", "String", "Milliseconds", "Categorical"))
def test_arff_brings_tables_back(data: tuple[pa.Table, dict[str, str]]) -> None:
    """ARFF states its types, so also a column without values keeps its own, and a category all its values."""
    table, _ = data
    back = through(table, "x.arff")
    assert plain(back) == plain(table)
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            assert back[name].chunk(0).dictionary == column.chunk(0).dictionary


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow", "x.feather", "x.arrows"])
@FAST
@given(data=tables(*[kind for kind in KINDS if kind != "Categorical"]))
def test_columnar_files_bring_tables_back(name: str, data: tuple[pa.Table, dict[str, str]]) -> None:
    """They hold every type as it is."""
    table, _ = data
    assert plain(through(table, name)) == plain(table)


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow"])
@FAST
@given(data=tables("Categorical"))
def test_columnar_files_bring_categories_back(name: str, data: tuple[pa.Table, dict[str, str]]) -> None:
    """Both keep the dictionary."""
    table, _ = data
    assert plain(through(table, name)) == plain(table)


@FAST
@given(
    rows=st.lists(
        st.lists(DOUBLES.filter(lambda n: abs(n) < 1e300), min_size=3, max_size=3), min_size=1, max_size=5
    )
)
def test_svmlight_brings_numbers_back(rows: list[list[float]]) -> None:
    """All but the names, and with as many columns."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    table = pa.table(
        {"Col1": columns[0], "Col2": columns[1], "Labels": [float(n) + 0.5 for n in range(len(rows))]}
    )
    assert plain(through(table, "x.svm")) == plain(table)


@FAST
@given(
    lines=st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"])), min_size=1)
)
def test_plain_text_brings_lines_back(lines: list[str]) -> None:
    """A line is a line."""
    table = pa.table({"text": lines})
    assert plain(through(table, "x.txt")) == plain(table)


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.arff", "x.parquet", "x.arrow"])
def test_tables_without_rows_keep_their_columns(name: str) -> None:
    """A result may be empty and its columns still matter."""
    table = pa.table({"a b": pa.array([], pa.float64()), "ü": pa.array([], pa.float64())})
    assert plain(through(table, name)) == plain(table)


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.arff", "x.parquet", "x.arrow"])
def test_nan_is_written_as_missing(name: str) -> None:
    """In datasets NaN means missing (R-2.3), infinities are values."""
    table = pa.table({"a": [1.5, float("nan"), float("inf")], "b": ["x", "y", "z"]})
    assert through(table, name)["a"].to_pylist() == [1.5, None, float("inf")]


def test_bytes_are_not_written_as_text() -> None:
    """There is no form for them that a reader would know."""
    from studiolo.sdk import ModuleError

    for name in ("x.csv", "x.jsonl", "x.arff", "x.txt"):
        with pytest.raises(ModuleError, match=r'The column "a" is Bytes'):
            choosing.write(pa.table({"a": [b"x"]}), name)
