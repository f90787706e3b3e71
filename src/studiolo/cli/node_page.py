"""One node of a run on the screen: state, reason, error, warnings, receipts, outputs, pictures, log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from studiolo.cli.dataset_text import receipt_lines
from studiolo.cli.error_text import LONGEST_LINE, indented
from studiolo.cli.node_text import time_text
from studiolo.cli.outcome import failure_lines, quoted
from studiolo.cli.plain_text import clean_line, clean_lines, fit, width_of, wrap
from studiolo.cli.quantities import bytes_text, count_text, seconds_text, shape_text
from studiolo.cli.screen import STATE_STYLES, Screen
from studiolo.cli.tables import Cell, Heading, table_lines

if TYPE_CHECKING:
    from pathlib import Path

    from studiolo.workspace import NodeResult, Output, RunResult

MOST_LOG_LINES = 20
MOST_METRICS = 50
MOST_COLUMNS = 10
WIDEST_NAME = 40


def node_lines(node: NodeResult, result: RunResult, folder: Path, screen: Screen) -> Iterator[str]:
    """Give everything that is kept of a node in a run.

    Args:
        node: of the run.
        result: the run.
        folder: of the workspace.
        screen: where it is going to stand.
    """
    place = f"{result.experiment}:{node.name}"
    state = f"{screen.sign(node.state)} {node.state}"
    title = f"{screen.styled(clean_line(place), 'bold')}  {screen.styled(state, STATE_STYLES.get(node.state, ''))}"
    yield f"{title}  run {result.number}"
    for line in _facts(node):
        for piece in wrap(line, screen.width - 3) if screen.is_terminal else [line]:
            yield f"  {piece}"
    if node.state == "failed":
        yield ""
        yield from indented(failure_lines(node, result, folder, screen, None))
    yield from _section("warnings", (f"  {clean_line(warning)}" for warning in node.warnings), screen)
    yield from _section("changed where data crossed the border", _receipts(node, screen), screen)
    yield from _section("outputs", _outputs(node, place, screen), screen)
    yield from _section("metrics", _metrics(node, screen), screen)
    yield from _section("tags", _named_texts(node.tags, screen), screen)
    yield from _section("pictures", _pictures(node), screen)
    if node.state != "failed":
        yield from _log(node, place, screen)


def output_facts(output: Output) -> str:
    """Give kind and size of an output, rows and columns of a dataset."""
    if output.kind == "dataset" and not output.columns:
        return "empty"
    if output.kind == "dataset":
        return f"{shape_text(output.rows, len(output.columns))}, {bytes_text(output.size)}"
    return f"{output.kind}, {bytes_text(output.size)}"


def _facts(node: NodeResult) -> Iterator[str]:
    if node.reason:
        yield clean_line(node.reason)
    usage = node.usage
    parts = [f"took {time_text(node.node_run)}"] if time_text(node.node_run) else []
    if "cpu_seconds" in usage:
        parts.append(f"{seconds_text(usage['cpu_seconds'])} of CPU")
    if usage.get("peak_memory_bytes"):
        parts.append(f"{bytes_text(usage['peak_memory_bytes'])} of memory at most")
    if parts:
        yield ", ".join(parts)


def _section(title: str, lines: Iterator[str], screen: Screen) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield screen.styled(title, "bold")
        yield from found


def _receipts(node: NodeResult, screen: Screen) -> Iterator[str]:
    for port, entries in node.receipts.items():
        direction, _, name = port.partition(":")
        yield f"  {clean_line(name)} ({'into' if direction == 'in' else 'out of'} the script)"
        yield from indented(receipt_lines(entries, screen))


def _outputs(node: NodeResult, place: str, screen: Screen) -> Iterator[str]:
    """Give the outputs with the commands that show them, or where these would be cut one command for all."""
    rows = [
        [Cell(clean_line(port)), Cell(facts := output_facts(output)), _command(place, port, output, facts)]
        for port, output in node.outputs.items()
        if output.kind != "device"
    ]
    if not rows:
        return
    widths = [max(width_of(row[number].text) for row in rows) for number in range(3)]
    has_commands = not screen.is_terminal or sum(widths) + 8 < screen.width
    headings = [Heading("", least=8), Heading("", least=8), Heading("")]
    shown = rows if has_commands else [row[:2] for row in rows]
    yield from table_lines(headings[: len(shown[0])], shown, screen, indent=2, has_head=False)
    if not has_commands:
        yield f"  {screen.styled(f'studiolo show {quoted(place)}.PORT', 'cyan')}"


def _command(place: str, port: str, output: Output, facts: str) -> Cell:
    if facts == "empty":
        return Cell("")
    verb, file = ("show", "") if output.kind == "dataset" else ("export", " FILE")
    return Cell(f"studiolo {verb} {quoted(f'{place}.{port}')}{file}", "cyan")


def _metrics(node: NodeResult, screen: Screen) -> Iterator[str]:
    """Give single values as they are, of lists and tables the length and the last value."""
    yield from _named_texts({name: _metric_text(value) for name, value in node.metrics.items()}, screen)


def _metric_text(value: Any) -> str:
    if isinstance(value, list):
        last = f", the last {_value_text(value[-1])}" if value else ""
        return f"{count_text(len(value), 'value')}{last}"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_metric_text(item)}" for name, item in list(value.items())[:MOST_COLUMNS])
    return _value_text(value)


def _value_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _named_texts(texts: Mapping[str, str], screen: Screen) -> Iterator[str]:
    width = max((width_of(clean_line(name)) for name in texts), default=0)
    for name, text in list(texts.items())[:MOST_METRICS]:
        shown = clean_line(name)
        padding = " " * (min(width, WIDEST_NAME) - width_of(shown))
        yield f"  {fit(f'{shown}{padding}  {clean_line(text)}', LONGEST_LINE, screen.ellipsis)}"
    if len(texts) > MOST_METRICS:
        yield f"  and {len(texts) - MOST_METRICS} more; studiolo show --json has them all"


def _pictures(node: NodeResult) -> Iterator[str]:
    """Paths are never cut: they are there to be opened."""
    for picture in node.pictures:
        yield f"  {clean_line(str(picture.path))}"


def _log(node: NodeResult, place: str, screen: Screen) -> Iterator[str]:
    lines = clean_lines(node.log.decode("utf-8", "replace"))
    if not lines:
        return
    hidden = len(lines) - MOST_LOG_LINES
    shown = lines[-MOST_LOG_LINES:]
    told = f"last {len(shown)} of {count_text(len(lines), 'line')}; studiolo logs {quoted(place)}"
    yield ""
    yield screen.styled("log", "bold") + (screen.styled(f" ({told})", "dim") if hidden > 0 else "")
    for line in shown:
        yield f"  {fit(line, LONGEST_LINE, screen.ellipsis)}"


def node_json(node: NodeResult, result: RunResult) -> dict[str, Any]:
    """Give what is kept of a node in a run, with its log and the paths of its pictures."""
    return {
        "experiment": result.experiment,
        "run": result.number,
        "node": node.name,
        **node.to_json(),
        "pictures": [
            {"name": picture.name, "media_type": picture.media_type, "path": str(picture.path)}
            for picture in node.pictures
        ],
        "log": node.log.decode("utf-8", "replace"),
    }
