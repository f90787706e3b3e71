"""Export Data writes tables of PostgreSQL whole or not at all (R-4.3, R-12.3)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.integration.databases.conftest import Desk
from tests.integration.databases.test_reading import TYPES
from tests.servers.postgres import Postgres
from tests.servers.programs import wait_for

HUNDRED = "SELECT g AS id, 'row ' || g AS name FROM generate_series(1, 100000) g"
STOPPING = """
DROP TABLE IF EXISTS {table}; CREATE TABLE {table} (id int, name text); INSERT INTO {table} VALUES (0, 'before');
CREATE OR REPLACE FUNCTION {table}_stop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.id = 99999 THEN PERFORM {action}; END IF; RETURN NEW; END $$;
CREATE TRIGGER stop BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_stop()
"""


def test_every_type_comes_back_as_it_was_read(desk: Desk, postgres: Postgres) -> None:
    """A table of the database holds what one of the studio holds: types, missing values, texts with tabs."""
    columns = ", ".join(f"{one[0]} AS c{at}" for at, one in enumerate(TYPES.values()))
    postgres.rows(f"DROP TABLE IF EXISTS types; CREATE TABLE types AS SELECT {columns}")
    postgres.rows(f"INSERT INTO types VALUES ({', '.join('NULL' for _ in TYPES)})")
    desk.write("SELECT * FROM types", table="types2", mode="Replace")
    before = desk.read(address=desk.address, table="types")
    after = desk.read(address=desk.address, table="types2")
    assert after.to_pydict() == before.to_pydict()
    made = dict(
        postgres.rows(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = 'types2'::regclass AND attnum > 0"
        )
    )
    kinds = {name: made[f"c{at}"] for at, name in enumerate(TYPES)}
    assert kinds | {"numeric": "numeric", "date": "date"} == kinds
    assert [
        kinds[name] for name in ("int2", "int4", "int8", "float4", "bool", "bytea", "timestamptz", "interval")
    ] == [
        "smallint",
        "integer",
        "bigint",
        "real",
        "boolean",
        "bytea",
        "timestamp with time zone",
        "interval",
    ]


def test_modes_say_what_happens_to_a_table_that_is_there(desk: Desk, postgres: Postgres) -> None:
    """The default never touches a table; append adds; replace keeps the table's definition where it can."""
    postgres.rows("DROP TABLE IF EXISTS modes")
    desk.write("SELECT 1 AS a, 'x' AS b", table="modes")
    assert desk.not_written("SELECT 2 AS a, 'y' AS b", table="modes").code == "table-exists"
    desk.write("SELECT 2 AS a, 'y' AS b", table="modes", mode="Append")
    assert postgres.rows("SELECT a, b FROM modes ORDER BY a") == [(1, "x"), (2, "y")]
    postgres.rows("ALTER TABLE modes ADD PRIMARY KEY (a)")
    desk.write("SELECT 3 AS a, 'z' AS b", table="modes", mode="Replace")
    assert postgres.rows("SELECT a, b FROM modes") == [(3, "z")]
    assert postgres.rows("SELECT count(*) FROM pg_index WHERE indrelid = 'modes'::regclass") == [(1,)]
    desk.write("SELECT 4 AS c", table="modes", mode="Replace")
    assert postgres.rows("SELECT * FROM modes") == [(4,)]


def test_columns_are_chosen_and_named_as_the_table_has_them(desk: Desk, postgres: Postgres) -> None:
    """Classic Export Data had the same two lists (facts, tier 2)."""
    postgres.rows(
        'DROP TABLE IF EXISTS named; CREATE TABLE named (id serial, "Full name" text, age int DEFAULT 7)'
    )
    desk.write(
        "SELECT 'Ada' AS n, 1 AS x", table="named", mode="Append", columns=["n"], table_columns="Full name"
    )
    assert postgres.rows("SELECT * FROM named") == [(1, "Ada", 7)]
    error = desk.not_written("SELECT 1 AS Full_Name", table="named", mode="Append")
    assert (error.code, error.hint.split("?")[0]) == ("missing-column", 'Did you mean "Full name"')
    error = desk.not_written("SELECT 1 AS a", table="named", mode="Append", table_columns="a, b")
    assert (error.code, error.where.parameter) == ("bad-parameter", "table_columns")


def test_a_bad_row_at_the_end_leaves_nothing(desk: Desk, postgres: Postgres) -> None:
    """The error names row and column as the database does; the rows before it are gone again."""
    postgres.rows("DROP TABLE IF EXISTS narrow; CREATE TABLE narrow (id int, name varchar(9))")
    postgres.rows("INSERT INTO narrow VALUES (0, 'before')")
    for mode in ("Append", "Replace"):
        error = desk.not_written(HUNDRED, table="narrow", mode=mode)
        assert error.code == "database-error"
        assert "value too long for type character varying(9)" in error.summary
        assert 'It is row 100000, column "name".' in error.hint
        assert postgres.rows("SELECT * FROM narrow") == [(0, "before")]


@pytest.mark.parametrize("mode", ["Append", "Replace"])
def test_a_connection_that_dies_in_the_middle_leaves_nothing(
    desk: Desk, postgres: Postgres, mode: str
) -> None:
    """A server that goes away undoes what was begun (R-12.3)."""
    postgres.rows(STOPPING.format(table="dying", action="pg_terminate_backend(pg_backend_pid())"))
    error = desk.not_written(HUNDRED, table="dying", mode=mode)
    assert error.code == "database-unreachable"
    assert "Nothing was written." in error.hint
    assert postgres.rows("SELECT * FROM dying") == [(0, "before")]


def test_a_studio_that_is_killed_in_the_middle_leaves_nothing(
    desk: Desk, postgres: Postgres, keys: Path
) -> None:
    """R-12.3: kill -9 while the rows go over; the trigger waits for a lock that the test holds, so it is the middle."""
    postgres.rows(STOPPING.format(table="killed", action="pg_advisory_xact_lock(4711)"))
    experiment = desk.workspace.new_experiment("killed").remove("script")
    experiment.add("read", "import-data", parameters={"address": desk.address, "query": HUNDRED})
    experiment.add(
        "save",
        "export-data",
        inputs={"dataset": "read"},
        parameters={"address": desk.address, "table": "killed", "mode": "Replace"},
    )
    experiment.save()
    waiting = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY%killed%' AND wait_event = 'advisory'"
    with postgres.connect() as holder:
        holder.execute("SELECT pg_advisory_lock(4711)")
        process = subprocess.Popen(
            [Path(sys.executable).parent / "studiolo", "run", "killed"],
            cwd=desk.workspace.path,
            env={**os.environ, "XDG_CONFIG_HOME": str(keys)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(lambda: postgres.rows(waiting))
        finally:
            process.kill()
            process.wait()
    wait_for(lambda: not postgres.rows("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY%killed%'"))
    assert postgres.rows("SELECT * FROM killed") == [(0, "before")]


def test_names_that_the_server_would_cut_are_refused(desk: Desk, postgres: Postgres) -> None:
    """It keeps 63 bytes: the rows of another table with the same beginning would be replaced without a word."""
    begin = "n" * 63
    postgres.rows(f"CREATE TABLE {begin} AS SELECT 1 AS a")
    for given in ({"table": f"{begin}2"}, {"table": "short", "table_columns": "ü" * 32}):
        error = desk.not_written("SELECT 2 AS a", mode="Replace", **given)
        assert (error.code, "63 bytes" in error.summary) == ("bad-table-name", True)
    desk.write("SELECT 3 AS a", table="short", table_columns=begin)
    assert postgres.rows(f"SELECT a FROM {begin}") == [(1,)]
    assert postgres.rows(f"SELECT {begin} FROM short") == [(3,)]


def test_rows_that_others_add_meanwhile_are_replaced_too(desk: Desk, postgres: Postgres) -> None:
    """Two exports that replace one table at the same time leave the rows of one of them, not of both."""
    postgres.rows("CREATE TABLE shared AS SELECT g AS a FROM generate_series(1, 3) g")
    waiting = "SELECT 1 FROM pg_locks WHERE relation = 'shared'::regclass AND NOT granted"
    query = "SELECT g AS a FROM generate_series(1, 5) g"
    with postgres.connect() as other:
        other.execute("BEGIN")
        other.execute("INSERT INTO shared VALUES (4)")
        writing = threading.Thread(target=lambda: desk.write(query, table="shared", mode="Replace"))
        writing.start()
        wait_for(lambda: postgres.rows(waiting))
        other.execute("COMMIT")
        writing.join(60)
    assert postgres.rows("SELECT a FROM shared ORDER BY a") == [(g,) for g in range(1, 6)]
