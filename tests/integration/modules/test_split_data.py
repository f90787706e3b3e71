"""Split Data in all modes (R-4.4, facts 4.3)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from studiolo.modules.data_transformation.split_data import split_data
from studiolo.sdk.roles import role_of, with_role

NAN = float("nan")
MIXED = pa.table(
    {
        "n": [1, 2, 3, None, 5],
        "text": ["ab", "b", "A", None, "q&r"],
        "d": [1.5, NAN, 3.0, 4.0, 20.0],
        "time": pa.array([0, 86400, None, 172800, 259200], pa.timestamp("s")),
        "span": pa.array([0, 5400, None, 7200, 9000], pa.duration("s")),
        "flag": [True, False, None, True, True],
        'a "b"': pa.array(["x", "y", "x", None, "x"]).dictionary_encode(),
    }
)


def rows_of(count: int) -> pa.Table:
    return pa.table({"row": list(range(count)), "value": [f"v{row}" for row in range(count)]})


def drawn(*parts: pa.Table) -> list[list[Any]]:
    return [part[part.column_names[0]].to_pylist() for part in parts]


@pytest.mark.parametrize(
    ("count", "ratio", "seed"), [(10, 0.5, 0), (11, 0.5, 7), (13, 0.7, 4294967295), (1, 0.5, 1)]
)
def test_the_draw_is_that_of_the_designer(count: int, ratio: float, seed: int) -> None:
    """Its recipe, written out with pandas: old experiments give the same rows in the same order (facts 4.3)."""
    generator = np.random.RandomState(seed)
    order = generator.choice(count, count, replace=False)
    size = int(np.round(count * ratio))
    expected = [
        pd.Series(part).sample(frac=1, random_state=generator).tolist()
        for part in (order[:size], order[size:])
    ]
    parts = split_data(rows_of(count), fraction_of_rows_in_the_first_output_dataset=ratio, random_seed=seed)
    assert drawn(*parts) == expected
    assert parts[0]["value"].to_pylist() == [f"v{row}" for row in expected[0]]


def test_the_count_is_rounded_half_to_even() -> None:
    """As Python rounds: 2.5 rows are 2, 7.5 are 8 (facts 4.3)."""
    assert [split_data(rows_of(count))[0].num_rows for count in (0, 1, 5, 15)] == [0, 0, 2, 8]


def test_not_randomized_gives_head_and_tail_without_a_copy() -> None:
    """The rows in their order."""
    table = rows_of(5)
    parts = split_data(table, randomized_split=False, fraction_of_rows_in_the_first_output_dataset=0.6)
    assert drawn(*parts) == [[0, 1, 2], [3, 4]]


def test_a_stratified_split_divides_each_value_alike() -> None:
    """Groups in order, the missing one last, drawn in turn; then the parts are shuffled (facts 4.3)."""
    table = pa.table({"row": list(range(10)), "key": ["b", "a", None, "b", "a", "b", "a", None, "b", "a"]})
    given = {"stratified_split": True, "stratification_key_column": ["key"]}
    parts = split_data(table, random_seed=5, **given)
    generator = np.random.RandomState(5)
    first, second = [], []
    for group in ([1, 4, 6, 9], [0, 3, 5, 8], [2, 7]):
        order = np.array(group)[generator.choice(len(group), len(group), replace=False)]
        size = round(len(group) * 0.5)
        first.append(order[:size])
        second.append(order[size:])
    expected = [
        pd.Series(np.concatenate(part)).sample(frac=1, random_state=generator) for part in (first, second)
    ]
    assert drawn(*parts) == [part.tolist() for part in expected]
    plain = split_data(table, randomized_split=False, **given)
    assert drawn(*plain) == [[1, 4, 0, 3, 2], [6, 9, 5, 8, 7]]


def test_a_stratified_split_needs_one_column(refused: Callable[..., Any]) -> None:
    """No column, or several, leave open what is to be spread."""
    assert refused(split_data, MIXED, stratified_split=True)[0] == "no-columns"
    both = {"stratified_split": True, "stratification_key_column": ["n", "d"]}
    assert refused(split_data, MIXED, **both)[0] == "too-many-columns"


def test_roles_stay() -> None:
    """Training takes the label from the first part (facts 1.1)."""
    for part in split_data(with_role(rows_of(4), ["value"], "label")):
        assert role_of(part, "value") == "label"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (r'\"text" ^[ab]', [1, 2]),
        (r"\"text\" ^[ab]", [1, 2]),
        (r'"text" b$', [1, 2]),
        (r"\"text\" ^$", [None]),
        (r"(\2) (?i)a", [1, 3]),
        (r"\"d\" \.5$", [1]),
        (r"\"a \"b\"\" x", [1, 3, 5]),
        (r"\"flag\" ^true$", [1, None, 5]),
    ],
)
def test_a_regular_expression_takes_the_rows_that_match(expression: str, expected: list[Any]) -> None:
    """Anywhere in the text form, a missing value as an empty text, columns counted from 1 (facts 4.3)."""
    first, second = split_data(MIXED, splitting_mode="Regular Expression", regular_expression=expression)
    assert first["n"].to_pylist() == expected
    assert first.num_rows + second.num_rows == 5
    assert not set(map(str, expected)) & set(map(str, second["n"].to_pylist()))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (r'\"d" > 1.5 & < 10 | == 20', [3, None, 5]),
        (r"\"d\" == 20 | > 1.5 & < 10", [3, None]),
        (r"\"d\"!=3", [1, None, 5]),
        (r"(\1)>=1.5", [2, 3, 5]),
        (r"\"n\" < 99999999999999999999", [1, 2, 3, 5]),
        (r"\"text\" == ab", [1]),
        (r"\"text\" == 'q&r'", [5]),
        (r"\"text\" != \"ab\"".replace("\\", ""), [2, 3, None, 5]),
        (r"\"a \"b\"\" != x", [2, None]),
        (r"\"time\" > 1970-01-01 & <= 1/3/1970", [2, None]),
        (r"\"span\" >= 02:00:00", [None, 5]),
        (r"\"flag\" == false", [2]),
    ],
)
def test_a_relative_expression_takes_the_rows_that_fulfil_it(expression: str, expected: list[Any]) -> None:
    """From left to right; null fulfils nothing, except that a text that is null is != (facts 4.3)."""
    first, second = split_data(MIXED, splitting_mode="Relative Expression", relational_expression=expression)
    assert first["n"].to_pylist() == expected
    assert first.num_rows + second.num_rows == 5


@pytest.mark.parametrize(
    ("mode", "expression", "code"),
    [
        ("Relative Expression", "d > 3", "bad-parameter"),
        ("Relative Expression", r"\"d\" > ", "bad-parameter"),
        ("Relative Expression", r"\"d\" > 1 &", "bad-parameter"),
        ("Relative Expression", r"\"d\" > 1 < 2", "bad-parameter"),
        ("Relative Expression", r"\"D\" > 1", "missing-column"),
        ("Relative Expression", r"(\9) > 1", "missing-column"),
        ("Relative Expression", r"(\0) > 1", "missing-column"),
        ("Relative Expression", r"\"text\" > a", "wrong-column-type"),
        ("Relative Expression", r"\"d\" > x", "value-does-not-fit"),
        ("Regular Expression", r"\"text\" (", "bad-parameter"),
    ],
)
def test_expressions_that_mean_nothing_are_told(
    refused: Callable[..., Any], mode: str, expression: str, code: str
) -> None:
    """Each names what it could not read."""
    name = "relational_expression" if mode == "Relative Expression" else "regular_expression"
    assert refused(split_data, MIXED, splitting_mode=mode, **{name: expression})[0] == code


def ratings() -> pa.Table:
    generator = np.random.RandomState(3)
    return pa.table(
        {
            "user": [f"u{one}" for one in generator.randint(0, 20, 400)],
            "item": generator.randint(0, 30, 400),
            "rating": generator.randint(1, 6, 400),
            "at": pa.array(range(400), pa.timestamp("s")),
        }
    )


def test_the_recommender_split_divides_the_ratings_of_test_users() -> None:
    """Half the users are for training only; a quarter of each other user's ratings trains (facts 4.3)."""
    table = ratings()
    first, second = split_data(table, splitting_mode="Recommender Split")
    assert sorted(first["at"].to_pylist() + second["at"].to_pylist()) == table["at"].to_pylist()
    assert first["at"].to_pylist() == sorted(first["at"].to_pylist())
    frames = [part.to_pandas().groupby("user").size() for part in (table, first, second)]
    everything, training, test = frames
    assert len(test) == 10
    for user, count in everything.items():
        expected = round(count * 0.25) if user in test else count
        assert training.get(user, 0) == expected


def test_cold_and_ignored_users_and_items_of_the_recommender_split() -> None:
    """Cold ones appear in the second output only, ignored ones in none."""
    table = ratings()
    given = {
        "fraction_of_cold_users": 0.1,
        "fraction_of_ignored_users": 0.2,
        "fraction_of_cold_items": 0.1,
        "fraction_of_ignored_items": 0.1,
    }
    first, second = split_data(table, splitting_mode="Recommender Split", **given)
    training, test = first.to_pandas(), second.to_pandas()
    assert table.to_pandas()["user"].nunique() - len(set(training["user"]) | set(test["user"])) == 4
    assert len(set(test["user"]) - set(training["user"])) >= 2
    assert table.to_pandas()["item"].nunique() - len(set(training["item"]) | set(test["item"])) == 3
    assert len(set(test["item"]) - set(training["item"])) >= 3


def test_items_cold_by_chance_are_removed() -> None:
    """Only those items without training ratings stay that were meant to be cold."""
    table = ratings().slice(0, 60)
    given = {"fraction_of_cold_items": 0.1, "random_seed_for_recommender": 2}
    first, second = split_data(table, splitting_mode="Recommender Split", **given)
    known, tested = set(first["item"].to_pylist()), set(second["item"].to_pylist())
    without = split_data(
        table, splitting_mode="Recommender Split", remove_occasionally_produced_cold_items=True, **given
    )
    assert without[0].equals(first)
    left = set(without[1]["item"].to_pylist()) - known
    assert left < tested - known
    assert len(left) <= 3


def test_fractions_of_the_recommender_split_are_checked(refused: Callable[..., Any]) -> None:
    """More users than there are can't be drawn."""
    given = {"splitting_mode": "Recommender Split", "fraction_of_cold_users": 0.6}
    assert refused(split_data, ratings(), **given)[:2] == (
        "out-of-range",
        "The fractions of users add up to 1.1, which is more than 1.",
    )
    assert (
        refused(split_data, ratings().select(["user"]), splitting_mode="Recommender Split")[0] == "no-columns"
    )


def test_dates_without_a_time_are_compared_as_moments() -> None:
    """A date column is a DateTime (facts 1.1)."""
    days = pa.table({"day": [datetime.date(2020, 1, 31), datetime.date(2020, 2, 1), None]})
    first, _ = split_data(
        days, splitting_mode="Relative Expression", relational_expression='"day" > 2020-01-31'
    )
    assert first["day"].to_pylist() == [datetime.date(2020, 2, 1)]
