"""Every error code has a page in docs/errors, and every page an error."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from studiolo.errors import WORKER_CODES

CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
ANY_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
RAISED = {"UserError", "ScriptError", "WorkerError", "InternalError", "JobError", "problem"}
RECEIPTS = {"ReceiptEntry", "entry", "note", "told"}  # codes of receipts have no page: their text says it all
REPLIES = {
    "ServiceProblem"
}  # docs/services-protocol.md explains what clients of a service are told; its test holds it
ONE_WORD = set(WORKER_CODES) | {"problems"}


def text_of(item: ast.expr | None) -> str | None:
    """Give the text of a constant, or None."""
    return item.value if isinstance(item, ast.Constant) and isinstance(item.value, str) else None


def is_sentence(item: ast.expr) -> bool:
    """Tell whether an expression is written as a sentence, possibly with values in it."""
    if isinstance(item, ast.BinOp):
        return is_sentence(item.left)
    if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr == "format":
        return is_sentence(item.func.value)
    return isinstance(item, ast.JoinedStr) or " " in (text_of(item) or "")


def called(call: ast.Call) -> str:
    """Give the last name of what is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def choices(item: ast.expr) -> Iterator[ast.expr]:
    """Give the values that an expression may have, through `a if b else c`."""
    if isinstance(item, ast.IfExp):
        yield from choices(item.body)
        yield from choices(item.orelse)
    else:
        yield item


def before_sentences(items: Sequence[ast.expr]) -> Iterator[str]:
    """Give the codes that stand before a sentence: `"missing-file", f"There is no file {name}."`."""
    for code, sentence in itertools.pairwise(items):
        if is_sentence(sentence):
            for one in choices(code):
                if CODE.fullmatch(text_of(one) or ""):
                    yield text_of(one) or ""


def codes_in(tree: ast.AST) -> Iterator[str]:
    """Give the codes of errors that a file can raise or report, by the forms they are written in."""
    for item in ast.walk(tree):
        if isinstance(item, ast.Call):
            if called(item) in RECEIPTS | REPLIES:
                continue
            yield from before_sentences(item.args)
            if called(item) in RAISED and item.args:
                first = (text_of(one) or "" for one in choices(item.args[0]))
                yield from (code for code in first if ANY_CODE.fullmatch(code))
            yield from (text_of(keyword.value) or "" for keyword in item.keywords if keyword.arg == "code")
        elif isinstance(item, ast.Tuple):
            yield from before_sentences(item.elts)
        elif isinstance(item, ast.Dict):
            entries = {text_of(key): value for key, value in zip(item.keys, item.values, strict=True)}
            if "summary" in entries:
                yield text_of(entries.get("code")) or ""
        elif isinstance(item, ast.Assign):
            if "code" in [getattr(target, "id", "") for target in item.targets]:
                yield text_of(item.value) or ""
        elif isinstance(item, ast.FunctionDef):
            defaults = zip(item.args.kwonlyargs, item.args.kw_defaults, strict=True)
            yield from (text_of(default) or "" for name, default in defaults if name.arg == "code")


@pytest.fixture(scope="module")
def sources(files: list[Path], root: Path) -> dict[str, str]:
    """Path to text of the Python files in src."""
    found = [path for path in files if path.suffix == ".py" and path.relative_to(root).parts[0] == "src"]
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in found}


@pytest.fixture(scope="module")
def page_names(root: Path) -> set[str]:
    """The codes that have a page."""
    return {path.stem for path in (root / "docs" / "errors").glob("*.md")} - {"README"}


def test_every_code_in_the_source_has_a_page(sources: dict[str, str], page_names: set[str]) -> None:
    """The code in square brackets is what a reader looks up (CONVENTIONS, Errors)."""
    without = {
        code: name
        for name, text in sources.items()
        for code in codes_in(ast.parse(text))
        if code and code not in page_names
    }
    without.update(dict.fromkeys(ONE_WORD - page_names, "src/studiolo/errors.py"))
    assert without == {}


def test_every_page_belongs_to_a_code_in_the_source(sources: dict[str, str], page_names: set[str]) -> None:
    """A page without its error sends a reader the wrong way."""
    text = "\n".join(sources.values())
    assert [name for name in sorted(page_names) if f'"{name}"' not in text and f"'{name}'" not in text] == []


def test_every_page_is_short_and_has_an_example(root: Path, page_names: set[str]) -> None:
    """A page says what it means, why, what to do, with a tiny example, and no more."""
    wrong = []
    for name in sorted(page_names):
        text = (root / "docs" / "errors" / f"{name}.md").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if line.strip()]
        if not (text.startswith(f"# {name}\n") and 3 <= len(lines) <= 25):
            wrong.append(name)
    assert wrong == []
