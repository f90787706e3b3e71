"""The live table of a run, drawn on a terminal in memory."""

from __future__ import annotations

import pytest

from studiolo.cli.live_table import LiveTable
from studiolo.cli.log_lines import LogLines
from studiolo.cli.progress import LineWatcher
from studiolo.cli.region import Region
from studiolo.domain.run import NodeRun
from studiolo.environments.progress import BuildProgress
from studiolo.scheduler.progress import (
    EnvironmentProgress,
    NodeEnded,
    NodeLogged,
    NodeStarted,
    RunEnded,
    RunStarted,
)

NODES = ("fruit", "total", "picture")
FINISHED = NodeRun(
    7, "fruit", "finished", "first run", shapes={"dataset": (1200, 3)}, started=10.0, ended=10.25
)
FAILED = NodeRun(
    7, "total", "failed", "first run", error={"summary": "KeyError: 'x'"}, started=10.0, ended=11.5
)
SKIPPED = NodeRun(7, "picture", "skipped", "skipped because total failed")


@pytest.fixture
def table(terminal) -> LiveTable:
    """The table of a run whose first node has finished and whose second one works since two seconds."""
    table = LiveTable(terminal(columns=60, rows=20, NO_COLOR="1"), began=100.0)
    table.take(RunStarted(7, "shop", NODES), 100.0)
    table.take(NodeStarted("fruit", "first run"), 100.5)
    table.take(NodeEnded(FINISHED), 100.75)
    table.take(NodeStarted("total", "ran because input 1 changed"), 101.0)
    return table


def test_each_node_has_a_line_with_what_is_known_of_it(table: LiveTable) -> None:
    """R-3.1: name, state, rows x columns, seconds, reason; and how far it all is."""
    assert table.lines(103.0, frame=0) == [
        "✓  fruit    1,200 x 3    0.25 s  first run",
        "⠋  total                 2.00 s  input 1 changed",
        "·  picture                       waiting",
        "━━━━━━──────────────  1 of 3  3.00 s  run 7 of shop",
    ]


def test_a_failure_and_what_it_stops_are_told(table: LiveTable) -> None:
    """The reason of a skipped node is the node that failed."""
    table.take(NodeEnded(FAILED), 103.0)
    table.take(NodeEnded(SKIPPED), 103.0)
    assert table.lines(103.0, frame=3)[1:3] == [
        "✗  total                 1.50 s  KeyError: 'x'",
        "-  picture                       total failed",
    ]


def test_before_the_first_event_it_says_that_it_starts(terminal) -> None:
    """Checking scripts and starting a worker takes a second; an empty screen would look dead."""
    assert LiveTable(terminal(NO_COLOR="1"), began=0.0).lines(0.5, frame=1) == ["⠙ starting"]


def test_packages_that_are_installed_before_the_run_are_told(terminal) -> None:
    """R-5.3: the first build shows progress; on a terminal in one line that fits, elsewhere in lines that stay."""
    event = EnvironmentProgress(("mood",), BuildProgress("installing", "textblob==0.15.3", 0.45))
    table = LiveTable(terminal(columns=60, NO_COLOR="1"), began=0.0)
    table.take(event, 0.2)
    assert table.lines(0.5, frame=1) == ["⠙ packages of mood:  45 %  installing textblob==0.15.3"]


def test_of_many_nodes_those_that_tell_most_are_shown_in_their_order(terminal) -> None:
    """At work first, then failures, then what ended last; never more lines than the screen has."""
    names = tuple(f"n{number:03d}" for number in range(200))
    table = LiveTable(terminal(columns=60, rows=10, NO_COLOR="1"), began=0.0)
    table.take(RunStarted(1, "big", names), 0.0)
    for number in range(0, 100):
        state = "failed" if number == 3 else "finished"
        error = {"summary": "ValueError"} if number == 3 else None
        table.take(NodeEnded(NodeRun(1, names[number], state, error=error, ended=float(number))), 0.0)
    for name in ("n100", "n150"):
        table.take(NodeStarted(name, "first run"), 1.0)
    lines = table.lines(2.0, frame=0)
    assert [line.split()[1] for line in lines[:-1]] == [
        "n003",
        "n096",
        "n097",
        "n098",
        "n099",
        "n100",
        "n150",
    ]
    assert "100 of 200" in lines[-1]


@pytest.mark.parametrize("columns", [20, 40, 60, 200])
def test_no_line_reaches_the_edge_whatever_the_names(terminal, columns: int) -> None:
    """A line as wide as the screen wraps on some terminals and breaks the table."""
    screen = terminal(columns=columns, NO_COLOR="1")
    table = LiveTable(screen, began=0.0)
    names = ("a" * 90, "日本語の名前", "x")
    table.take(RunStarted(123456, "an experiment with a long name", names), 0.0)
    table.take(NodeStarted(names[0], "because " * 40), 0.0)
    region = Region(screen)
    region.draw(table.lines(5000.0, frame=0))
    region.draw(table.lines(5001.0, frame=1))
    assert len(screen.terminal.lines) == 4


def test_frames_replace_each_other_and_passing_lines_stay(terminal) -> None:
    """The table stays in its place; log lines pass above it and remain."""
    screen = terminal(columns=40)
    region = Region(screen)
    region.draw(["one", "two", "three"])
    region.draw(["ONE", "TWO"], ["a log line"])
    assert screen.terminal.lines == ["a log line", "ONE", "TWO"]
    region.draw(["1", "2", "3"], ["another " * 10])
    assert screen.terminal.lines[0] == "a log line"
    assert screen.terminal.lines[-3:] == ["1", "2", "3"]
    assert screen.terminal.has_cursor is False
    region.close(["the last one"])
    assert screen.terminal.lines[-1] == "the last one"
    assert "3" not in screen.terminal.lines
    assert screen.terminal.has_cursor is True


def test_a_frame_is_one_write(terminal) -> None:
    """What is drawn in pieces flickers."""
    screen = terminal()
    Region(screen).draw(["a", "b"], ["c"])
    assert screen.terminal.writes == 1


def test_plain_lines_begin_with_state_and_node(pipe) -> None:
    """`grep '^failed'` must work; log text stands behind the name of its node, in whole lines."""
    screen = pipe()
    watcher = LineWatcher(screen, has_logs=True)
    for event in (
        RunStarted(7, "shop", NODES, continued=1),
        NodeStarted("total", "first run"),
        NodeLogged("total", b"half a "),
        NodeLogged("total", "line\nrést".encode()),
        NodeEnded(FAILED),
        NodeEnded(SKIPPED),
        RunEnded(7, "failed", 1.5),
    ):
        watcher(event)
    assert screen.stream.text.splitlines() == [
        "run 7 of shop goes on: 1 of 3 nodes had finished",
        "started    total  first run",
        "total | half a line",
        "total | rést",
        "failed     total  1.50 s  KeyError: 'x'",
        "skipped    picture  skipped because total failed",
    ]


def test_log_text_becomes_lines_whatever_the_pieces() -> None:
    """Pieces may end inside a letter; a line without end is given in parts."""
    lines = LogLines()
    data = "é\n日本\n".encode()
    assert [line for byte in data for line in lines.add("n", bytes([byte]))] == ["é", "日本"]
    assert lines.add("n", b"x" * 9000) == ["x" * 9000]
    assert (lines.add("n", b"rest"), lines.add("m", b"other\n"), lines.end("n")) == ([], ["other"], ["rest"])
    assert lines.end("n") == []
