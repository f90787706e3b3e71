"""The DuckDB dialect keeps types and says what it changes (R-4.1)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa

from studiolo.modules.data_transformation.apply_sql_transformation import apply_sql_transformation

DAY = datetime.datetime(2020, 1, 31, 10, 11, 12, 5)
T1 = pa.table({"id": [1, 2, None], "city": ["Rom", None, "Bari"], "x": [1.5, float("nan"), 3.0]})
T2 = pa.table({"id": [1, 2], "customer id": [10, 20]})


def sql(query: str, *tables: Any, dialect: str = "duckdb") -> pa.Table:
    return apply_sql_transformation(*(tables or (T1, T2)), query=query, dialect=dialect)


def test_duckdb_keeps_types() -> None:
    """What the tables have comes out as it is; names of zones and narrow numbers too."""
    table = pa.table(
        {
            "flag": [True, None],
            "small": pa.array([1, None], pa.int8()),
            "single": pa.array([1.5, None], pa.float32()),
            "day": pa.array([DAY, None], pa.timestamp("ns")),
            "zoned": pa.array([DAY, None], pa.timestamp("us", "Europe/Rome")),
            "span": pa.array([datetime.timedelta(seconds=1), None]),
            "bytes": pa.array([b"\x00\xff", None]),
            "dec": pa.array([Decimal("1.50"), None]),
            "huge": pa.array([2**64 - 1, None], pa.uint64()),
        }
    )
    result = sql("select * from t1", table)
    wanted = {"day": "timestamp[us]", "single": "float"}
    assert result.to_pydict() == table.to_pydict()
    assert [str(kind) for kind in result.schema.types] == [
        wanted.get(name, str(table.schema.field(name).type)) for name in table.column_names
    ]


def test_duckdb_gives_plain_numbers() -> None:
    """Sums are 128-bit and literals decimals in DuckDB; neither is what one expects of a dataset."""
    result = sql("select sum(id) as s, 1.5 as d, count(*) as n, avg(id) as m from t2")
    assert result.to_pydict() == {"s": [3], "d": [1.5], "n": [2], "m": [1.5]}
    assert result.schema.types == [pa.int64(), pa.float64(), pa.int64(), pa.float64()]


def test_duckdb_translates_what_a_dataset_lacks(receipt: Callable[..., Any]) -> None:
    """Lists, structs and times of day, each said (R-2.4)."""
    result = sql("select [1, 2] as l, {'a': 1} as s, time '10:00' as t, null as n")
    assert result.to_pydict() == {
        "l": ["[1,2]"],
        "s": ['{"a":1}'],
        "t": [datetime.timedelta(hours=10)],
        "n": [None],
    }
    assert [entry["code"] for entry in receipt(result)] == [
        "nested-to-json",
        "nested-to-json",
        "time-to-span",
    ]


def test_duckdb_says_when_zones_differ(receipt: Callable[..., Any]) -> None:
    """One session has one zone; the moments stay the same."""
    table = pa.table(
        {zone: pa.array([DAY], pa.timestamp("us", zone)) for zone in ("Europe/Rome", "Asia/Tokyo")}
    )
    result = sql("select * from t1", table)
    assert result.schema.types == [pa.timestamp("us", "UTC")] * 2
    assert [entry["code"] for entry in receipt(result)] == ["zone-to-utc"]


def test_duckdb_inputs_can_not_be_changed(refused: Callable[..., Any]) -> None:
    """They are read where they lie; the hint says how to get a copy."""
    told = refused(sql, "update t2 set id = 5; select * from t2")
    assert told[2] == "The inputs can't be changed. Make a copy first: `create table x as select * from t1`."
    assert sql("update t2 set id = 5; select id from t2", dialect="sqlite").to_pydict() == {"id": [5, 5]}
