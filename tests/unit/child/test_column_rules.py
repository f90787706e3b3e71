"""Rules that choose columns: what they mean for the columns of a real table."""

from __future__ import annotations

import pytest

from studiolo_child.column_rules import chosen
from studiolo_child.failing import JobError

COLUMNS = [
    {"name": "id", "type": "int64"},
    {"name": "age", "type": "float64", "role": "feature"},
    {"name": "city", "type": "categorical", "dictionary": {"type": "string"}},
    {"name": "seen", "type": "timestamp[ns]"},
    {"name": "flag", "type": "bool"},
    {"name": "outcome", "type": "int8", "role": "label"},
    {"name": "note", "type": "string"},
]
NAMES = [column["name"] for column in COLUMNS]


@pytest.mark.parametrize(
    "begin, rules, names",
    [
        ("all", [], NAMES),
        ("all", [{"exclude": {"names": ["id", "note"]}}], NAMES[1:-1]),
        ("none", [{"include": {"names": ["note", "id"]}}], ["id", "note"]),
        ("none", [{"include": {"indices": [2, "4-5"]}}], ["age", "seen", "flag"]),
        ("none", [{"include": {"types": ["Numeric"]}}], ["id", "age", "outcome"]),
        ("none", [{"include": {"types": ["String"]}}], ["city", "note"]),
        ("none", [{"include": {"types": ["Categorical", "DateTime"]}}], ["city", "seen"]),
        ("none", [{"include": {"roles": ["label"]}}], ["outcome"]),
        ("none", [{"include": {"roles": ["feature"], "types": ["Integer"]}}], ["id"]),
        ("all", [{"exclude": "all"}, {"include": {"names": ["flag"]}}], ["flag"]),
        ("none", [{"include": {"types": ["Numeric"]}}, {"exclude": {"names": ["id"]}}], ["age", "outcome"]),
    ],
)
def test_rules_apply_in_order_and_give_the_tables_order(begin, rules, names):
    """UX 50: as the retired product's selector: include is union, exclude difference, each column once."""
    assert chosen({"begin": begin, "rules": rules}, COLUMNS, "columns", "dataset") == names


@pytest.mark.parametrize(
    "rules, code, words",
    [
        ([{"exclude": {"names": ["agee"]}}], "missing-column", 'no column "agee"'),
        ([{"exclude": {"indices": ["7-8"]}}], "missing-column", "no column 8"),
        ([{"exclude": "all"}], "no-columns", "none of the 7 columns"),
    ],
)
def test_what_the_table_lacks_is_said(rules, code, words):
    """A rule never chooses something else in silence."""
    with pytest.raises(JobError) as caught:
        chosen({"begin": "all", "rules": rules}, COLUMNS, "columns", "dataset")
    assert (caught.value.code, caught.value.place) == (code, {"parameter": "columns"})
    assert words in caught.value.summary
