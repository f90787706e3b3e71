"""Chooses the format of a file by its name or as given, and hands over only the options that the format has."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from studiolo.formats.reading import ReadResult, Source
from studiolo.sdk import ModuleError
from studiolo_child.nearest import nearest

AUTO = "auto"
READERS = {
    "csv": "delimited",
    "tsv": "delimited",
    "arff": "arff",
    "parquet": "parquet",
    "arrow": "arrow_files",
    "excel": "excel",
    "jsonl": "json_lines",
    "svmlight": "svmlight",
    "zip": "zips",
    "text": "plain_text",
}
WRITERS = {
    "csv": "delimited_writer",
    "tsv": "delimited_writer",
    "arff": "arff_writer",
    "parquet": "parquet",
    "arrow": "arrow_files",
    "jsonl": "json_lines",
    "svmlight": "svmlight",
    "text": "plain_text",
}
ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".arff": "arff",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".svmlight": "svmlight",
    ".svm": "svmlight",
    ".libsvm": "svmlight",
    ".zip": "zip",
    ".txt": "text",
    ".text": "text",
    ".log": "text",
}


def format_of(name: str, given: str = AUTO) -> str:
    """Give the format of a file: as given, else by the ending of its name or address (`.gz` set aside).

    Raises:
        ModuleError: `unknown-format`, with the formats and endings there are.

    >>> format_of("https://example.org/a/data.CSV.gz?key=1"), format_of("notes", "text")
    ('csv', 'text')
    """
    if given and given != AUTO:
        if given not in READERS:
            raise _unknown(f'There is no format "{given}".')
        return given
    path = unquote(urlsplit(name).path) if "://" in name else name
    endings = [ending.lower() for ending in PurePosixPath(path).suffixes]
    if endings and endings[-1] == ".gz":
        endings.pop()
    ending = endings[-1] if endings else ""
    if ending not in ENDINGS:
        what = f'the ending "{ending}"' if ending else "no ending"
        close = nearest(ending, ENDINGS) if ending else None
        raise _unknown(
            f"{name} has {what}, which names no format.", f"Did you mean {close}? " if close else ""
        )
    return ENDINGS[ending]


def read(source: Source, given: str = AUTO, **options: Any) -> ReadResult:
    """Read a file by the format of its name or as given.

    Args:
        source: the file or address.
        given: a name in `READERS`, or `auto`.
        options: those of all formats together; a reader gets those it has.

    Raises:
        ModuleError: `unknown-format`, and what the format's reader raises.
    """
    chosen = format_of(source.name, given)
    if chosen == "tsv" and not options.get("delimiter"):
        options["delimiter"] = "\t"
    reader = import_module(f"studiolo.formats.{READERS[chosen]}").read
    result: ReadResult = reader(source, **_of(reader, options))
    return result


def write(table: pa.Table, name: str, given: str = AUTO, **options: Any) -> bytes:
    """Write a table in the format of a name or as given.

    Args:
        table: any dataset.
        name: of the file to be, for its ending.
        given: a name in `WRITERS`, or `auto`.
        options: those of all formats together; a writer gets those it has.

    Raises:
        ModuleError: `unknown-format`, and what the format's writer raises.
    """
    chosen = format_of(name, given)
    if chosen not in WRITERS:
        raise _unknown(f"The format {chosen} can be read but not written.", written=True)
    if chosen == "tsv" and not options.get("delimiter"):
        options["delimiter"] = "\t"
    if chosen == "arrow" and name.lower().endswith(".arrows"):
        options["stream"] = True
    writer = import_module(f"studiolo.formats.{WRITERS[chosen]}").write
    data: bytes = writer(table, **_of(writer, options))
    if name.lower().endswith(".gz"):
        import gzip

        return gzip.compress(data, mtime=0)
    return data


def _of(function: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
    has = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if name in has}


def _unknown(summary: str, hint: str = "", written: bool = False) -> ModuleError:
    formats = WRITERS if written else READERS
    listed = "; ".join(
        f"{name} ({', '.join(ending for ending, other in ENDINGS.items() if other == name)})"
        for name in formats
    )
    return ModuleError(
        summary,
        f"{hint}Set the parameter format, or use the ending of one of the formats: {listed}.",
        code="unknown-format",
        parameter="format",
    )
