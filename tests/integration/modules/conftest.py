"""Real files for the modules, handed over as the host hands them to a job."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from studiolo.sdk import ModuleError, SourceFile


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Callable[..., SourceFile]]:
    """Write a file and open it as the value of a path parameter."""
    opened: list[int] = []

    def make(name: str, content: str | bytes) -> SourceFile:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        opened.append(os.open(path, os.O_RDONLY))
        return SourceFile(f"data/{name}", opened[-1], path.stat().st_size)

    yield make
    for descriptor in opened:
        os.close(descriptor)


@pytest.fixture
def receipt() -> Callable[[pa.Table], list[dict[str, Any]]]:
    """Give the receipt that a module left in the schema's metadata."""

    def give(table: pa.Table) -> list[dict[str, Any]]:
        return json.loads((table.schema.metadata or {}).get(b"studiolo.receipt", b"[]"))

    return give


@pytest.fixture
def refused() -> Callable[..., tuple[str, str, str]]:
    """Call a function that must raise a ModuleError; give its code, summary and hint."""

    def call(function: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[str, str, str]:
        with pytest.raises(ModuleError) as caught:
            function(*arguments, **options)
        return caught.value.code, caught.value.summary, caught.value.hint

    return call
