"""Help pages of modules on narrow and wide screens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from studiolo.cli.module_text import page_lines
from studiolo.cli.plain_text import width_of
from studiolo.cli.screen import Screen
from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.domain.module_page import module_page

GRADE = Declaration(
    "grade-rows",
    "Grade Rows",
    "Own / Grading",
    "Grade the rows of a dataset by a limit.",
    "Grade the rows of a dataset by a limit.\n\nRows are graded one after the other, from the first one on.\n\n"
    "* equal rows keep the order in which they were before\n* 山山 missing values come last\n\n"
    "| grade | means |\n|---|---|\n| A | at least the limit and not more than twice the limit |\n\n    code = 1\n\n"
    "Example:\n    rows:\n      module: grade-rows\n",
    inputs=(Port("dataset", "dataset", False, "Dataset", ("Table",)),),
    outputs=(Port("graded", "dataset", False, "Graded"),),
    parameters=(
        Parameter("limit", "number", "Limit", 0.5, minimum=0, help="What is graded A."),
        Parameter("query", "code", "Query", "select\n1", language="sql", help="A query."),
    ),
    aliases=("Grader", "5cc7053e-aa30-450d-96c0-dae4be720977"),
)


def test_a_page_compared_whole(terminal: Callable[..., Screen]) -> None:
    """What people read, line by line."""
    assert list(page_lines(module_page(GRADE), "modules/grading.py", terminal(60, NO_COLOR="1"))) == [
        "Grade Rows  grade-rows",
        "Own / Grading; from modules/grading.py",
        "",
        "Grade the rows of a dataset by a limit.",
        "",
        "Rows are graded one after the other, from the first one on.",
        "",
        "* equal rows keep the order in which they were before",
        "* 山山 missing values come last",
        "",
        "grade  means",
        "A      at least the limit and not more than twice the limit",
        "",
        "    code = 1",
        "",
        "Inputs",
        "  dataset  Dataset  dataset",
        "",
        "Outputs",
        "  graded  Graded  dataset",
        "",
        "Parameters",
        "  limit  Limit",
        "      Number, 0 or more; default 0.5.",
        "      What is graded A.",
        "",
        "  query  Query",
        "      Text in SQL; default select ….",
        "      A query.",
        "",
        "Example",
        "  nodes:",
        "    rows:",
        "      module: grade-rows",
        "",
        "In the retired products",
        "  Grader, 5cc7053e-aa30-450d-96c0-dae4be720977",
        "  dataset  Table",
    ]


@pytest.mark.parametrize("columns", [24, 40, 80, 200])
def test_no_line_of_running_text_is_wider_than_the_screen(
    terminal: Callable[..., Screen], columns: int
) -> None:
    """A terminal would break it anywhere."""
    lines = list(page_lines(module_page(GRADE), "built in", terminal(columns, NO_COLOR="1")))
    running = [line for line in lines[:20] if not line.startswith(("Grade Rows", "Own /"))]
    assert [line for line in running if width_of(line) >= columns] == []
