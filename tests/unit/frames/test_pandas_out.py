"""What a DataFrame becomes on its way out of pandas, rule by rule (R-2.3)."""

from __future__ import annotations

import datetime
import decimal
import io
import uuid
import zoneinfo
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from frame_examples import MOMENT, written

from studiolo_child.failing import JobError
from studiolo_child.frames import pandas_in, pandas_out
from studiolo_child.frames.receipts import StrictError

D = decimal.Decimal
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DAY = datetime.date(2020, 2, 29)
HOUR = datetime.timedelta(hours=1)
UTC = zoneinfo.ZoneInfo("UTC")


def objects(*values: Any) -> pd.Series:
    cells = np.empty(len(values), object)
    cells[:] = values
    return pd.Series(cells, dtype=object)


def became(values: Any) -> tuple[str, list[Any], list[tuple[str, bool]]]:
    """Write one column `x`; give its Arrow type, its values and the (code, lossy) of its receipt."""
    table, receipt = written(pd.DataFrame({"x": values}))
    assert all(entry["column"] == "x" and "`x`" in entry["text"] for entry in receipt)
    codes = [(entry["code"], entry["lossy"]) for entry in receipt]
    return str(table.schema.field("x").type), table.column("x").to_pylist(), codes


@pytest.mark.parametrize(
    ("values", "type_", "stored"),
    [
        (objects(True, None, False), "bool", [True, None, False]),
        (objects(True, np.False_, np.nan), "bool", [True, False, None]),
        (objects(1, None, np.int8(3)), "int64", [1, None, 3]),
        (objects(2**63, pd.NA), "uint64", [2**63, None]),
        (objects(1.5, None, np.float32(2.5)), "double", [1.5, float("nan"), 2.5]),
        (objects("a", None, np.nan, pd.NaT, pd.NA, ""), "large_string", ["a", None, None, None, None, ""]),
        (objects("ä", "\U0001f600", np.str_("b")), "large_string", ["ä", "\U0001f600", "b"]),
        (
            objects(b"\xff", None, bytearray(b"a"), memoryview(b"b")),
            "large_binary",
            [b"\xff", None, b"a", b"b"],
        ),
        (
            objects(D("1.10"), None, D("-22.5"), D("sNaN")),
            "decimal128(4, 2)",
            [D("1.10"), None, D("-22.50"), None],
        ),
        (objects(D("1E+3"), D("0")), "decimal128(4, 0)", [D(1000), D(0)]),
        (objects(DAY, None), "date32[day]", [DAY, None]),
        (objects(MOMENT, None, pd.Timestamp(MOMENT)), "timestamp[us]", [MOMENT, None, MOMENT]),
        (
            objects(MOMENT.replace(tzinfo=UTC), pd.NaT),
            "timestamp[us, tz=UTC]",
            [MOMENT.replace(tzinfo=UTC), None],
        ),
        (objects(HOUR, pd.NaT, np.timedelta64(1, "s")), "duration[us]", [HOUR, None, HOUR / 3600]),
        (pd.Series([1, None], dtype="Int16"), "int16", [1, None]),
        (pd.Series([True, None], dtype="boolean"), "bool", [True, None]),
        (pd.Series([1.5, None], dtype="Float32"), "float", [1.5, float("nan")]),
        (pd.Series(["a", None], dtype="string[python]"), "large_string", ["a", None]),
        (pd.Series(["a", None], dtype="string[pyarrow]"), "large_string", ["a", None]),
        (pd.Series(["a", None], dtype="str"), "large_string", ["a", None]),
        (pd.Series([1, None], dtype="int8[pyarrow]"), "int8", [1, None]),
        (pd.Series([DAY, None], dtype="date32[pyarrow]"), "date32[day]", [DAY, None]),
        (np.array([1, 2], "u1"), "uint8", [1, 2]),
        (np.array([1, 2], "f2"), "halffloat", [1.0, 2.0]),
        (np.array([1, 2], ">i4"), "int32", [1, 2]),
        (np.array([1.5, 2], ">f8"), "double", [1.5, 2.0]),
        (pd.Series(pd.Categorical(["b", None, "a"])), None, ["b", None, "a"]),
    ],
)
def test_a_value_that_frames_can_hold_needs_no_word(
    values: Any, type_: str | None, stored: list[Any]
) -> None:
    """A receipt that tells what is no change hides what is one."""
    got_type, got, codes = became(values)
    assert codes == []
    assert (got_type if type_ else None) == type_
    assert repr(got) == repr(stored)


@pytest.mark.parametrize(
    ("values", "type_", "stored", "code", "lossy"),
    [
        (objects(1, 2.5, None), "double", [1.0, 2.5, float("nan")], "mixed-numbers-to-double", False),
        (objects(2**53 + 1, 0.5), "double", [2.0**53, 0.5], "mixed-numbers-to-double", True),
        (objects(D("0.1"), 1), "double", [0.1, 1.0], "mixed-numbers-to-double", True),
        (objects(2**70), "double", [2.0**70], "integer-to-double", False),
        (objects(2**70 + 1, -1), "double", [2.0**70, -1.0], "integer-to-double", True),
        (objects(10**400, 1), "large_string", ["1" + "0" * 400, "1"], "integer-to-string", True),
        (objects(1, "a", None), "large_string", ["1", "a", None], "mixed-to-string", True),
        (objects(True, 2), "large_string", ["True", "2"], "mixed-to-string", True),
        (objects(0.1, "a"), "large_string", ["0.1", "a"], "mixed-to-string", True),
        (objects(b"a", "\xe4"), "large_string", ["a", "ä"], "mixed-to-string", True),
        (objects(DAY, MOMENT), "large_string", ["2020-02-29", str(MOMENT)], "mixed-to-string", True),
        (
            objects([1, "ä"], {"a": None}),
            "large_string",
            ['[1, "ä"]', '{"a": null}'],
            "nested-to-json",
            False,
        ),
        (objects((1, 2), {3}), "large_string", ["[1, 2]", "[3]"], "nested-to-json", False),
        (
            objects(np.array([1, 2]), [np.int64(3)]),
            "large_string",
            ["[1, 2]", "[3]"],
            "nested-to-json",
            False,
        ),
        (
            objects([float("nan")], [DAY]),
            "large_string",
            ["[null]", '["2020-02-29"]'],
            "nested-to-json",
            True,
        ),
        (objects(pd.Interval(0, 1)), "large_string", ["(0, 1]"], "interval-to-string", True),
        (
            pd.arrays.IntervalArray.from_breaks([0, 1, 2]),
            "large_string",
            ["(0, 1]", "(1, 2]"],
            "interval-to-string",
            True,
        ),
        (pd.period_range("2020", periods=1, freq="M"), "large_string", ["2020-01"], "period-to-string", True),
        (np.array([1j, complex("nan")]), "large_string", ["1j", None], "complex-to-string", True),
        (objects(datetime.time(12, 30)), "large_string", ["12:30:00"], "time-to-string", True),
        (objects(D("1e30"), D("1e-30")), "large_string", ["1E+30", "1E-30"], "decimal-to-string", True),
        (objects(D("Infinity")), "large_string", ["Infinity"], "decimal-to-string", True),
        (objects(uuid.UUID(int=1)), "large_string", [str(uuid.UUID(int=1))], "object-to-string", True),
        (objects(np.timedelta64(1, "M")), "large_string", ["1 months"], "timedelta-to-string", True),
        (objects(None, np.nan), "large_string", [None, None], "empty-to-string", False),
        (objects("a\ud800", "b"), "large_string", ["a\ufffd", "b"], "text-replaced", True),
        (pd.arrays.SparseArray([0.0, 1.0]), "double", [0.0, 1.0], "sparse-densified", False),
        (np.array([1.5], np.longdouble), "double", [1.5], "float-narrowed", True),
        (
            objects(MOMENT.replace(tzinfo=UTC), MOMENT.replace(tzinfo=datetime.timezone(HOUR))),
            "timestamp[us, tz=UTC]",
            [MOMENT.replace(tzinfo=UTC), MOMENT.replace(tzinfo=UTC) - HOUR],
            "timezone-to-utc",
            True,
        ),
    ],
)
def test_every_change_is_told(values: Any, type_: str, stored: list[Any], code: str, lossy: bool) -> None:
    """Never a silent change (R-2.3); what cannot be had back is lossy (R-2.4)."""
    got_type, got, codes = became(values)
    assert (got_type, repr(got), codes) == (type_, repr(stored), [(code, lossy)])


def test_objects_whose_own_code_raises_do_not_stop_the_result() -> None:
    """A cell can hold anything, and the author should get the other columns."""

    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    loop: list[Any] = []
    loop.append(loop)
    assert became(objects(Broken())) == ("large_string", ["<Broken>"], [("object-to-string", True)])
    assert became(objects(loop)) == ("large_string", ["[[...]]"], [("nested-to-json", True)])


@pytest.mark.parametrize(
    ("dialect", "names"),
    [
        ("classic", ["x", "x (2)", "x (4)", "x (3)", "y"]),
        ("designer", ["x", "x_0", "x_1", "x (3)", "y"]),
    ],
)
def test_duplicate_names_become_unique_by_dialect(dialect: str, names: list[str]) -> None:
    """Each product had its own way (R-2.3), and a new name never takes one that is there."""
    dataframe = pd.DataFrame([[1, 2, 3, 4, 5]], columns=["x", "x", "x", "x (3)", "y"])
    table, receipt = written(dataframe, dialect=dialect)
    assert table.column_names == names
    assert [entry["text"] for entry in receipt] == [
        f"duplicate `x` became `{names[1]}`",
        f"duplicate `x` became `{names[2]}`",
    ]


def test_names_that_are_no_text_become_text() -> None:
    """Column names that are not strings become `str(name)` (R-2.3), a level of a MultiIndex included."""
    table, receipt = written(pd.DataFrame([[1, 2, 3]], columns=pd.Index([0, "0", None], dtype=object)))
    assert table.column_names == ["0", "0_0", "None"]
    assert [entry["code"] for entry in receipt] == ["name-to-text", "name-to-text", "column-renamed"]
    table, _ = written(
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "mean"), ("a", "max")]))
    )
    assert table.column_names == ["('a', 'mean')", "('a', 'max')"]


def test_names_longer_than_frames_hold_are_told() -> None:
    """They go to the database, to messages and to the screen (R2); the host would refuse the whole result."""
    assert written(pd.DataFrame({"x" * 65_536: [1]}))[0].num_columns == 1
    for frame in (
        pd.DataFrame({"y": [1], "x" * 65_537: [1]}),
        pd.DataFrame([[1, 2]], columns=["x" * 65_536] * 2),
    ):
        buffer = io.BytesIO()
        with pytest.raises(JobError) as caught:
            pandas_out.write_frame(buffer, frame)
        assert (caught.value.code, caught.value.kind, buffer.getvalue()) == ("bad-return", "script", b"")
        assert "characters; at most 65536 are allowed." in caught.value.summary
        assert len(caught.value.summary) < 200
    frame = pd.DataFrame({"y": [1]})
    frame.attrs["studiolo"] = {"y": {"role": "x" * 65_537}}
    with pytest.raises(JobError, match=r"The role of column `y` `x+\.\.\.` has 65537 characters"):
        pandas_out.write_frame(io.BytesIO(), frame)


@pytest.mark.parametrize(
    ("index", "texts"),
    [
        (None, []),
        (pd.Index([0, 1, 2]), []),
        (pd.RangeIndex(1, 4), ["index dropped"]),
        (pd.Index([0, 2, 1]), ["index dropped"]),
        (pd.Index(["a", "b", "c"], name="key"), ["index `key` dropped"]),
        (pd.MultiIndex.from_product([[1], [1, 2, 3]], names=["a", "b"]), ["index `a`, `b` dropped"]),
        (pd.RangeIndex(3, name="n"), ["index `n` dropped, it only counted the rows"]),
    ],
)
def test_the_index_is_dropped_and_said_when_it_was_not_the_default(index: Any, texts: list[str]) -> None:
    """R-2.3; the products' scripts rely on getting 0 ... n-1 downstream."""
    table, receipt = written(pd.DataFrame({"x": [1, 2, 3]}, index=index))
    assert table.to_pydict() == {"x": [1, 2, 3]}
    assert [entry["text"] for entry in receipt] == texts


def test_rows_without_columns_are_told() -> None:
    """A dataset without columns has no rows, so that it has one digest."""
    table, receipt = written(pd.DataFrame(index=[1, 2]))
    assert (table.num_rows, table.num_columns) == (0, 0)
    assert [(entry["code"], entry["lossy"]) for entry in receipt] == [("rows-dropped", True)]
    assert written(pd.DataFrame())[1] == []


@pytest.mark.parametrize(
    "zone",
    ["UTC", "Europe/Berlin", BERLIN, UTC, datetime.timezone(HOUR * 5.5), "dateutil/Europe/Berlin"],
    ids=str,
)
def test_time_zones_are_kept(zone: Any) -> None:
    """Timezones kept (R-2.3): the same moments, and a name that every environment reads back."""
    moments = pd.Series(pd.date_range("2020-03-29", periods=3, freq="h", tz=zone).insert(1, pd.NaT))
    table, receipt = written(pd.DataFrame({"t": moments}))
    frame = io.BytesIO()
    pandas_out.write_frame(frame, pd.DataFrame({"t": moments}))
    back = pandas_in.read_frame(bytearray(frame.getvalue()))
    assert receipt == []
    assert back["t"].tolist() == moments.tolist()
    assert str(table.schema.field("t").type).split("tz=")[1].rstrip("]") in ("UTC", "Europe/Berlin", "+05:30")


def test_a_zone_without_a_name_becomes_utc() -> None:
    """A frame travels to other machines: what has no name there keeps its moments at least."""

    class Odd(datetime.tzinfo):
        def utcoffset(self, moment: Any) -> datetime.timedelta | None:
            return None if moment is None else HOUR

        def dst(self, moment: Any) -> datetime.timedelta | None:
            return None if moment is None else datetime.timedelta()

    type_, values, codes = became(objects(MOMENT.replace(tzinfo=Odd())))
    assert (type_, values) == ("timestamp[us, tz=UTC]", [MOMENT.replace(tzinfo=UTC) - HOUR])
    assert codes == [("timezone-to-utc", True)]


@pytest.mark.parametrize(
    "dtype", ["M8[s]", "M8[ms]", "M8[us]", "M8[ns]", "m8[s]", "m8[ms]", "m8[us]", "m8[ns]"]
)
def test_units_of_times_are_kept(dtype: str) -> None:
    """Precise widths are kept (R-2.1); NaT is missing (R-2.3)."""
    values = pd.Series(np.array([1, np.iinfo("i8").min, 3], "i8").view(dtype))
    type_, got, codes = became(values)
    assert type_ == ("timestamp" if dtype[0] == "M" else "duration") + dtype[2:]
    assert [value is None for value in got] == [False, True, False]
    assert codes == []


def test_categories_keep_order_and_unused_values() -> None:
    """A categorical is its categories, whether used or not."""
    values = pd.Categorical(["b", None, "b"], categories=["c", "b", "a"], ordered=True)
    table, receipt = written(pd.DataFrame({"x": values}))
    column = table.column("x").chunk(0)
    assert receipt == []
    assert column.type == pa.dictionary(pa.int8(), pa.large_string(), ordered=True)
    assert column.dictionary.to_pylist() == ["c", "b", "a"]
    assert column.indices.to_pylist() == [1, None, 1]


def test_intervals_as_categories_become_texts() -> None:
    """`pd.cut` is common, and its categories are intervals."""
    table, receipt = written(pd.DataFrame({"age": pd.cut(pd.Series([1, 5, 9, None]), [0, 4, 10])}))
    assert table.column("age").to_pylist() == ["(0, 4]", "(4, 10]", "(4, 10]", None]
    assert [(entry["code"], entry["column"]) for entry in receipt] == [("interval-to-string", "age")]


def test_categories_that_become_the_same_text_are_merged() -> None:
    """1 and "1" are two categories in pandas, but one text: frames hold each category once."""
    values = pd.Categorical.from_codes([0, 1, 2, -1], pd.Index([1, "1", "b"], dtype=object))
    table, receipt = written(pd.DataFrame({"x": values}))
    assert table.column("x").to_pylist() == ["1", "1", "b", None]
    assert [entry["code"] for entry in receipt] == ["mixed-to-string"]


@pytest.mark.parametrize("count", [1, 126, 127, 200, 40_000])
def test_codes_take_the_width_that_the_categories_need(count: int) -> None:
    """One width for so many categories, so that equal tables are equal bytes."""
    values = pd.Categorical(np.arange(count))
    table, _ = written(pd.DataFrame({"x": values}))
    assert table.column("x").to_pylist() == list(range(count))
    assert str(table.schema.field("x").type.index_type) == str(values.codes.dtype)


def test_strict_refuses_what_would_lose_data_and_writes_nothing() -> None:
    """A node can be strict: then a lossy change fails (R-2.4)."""
    target, receipt = io.BytesIO(), []
    dataframe = pd.DataFrame({"a": objects(1, "x"), "b": objects(1, 2.5)}).set_axis([3, 4])
    with pytest.raises(StrictError) as caught:
        pandas_out.write_frame(target, dataframe, receipt, strict=True)
    assert [entry["code"] for entry in caught.value.entries] == ["index-dropped", "mixed-to-string"]
    assert str(caught.value) == "this would lose data: index dropped and 1 more such change"
    assert (target.getvalue(), receipt) == (b"", [])
    lossless = dataframe[["b"]].reset_index(drop=True)
    assert pandas_out.write_frame(target, lossless, receipt, strict=True)["rows"] == 2


def test_views_and_transposed_blocks_are_written_right() -> None:
    """Blocks of pandas have any layout: rows side by side, reversed, every second."""
    values = np.arange(60.0).reshape(15, 4)
    for dataframe in (
        pd.DataFrame(values, columns=list("abcd")),
        pd.DataFrame(values, columns=list("abcd")).iloc[::-1].reset_index(drop=True),
        pd.DataFrame(values, columns=list("abcd")).iloc[::2, ::2].reset_index(drop=True),
        pd.DataFrame({"a": values[:, 1], "t": values.astype("M8[s]")[:, 0], "b": (values > 7)[:, 2]}),
    ):
        table, receipt = written(dataframe)
        assert table.to_pandas().astype(dataframe.dtypes.to_dict()).equals(dataframe)
        assert receipt == []


def test_the_frame_given_back_is_not_changed() -> None:
    """The script may go on using its DataFrame after it returned it, in another thread say."""
    dataframe = pd.DataFrame(
        {"x": objects("a", None), "y": objects(1, None), "x2": [1.5, None]}, index=[1, 2]
    )
    before = dataframe.copy(deep=True)
    written(dataframe)
    pd.testing.assert_frame_equal(dataframe, before)
