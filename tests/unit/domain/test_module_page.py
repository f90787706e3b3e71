"""The help page of a module says all that its declaration and docstring say (R-4.6)."""

from __future__ import annotations

import json

import pytest

from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.domain.module_page import (
    ModulePage,
    PageParameter,
    PagePort,
    Passage,
    module_page,
)
from studiolo.registry.registry import DECLARATIONS

DESCRIPTION = """Grade rows.

Rows are graded by `limit`, from
the first on.

* equal rows keep their order,
  as they were
* missing values come last

| grade | means |
|-------|-------|
| A     | good  |

    code = 1

    more = 2

Example:
    rows:
      module: enter-data-manually
      parameters: {data: "a\\n1\\n"}

    graded:
      module: grade-rows
      inputs: {dataset: rows}

scripts/extra.py:
    def azureml_main():
        return None

Last words.
"""
EVERY_KIND = Declaration(
    "grade-rows",
    "Grade Rows",
    "My modules / Grading",
    "Grade rows.",
    DESCRIPTION,
    inputs=(
        Port("dataset", "dataset", False, "Dataset", ("Dataset", "Table to grade")),
        Port("model", "object", True, "Trained model", holds="trained model"),
        Port("tools", "zip", True, "Tools"),
    ),
    outputs=(Port("anything", "object", False, "Anything"), Port("log", "device", False, "Log")),
    parameters=(
        Parameter("mode", "choice", "Mode", "by rank", choices=("by rank", "by value"), help="How to grade."),
        Parameter(
            "limit", "number", "Limit", 0.5, minimum=0, maximum=1, when=("mode", ("by value",)), help="Bound."
        ),
        Parameter("count", "integer", "Count", 10, minimum=1, help="How many.", aliases=("Count", "nGrades")),
        Parameter("most", "integer", "Most", maximum=9, help="At most."),
        Parameter("any_number", "number", "Any number", 1e-7, help="Any."),
        Parameter("strict", "boolean", "Strict", True, help="Whether strict."),
        Parameter("why", "text", "Why", "none", when=("strict", ("true",)), help="The reason."),
        Parameter("query", "code", "Query", "select 1\nfrom t1", language="sql", help="A query."),
        Parameter("notes", "code", "Notes", language="text", help="Text."),
        Parameter("columns", "columns", "Columns", [], required=True, help="The columns.", input="dataset"),
        Parameter(
            "others",
            "columns",
            "Others",
            {"begin": "all", "rules": [{"exclude": {"types": ["Bytes"]}}]},
            help="Others.",
        ),
        Parameter("path", "path", "File", help="A file."),
        Parameter("address", "address", "Address", help="An address."),
    ),
    aliases=("Grader", "grade rows", "5cc7053e-aa30-450d-96c0-dae4be720977"),
)


def parameter(
    name: str,
    label: str,
    takes: str,
    help: str,
    default: str = "",
    choices: tuple[str, ...] = (),
    required: bool = False,
    condition: str = "",
    old: tuple[str, ...] = (),
) -> PageParameter:
    """Give a parameter of a page, by default with nothing but words."""
    return PageParameter(name, label, takes, choices, default, required, condition, help, old)


MODES = ("by rank", "by value")
PAGE = ModulePage(
    id="grade-rows",
    name="Grade Rows",
    category="My modules / Grading",
    summary="Grade rows.",
    text=(
        Passage("paragraph", ("Rows are graded by `limit`, from the first on.",)),
        Passage("list", ("equal rows keep their order, as they were", "missing values come last")),
        Passage("table", rows=(("grade", "means"), ("A", "good"))),
        Passage("code", ("code = 1", "", "more = 2")),
        Passage("paragraph", ("Last words.",)),
    ),
    inputs=(
        PagePort("dataset", "Dataset", "dataset", False, ("Table to grade",)),
        PagePort("model", "Trained model", "trained model", True, ()),
        PagePort("tools", "Tools", "zip", True, ()),
    ),
    outputs=(
        PagePort("anything", "Anything", "Python object", False, ()),
        PagePort("log", "Log", "printed text and pictures", False, ()),
    ),
    parameters=(
        parameter("mode", "Mode", "one of", "How to grade.", "by rank", MODES),
        parameter(
            "limit", "Limit", "number from 0 to 1", "Bound.", "0.5", condition="Only if Mode is by value."
        ),
        parameter("count", "Count", "whole number, 1 or more", "How many.", "10", old=("nGrades",)),
        parameter("most", "Most", "whole number, 9 or less", "At most."),
        parameter("any_number", "Any number", "number", "Any.", "1e-07"),
        parameter("strict", "Strict", "yes or no", "Whether strict.", "yes"),
        parameter("why", "Why", "text", "The reason.", "none", condition="Only if Strict is yes."),
        parameter("query", "Query", "text in SQL", "A query.", "select 1\nfrom t1"),
        parameter("notes", "Notes", "text of several lines", "Text."),
        parameter("columns", "Columns", "columns of Dataset", "The columns.", required=True),
        parameter("others", "Others", "columns", "Others.", "all columns, without the types Bytes"),
        parameter("path", "File", "a file of the workspace", "A file."),
        parameter("address", "Address", "an address", "An address."),
    ),
    example=(
        'rows:\n  module: enter-data-manually\n  parameters: {data: "a\\n1\\n"}\n\n'
        "graded:\n  module: grade-rows\n  inputs: {dataset: rows}\n"
    ),
    files=(("scripts/extra.py", "def azureml_main():\n    return None\n"),),
    old_names=("Grader",),
    old_ids=("5cc7053e-aa30-450d-96c0-dae4be720977",),
)


def test_a_page_with_every_kind_of_port_and_parameter() -> None:
    """Compared whole: each fact of a declaration has its place on the page, in words."""
    assert module_page(EVERY_KIND) == PAGE


def test_a_module_that_says_hardly_anything_has_a_page() -> None:
    """Somebody's first own module has no docstring, labels or help."""
    page = module_page(Declaration("x", "X", "Own", inputs=(Port("a"),), parameters=(Parameter("b"),)))
    assert (page.text, page.example, page.files) == ((), "", ())
    assert page.inputs == (PagePort("a", "a", "dataset", False, ()),)
    assert page.parameters == (PageParameter("b", "b", "text", (), "", False, "", "", ()),)


def test_the_example_as_a_file_is_an_experiment() -> None:
    """It is pasted into `experiment.yaml`, and opened from the page."""
    page = module_page(Declaration("x", "X", "Own", "Do.", "Do.\n\nExample:\n  a:\n    module: x\n"))
    assert page.example_document() == "name: Example of X\nnodes:\n  a:\n    module: x\n"
    assert module_page(Declaration("x", "X", "Own", "Do.", "Do.")).example_document() == ""


def test_a_summary_of_two_lines_is_not_said_twice() -> None:
    """The docstring's first paragraph is the summary; the page shows it once."""
    text = "Say something that needs a second\nline.\n\nMore."
    page = module_page(Declaration("x", "X", "Own", "Say something that needs a second line.", text))
    assert [block.lines for block in page.text] == [("More.",)]


@pytest.mark.parametrize("raw", json.loads(DECLARATIONS.read_bytes()), ids=lambda raw: raw["id"])
def test_every_parameter_and_port_of_every_module_is_on_its_page(raw: dict[str, object]) -> None:
    """What is not on the page has to be guessed."""
    declaration = Declaration.from_json(raw)
    page = module_page(declaration)
    assert [one.name for one in page.parameters] == [one.name for one in declaration.parameters]
    assert [one.name for one in page.inputs] == [one.name for one in declaration.inputs]
    assert [one.name for one in page.outputs] == [one.name for one in declaration.outputs]
    assert all(one.takes and one.help for one in page.parameters)
    words = " ".join(line for block in page.text for line in (*block.lines, *sum(block.rows, ())))
    assert all(word in declaration.description.replace("\n", " ") for word in words.split())
