"""The table of one input, as names with rows of cells or as row objects, to a frame with the input's columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, NoReturn

from studiolo.domain.service import ServiceColumn, ServicePort
from studiolo.services.bodies.categories import category_type, parse_categories
from studiolo.services.bodies.cells import CellError, parse_cells
from studiolo.services.bodies.errors import DETAILS_LIMIT, Detail, ServiceProblem
from studiolo.services.bodies.frame_writing import Buffers, write_frame
from studiolo.services.bodies.json_text import cut, shown, unreadable
from studiolo.services.bodies.plans import Plan, plan_of
from studiolo.services.bodies.request import ROWS, TABLE, hint_for
from studiolo_child.frames import layout

_SPARSE_CELLS = 100_000


class Table(NamedTuple):
    """An input's table, parsed.

    Attributes:
        frame: its bytes.
        form: `table` or `rows`.
        rows: number of rows.
        pairs: names that the objects of the JSON have together.
    """

    frame: bytes
    form: str
    rows: int
    pairs: int


def count_rows(value: Any, names: tuple[str, str]) -> int:
    """Give the rows of a table that is not parsed yet; 0 when it is none."""
    if type(value) is dict:
        value = _members(value, names)[1]
    return len(value) if type(value) is list else 0


def read_table(value: Any, port: ServicePort, names: tuple[str, str]) -> Table:
    """Give the frame of an input's table.

    Args:
        value: JSON value: an object with the two members `names`, or a list of row objects.
        port: the input.
        names: such as `("ColumnNames", "Values")`.

    Raises:
        ServiceProblem: `request-unreadable`, `input-mismatch`, `cell-unreadable`.
    """
    if type(value) is list:
        return _from_objects(value, port)
    if type(value) is dict:
        return _from_lists(value, port, names)
    unreadable(
        f'The table of "{cut(port.name)}" is {shown(value)}; an object with "{names[0]}" and "{names[1]}" or a list '
        "of row objects is expected.",
        port.name,
    )


def _members(value: Mapping[str, Any], names: tuple[str, str]) -> tuple[Any, Any]:
    first, second = value.get(names[0]), value.get(names[1])
    if (first is None or second is None) and len(value) <= 20:
        folded = {key.lower(): member for key, member in value.items()}
        first = folded.get(names[0].lower()) if first is None else first
        second = folded.get(names[1].lower()) if second is None else second
    return first, second


def _from_lists(value: Mapping[str, Any], port: ServicePort, names: tuple[str, str]) -> Table:
    columns, rows = _members(value, names)
    if type(columns) is not list or any(type(name) is not str for name in columns):
        unreadable(f'"{names[0]}" of "{cut(port.name)}" is not a list of column names.', port.name)
    if type(rows) is not list:
        unreadable(f'"{names[1]}" of "{cut(port.name)}" is not a list of rows.', port.name)
    if rows and set(map(type, rows)) != {list}:
        number, row = next((number, row) for number, row in enumerate(rows, 1) if type(row) is not list)
        unreadable(
            f'Row {number} of "{cut(port.name)}" is {shown(row)}, a list of cells is expected.', port.name
        )
    if len(set(columns)) != len(columns):
        _refuse_twice(columns, port)
    width = len(columns)
    if rows and set(map(len, rows)) != {width}:
        number, row = next((number, row) for number, row in enumerate(rows, 1) if len(row) != width)
        said = f'Row {number} of "{cut(port.name)}" has {len(row)} cells for {width} columns.'
        raise ServiceProblem("input-mismatch", said, target=port.name)
    cells: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * width
    return Table(_frame(columns, cells, len(rows), port), TABLE, len(rows), len(value))


def _refuse_twice(columns: Sequence[str], port: ServicePort) -> NoReturn:
    seen: set[str] = set()
    name = next(name for name in columns if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    said = f'"{cut(port.name)}" has the column "{cut(name)}" twice.'
    raise ServiceProblem("input-mismatch", said, target=_target(port, name))


def _from_objects(rows: list[Any], port: ServicePort) -> Table:
    if rows and set(map(type, rows)) != {dict}:
        number, row = next((number, row) for number, row in enumerate(rows, 1) if type(row) is not dict)
        said = (
            f'Row {number} of "{cut(port.name)}" is {shown(row)}, an object of columns and cells is expected.'
        )
        unreadable(said, port.name)
    pairs = sum(map(len, rows))
    if port.columns is None:
        names, cells = _columns_of(rows, pairs, port)
    else:
        plan = plan_of(port)
        names = plan.names
        if not rows:
            cells = [()] * len(names)
        elif names and pairs == len(names) * len(rows):
            cells = _picked(rows, plan)
        else:
            _refuse_names(rows, names, port)
            cells = []
    return Table(_frame(names, cells, len(rows), port), ROWS, len(rows), pairs)


def _picked(rows: list[dict[str, Any]], plan: Plan) -> Sequence[Sequence[Any]]:
    try:
        return list(zip(*map(plan.picker(rows[0]), rows), strict=True))
    except KeyError:
        _refuse_names(rows, plan.names, plan.port)
        raise


def _refuse_names(rows: list[dict[str, Any]], names: list[str], port: ServicePort) -> None:
    """Refuse the first row that has other columns than the input."""
    expected = set(names)
    for number, row in enumerate(rows, 1):
        if row.keys() != expected:
            refuse_columns(list(row), port, f"Row {number} of ")


def _columns_of(
    rows: list[dict[str, Any]], pairs: int, port: ServicePort
) -> tuple[list[str], Sequence[Sequence[Any]]]:
    """Give the columns that any of the rows has; what a row lacks is missing."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) * len(rows) > 10 * pairs + _SPARSE_CELLS:
        said = f'The rows of "{cut(port.name)}" have {len(names)} different columns, most of which most rows lack.'
        raise ServiceProblem("input-mismatch", said, target=port.name)
    return names, [[row.get(name) for row in rows] for name in names]


def _frame(names: Sequence[str], cells: Sequence[Sequence[Any]], rows: int, port: ServicePort) -> bytes:
    if port.columns is None:
        _check_names(names, port)
        columns = [_inferred(name, values) for name, values in zip(names, cells, strict=True)]
    else:
        columns = list(port.columns)
        plan = plan_of(port)
        if plan.names != names:
            place = {name: number for number, name in enumerate(names)}
            if len(names) != len(columns) or any(name not in place for name in plan.names):
                refuse_columns(names, port)
            cells = [cells[place[name]] for name in plan.names]
            names = plan.names
        frame = plan.doubles(cells, rows)
        if frame is not None:
            return frame
    made: list[Buffers] = []
    wrong: list[Detail] = []
    for column, values in zip(columns, cells, strict=True):
        try:
            if column.type == "categorical":
                made.append(parse_categories(values, column))
            else:
                made.append(parse_cells(values, column.type))
        except CellError as error:
            wrong.append(_bad_cell(error, column, port))
    if wrong:
        raise ServiceProblem("cell-unreadable", wrong)
    if not names and rows:
        raise ServiceProblem(
            "input-mismatch", f'"{cut(port.name)}" has rows but no columns.', target=port.name
        )
    return write_frame(rows, names, made)


def _bad_cell(error: CellError, column: ServiceColumn, port: ServicePort) -> Detail:
    kind = column.type if column.type != "categorical" else f"categorical of {category_type(column)}"
    said = (
        f'Row {error.row + 1} of "{cut(port.name)}" has {shown(error.value)} in the column "{cut(column.name)}" '
        f"({kind}); {error.expected} is expected."
    )
    return Detail(said, _target(port, column.name))


def _check_names(names: Sequence[str], port: ServicePort) -> None:
    for name in names:
        if len(name) > layout.NAME_LIMIT:
            said = f'The column name "{cut(name)}" has {len(name)} characters.'
            raise ServiceProblem("input-mismatch", said, target=port.name)


def _inferred(name: str, values: Sequence[Any]) -> ServiceColumn:
    """Give the type that cells have all: texts stay texts; whole numbers among others become Doubles."""
    kinds = set(map(type, values)) - {type(None)}
    if not kinds or kinds <= {int, float}:
        kind = "float64"
        if kinds == {int}:
            present = [value for value in values if value is not None]
            kind = "int64" if max(present) < 1 << 63 else "uint64" if min(present) >= 0 else "float64"
    elif kinds == {bool}:
        kind = "bool"
    else:
        kind = "string"
    return ServiceColumn(name, kind)


def refuse_columns(given: Sequence[str], port: ServicePort, where: str = "") -> NoReturn:
    """Name the columns that an input lacks and those that it has not, each of these with the nearest.

    Raises:
        ServiceProblem: `input-mismatch`.
    """
    expected = [column.name for column in port.columns or ()]
    expected_set, given_set = set(expected), set(given)
    absent = [name for name in expected if name not in given_set]
    extra = [name for name in given if name not in expected_set]
    subject = f'{where}"{cut(port.name)}"'
    details = []
    for number, name in enumerate(extra[:DETAILS_LIMIT]):
        # What is absent was meant more likely than what is there.
        hint = (
            hint_for(name, absent or expected, "missing column" if absent else "column") if number < 3 else ""
        )
        said = f'{subject} has the column "{cut(name)}", which is unknown. {hint}'.rstrip()
        details.append(Detail(said, _target(port, name)))
    for name in islice(absent, max(DETAILS_LIMIT - len(details), 1)):
        details.append(Detail(f'{subject} lacks the column "{cut(name)}".', _target(port, name)))
    more = len(absent) + len(extra) - len(details)
    hint = f"The columns are: {', '.join(map(cut, expected[:20]))}{', …' if len(expected) > 20 else ''}."
    raise ServiceProblem("input-mismatch", details[-DETAILS_LIMIT:], hint, more=max(more, 0))


def _target(port: ServicePort, column: str) -> str:
    return f"{cut(port.name)}.{cut(column)}"
