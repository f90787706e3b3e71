"""The card of an object on the screen: its title, its settings and its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studiolo.cli.plain_text import clean_line
from studiolo.cli.quantities import count_text
from studiolo.cli.screen import Screen
from studiolo.cli.tables import Cell, Heading, table_lines

NARROWEST = 6


def card_lines(card: Mapping[str, Any], rows: int, screen: Screen) -> Iterator[str]:
    """Give a card as lines; of each table the first rows.

    Args:
        card: as `Output.card` gives it.
        rows: how many of each table.
        screen: where it is going to stand.
    """
    yield screen.styled(clean_line(card["title"]), "bold")
    if card["settings"]:
        settings = [[Cell(_text(name), "dim"), Cell(_text(value))] for name, value in card["settings"]]
        headings = [Heading("", least=NARROWEST), Heading("", wraps=True)]
        yield from table_lines(headings, settings, screen, has_head=False)
    for table in card["tables"]:
        yield ""
        yield screen.styled(clean_line(table["title"]), "bold")
        yield from _table_lines(table, rows, screen)


def _table_lines(table: Mapping[str, Any], rows: int, screen: Screen) -> Iterator[str]:
    shown = table["rows"][:rows]
    headings = [
        Heading(_text(name), is_right=_is_numeric(shown, at), least=NARROWEST)
        for at, name in enumerate(table["columns"])
    ]
    cells = [[Cell(_text(value)) for value in row] for row in shown]
    yield from table_lines(headings, cells, screen) if headings else ()
    more = table["total_rows"] - len(shown)
    if more > 0:
        yield screen.styled(f"and {count_text(more, 'row')} more", "dim")


def _is_numeric(rows: list[list[Any]], at: int) -> bool:
    return bool(rows) and all(isinstance(row[at], int | float) or row[at] is None for row in rows)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else clean_line(str(value))
