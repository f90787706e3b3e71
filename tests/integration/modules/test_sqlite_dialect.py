"""The SQLite dialect has the retired products' semantics exactly (R-4.1, facts 4.10 and 6.4)."""

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


def sql(query: str, *tables: Any, dialect: str = "sqlite") -> pa.Table:
    return apply_sql_transformation(*(tables or (T1, T2)), query=query, dialect=dialect)


def test_sqlite_takes_a_thousand_columns(refused: Callable[..., Any]) -> None:
    """One more is the documented error (facts 6.4)."""
    wide = pa.table({f"c{number}": [number] for number in range(1001)})
    assert refused(sql, "select 1", wide)[1] == "t1 has 1001 columns; SQLite takes at most 1000."
    assert sql("select * from t1", wide.select(range(1000))).num_columns == 1000
    assert sql("select * from t1", wide, dialect="duckdb").num_columns == 1001


def test_sqlite_semantics_are_exact() -> None:
    """Integer division, affinity, loose grouping, quotes that fall back to text: old queries count on them."""
    query = """
        select 3 / 2 as q, '1' + 1 as s, "no such name" as fallback, typeof(flag) as kind, flag, '5' = 5 as same,
               cat || '-' || id as joined, strftime('%Y', day) as year, max(id) as top, city
        from t1
    """
    table = pa.table(
        {
            "id": [1, 2],
            "flag": [False, True],
            "cat": ["u", "v"],
            "city": ["Rom", "Bari"],
            "day": pa.array([DAY, DAY]),
        }
    )
    assert sql(query, table).to_pylist() == [
        {
            "q": 1,
            "s": 2,
            "fallback": "no such name",
            "kind": "integer",
            "flag": 1,
            "same": 0,
            "joined": "v-2",
            "year": "2020",
            "top": 2,
            "city": "Bari",
        }
    ]


def test_sqlite_carries_types_as_documented(receipt: Callable[..., Any]) -> None:
    """Booleans 0/1, DateTime text and back, categories as text; what is lost stands in the receipt (facts 4.10)."""
    table = pa.table(
        {
            "flag": [True, None],
            "day": pa.array([DAY, None]),
            "date": pa.array([DAY.date(), None]),
            "zoned": pa.array([DAY, None], pa.timestamp("us", "Europe/Rome")),
            "span": pa.array([datetime.timedelta(seconds=1), None]),
            "cat": pa.array(["u", None]).dictionary_encode(),
            "bytes": pa.array([b"\x00\xff", None]),
            "dec": pa.array([Decimal("1.50"), None]),
            "huge": pa.array([2**64 - 1, None], pa.uint64()),
            "big": pa.array([2**62 + 1, None]),
            "inf": [float("inf"), None],
        }
    )
    result = sql("select *, typeof(day) as kind, typeof(inf) as inf_kind from t1", table)
    assert result.slice(0, 1).to_pylist() == [
        {
            "flag": 1,
            "day": DAY,
            "date": datetime.datetime(2020, 1, 31),
            "zoned": DAY,
            "span": 1_000_000_000,
            "cat": "u",
            "bytes": b"\x00\xff",
            "dec": 1.5,
            "huge": float(2**64),
            "big": 2**62 + 1,
            "inf": float("inf"),
            "kind": "text",
            "inf_kind": "real",
        }
    ]
    assert all(
        value is None for name, value in result.slice(1, 1).to_pylist()[0].items() if "kind" not in name
    )
    assert [(entry["code"], entry["column"]) for entry in receipt(result)] == [
        ("zone-dropped", "zoned"),
        ("span-to-integer", "span"),
        ("decimal-to-double", "dec"),
        ("integer-to-double", "huge"),
    ]
    assert receipt(sql("select flag from t1", table)) == []


def test_sqlite_takes_text_for_datetime_only_when_every_value_is() -> None:
    """The designer looked at a sample of a hundred; one value further down must count too (R-2.1)."""
    moments = ["2020-01-01 00:00:00.000000"] * 500
    assert sql("select s from t1", pa.table({"s": moments})).schema.types == [pa.timestamp("us")]
    assert sql("select s from t1", pa.table({"s": [*moments, "later"]})).schema.types[0] in (
        pa.string(),
        pa.large_string(),
    )


def test_sqlite_mixtures_become_text_and_it_is_said(receipt: Callable[..., Any]) -> None:
    """A column of SQLite may hold any type in each row; a dataset's may not (R-2.3)."""
    result = sql("select 1 as a union all select 'x' union all select 2.5")
    assert result["a"].to_pylist() == ["1", "x", "2.5"]
    assert [entry["code"] for entry in receipt(result)] == ["mixed-to-text"]
    assert sql("select 1 as a union all select 2.5")["a"].to_pylist() == [1.0, 2.5]


def test_sqlite_loads_every_column_when_statements_may_need_it() -> None:
    """Only a single query is known to read no more than what its preparation says."""
    query = "create table x as select count(*) as n from t1; select x.n, t1.city from x, t1"
    assert sql(query).to_pydict() == {"n": [3, 3, 3], "city": ["Rom", None, "Bari"]}
    assert sql("select count(*) as n from t1").to_pydict() == {"n": [3]}
    assert sql("with v as (select * from t1) select city from v where id = 1").to_pydict() == {
        "city": ["Rom"]
    }
    assert sql("explain query plan select 1").num_rows == 1


def test_sqlite_triggers_and_views_work() -> None:
    """A trigger holds semicolons; it is one statement."""
    query = """
        create table log (n); create table src as select id from t2 where 0;
        create trigger tr after insert on src begin insert into log values (new.id); insert into log values (0); end;
        insert into src select id from t2;
        create view v as select n from log;
        select n from v order by n
    """
    assert sql(query)["n"].to_pylist() == [0, 0, 1, 2]
