"""Walks the records of delimited text one by one: for the header, and to tell where in the file a fault lies.

The walk is slow beside pyarrow's; it reads only the beginning, or the whole file once a fault is known.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from studiolo.formats.reading import shown
from studiolo.sdk import ModuleError

NAMED = {"comma": ",", "tab": "\t", "\\t": "\t", "semicolon": ";", "space": " ", "pipe": "|", "bar": "|"}
FOUND = (";", "\t", "|")


@dataclass(frozen=True)
class Dialect:
    """How fields are told apart: one character each; empty quote or escape for none."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""


@dataclass(frozen=True)
class Record:
    """One record: its fields, the line it begins on (from 1 within the text) and the place after it, in bytes."""

    fields: list[str]
    line: int
    lines_after: int
    end: int


def delimiter_named(given: str) -> str:
    """Give the character of a delimiter that may be spelt out; the comma for nothing.

    Raises:
        ModuleError: `bad-parameter`: not one character of ASCII.
    """
    character = NAMED.get(given.lower(), given) or ","
    if len(character) != 1 or not character.isascii() or character in "\r\n\x00":
        raise ModuleError(
            f"The delimiter {shown(given)} is not one character.",
            "Give one character, or comma, tab, semicolon, space or pipe.",
            code="bad-parameter",
            parameter="delimiter",
        )
    return character


@dataclass(frozen=True)
class Records:
    """The records of a text.

    Attributes:
        text: UTF-8.
        file: what messages call the file.
        dialect: how fields are told apart.
        lines_before: lines of the file that lie before `text`.
    """

    text: pa.Buffer
    file: str
    dialect: Dialect
    lines_before: int = 0

    def walk(self, strict: bool = False) -> Iterator[Record]:
        """Give the records that are not empty, in order."""
        state = {"bytes": 0, "lines": 0}

        def lines() -> Iterator[str]:
            stream = io.TextIOWrapper(pa.BufferReader(self.text), "utf-8", newline="")
            for line in stream:
                state["bytes"] += len(line.encode("utf-8"))
                state["lines"] += 1
                yield line

        limit = csv.field_size_limit(sys.maxsize)
        try:
            reader = csv.reader(lines(), strict=strict, **self._csv_format())
            begin = 0
            for fields in reader:
                if fields:
                    yield Record(fields, self.lines_before + begin + 1, state["lines"], state["bytes"])
                begin = state["lines"]
        finally:
            csv.field_size_limit(limit)

    def first(self) -> Record:
        """Give the first record.

        Raises:
            ModuleError: `empty-file`: there is none.
        """
        record = next(self.walk(), None)
        if record is None:
            raise ModuleError(f"{self.file} holds no record, only empty lines.", code="empty-file")
        return record

    def after(self, record: Record) -> Records:
        """Give the records behind one."""
        return replace(
            self, text=self.text.slice(record.end), lines_before=self.lines_before + record.lines_after
        )

    def with_delimiter_found(self) -> Records:
        """Give the same records split by the delimiter that the first two of them show; else by the comma."""
        best, most = self, 1
        for delimiter in (self.dialect.delimiter, *FOUND):
            other = replace(self, dialect=replace(self.dialect, delimiter=delimiter))
            walk = other.walk()
            first, second = next(walk, None), next(walk, None)
            count = len(first.fields) if first else 0
            if count > 1 and delimiter == self.dialect.delimiter:
                return self
            if count > most and (second is None or len(second.fields) == count):
                best, most = other, count
        return best

    def place_of_row(self, row: int) -> str:
        """Give the words for the row of that index, such as `data.csv, line 7`."""
        for index, record in enumerate(self.walk()):
            if index == row:
                return f"{self.file}, line {record.line}"
        return f"{self.file}, row {row + 1}"

    def fault(self, names: list[str], reason: str) -> ModuleError:
        """Give the error for text that pyarrow refused: the first record with too few or too many fields."""
        last: Record | None = None
        for record in self.walk():
            last = record
            if len(record.fields) != len(names):
                break
        else:
            last = None
        unclosed = self._unclosed()
        if unclosed is not None and (last is None or unclosed == last.line):
            return self._unclosed_error(unclosed)
        if last is None:
            return ModuleError(
                f"{self.file} can't be read: {reason.splitlines()[0][:200]}.", code="wrong-format"
            )
        return _ragged(self.file, last, names)

    def require_closed_quote(self, last_value: str | None) -> None:
        """Check that no quote is open at the end of the text, which would have swallowed rows silently.

        Args:
            last_value: last value of the last row as read.

        Raises:
            ModuleError: `unclosed-quote` with its line.
        """
        quote = self.dialect.quote
        if last_value is None or not quote:
            return
        tail = (quote + last_value.replace(quote, quote * 2)).encode()
        size = self.text.size
        if size >= len(tail) and self.text.slice(size - len(tail)).to_pybytes() == tail:
            line = self._unclosed()
            if line is not None:
                raise self._unclosed_error(line)

    def _unclosed(self) -> int | None:
        """Give the line of the record whose quote is open at the end of the text."""
        last = None
        for last in self.walk():  # noqa: B007
            pass
        if last is None:
            return None
        start = self.text.size
        lines = self.text.to_pybytes().splitlines(keepends=True)[last.line - 1 - self.lines_before :]
        start -= sum(len(line) for line in lines)
        try:
            for _ in replace(self, text=self.text.slice(start)).walk(strict=True):
                pass
        except csv.Error as fault:
            return last.line if "unexpected end of data" in str(fault) else None
        return None

    def _unclosed_error(self, line: int) -> ModuleError:
        return ModuleError(
            f"{self.file}, line {line}: a quote is opened and never closed.",
            f"Close the quote {self.dialect.quote}, or set another quote character if it is an ordinary sign here.",
            code="unclosed-quote",
        )

    def _csv_format(self) -> dict[str, Any]:
        dialect = self.dialect
        return {
            "delimiter": dialect.delimiter,
            "quotechar": dialect.quote or None,
            "quoting": csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            "escapechar": dialect.escape or None,
        }


def _ragged(file: str, record: Record, names: list[str]) -> ModuleError:
    count, expected = len(record.fields), len(names)
    summary = (
        f"{file}, line {record.line} has {count} value{'s' if count != 1 else ''} for {expected} columns"
    )
    if count > expected:
        summary += (
            f': nothing names the value {shown(record.fields[expected])} after the column "{names[-1]}".'
        )
        hint = "Put quotes around a value that holds the delimiter, or check the parameter `delimiter`."
        if any(field.lstrip().startswith('"') for field in record.fields):
            hint = "A quote counts only directly after the delimiter: remove the blank before it."
    else:
        summary += f': the column "{names[count]}" and what follows it has no value.'
        hint = "Add the missing delimiters, or check the parameter `delimiter`."
    return ModuleError(summary, hint, code="ragged-row")
