"""Apply SQL Transformation in both dialects (R-4.1, facts 4.10 and 6.4)."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from studiolo.modules.data_transformation.apply_sql_transformation import apply_sql_transformation

DAY = datetime.datetime(2020, 1, 31, 10, 11, 12, 5)
T1 = pa.table({"id": [1, 2, None], "city": ["Rom", None, "Bari"], "x": [1.5, float("nan"), 3.0]})
T2 = pa.table({"id": [1, 2], "customer id": [10, 20]})
BOTH = pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])


def sql(query: str, *tables: Any, dialect: str = "sqlite") -> pa.Table:
    return apply_sql_transformation(*(tables or (T1, T2)), query=query, dialect=dialect)


@BOTH
def test_three_tables_are_joined(dialect: str) -> None:
    """t1, t2 and t3 are the three ports; an aggregate over a join is the documented use."""
    t3 = pa.table({"id": [1, 2], "tier": ["a", "b"]})
    query = """
        select t3.tier, count(*) as n, sum(t2."customer id") as total
        from t1 join t2 on t1.id = t2.id join t3 on t3.id = t1.id
        group by t3.tier order by t3.tier
    """
    result = sql(query, T1, T2, t3, dialect=dialect)
    assert result.to_pydict() == {"tier": ["a", "b"], "n": [1, 1], "total": [10, 20]}
    assert result.schema.types == [pa.string(), pa.int64(), pa.int64()]


@BOTH
def test_the_default_query_gives_the_first_table(dialect: str) -> None:
    """NaN of a frame means missing and is NULL in SQL."""
    result = apply_sql_transformation(T1, dialect=dialect)
    assert result.to_pydict() == {"id": [1, 2, None], "city": ["Rom", None, "Bari"], "x": [1.5, None, 3.0]}
    assert sql("select count(x) as n from t1", dialect=dialect).to_pydict() == {"n": [2]}


@BOTH
def test_of_several_statements_the_last_gives_the_result(dialect: str) -> None:
    """Comments, empty statements and semicolons in texts are no statements."""
    query = """
        -- first; a table
        create table big as select * from t2 where "customer id" > 10;
        insert into big values (3, 30); /* then; */ ;
        select *, 'a;b' as s from big order by id -- done;
        ;
        -- nothing more
    """
    assert sql(query, dialect=dialect).to_pydict() == {
        "id": [2, 3],
        "customer id": [20, 30],
        "s": ["a;b", "a;b"],
    }


@BOTH
def test_equal_names_in_the_result_are_numbered(dialect: str, receipt: Callable[..., Any]) -> None:
    """`name (2)` in both products (facts, section 6), said in the receipt."""
    result = sql("select id, id, 1 as id from t2 where id = 1", dialect=dialect)
    assert result.to_pydict() == {"id": [1], "id (2)": [1], "id (3)": [1]}
    assert [entry["code"] for entry in receipt(result)] == ["duplicate-name"] * 2


@BOTH
def test_a_result_without_rows_keeps_its_types(dialect: str) -> None:
    """What comes after depends on the types, whether rows were found or not."""
    table = pa.table(
        {"i": [1], "f": [1.5], "s": ["x"], "t": pa.array([DAY]), "void": pa.array([None], pa.string())}
    )
    result = sql("select * from t1 where i > 5", table, dialect=dialect)
    assert result.num_rows == 0
    assert [str(kind) for kind in result.schema.types] == [
        "int64",
        "double",
        "string",
        "timestamp[us]",
        "string",
    ]
    assert str(sql("select void from t1", table, dialect=dialect).schema.field("void").type) == "string"


@BOTH
@pytest.mark.parametrize(
    ("query", "code", "beginning", "hint"),
    [
        (
            "select\n  custmer_id\nfrom t2",
            "sql-error",
            "The query fails in line 2: ",
            'Did you mean "customer id"? The columns are id, city, x, customer id.',
        ),
        ("select id,\nfrom x y z", "sql-error", "The query fails in line 2: ", ""),
        (
            "select *\nfrom t3",
            "sql-error",
            "The query fails in line 2: ",
            "Nothing is connected to the port table3, so there is no t3.",
        ),
        (
            "select * from tt1",
            "sql-error",
            "The query fails in line 1: ",
            'Did you mean "t1"? The tables are t1, t2.',
        ),
        ("select 1 as a;\n\nselect nope(id)\nfrom t1", "sql-error", "The query fails in line 3: ", ""),
        ("select id from t1 join t2", "sql-error", "The query fails in line 1: ", None),
        (
            "create table x as select 1 as a",
            "sql-no-result",
            "The last statement gives no table in line 1.",
            None,
        ),
        (
            "select 1 as a;\ndrop table if exists y",
            "sql-no-result",
            "The last statement gives no table in line 2.",
            None,
        ),
        ("", "sql-no-result", "The query has no statement.", None),
        (" -- only this\n", "sql-no-result", "The query has no statement.", None),
    ],
)
def test_a_wrong_query_is_told_with_line_and_hint(
    refused: Callable[..., Any], dialect: str, query: str, code: str, beginning: str, hint: str | None
) -> None:
    """The engine's own words, the line of the query and the nearest name."""
    told = refused(sql, query, dialect=dialect)
    assert (told[0], told[1][: len(beginning)]) == (code, beginning)
    if hint is not None:
        assert told[2] == hint


@BOTH
@pytest.mark.parametrize(
    "query",
    [
        "attach '{path}' as other; select 1 as a",
        "attach database '{path}' as other; create table other.x (a int); select 1 as a",
        "copy t1 to '{path}'; select 1 as a",
        "vacuum into '{path}'; select 1 as a",
        "select load_extension('{path}')",
        "install httpfs; select 1 as a",
        "load '{path}'; select 1 as a",
        "select * from read_csv('{path}')",
        "select * from '{path}'",
        "select readfile('{path}')",
        "pragma temp_store_directory = '{path}'; select 1 as a",
        "pragma writable_schema = 1; select 1 as a",
        "set memory_limit = '1TB'; select 1 as a",
        "export database '{path}'; select 1 as a",
        "create virtual table v using csv(filename='{path}'); select 1 as a",
    ],
)
def test_a_query_reaches_nothing_but_its_tables(
    refused: Callable[..., Any], tmp_path: Path, dialect: str, query: str
) -> None:
    """The query is user text: no files, extensions or settings (facts 4.10), and nothing is left behind."""
    path = tmp_path / "secret.csv"
    path.write_text("secret\n42\n")
    told = refused(sql, query.format(path=path), dialect=dialect)
    assert told[0] in ("sql-not-allowed", "sql-error")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [
        ("secret.csv", "secret\n42\n")
    ]


@BOTH
def test_python_variables_are_no_tables(refused: Callable[..., Any], dialect: str) -> None:
    """DuckDB would look into the caller's variables when allowed to."""
    secret = T1
    assert refused(sql, "select * from secret", dialect=dialect)[0] == "sql-error"
    assert secret is T1


@BOTH
@pytest.mark.parametrize(
    ("table", "summary"),
    [
        (pa.table({"Id": [1], "iD": [2]}), 't1 has the columns "Id" and "iD", which are one name in SQL.'),
        (pa.table({}), "t1 has no columns."),
    ],
)
def test_tables_that_sql_can_not_hold_are_refused(
    refused: Callable[..., Any], dialect: str, table: pa.Table, summary: str
) -> None:
    """Documented errors of the module (facts 6.4)."""
    assert refused(sql, "select 1", table, dialect=dialect)[:2] == ("sql-bad-table", summary)


def test_an_unknown_dialect_is_refused(refused: Callable[..., Any]) -> None:
    """Called from a program, the choice is not checked beforehand."""
    assert refused(sql, "select 1", dialect="mysql")[:2] == (
        "bad-parameter",
        'There is no SQL dialect "mysql".',
    )


@BOTH
def test_an_endless_query_can_be_interrupted(dialect: str) -> None:
    """A cancelled run must be gone within a second (R-3.4): signals are heard in the middle of a statement."""
    program = f"""
import signal, pyarrow as pa
from studiolo.modules.data_transformation.apply_sql_transformation import apply_sql_transformation as sql

def stop(*_):
    raise KeyboardInterrupt

signal.signal(signal.SIGALRM, stop)
table = pa.table({{"a": [1]}})
sql(table, dialect="{dialect}")  # everything is imported now, so the signal comes within the endless statement
signal.setitimer(signal.ITIMER_REAL, 0.3)
query = "with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) as c from r"
try:
    sql(table, query=query, dialect="{dialect}")
except KeyboardInterrupt:
    print("interrupted")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], timeout=30, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "interrupted\n")
