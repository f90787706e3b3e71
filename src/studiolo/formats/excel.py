"""Reads one sheet of an Excel workbook (.xlsx, .xlsm); does not write any."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from studiolo.formats import column_names
from studiolo.formats.python_values import column_of
from studiolo.formats.reading import ReadResult, Source, data_of, entry, unreadable
from studiolo.formats.value_types import MARKERS
from studiolo.sdk import ModuleError
from studiolo_child.nearest import did_you_mean

ERRORS = frozenset(
    ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!")
)
OLD_MARK = b"\xd0\xcf\x11\xe0"


def read(
    source: Source,
    *,
    sheet: str | int = "",
    header: bool = True,
    missing_values: Iterable[str] = MARKERS,
) -> ReadResult:
    """Read a sheet; the type of a column comes from all of its cells.

    Cells keep the types Excel gave them: numbers (Integer when all are whole), Boolean, DateTime, TimeSpan
    (times of day too), String; a column of several types becomes String with a receipt. Cells with an error
    (`#DIV/0!`) are missing, said in the receipt. A text such as `NA` is missing in a column whose other cells
    are not text. Empty rows and columns around the cells are left out. A formula gives the value that Excel
    last stored for it.

    Args:
        source: the workbook.
        sheet: name or number (from 1) of the sheet; the first one when empty.
        header: the first row holds the names.
        missing_values: texts that mean missing in columns of numbers, dates and so on.

    Raises:
        ModuleError: `wrong-format`, `unknown-sheet`, `empty-file`.
    """
    rows = _rows(source, sheet)
    receipt: list[dict[str, Any]] = []
    width = max((_width(row) for row in rows), default=0)
    while rows and not _width(rows[-1]):
        rows.pop()
    while rows and not _width(rows[0]):
        rows.pop(0)
    if not rows:
        raise ModuleError(f"The sheet of {source.name} is empty.", code="empty-file", parameter="sheet")
    padded = [row[:width] + (None,) * (width - len(row)) for row in rows]
    if header:
        names = column_names.usable([_name(cell) for cell in padded.pop(0)], receipt)
    else:
        names = column_names.numbered(width)
    markers = frozenset(missing_values)
    cells = zip(*padded, strict=True) if padded else ((),) * width
    columns = [
        _column(list(values), name, markers, receipt) for name, values in zip(names, cells, strict=True)
    ]
    return ReadResult(pa.Table.from_arrays(columns, names=names), receipt)


def _rows(source: Source, wanted: str | int) -> list[tuple[Any, ...]]:
    import openpyxl

    data = data_of(source).to_pybytes()
    if data.startswith(OLD_MARK):
        hint = "Save it as .xlsx without a password."
        raise unreadable(source, "Excel", "it is an old .xls or an encrypted workbook", hint)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheet = _sheet(source, book, wanted)
            sheet.reset_dimensions()
            return [tuple(row) for row in sheet.iter_rows(values_only=True)]
    except (ModuleError, MemoryError):
        raise
    except Exception as fault:  # damaged XML and zips make openpyxl raise almost anything
        raise unreadable(source, "Excel", fault, "Open it in Excel and save it as .xlsx.") from None


def _sheet(source: Source, book: Any, wanted: str | int) -> Any:
    names = [sheet.title for sheet in book.worksheets]
    text = str(wanted).strip()
    if text in names:
        return book[text]
    if not text and names:
        return book.worksheets[0]
    if text.isdigit() and 1 <= int(text) <= len(names):
        return book.worksheets[int(text) - 1]
    raise ModuleError(
        f'{source.name} has no sheet "{text}".',
        did_you_mean(text, names, "sheet"),
        code="unknown-sheet",
        parameter="sheet",
    )


def _width(row: tuple[Any, ...]) -> int:
    for place in range(len(row), 0, -1):
        if row[place - 1] is not None and row[place - 1] != "":
            return place
    return 0


def _name(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)


def _column(values: list[Any], name: str, markers: frozenset[str], receipt: list[dict[str, Any]]) -> pa.Array:
    texts = {value for value in values if type(value) is str}
    wrong = texts & ERRORS
    if wrong:
        count = sum(type(value) is str and value in wrong for value in values)
        text = f'{count} cells of "{name}" with an error ({", ".join(sorted(wrong))}) became missing.'
        receipt.append(entry("error-cells", text, name, lossy=True))
        values = [None if type(value) is str and value in wrong else value for value in values]
    texts -= wrong
    has_others = any(value is not None and type(value) is not str for value in values)
    if texts and has_others and all(text.strip() == "" or text.strip() in markers for text in texts):
        values = [None if type(value) is str else value for value in values]
        text = f'Texts in "{name}" that mark missing values became missing.'
        receipt.append(entry("markers-to-missing", text, name))
    return column_of(values, name, receipt)
