"""Import Data reads PostgreSQL over the wire, exactly and without changing anything (R-4.3)."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pytest
from tests.integration.databases.conftest import Desk
from tests.servers.postgres import PASSWORD, Postgres
from tests.servers.programs import wait_for

UTC = dt.UTC
TYPES: dict[str, tuple[str, pa.DataType, Any]] = {
    "int2": ("(-32768)::int2", pa.int16(), -32768),
    "int4": ("2147483647::int4", pa.int32(), 2147483647),
    "int8": ("(-9223372036854775808)::int8", pa.int64(), -9223372036854775808),
    "numeric of a scale": ("1.50::numeric(10, 2)", pa.decimal128(10, 2), Decimal("1.50")),
    "numeric": (
        "12345678901234567890.125::numeric",
        pa.decimal128(23, 3),
        Decimal("12345678901234567890.125"),
    ),
    "numeric, negative": ("(-0.001)::numeric", pa.decimal128(4, 3), Decimal("-0.001")),
    "float4": ("1.5::float4", pa.float32(), 1.5),
    "float8": ("0.1::float8", pa.float64(), 0.1),
    "infinity": ("'-Infinity'::float8", pa.float64(), float("-inf")),
    "text": ("E'a \"b\", c\\n\\t\\\\ é 日本'", pa.large_string(), 'a "b", c\n\t\\ é 日本'),
    "empty text": ("''::text", pa.large_string(), ""),
    "varchar": ("'abc'::varchar(5)", pa.large_string(), "abc"),
    "bool": ("true", pa.bool_(), True),
    "date": ("date '0001-01-01'", pa.date32(), dt.date(1, 1, 1)),
    "timestamp": (
        "timestamp '2024-02-29 23:59:59.123456'",
        pa.timestamp("us"),
        dt.datetime(2024, 2, 29, 23, 59, 59, 123456),
    ),
    "timestamptz": (
        "timestamptz '2024-07-01 12:00:00+02'",
        pa.timestamp("us", "UTC"),
        dt.datetime(2024, 7, 1, 10, tzinfo=UTC),
    ),
    "interval": (
        "interval '-1 day 02:03:04.5'",
        pa.duration("us"),
        dt.timedelta(days=-1, hours=2, minutes=3, seconds=4.5),
    ),
    "interval with months": ("interval '1 year 2 mons'", pa.large_string(), "P1Y2M"),
    "bytea": (r"'\x00ff'::bytea", pa.large_binary(), b"\x00\xff"),
    "json": ("""'{"a": [1, null]}'::jsonb""", pa.large_string(), '{"a": [1, null]}'),
    "uuid": (
        "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
        pa.large_string(),
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    ),
    "array": ("ARRAY['x', NULL]", pa.large_string(), "{x,NULL}"),
    "time of day": ("time '12:30'", pa.duration("us"), dt.timedelta(hours=12, minutes=30)),
}


def test_every_type_arrives_as_it_is(desk: Desk, postgres: Postgres) -> None:
    """Exact decimals, whole numbers of their width, moments with their zone: a dataset must not be an approximation."""
    columns = ", ".join(f"{one[0]} AS c{at}" for at, one in enumerate(TYPES.values()))
    postgres.rows(f"DROP TABLE IF EXISTS types; CREATE TABLE types AS SELECT {columns}")
    postgres.rows(f"INSERT INTO types VALUES ({', '.join('NULL' for _ in TYPES)})")
    table = desk.read(address=desk.address, table="types")
    got = {name: (column.type, column.to_pylist()) for name, column in zip(TYPES, table.columns, strict=True)}
    assert got == {name: (kind, [value, None]) for name, (_, kind, value) in TYPES.items()}


def test_types_without_rows_are_kept(desk: Desk) -> None:
    """An empty answer must not change the schema of what comes after."""
    columns = ", ".join(f"{one[0]} AS c{at}" for at, one in enumerate(TYPES.values()))
    table = desk.read(address=desk.address, query=f"SELECT * FROM (SELECT {columns}) q WHERE false;")
    assert table.num_rows == 0
    plain = [
        kind for name, (_, kind, _) in TYPES.items() if not name.startswith(("numeric", "interval with"))
    ]
    got = [
        column.type
        for name, column in zip(TYPES, table.columns, strict=True)
        if not name.startswith(("numeric", "interval with"))
    ]
    assert got == plain


def test_what_a_dataset_cannot_hold_becomes_missing_and_is_told(desk: Desk) -> None:
    """R-2.4: nothing changes silently."""
    query = (
        "SELECT date 'infinity' AS d, timestamp '-infinity' AS t, 'NaN'::numeric AS n, 1::numeric AS one, 1 AS one, "
        "'Infinity'::numeric AS big UNION ALL SELECT date '2024-01-02', timestamp '0044-03-15 BC', 2, 2, 2, 2"
    )
    table = desk.read(address=desk.address, query=query)
    assert table.to_pydict() == {
        "d": [None, dt.date(2024, 1, 2)],
        "t": [None, None],
        "n": [None, Decimal(2)],
        "one": [Decimal(1), Decimal(2)],
        "one (2)": [1, 2],
        "big": [float("inf"), 2.0],
    }
    codes = [
        "decimal-to-double",
        "duplicate-name",
        "moment-to-missing",
        "moment-to-missing",
        "nan-to-missing",
    ]
    assert desk.receipts(address=desk.address, query=query) == codes


def test_a_row_of_one_missing_value_is_a_row(desk: Desk) -> None:
    """It is an empty line on the way, which readers of CSV like to skip."""
    query = "SELECT x FROM (VALUES (NULL), ('a'), (''), (NULL), (E'\\\\N'), ('\\.')) AS v (x)"
    table = desk.read(address=desk.address, query=query)
    assert table.to_pydict() == {"x": [None, "a", "", None, "\\N", "\\."]}


def test_very_long_texts_and_many_columns_arrive(desk: Desk) -> None:
    """A value longer than the blocks that are parsed at once, and as many columns as the database has."""
    table = desk.read(
        address=desk.address, query="SELECT repeat('ab', 10000000) AS x UNION ALL SELECT E'c\nd'"
    )
    assert [len(text) for text in table["x"].to_pylist()] == [20_000_000, 3]
    columns = ", ".join(f"{number} AS c{number}" for number in range(1600))
    assert desk.read(address=desk.address, query=f"SELECT {columns}").shape == (1, 1600)


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("SELEC 1", "database-error", ['syntax error at or near "SELEC"', "line 1, column 1"]),
        (
            "SELECT 1,\n  nothing FROM x",
            "database-error",
            ['relation "x" does not exist', "line 2, column 16"],
        ),
        ("SELECT 1 / 0", "database-error", ["division by zero"]),
        ("SELECT 1; DROP TABLE kept", "database-error", ["multiple commands"]),
        ("SELECT 1) TO STDOUT; DROP TABLE kept; --", "database-error", ["syntax error"]),
        ("SELECT 1; -- one", "database-error", ["syntax error"]),
        ("DROP TABLE kept", "no-columns", ["gives no columns"]),
        ("INSERT INTO kept VALUES (2) RETURNING x", "database-error", ["read-only transaction"]),
        ("SELECT set_config('transaction_read_only', 'off', false)", "database-error", ["read-write mode"]),
        ("", "missing-query", ["needs a query or a table"]),
    ],
)
def test_a_query_that_gives_no_rows_says_why_and_where_and_changes_nothing(
    desk: Desk, postgres: Postgres, query: str, code: str, words: list[str]
) -> None:
    """The database's own words, and the place in the author's text; the connection can't write."""
    postgres.rows("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 1 AS x")
    error = desk.refused(address=desk.address, query=query)
    assert error.code == code
    for word in words:
        assert word in f"{error.summary} {error.hint}"
    assert (error.where.node, error.where.parameter) == ("read", "address")
    assert postgres.rows("SELECT x FROM kept") == [(1,)]


def test_a_table_is_read_by_its_name_and_a_wrong_one_gets_the_nearest(desk: Desk, postgres: Postgres) -> None:
    """Names are taken exactly, with or without a schema."""
    postgres.rows('CREATE SCHEMA IF NOT EXISTS "Sales"; DROP TABLE IF EXISTS "Sales"."Big Orders"')
    postgres.rows('CREATE TABLE "Sales"."Big Orders" AS SELECT 7 AS n')
    assert desk.read(address=desk.address, table="Sales.Big Orders").to_pydict() == {"n": [7]}
    error = desk.refused(address=desk.address, table="Sales.Big Order")
    assert (error.code, error.hint) == ("missing-table", 'Did you mean "Sales.Big Orders"?')
    assert desk.refused(address=desk.address, table="a.b.c").code == "bad-table-name"


def test_a_wrong_password_is_not_repeated(desk: Desk) -> None:
    """R-12.1: no secret stands in an error."""
    desk.workspace.secrets.set("wrong", "not the password")
    error = desk.refused(address=desk.address.replace("warehouse", "wrong"), table="kept")
    assert error.code == "database-login"
    assert "not the password" not in str(error)
    assert 'user "ada"' in error.summary


def test_what_the_server_repeats_of_a_secret_is_taken_out(desk: Desk) -> None:
    """R-12.1: a secret in the place of a name comes back in the message of the server."""
    error = desk.refused(address=desk.address.replace("/postgres", "/{secret:warehouse}"), table="kept")
    assert PASSWORD not in str(error)
    assert error.code in ("database-login", "bad-database-address")


def test_a_database_is_reached_only_where_the_workspace_allows(desk: Desk) -> None:
    """R-6.6: an experiment may come from a stranger; the check tells it before anything runs."""
    address = desk.address.replace("127.0.0.1", "127.0.0.2")
    error = desk.refused(address=address, table="kept")
    assert "127.0.0.2" in str(error)
    assert "address-not-allowed" in str(error)


def test_a_server_that_is_not_there_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which host and TCP port, and that it was tried more than once."""
    from studiolo.connectors.http import HttpLimits
    from studiolo.connectors.postgres import parse_database
    from studiolo.connectors.postgres_reading import read_rows
    from studiolo.errors import UserError

    monkeypatch.setattr(
        "studiolo.connectors.postgres_reading.HttpLimits", lambda: HttpLimits(backoff_seconds=0.001)
    )
    told: list[str] = []
    with pytest.raises(UserError) as caught:
        read_rows(
            parse_database("postgresql://ada:x@127.0.0.1:1/x"),
            desk.workspace.blobs,
            table="x",
            network=["127.0.0.1:1"],
            told=told.append,
        )
    assert caught.value.code == "database-unreachable"
    assert "127.0.0.1:1" in caught.value.summary
    assert "It was tried 4 times." in caught.value.hint
    assert len(told) == 3


def test_a_password_in_the_address_works_and_is_warned_of(desk: Desk, postgres: Postgres) -> None:
    """Nobody is kept from trying; everybody is told the better way."""
    address = f"postgresql://ada:{quote(PASSWORD, safe='')}@{postgres.place}/postgres"
    result = desk.run({"read": ("import-data", {}, {"address": address, "query": "SELECT 1 AS x"})})
    assert result["read"].state == "finished"
    assert ["studiolo secret set NAME" in warning for warning in result["read"].warnings] == [True]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql://127.0.0.1/x", "names no user"),
        ("postgresql://ada@a,b/x", "names several servers"),
        ("postgresql://ada@127.0.0.1/x?sslmode=maybe", 'sslmode is "maybe"'),
        ("postgresql://ada@127.0.0.1/x?passfile=/etc/passwd", 'the option "passfile"'),
        ("postgresql://ada@127.0.0.1:99999/x", "Port out of range"),
    ],
)
def test_addresses_that_cannot_be_used_say_why(address: str, says: str) -> None:
    """Only what is harmless can be set: options of libpq read files and other servers."""
    from studiolo.connectors.postgres import parse_database
    from studiolo.errors import UserError

    with pytest.raises(UserError) as caught:
        parse_database(address)
    assert caught.value.code == "bad-database-address"
    assert says in caught.value.summary


def test_a_cancelled_run_ends_the_statement_on_the_server(desk: Desk, postgres: Postgres) -> None:
    """The database must not go on computing what nobody waits for (R-3.5)."""
    from studiolo.connectors.postgres import parse_database
    from studiolo.connectors.postgres_reading import read_rows
    from studiolo.errors import WorkerError

    cancel = threading.Event()
    caught: list[BaseException] = []

    def read() -> None:
        try:
            address = f"postgresql://ada:{quote(PASSWORD, safe='')}@{postgres.place}/postgres"
            query = "SELECT pg_advisory_lock(815) /* waits */"
            blobs = desk.workspace.blobs
            read_rows(parse_database(address), blobs, query=query, network=[postgres.place], cancel=cancel)
        except BaseException as error:
            caught.append(error)

    with postgres.connect() as holder:
        holder.execute("SELECT pg_advisory_lock(815)")
        reading = threading.Thread(target=read)
        reading.start()
        waiting = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY%waits%' AND wait_event = 'advisory'"
        wait_for(lambda: postgres.rows(waiting))
        cancel.set()
        reading.join(60)
        assert postgres.rows(waiting) == []
    assert [(type(one), getattr(one, "code", None)) for one in caught] == [(WorkerError, "cancelled")]


def test_the_connection_is_protected_where_the_server_can(desk: Desk) -> None:
    """TLS by default; a certificate that nobody signed is refused when it is to be checked (R-12.1)."""
    query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    for mode, is_protected in {"": True, "?sslmode=require": True, "?sslmode=disable": False}.items():
        assert desk.read(address=desk.address + mode, query=query).to_pydict() == {"ssl": [is_protected]}
    error = desk.refused(address=f"{desk.address}?sslmode=verify-full", query=query)
    assert (error.code, "certificate" in error.summary) == ("database-unreachable", True)
    assert "sslmode" in error.hint
