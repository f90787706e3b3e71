"""Reads all files of a folder, which come as one zip, into one table."""

from __future__ import annotations

import io
import json
import zipfile
from typing import IO, Any

import pyarrow as pa

from studiolo.formats import choosing
from studiolo.formats.reading import ReadResult, Source, unreadable
from studiolo.sdk import ModuleError


class PartSource:
    """A file of a folder.

    Attributes:
        name: with the folder before it.
        size: length in bytes.
    """

    def __init__(self, name: str, archive: zipfile.ZipFile, facts: zipfile.ZipInfo) -> None:
        self.name = name
        self.size = facts.file_size
        self._archive = archive
        self._facts = facts

    def open(self) -> IO[bytes]:
        """Open the bytes from their beginning."""
        return io.BytesIO(self.read())

    def read(self) -> bytes:
        """Give all bytes."""
        return self._archive.read(self._facts)

    def map(self) -> bytes:
        """Give all bytes."""
        return self.read()


def read(source: Source, given: str, **options: Any) -> ReadResult:
    """Read the files of a folder in the order of their names; columns are put together by name.

    Integer and Double columns of one name become Double. Otherwise a file that has other columns or types than the
    first one is an error that names it.

    Args:
        source: a zip whose name ends in a slash.
        given: format of all files, or `auto` for each by its ending.
        options: as for `choosing.read`.

    Raises:
        ModuleError: `different-files`, and what the files' formats raise.
    """
    receipt: list[dict[str, Any]] = []
    seen: set[str] = set()
    tables: list[pa.Table] = []
    first = ""
    with source.open() as file:
        try:
            archive = zipfile.ZipFile(file)
        except zipfile.BadZipFile as fault:
            raise unreadable(source, "a folder", fault) from None
        for facts in archive.infolist():
            part = PartSource(f"{source.name}{facts.filename}", archive, facts)
            result = choosing.read(part, given, **options)
            first = first or part.name
            tables.append(_fitting(result.table, tables[0] if tables else None, part.name, first))
            for entry in result.receipt:
                text = json.dumps(entry, sort_keys=True)
                if text not in seen:
                    seen.add(text)
                    receipt.append(entry)
    return ReadResult(pa.concat_tables(tables, promote_options="permissive"), receipt)


def _fitting(table: pa.Table, model: pa.Table | None, name: str, first: str) -> pa.Table:
    table = table.replace_schema_metadata(None)
    if model is None:
        return table
    missing = [one for one in model.column_names if one not in table.column_names]
    more = [one for one in table.column_names if one not in model.column_names]
    if missing or more:
        which = f'has no column "{missing[0]}"' if missing else f'has the further column "{more[0]}"'
        raise _different(f"{name} {which}; {first} is otherwise.")
    table = table.select(model.column_names)
    for field, wanted in zip(table.schema, model.schema, strict=True):
        is_numeric = all(
            pa.types.is_integer(one.type) or pa.types.is_floating(one.type) for one in (field, wanted)
        )
        is_empty = pa.types.is_null(field.type) or table.column(field.name).null_count == table.num_rows
        if field.type != wanted.type and not is_numeric and not is_empty:
            raise _different(
                f'The column "{field.name}" of {name} is {field.type}; in {first} it is {wanted.type}.'
            )
        if is_empty and not is_numeric:
            place = table.column_names.index(field.name)
            table = table.set_column(place, wanted, pa.nulls(table.num_rows, wanted.type))
    return table


def _different(summary: str) -> ModuleError:
    return ModuleError(
        summary,
        "All files of a folder need the same columns. Name one file, or give column types by the parameter `types`.",
        code="different-files",
        parameter="path",
    )
