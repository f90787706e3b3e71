"""Rules that choose columns: their form, on the host."""

from __future__ import annotations

import pytest

from studiolo.domain.column_rules import input_of, names_in_rules, rules_problem
from studiolo.domain.module import Declaration, Parameter, Port


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [{"exclude": {"names": ["id", "a b"]}}],
        [{"include": "all"}, {"exclude": {"indices": [1, "3-5", "7"]}}],
        [{"include": {"types": ["Numeric", "Categorical"], "roles": ["feature"]}}],
    ],
)
def test_sound_rules_have_no_problem(rules):
    """UX 50: include or exclude by names, positions, types and roles."""
    assert rules_problem({"begin": "none", "rules": rules}) is None


@pytest.mark.parametrize(
    "value, summary, hint",
    [
        ({"begin": "all", "rule": []}, 'has the unknown key "rule"', "rules"),
        ({"rules": []}, "has rules that do not say where to begin", "begin is all or none"),
        ({"begin": "all"}, "has rules that are no list", "begin: all"),
        ({"begin": "all", "rules": ["x"]}, "has a wrong rule 1: it is not one include", "exclude"),
        ({"begin": "all", "rules": [{"exlude": "all"}]}, 'begins with "exlude"', "exclude"),
        ({"begin": "all", "rules": [{"exclude": {}}]}, "does not say what to exclude", "names"),
        ({"begin": "all", "rules": [{"exclude": {"name": ["a"]}}]}, 'chooses by "name"', "names"),
        (
            {"begin": "all", "rules": [{"exclude": {"names": []}}]},
            "names is no list, or an empty one",
            "begin",
        ),
        ({"begin": "all", "rules": [{"exclude": {"names": [7]}}]}, 'names has "7"', "in quotes"),
        ({"begin": "all", "rules": [{"exclude": {"indices": [0]}}]}, 'indices has "0"', "count from 1"),
        ({"begin": "all", "rules": [{"exclude": {"indices": ["5-3"]}}]}, 'indices has "5-3"', "count from 1"),
        (
            {"begin": "all", "rules": [{"exclude": {"types": ["Nummeric"]}}]},
            'types has "Nummeric"',
            "Numeric",
        ),
        (
            {"begin": "all", "rules": [{"exclude": {"names": ["a"], "types": ["String"]}}]},
            "at once",
            "two rules",
        ),
    ],
)
def test_what_is_wrong_with_rules_is_said(value, summary, hint):
    """CONVENTIONS "Errors": the place, and what to do next."""
    problem = rules_problem(value)
    assert problem is not None
    assert summary in problem[0]
    assert hint in problem[1]


def test_rules_name_their_columns_with_their_place():
    """A name that the input does not have is told at its line."""
    rules = {"begin": "all", "rules": [{"include": "all"}, {"exclude": {"names": ["a", "b"]}}]}
    assert list(names_in_rules(rules)) == [
        (("rules", "1", "exclude", "names", "0"), "a"),
        (("rules", "1", "exclude", "names", "1"), "b"),
    ]


def test_a_parameter_chooses_from_the_input_it_names_or_the_first_table():
    """Two tables, as of a join, need two choices."""
    inputs = (Port("model", "object"), Port("left"), Port("right"))
    declaration = Declaration("m", "M", "c", inputs=inputs)
    assert input_of(declaration, Parameter("p", "columns")) == "left"
    assert input_of(declaration, Parameter("p", "columns", input="right")) == "right"
    assert input_of(Declaration("m", "M", "c"), Parameter("p", "columns")) is None
