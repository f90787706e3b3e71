"""A dataset on the screen: its first rows fitted to the width, statistics of its columns, its receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from studiolo.cli.plain_text import clean_line, fit, width_of, wrap
from studiolo.cli.quantities import count_text, listing
from studiolo.cli.screen import Screen
from studiolo.cli.tables import GAP, Cell, Heading, table_lines

if TYPE_CHECKING:
    from studiolo.domain.dataset import ReceiptEntry
    from studiolo.workspace import Output

WIDEST_CELL = 32
NARROWEST_CELL = 16
WIDEST_NAME = 24
MISSING = "NA"
RIGHT_TYPES = ("Integer", "Double", "TimeSpan")
FIGURES = ("missing", "unique", "mean", "median", "min", "max", "std")
MOST_STATISTICS = 200
SHOWN_BYTES = 16


def dataset_lines(output: Output, rows: int, screen: Screen) -> Iterator[str]:
    """Give the first rows of a dataset, then statistics of all its columns over all rows, then its receipt."""
    yield from head_lines(output, rows, screen)
    if output.columns:
        yield ""
        yield screen.styled("columns, over all rows", "bold")
        yield from statistics_lines(output.statistics(), screen)
    if output.receipt:
        yield ""
        yield screen.styled("changed where it crossed the border", "bold")
        yield from receipt_lines(output.receipt, screen)


def head_lines(output: Output, rows: int, screen: Screen) -> Iterator[str]:
    """Give the first rows as a table; of too many columns the first and last ones."""
    schema = output.schema
    if not schema.columns:
        yield "no columns"
        return
    head = output.head(rows)
    most = min(max(screen.width // 3, NARROWEST_CELL), WIDEST_CELL)
    columns = [
        _Column(
            column.name,
            column.studio_type in RIGHT_TYPES,
            [_cell(row.get(column.name), most) for row in head],
        )
        for column in schema.columns
    ]
    before, after = _fitting([column.width for column in columns], screen.width - 1, len(screen.ellipsis))
    hidden = columns[before : len(columns) - after]
    shown = [
        *columns[:before],
        *([_gap(len(head), screen)] if hidden else []),
        *columns[len(columns) - after :],
    ]
    headings = [Heading(fit(column.name, WIDEST_NAME, screen.ellipsis), column.is_right) for column in shown]
    yield from table_lines(headings, list(zip(*(column.cells for column in shown), strict=True)), screen)
    rest = schema.rows - len(head)
    if rest > 0:
        yield screen.styled(f"and {count_text(rest, 'more row')} (--rows shows more)", "dim")
    if hidden:
        names = listing([column.name for column in hidden], 6)
        for line in wrap(
            f"{count_text(len(hidden), 'column')} hidden in the middle: {names}", screen.width - 1
        ):
            yield screen.styled(line, "dim")


def statistics_lines(statistics: Sequence[Mapping[str, Any]], screen: Screen) -> Iterator[str]:
    """Give a table with one line a column; on a narrow screen each column's figures in words."""
    shown = statistics[:MOST_STATISTICS]
    headings = [Heading("name", least=8), Heading("type")] + [
        Heading(name, is_right=True) for name in FIGURES
    ]
    rows = [
        [
            Cell(fit(clean_line(str(entry["name"])), WIDEST_NAME, screen.ellipsis)),
            Cell(str(entry["type"]), "dim"),
            *(Cell(_figure(entry.get(name))) for name in FIGURES),
        ]
        for entry in shown
    ]
    empty = [
        number for number in range(len(headings)) if number >= 2 and not any(row[number].text for row in rows)
    ]
    for number in reversed(empty):
        del headings[number]
        for row in rows:
            del row[number]
    lines = table_lines(headings, rows, screen)
    if screen.is_terminal and max(_visible(line) for line in lines) >= screen.width:
        lines = list(_in_words(shown, screen))
    yield from lines
    if len(statistics) > len(shown):
        yield f"and {count_text(len(statistics) - len(shown), 'more column')}"


def receipt_lines(entries: Sequence[ReceiptEntry], screen: Screen) -> Iterator[str]:
    """Give the changes made to data at a border, those that lose something marked."""
    for entry in entries:
        mark = screen.styled(" (lossy)", "yellow") if entry.lossy else ""
        yield f"  {clean_line(entry.text)}{mark}"


class _Column:
    """A column as it is going to stand: its clean name and cells, and how wide they are."""

    def __init__(self, name: str, is_right: bool, cells: Sequence[Cell]) -> None:
        self.name = clean_line(name)
        self.is_right = is_right
        self.cells = cells
        name_width = min(width_of(self.name), WIDEST_NAME)
        self.width = max([name_width, *(width_of(cell.text) for cell in cells)])


def _gap(rows: int, screen: Screen) -> _Column:
    return _Column(screen.ellipsis, False, [Cell(screen.ellipsis, "dim")] * rows)


def _fitting(widths: Sequence[int], room: int, mark: int) -> tuple[int, int]:
    """Choose how many columns from the start and from the end fit, two from the start for each from the end.

    Args:
        widths: of all columns.
        room: cells of a line.
        mark: cells of the mark that stands for hidden columns.
    """
    if sum(widths) + GAP * (len(widths) - 1) <= room:
        return len(widths), 0
    room -= mark
    before = after = 0
    while before + after < len(widths):
        is_first = before <= 2 * after
        width = widths[before] if is_first else widths[len(widths) - 1 - after]
        room -= width + GAP
        if room < 0 and before:
            break
        before, after = (before + 1, after) if is_first else (before, after + 1)
    return before, after


def _cell(value: Any, most: int) -> Cell:
    if value is None or value != value:
        return Cell(MISSING, "dim")
    return Cell(fit(clean_line(value_text(value)), most))


def value_text(value: Any) -> str:
    """Give a value as it is shown in a table.

    >>> [value_text(value) for value in (True, 12, 0.1 + 0.2, 2.0, b"ab")]
    ['true', '12', '0.3', '2', '0x6162']
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, bytes):
        return "0x" + value[:SHOWN_BYTES].hex() + ("…" if len(value) > SHOWN_BYTES else "")
    return str(value)[:1000]


def _figure(value: Any) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.5g}" if isinstance(value, float) else value_text(value)


def _in_words(statistics: Sequence[Mapping[str, Any]], screen: Screen) -> Iterator[str]:
    for entry in statistics:
        figures = ", ".join(f"{name} {text}" for name in FIGURES if (text := _figure(entry.get(name))))
        name = fit(clean_line(str(entry["name"])), screen.width - 14, screen.ellipsis)
        yield f"{name} {screen.styled(str(entry['type']), 'dim')}"
        yield from (f"    {line}" for line in wrap(figures, screen.width - 5))


def _visible(line: str) -> int:
    return width_of(clean_line(line))
