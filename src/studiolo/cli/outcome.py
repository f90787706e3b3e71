"""What stands on the screen when a run is over: each failure with its place, the table of nodes, the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from studiolo.cli.error_text import (
    TRACE_LINES,
    error_lines,
    excerpt_lines,
    indented,
    log_tail_lines,
    source_of,
    trace_lines,
)
from studiolo.cli.node_text import remarks_text, shapes_text, time_text, why_text, without_state
from studiolo.cli.plain_text import clean_line
from studiolo.cli.quantities import count_text, seconds_text
from studiolo.cli.screen import STATE_STYLES, Screen
from studiolo.cli.tables import Cell, Heading, table_lines

if TYPE_CHECKING:
    from studiolo.workspace import NodeResult, RunResult

MOST_FAILURES = 10
MOST_REMARKS = 5
WIDE = 76
STATE_WORDS = {"finished": "ran"}


def node_table(nodes: Sequence[NodeResult], screen: Screen) -> Iterator[str]:
    """Give the table of a run's nodes: state, rows and columns, time, and why it ran or was reused."""
    has_states = not screen.is_terminal or screen.width >= WIDE
    headings = [
        Heading("", initial=1),
        Heading("node", least=8),
        Heading("rows x columns", least=9),
        Heading("time", is_right=True),
        Heading("why", wraps=True),
    ]
    if has_states:
        headings.insert(2, Heading("state"))
    rows = []
    for node in nodes:
        node_run, style = node.node_run, STATE_STYLES.get(node.state, "")
        row = [
            Cell(screen.sign(node.state), style),
            Cell(clean_line(node.name)),
            Cell(shapes_text(node_run.shapes)),
            Cell(time_text(node_run)),
            Cell(without_state(why_text(node_run)), "red" if node.state == "failed" else "dim"),
        ]
        if has_states:
            row.insert(2, Cell(node.state, style))
        rows.append(row)
    yield from table_lines(headings, rows, screen)


def failure_lines(
    node: NodeResult, result: RunResult, folder: Path, screen: Screen, most: int | None = TRACE_LINES
) -> Iterator[str]:
    """Give everything about a failed node: error, the script's own line, trace (at most `most` lines), log's end."""
    error = node.error
    if error is None:
        return
    yield from error_lines(error, screen)
    source = source_of(error, result.run.snapshot, node.name, folder)
    parts = [
        list(excerpt_lines(source, error.where.line or 0, screen)) if source is not None else [],
        list(trace_lines(error, screen, most)),
        list(log_tail_lines(node.log, screen)),
    ]
    for part in parts:
        if part:
            yield ""
            yield from indented(iter(part))


def failures(result: RunResult, folder: Path, screen: Screen) -> Iterator[str]:
    """Give the failed nodes of a run one after the other, at most ten."""
    failed = [node for node in result.nodes.values() if node.state == "failed" and node.error is not None]
    for node in failed[:MOST_FAILURES]:
        yield ""
        yield f"{screen.styled(screen.sign('failed'), 'red')} {screen.styled(clean_line(node.name), 'bold')}"
        yield from indented(failure_lines(node, result, folder, screen))
    if len(failed) > MOST_FAILURES:
        rest = count_text(len(failed) - MOST_FAILURES, "more node")
        yield ""
        yield f"{rest} failed: studiolo show {result.experiment}"


def remarks(result: RunResult, screen: Screen) -> Iterator[str]:
    """Say which nodes of this run have warnings or changed data at the border, and how to see them."""
    told = [
        (node.name, remark)
        for node in result.nodes.values()
        if node.state == "finished" and (remark := remarks_text(node.node_run))
    ]
    for name, remark in told[:MOST_REMARKS]:
        command = screen.styled(f"studiolo show {quoted(f'{result.experiment}:{name}')}", "cyan")
        yield f"{screen.styled(clean_line(name), 'bold')}: {remark}; {command}"
    if len(told) > MOST_REMARKS:
        yield f"and {count_text(len(told) - MOST_REMARKS, 'more node')}"


def verdict(result: RunResult, screen: Screen) -> str:
    """Give the last line of a run: its state, its nodes by state, its time."""
    counts: dict[str, int] = {}
    for node in result.nodes.values():
        counts[node.state] = counts.get(node.state, 0) + 1
    order = ("failed", "skipped", "cancelled", "finished", "reused", "waiting", "running")
    told = ", ".join(f"{counts[state]} {STATE_WORDS.get(state, state)}" for state in order if state in counts)
    time = f" in {seconds_text(result.ended - result.started)}" if result.ended is not None else ""
    state = screen.styled(result.state, STATE_STYLES.get(result.state, ""))
    return f"run {result.number} of {result.experiment} {state}{time}: {told or 'no nodes'}"


def summary(result: RunResult, screen: Screen) -> Iterator[str]:
    """Give the table of a run, its remarks and its verdict."""
    parts = [list(node_table(list(result.nodes.values()), screen)), list(remarks(result, screen))]
    yield from chain.from_iterable([*part, ""] for part in parts if part)
    yield verdict(result, screen)


def quoted(text: str) -> str:
    """Quote a word for a shell where it needs it."""
    import shlex

    return shlex.quote(clean_line(text))
