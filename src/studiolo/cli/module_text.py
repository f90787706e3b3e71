"""Modules on the screen: the list by category, and the help page of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from studiolo.cli.plain_text import clean_line, width_of, wrap
from studiolo.cli.screen import Screen
from studiolo.cli.tables import Cell, Heading, table_lines

if TYPE_CHECKING:
    from studiolo.domain.module import Declaration
    from studiolo.domain.module_page import ModulePage, PageParameter, PagePort, Passage
    from studiolo.registry.registry import Registry

WIDEST = 100
"""Longer lines are hard to read, however wide the terminal is."""
BUILT_IN = "built in"


def list_lines(modules: Iterable[Declaration], registry: Registry, screen: Screen) -> Iterator[str]:
    """Give the modules below their categories, with what each does."""
    by_category: dict[str, list[Declaration]] = {}
    for module in modules:
        by_category.setdefault(module.category, []).append(module)
    ids = [module.id for group in by_category.values() for module in group]
    width = max(map(width_of, ids), default=0)
    for number, (category, group) in enumerate(sorted(by_category.items())):
        if number:
            yield ""
        yield screen.styled(clean_line(category), "bold")
        rows = [
            [Cell(clean_line(module.id)), Cell(_said(module, registry.origin(module.id)), "dim")]
            for module in sorted(group, key=lambda one: one.name)
        ]
        headings = [Heading("", initial=width), Heading("", least=20)]
        yield from table_lines(headings, rows, screen, indent=2, has_head=False)


def _said(module: Declaration, origin: str) -> str:
    summary = clean_line(module.summary.replace("`", ""))
    return summary if origin == BUILT_IN else f"{summary} ({clean_line(origin)})"


def page_lines(page: ModulePage, origin: str, screen: Screen) -> Iterator[str]:
    """Give the help page of a module.

    Args:
        page: its content.
        origin: where the module comes from: `built in`, a file, a package.
        screen: where it is going to stand.
    """
    width = min(screen.width - 1, WIDEST)
    yield f"{screen.styled(clean_line(page.name), 'bold')}  {clean_line(page.id)}"
    told = page.category if origin == BUILT_IN else f"{page.category}; from {origin}"
    yield screen.styled(clean_line(told), "dim")
    yield ""
    yield from _wrapped(page.summary, width)
    for passage in page.text:
        yield ""
        yield from _passage_lines(passage, width, screen)
    yield from _ports("Inputs", page.inputs, screen)
    yield from _ports("Outputs", page.outputs, screen)
    if page.parameters:
        yield from _title("Parameters", screen)
        for number, parameter in enumerate(page.parameters):
            if number:
                yield ""
            yield from _parameter_lines(parameter, width, screen)
    yield from _example_lines(page, screen)
    yield from _old_names(page, width, screen)


def _title(text: str, screen: Screen) -> Iterator[str]:
    yield ""
    yield screen.styled(text, "bold")


def _wrapped(text: str, width: int, indent: str = "") -> Iterator[str]:
    for line in wrap(clean_line(text.replace("`", "")), width - len(indent)):
        yield indent + line


def _passage_lines(passage: Passage, width: int, screen: Screen) -> Iterator[str]:
    if passage.kind == "table":
        head, *rows = [[clean_line(cell.replace("`", "")) for cell in row] for row in passage.rows]
        columns = [Heading(cell, least=8) for cell in head[:-1]] + [Heading(head[-1], wraps=True)]
        cells = [[Cell(cell) for cell in [*row, *[""] * len(head)][: len(head)]] for row in rows]
        yield from table_lines(columns, cells, screen)
    elif passage.kind == "code":
        yield from (f"    {clean_line(line)}".rstrip() for line in passage.lines)
    elif passage.kind == "list":
        for item in passage.lines:
            first, *more = _wrapped(item, width - 2) or [""]
            yield f"* {first}"
            yield from (f"  {line}" for line in more)
    else:
        for line in passage.lines:
            yield from _wrapped(line, width)


def _ports(title: str, ports: Iterable[PagePort], screen: Screen) -> Iterator[str]:
    rows = [
        [
            Cell(clean_line(port.name)),
            Cell(clean_line(port.label), "dim"),
            Cell(clean_line(f"{port.holds}, optional" if port.optional else port.holds)),
        ]
        for port in ports
    ]
    if not rows:
        return
    yield from _title(title, screen)
    headings = [Heading("", least=8), Heading("", least=8), Heading("", least=8)]
    yield from table_lines(headings, rows, screen, indent=2, has_head=False)


def _parameter_lines(parameter: PageParameter, width: int, screen: Screen) -> Iterator[str]:
    name = screen.styled(clean_line(parameter.name), "cyan")
    yield f"  {name}  {screen.styled(clean_line(parameter.label), 'dim')}"
    takes = parameter.takes
    if parameter.choices:
        takes += f": {' | '.join(parameter.choices)}"
    if parameter.required:
        takes += "; required"
    if parameter.default:
        takes += f"; default {_one_line(parameter.default)}"
    yield from _wrapped(f"{takes[:1].upper()}{takes[1:]}.", width, "      ")
    yield from _wrapped(f"{parameter.condition} {parameter.help}".strip(), width, "      ")


def _one_line(text: str) -> str:
    first, *more = text.splitlines() or [""]
    return f"{first} …" if more else first


def _example_lines(page: ModulePage, screen: Screen) -> Iterator[str]:
    if not page.example:
        return
    yield from _title("Example", screen)
    for line in page.example_document().splitlines()[1:]:
        yield f"  {clean_line(line)}".rstrip()
    for path, text in page.files:
        yield ""
        yield f"  {screen.styled(clean_line(path), 'bold')}"
        for line in text.splitlines():
            yield f"    {clean_line(line)}".rstrip()


def _old_names(page: ModulePage, width: int, screen: Screen) -> Iterator[str]:
    names = [*page.old_names, *page.old_ids]
    if not names:
        return
    yield from _title("In the retired products", screen)
    yield from _wrapped(", ".join(names), width, "  ")
    nouns: list[PagePort | PageParameter] = [*page.inputs, *page.outputs, *page.parameters]
    renamed = [one for one in nouns if one.old_names]
    rows = [
        [Cell(clean_line(one.name)), Cell(clean_line(", ".join(one.old_names)), "dim")] for one in renamed
    ]
    headings = [Heading("", least=8), Heading("", wraps=True)]
    yield from table_lines(headings, rows, screen, indent=2, has_head=False)
