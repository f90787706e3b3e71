"""Files and functions stay short enough to be read at once; what exceeds the bounds is listed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FILE_LINES = 400
FUNCTION_LINES = 50

# What may exceed the bounds, "path" or "path:function", each with its reason. New ones fail.
WAIVED: dict[str, str] = {}


@pytest.fixture(scope="module")
def sources(files: list[Path], root: Path) -> dict[str, str]:
    """Path to text of the repository's Python files."""
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in files
        if path.suffix == ".py"
    }


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def exceeding(sources: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Give files and functions beyond the bounds, with their number of lines."""
    for name, text in sources.items():
        lines = len(text.splitlines())
        if lines > FILE_LINES:
            yield name, lines
        for item in ast.walk(ast.parse(text)):
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(item) > FUNCTION_LINES:
                yield f"{name}:{item.name}", body_lines(item)


def test_files_and_functions_keep_their_bounds(sources: dict[str, str]) -> None:
    """What is longer has more than one purpose (CONVENTIONS, Shape); a waiver ends with its reason."""
    found = dict(exceeding(sources))
    assert {name: lines for name, lines in found.items() if name not in WAIVED} == {}
    assert [name for name in WAIVED if name not in found] == []


def test_every_source_file_opens_with_a_sentence(sources: dict[str, str]) -> None:
    """The first line of a file says what it is for (CONVENTIONS, Docstrings)."""
    spoken = {name: ast.get_docstring(ast.parse(text)) for name, text in sources.items() if text.strip()}
    assert [name for name, sentence in spoken.items() if not sentence] == []
