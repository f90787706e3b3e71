"""SQLite files of the workspace are read and written, whole or not at all (R-4.3)."""

from __future__ import annotations

import sqlite3
import struct
import threading
from contextlib import closing
from pathlib import Path

import pytest
from tests.integration.databases.conftest import Desk

from studiolo.connectors.sqlite_writing import write_sqlite
from studiolo.errors import WorkerError


@pytest.fixture
def file(desk: Desk, request: pytest.FixtureRequest) -> Path:
    """A database with two tables."""
    path = desk.workspace.path / "data" / f"{request.node.name.split('[')[0]}.sqlite"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, height REAL, photo BLOB);"
            "INSERT INTO people VALUES (1, 'Ada', 1.7, x'00ff'), (2, 'Li', NULL, NULL);"
            "CREATE TABLE orders (person INTEGER, total REAL); INSERT INTO orders VALUES (1, 9.5);"
        )
    return path


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_tables_and_queries_are_read(desk: Desk, file: Path) -> None:
    """By path or address; the file is the same afterwards."""
    before = file.read_bytes()
    people = {"id": [1, 2], "name": ["Ada", "Li"], "height": [1.7, None], "photo": [b"\x00\xff", None]}
    assert desk.read(path=f"data/{file.name}", table="People").to_pydict() == people
    query = "SELECT name, sum(total) AS total FROM people JOIN orders ON person = id GROUP BY name -- all"
    assert desk.read(address=f"sqlite:data/{file.name}", query=query).to_pydict() == {
        "name": ["Ada"],
        "total": [9.5],
    }
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("parameters", "code", "says"),
    [
        ({}, "missing-query", "It has orders, people."),
        ({"table": "peple"}, "missing-table", 'Did you mean "people"?'),
        ({"query": "SELECT nam FROM people"}, "sql-error", "no such column: nam"),
        ({"query": "ATTACH 'x.db' AS x"}, "sql-not-allowed", "ATTACH"),
        ({"query": "DELETE FROM people"}, "sql-error", "readonly"),
        ({"query": "SELECT 1; SELECT 2"}, "sql-error", "one statement"),
    ],
)
def test_what_cannot_be_read_says_why(
    desk: Desk, file: Path, parameters: dict[str, str], code: str, says: str
) -> None:
    """The names that there are, and the database's own words."""
    error = desk.refused(path=f"data/{file.name}", **parameters)
    assert error.code == code
    assert says in f"{error.summary} {error.hint}".replace("attempt to write a readonly database", "readonly")


def test_a_file_that_is_no_database_or_is_written_in_says_so(desk: Desk, file: Path) -> None:
    """Rows that lie in a log beside the file would be missed."""
    (file.parent / "broken.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    assert desk.refused(path="data/broken.sqlite", table="x").code == "wrong-format"
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO orders VALUES (2, 3.5)")
        writer.commit()
        error = desk.refused(path=f"data/{file.name}", table="orders")
        assert (error.code, "wal_checkpoint" in error.hint) == ("changing-file", True)
    assert desk.read(path=f"data/{file.name}", table="orders").num_rows == 2


def test_tables_are_written_in_all_modes(desk: Desk, file: Path) -> None:
    """As in PostgreSQL; other tables of the file stay."""
    address = f"sqlite:data/{file.name}"
    desk.write("SELECT 1 AS a, true AS b, 1.5::numeric AS c", address=address, table="made")
    assert desk.not_written("SELECT 1 AS a", address=address, table="made").code == "table-exists"
    desk.write("SELECT 2 AS a", address=address, table="made", mode="Append")
    assert rows(file, "SELECT * FROM made") == [(1, 1, 1.5), (2, None, None)]
    desk.write("SELECT 'x' AS a, date '2024-01-02' AS d", address=address, table="made", mode="Replace")
    assert rows(file, "SELECT * FROM made") == [("x", "2024-01-02")]
    assert rows(file, "SELECT count(*) FROM people") == [(2,)]


def test_a_bad_row_at_the_end_leaves_the_file_as_it_was(desk: Desk, file: Path) -> None:
    """One transaction; a new file is not left half-made either."""
    query = "SELECT g AS id, CASE WHEN g < 50000 THEN 'n' END AS name FROM generate_series(10, 50000) g"
    error = desk.not_written(query, address=f"sqlite:data/{file.name}", table="people", mode="Append")
    assert error.code == "sqlite-unusable"
    assert "row 49,991" in error.summary
    assert "NOT NULL constraint failed: people.name" in error.summary
    assert rows(file, "SELECT count(*) FROM people") == [(2,)]
    assert [path.name for path in file.parent.iterdir() if path.name.startswith("part-")] == []


def test_only_database_files_of_the_workspace_are_written(desk: Desk) -> None:
    """What decides what runs, and what lies outside, is never written (decision 0014)."""
    for path, code in {
        "../x.sqlite": "outside-workspace",
        ".studiolo/studiolo.db": "reserved-path",
        "experiments/x.sqlite": "reserved-path",
        "data/x.py": "wrong-name",
    }.items():
        assert desk.not_written("SELECT 1 AS a", address=f"sqlite:{path}", table="t").code == code


def test_a_journal_beside_a_file_deletes_nothing_elsewhere(desk: Desk, file: Path, tmp_path: Path) -> None:
    """SQLite deletes the file that a journal names, wherever it lies: a stranger's folder must not use that."""
    precious = tmp_path / "precious.txt"
    precious.write_text("kept")
    name, magic = str(precious).encode(), bytes.fromhex("d9d505f920a163d7")
    head = (magic + struct.pack(">5I", 0, 0, 2, 512, 4096)).ljust(512, b"\0")
    end = struct.pack(">I", (1 << 30) // 4096 + 1) + name + struct.pack(">II", len(name), sum(name)) + magic
    journal = Path(f"{file}-journal")
    journal.write_bytes(head + end)
    for address in (f"sqlite:data/{file.name}", f"sqlite:data/./{file.name}"):
        error = desk.not_written("SELECT 1 AS a", address=address, table="made")
        assert (error.code, journal.name in error.summary) == ("changing-file", True)
    assert precious.read_text() == "kept"


def test_a_trigger_that_never_ends_can_be_cancelled(desk: Desk, file: Path, tmp_path: Path) -> None:
    """The file may come from a stranger; the run must end when it is told to (R-3.5)."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER t AFTER INSERT ON orders BEGIN SELECT count(*) FROM (WITH RECURSIVE c(x) AS "
            "(SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c); END"
        )
    given = tmp_path / "rows"
    given.write_bytes(b'{"studiolo-rows": 1, "columns": [{"name": "person", "kind": "int64"}]}\n1\n')
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    with given.open("rb") as content, pytest.raises(WorkerError) as caught:
        size = given.stat().st_size
        write_sqlite(file.name, file, "orders", "Append", content.fileno(), size, cancel)
    assert caught.value.code == "cancelled"
    assert rows(file, "SELECT count(*) FROM orders") == [(1,)]
