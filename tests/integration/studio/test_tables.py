"""Pages of tables are what pandas would show, whatever the types, the sort and the filters (R-2.6)."""

from __future__ import annotations

import decimal
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from studiolo import Workspace
from studiolo.errors import UserError
from studiolo.studio.filters import Filter
from studiolo.studio.orders import Sort
from studiolo.studio.tables import Tables

ROWS = 500
COLUMNS = {
    "integer": pa.array([3, None, 1, 2**62, -5]),
    "double": pa.array([1.5, float("nan"), float("inf"), None, -0.5]),
    "single": pa.array([0.1, None, 0.2, 0.3, -1.0], pa.float32()),
    "half": pa.array([0.5, None, 0.25, 0.75, -1.0], pa.float16()),
    "text": pa.array(["b", None, "a" * 400, "B", ""]),
    "moment": pa.array([0, None, 10**9, 5, -(10**9)], pa.timestamp("ns", "Europe/Berlin")),
    "day": pa.array([1, None, 2, -5, 0], pa.date32()),
    "span": pa.array([1, None, 2, -5, 90_000], pa.duration("s")),
    "decimal": pa.array(
        [decimal.Decimal("1.50"), None, None, decimal.Decimal("-3"), decimal.Decimal("7.25")]
    ),
    "category": pa.array(["x", "y", None, "x", "z"]).dictionary_encode(),
    "truth": pa.array([True, None, False, True, False]),
    "bytes": pa.array([b"\x00\xff", None, b"", b"a", b"b" * 200]),
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace.create(tmp_path_factory.mktemp("tables") / "work", "Test") as opened:
        yield opened


@pytest.fixture(scope="module")
def tables(workspace: Workspace) -> Tables:
    return Tables(workspace)


@pytest.fixture(scope="module")
def every_type(workspace: Workspace) -> str:
    """Digest of a table of all types."""
    return workspace.datasets.add("types", pa.table(COLUMNS)).content.digest


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    chance = random.Random(7)
    return pd.DataFrame(
        {
            "number": [chance.choice([None, chance.randrange(20) / 4]) for _ in range(ROWS)],
            "whole": [chance.randrange(-5, 6) for _ in range(ROWS)],
            "city": [chance.choice(["Rome", "rome", "Oslo", "Wien", None]) for _ in range(ROWS)],
        }
    )


@pytest.fixture(scope="module")
def digest(workspace: Workspace, frame: pd.DataFrame) -> str:
    return workspace.datasets.add("frame", frame).content.digest


def place(name: str) -> int:
    return list(COLUMNS).index(name)


def kept(tables: Tables, digest: str, column: int, op: str, value: str = "") -> list[int]:
    return tables.page(digest, filters=[Filter(column, op, value)], limit=ROWS).row_numbers


def test_cells_are_exact_and_fit_into_json(tables: Tables, every_type: str) -> None:
    """R-2.6: numbers that JavaScript would round, infinities, times, decimals and bytes come as text."""
    page = tables.page(every_type)
    shown = dict(zip(COLUMNS, zip(*page.rows, strict=True), strict=True))
    assert shown == {
        "integer": (3, None, 1, "4611686018427387904", -5),
        "double": (1.5, None, "inf", None, -0.5),
        "single": (0.1, None, 0.2, 0.3, -1.0),
        "half": (0.5, None, 0.25, 0.75, -1.0),
        "text": ("b", None, "a" * 300, "B", ""),
        "moment": (
            "1970-01-01T01:00:00+01:00",
            None,
            "1970-01-01T01:00:01+01:00",
            "1970-01-01T01:00:00.000000005+01:00",
            "1970-01-01T00:59:59+01:00",
        ),
        "day": ("1970-01-02", None, "1970-01-03", "1969-12-27", "1970-01-01"),
        "span": ("00:00:01", None, "00:00:02", "-00:00:05", "1.01:00:00"),
        "decimal": ("1.50", None, None, "-3.00", "7.25"),
        "category": ("x", "y", None, "x", "z"),
        "truth": (True, None, False, True, False),
        "bytes": ("00ff", None, "", "61", "62" * 150),
    }
    assert page.cut == [[2, place("text"), 400], [4, place("bytes"), 400]]
    assert (page.row_numbers, page.matching) == ([0, 1, 2, 3, 4], 5)


@pytest.mark.parametrize(
    ("name", "ascending", "descending"),
    [
        ("integer", [4, 2, 0, 3, 1], [3, 0, 2, 4, 1]),
        ("double", [4, 0, 2, 1, 3], [2, 0, 4, 1, 3]),
        ("half", [4, 2, 0, 3, 1], [3, 0, 2, 4, 1]),
        ("text", [4, 3, 2, 0, 1], [0, 2, 3, 4, 1]),
        ("moment", [4, 0, 3, 2, 1], [2, 3, 0, 4, 1]),
        ("span", [3, 0, 2, 4, 1], [4, 2, 0, 3, 1]),
        ("decimal", [3, 0, 4, 1, 2], [4, 0, 3, 1, 2]),
        ("category", [0, 3, 1, 4, 2], [4, 1, 0, 3, 2]),
        ("truth", [2, 4, 0, 3, 1], [0, 3, 2, 4, 1]),
        ("bytes", [2, 0, 3, 4, 1], [4, 3, 0, 2, 1]),
    ],
)
def test_every_type_sorts_with_missing_values_last(
    tables: Tables, every_type: str, name: str, ascending: list[int], descending: list[int]
) -> None:
    """R-2.6: in both directions, and equal values stay as they were."""
    assert tables.page(every_type, sort=Sort(place(name))).row_numbers == ascending
    assert tables.page(every_type, sort=Sort(place(name), True)).row_numbers == descending


@pytest.mark.parametrize(
    ("name", "op", "value", "rows"),
    [
        ("integer", "less", "2.5", [2, 4]),
        ("integer", "at-least", "2.5", [0, 3]),
        ("integer", "equals", "2.5", []),
        ("integer", "not-equals", "3", [2, 3, 4]),
        ("integer", "equals", "4611686018427387904", [3]),
        ("integer", "less", "1e99999999", [0, 2, 3, 4]),
        ("integer", "greater", "99999999999999999999", []),
        ("integer", "contains", "61168", [3]),
        ("double", "not-equals", "1.5", [2, 4]),
        ("double", "equals", "inf", [2]),
        ("double", "missing", "", [1, 3]),
        ("double", "present", "", [0, 2, 4]),
        ("double", "contains", "n", [2]),
        ("single", "equals", "0.1", [0]),
        ("half", "at-least", "0.5", [0, 3]),
        ("half", "missing", "", [1]),
        ("text", "equals", "b", [0]),
        ("text", "begins", "B", [0, 3]),
        ("text", "equals", "", [4]),
        ("text", "less", "a", [3, 4]),
        ("moment", "equals", "1970-01-01", [0, 2, 3, 4]),
        ("moment", "less", "1970-01-01T01:00", [4]),
        ("moment", "at-least", "1970-01-01T00:00:01Z", [2]),
        ("moment", "greater", "1970-01-01", []),
        ("moment", "begins", "1970-01-01T00:59", [4]),
        ("day", "equals", "1970-01-02", [0]),
        ("day", "at-most", "1970-01-01 12:00", [3, 4]),
        ("span", "less", "0", [3]),
        ("span", "greater", "1.00:00:00", [4]),
        ("span", "equals", "2", [2]),
        ("span", "contains", "01:00:0", [4]),
        ("decimal", "greater", "-3", [0, 4]),
        ("decimal", "equals", "7.25", [4]),
        ("decimal", "less", "7.249999999999999999999999999999999999999", [0, 3]),
        ("category", "equals", "x", [0, 3]),
        ("category", "not-equals", "x", [1, 4]),
        ("truth", "equals", "true", [0, 3]),
        ("bytes", "equals", "00FF", [0]),
        ("bytes", "begins", "62", [4]),
    ],
)
def test_every_type_is_filtered_by_its_own_values(
    tables: Tables, every_type: str, name: str, op: str, value: str, rows: list[int]
) -> None:
    """R-2.6: over all rows; a missing cell is kept by `missing` alone."""
    assert kept(tables, every_type, place(name), op, value) == rows


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("integer", "many"),
        ("integer", "nan"),
        ("double", ""),
        ("truth", "perhaps"),
        ("moment", "yesterday"),
        ("moment", "9999-12-31"),
        ("span", "soon"),
        ("decimal", "1,5"),
        ("bytes", "xyz"),
        ("day", "2020-02-30"),
    ],
)
def test_a_value_of_another_type_is_told_with_the_column(
    tables: Tables, every_type: str, name: str, value: str
) -> None:
    """R-12.2: never an internal error."""
    with pytest.raises(UserError, match=f'"{name}"') as caught:
        kept(tables, every_type, place(name), "equals", value)
    assert caught.value.code == "wrong-filter"


@pytest.mark.parametrize("descending", [False, True])
def test_pages_of_a_sorted_and_filtered_table_join_to_what_pandas_gives(
    tables: Tables, digest: str, frame: pd.DataFrame, descending: bool
) -> None:
    """R-2.6: paging, sorting and filtering together."""
    wanted = frame[(frame["whole"] >= 0) & (frame["city"].str.lower().str.startswith("ro"))]
    wanted = wanted.sort_values("number", ascending=not descending, kind="stable", na_position="last")
    filters = [Filter(1, "at-least", "0"), Filter(2, "begins", "ro")]
    found: list[int] = []
    while True:
        page = tables.page(
            digest, offset=len(found), limit=7, sort=Sort(0, descending), filters=filters, column_count=2
        )
        assert page.matching == len(wanted)
        if not page.rows:
            break
        found += page.row_numbers
    assert found == list(wanted.index)


def test_windows_end_where_the_table_ends(tables: Tables, digest: str) -> None:
    """R-12.2: any offset is answered."""
    page = tables.page(digest, offset=ROWS - 1, limit=500, first_column=2, column_count=500)
    assert (len(page.rows), len(page.rows[0]), page.row_numbers) == (1, 1, [ROWS - 1])
    assert tables.page(digest, offset=1 << 61).rows == []
    assert tables.page(digest, first_column=1 << 61, limit=3).rows == [[], [], []]


def test_tables_without_rows_or_columns_have_pages(workspace: Workspace, tables: Tables) -> None:
    """R-2.5: empty tables too."""
    empty = workspace.datasets.add("empty", pa.table({"a": pa.array([], pa.int64())})).content.digest
    assert tables.page(empty, sort=Sort(0), filters=[Filter(0, "less", "3")]).rows == []
    nothing = workspace.datasets.add("nothing", pa.table({})).content.digest
    assert (tables.page(nothing).rows, tables.schema(nothing).columns) == ([], ())


def test_a_whole_cell_is_given_up_to_a_bound(workspace: Workspace, tables: Tables) -> None:
    """R-12.2: giant cells do not get into a page, and a part of them is shown alone."""
    content = workspace.datasets.add("giant", pa.table({"a": ["é" * 3_000_000, "x"]})).content
    page = tables.page(content.digest)
    assert (page.rows, page.cut) == ([["é" * 300], ["x"]], [[0, 0, 3_000_000]])
    text, length = tables.cell(content.digest, 0, 0)
    assert (text, length) == ("é" * 200_000, 3_000_000)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [(500, 0, "missing-row"), (0, 3, "missing-column"), (0, 1 << 61, "missing-column")],
)
def test_what_is_not_in_the_table_is_told(
    tables: Tables, digest: str, row: int, column: int, code: str
) -> None:
    """R-12.2."""
    with pytest.raises(UserError) as caught:
        tables.cell(digest, row, column)
    assert caught.value.code == code


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_only_digests_name_content(tables: Tables, digest: str) -> None:
    """R-12.1: nothing else becomes a path."""
    with pytest.raises(UserError) as caught:
        tables.schema(digest)
    assert caught.value.code == "unknown-content"


def test_bytes_that_only_look_like_a_frame_are_not_mapped(workspace: Workspace, tables: Tables) -> None:
    """R-6.3: a script's own file may be made to look like a table whose offsets leave it."""
    frame = bytearray(workspace.blobs.path(_texts(workspace)).read_bytes())
    at = frame.index(b"needle")
    start = at - at % 64 - 64
    frame[start : start + 24] = (0).to_bytes(8, "little") + (1 << 40).to_bytes(8, "little") * 2
    hostile, _ = workspace.blobs.put_bytes(bytes(frame))
    for content in (hostile, workspace.blobs.put_bytes(b"no frame at all")[0]):
        with pytest.raises(UserError) as caught:
            tables.page(content)
        assert caught.value.code == "not-a-dataset"


def _texts(workspace: Workspace) -> str:
    return workspace.datasets.add("texts", pa.table({"a": ["needle", "x"]})).content.digest


def test_hostile_names_and_values_stay_text(workspace: Workspace, tables: Tables) -> None:
    """R-12.2: what looks like a script, a formula or a control is given as it is."""
    names = ["<script>alert(1)</script>", "=cmd()", "a\u202eb", "\x00\x1b[31m", "x" * 60_000]
    content = workspace.datasets.add("hostile", pa.table({name: [name] for name in names})).content
    assert [column.name for column in tables.schema(content.digest).columns] == names
    assert tables.page(content.digest).rows == [[name[:300] for name in names]]


def test_figures_are_kept_for_the_next_start(every_type: str, workspace: Workspace) -> None:
    """R-7.4: the statistics of a table are computed once."""
    first: dict[str, Any] = Tables(workspace).figures(every_type, 0)
    folder = workspace.places.cache / "figures" / every_type
    assert [path.name for path in folder.glob("0-10.json")] == ["0-10.json"]
    assert Tables(workspace).figures(every_type, 0) == first
    (folder / "0-10.json").write_text("damaged")
    assert Tables(workspace).figures(every_type, 0) == first
    lost = folder.parent / ("0" * 64)
    folder.rename(lost)
    Tables(workspace)
    assert not lost.exists()


def test_times_that_python_cannot_hold_are_shown(workspace: Workspace, tables: Tables) -> None:
    """R-2.1: years beyond 9999, and zones that this machine does not know."""
    columns = {
        "late": pa.array([2**62], pa.timestamp("us")),
        "zoned": pa.array([10**12], pa.timestamp("s", "Europe/Berlin")),
        "unknown": pa.array([0], pa.timestamp("s", "Nowhere/Else")),
        "day": pa.array([2**30], pa.date32()),
        "long": pa.array([2**62], pa.duration("s")),
    }
    shown = [
        "148108-07-06T14:00:27.387904",
        "33658-09-27T01:46:40Z",
        "1970-01-01T00:00:00Z",
        "2941775-04-07",
        "53375995583650.07:45:04",
    ]
    content = workspace.datasets.add("late", pa.table(columns)).content
    assert tables.page(content.digest).rows == [shown]
    for column in range(len(columns)):
        found = tables.figures(content.digest, column)
        assert (found["missing"], found["bins"][0]["count"]) == (0, 1)
        assert tables.page(content.digest, sort=Sort(column)).row_numbers == [0]
    assert kept(tables, content.digest, 1, "greater", "2020-01-01") == [0]
    assert tables.figures(content.digest, 0)["min"] == shown[0]


def test_looking_at_tables_loads_no_pandas(workspace: Workspace, every_type: str) -> None:
    """ARCHITECTURE, the idea: the host never loads pandas, and pyarrow's own ways to make a value would."""
    code = f"""
import sys
from studiolo import Workspace
from studiolo.studio.filters import OPERATIONS, Filter
from studiolo.studio.orders import Sort
from studiolo.studio.tables import Tables
from studiolo.errors import UserError
with Workspace({str(workspace.path)!r}) as workspace:
    tables = Tables(workspace)
    for column in range({len(COLUMNS)}):
        tables.page({every_type!r}, sort=Sort(column))
        tables.figures({every_type!r}, column, bins=3)
        for other in range({len(COLUMNS)}):
            tables.comparison({every_type!r}, column, other)
        for op in OPERATIONS:
            try:
                tables.page({every_type!r}, filters=[Filter(column, op, "1")])
            except UserError:
                pass
print("pandas" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("False\n", 0), done.stderr
