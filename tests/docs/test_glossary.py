"""The glossary defines the words of the product, and names of files and classes keep to them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

# CONVENTIONS, "Words", and the words of this architecture.
WORDS = """
    workspace, experiment, module, node, port, connection, parameter, dataset, digest, run, node run, job,
    script, script bundle, environment, jail, trained model, service, endpoint, version,
    frame, receipt, fingerprint, content, zygote, prepared child, report, plan
"""
# Rejected for one thing, right for another.
ELSEWHERE = {
    "key": "a service has keys, a mapping too",
    "setting": "a pool is built from settings; a value on a node is a parameter",
}
# Names that scripts import, given by the vendor whose package this one stands in for.
GIVEN = "src/studiolo_child/site/azureml/"
# The modules bear the products' names, and what travels between them is a trained or an untrained model.
MODULES, THEIRS = "src/studiolo/modules/", {"model", "models"}
PLACES_WITHOUT_MEANING = {"util", "helper", "common", "misc", "base", "manager"}


@pytest.fixture(scope="module")
def glossary(root: Path) -> str:
    """The text of the glossary."""
    return (root / "docs" / "glossary.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def defined(glossary: str) -> set[str]:
    """The words that have an entry."""
    return set(re.findall(r"\*\*([^*]+)\*\*", glossary))


@pytest.fixture(scope="module")
def rejected(glossary: str) -> set[str]:
    """Words after "not" in the entries, and places that mean nothing; each also in the plural."""
    words = {"model"} | PLACES_WITHOUT_MEANING
    for group in re.findall(r"\(not: ([^)]*)\)", glossary):
        words |= {word.strip() for word in group.split(",") if word.strip().isalpha()}
    words -= set(ELSEWHERE)
    return words | {f"{word}s" for word in words}


def words_of(name: str) -> set[str]:
    """Split a file's or class's name into its words, in lower case."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", " ", name)
    return {word.lower() for word in apart.split()}


def refused(path: str, rejected: set[str]) -> set[str]:
    """Give the rejected words for a file."""
    return rejected - THEIRS if path.startswith(MODULES) else rejected


def test_every_word_of_the_product_is_defined(defined: set[str]) -> None:
    """One word for each thing, the same in code, docs and screen (CONVENTIONS, Words)."""
    wanted = {word.strip() for word in WORDS.replace("\n", " ").split(",")}
    assert wanted - defined == set()


def test_every_package_is_defined(defined: set[str], root: Path) -> None:
    """The file list is the vocabulary, so its first level stands in the glossary."""
    found = [*(root / "src").glob("*/__init__.py"), *(root / "src" / "studiolo").glob("*/__init__.py")]
    assert {path.parent.name for path in found} - defined == {"studiolo"}


def test_no_file_is_named_by_a_rejected_word(files: list[Path], root: Path, rejected: set[str]) -> None:
    """Two words for one thing make a reader look for the difference."""
    names = {path.relative_to(root).as_posix() for path in files if path.relative_to(root).parts[0] == "src"}
    names = {name for name in names if not name.startswith(GIVEN)}
    assert [
        name for name in sorted(names) if words_of(name.removesuffix(".py")) & refused(name, rejected)
    ] == []


def test_no_class_is_named_by_a_rejected_word(files: list[Path], root: Path, rejected: set[str]) -> None:
    """Class names are the vocabulary too."""
    wrong = []
    for path in files:
        name = path.relative_to(root).as_posix()
        if path.suffix != ".py" or not name.startswith("src/") or name.startswith(GIVEN):
            continue
        for item in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_public_class = isinstance(item, ast.ClassDef) and not item.name.startswith("_")
            if is_public_class and words_of(item.name) & refused(name, rejected):
                wrong.append(f"{path.relative_to(root)}: {item.name}")
    assert wrong == []
