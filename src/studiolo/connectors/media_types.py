"""Media types by the ending of a name, for the formats that studiolo reads and writes."""

from __future__ import annotations

from pathlib import PurePosixPath

UNKNOWN = "application/octet-stream"
_BY_ENDING = {
    ".arff": "text/x-arff",
    ".arrow": "application/vnd.apache.arrow.file",
    ".csv": "text/csv",
    ".feather": "application/vnd.apache.arrow.file",
    ".gz": "application/gzip",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ndjson": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".svm": "text/x-svmlight",
    ".svmlight": "text/x-svmlight",
    ".tab": "text/tab-separated-values",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}


def media_type_of(name: str) -> str:
    """Give the media type that the ending of a path tells, or `application/octet-stream`.

    >>> media_type_of("data/Customers.CSV"), media_type_of("notes")
    ('text/csv', 'application/octet-stream')
    """
    return _BY_ENDING.get(PurePosixPath(name).suffix.lower(), UNKNOWN)
