"""Short ways to read bytes as a file and to see what a ModuleError says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from studiolo.formats.reading import MemorySource, ReadResult
from studiolo.sdk import ModuleError


@pytest.fixture
def source() -> Callable[..., MemorySource]:
    """Make a file of a text or of bytes."""

    def make(content: str | bytes, name: str = "data.csv") -> MemorySource:
        return MemorySource(name, content.encode() if isinstance(content, str) else content)

    return make


@pytest.fixture
def values() -> Callable[[ReadResult], dict[str, tuple[str, list[Any]]]]:
    """Give a table as column name to (type, values)."""

    def give(result: ReadResult) -> dict[str, tuple[str, list[Any]]]:
        table = result.table
        return {
            name: (str(table.schema.field(name).type), table[name].to_pylist()) for name in table.column_names
        }

    return give


@pytest.fixture
def refused() -> Callable[..., tuple[str, str]]:
    """Call a function that must raise a ModuleError; give its code and summary."""

    def call(function: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[str, str]:
        with pytest.raises(ModuleError) as caught:
            function(*arguments, **options)
        assert caught.value.summary.endswith(".")
        return caught.value.code, caught.value.summary

    return call
