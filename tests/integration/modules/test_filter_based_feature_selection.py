"""Filter Based Feature Selection: the statistics, held against scipy and scikit-learn (R-4.4, facts tier 3)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from sklearn.feature_selection import f_classif
from sklearn.metrics import mutual_info_score

from studiolo.modules.feature_selection.filter_based_feature_selection import (
    BY_TARGET,
    CHI,
    COUNT,
    FISHER,
    KENDALL,
    MUTUAL,
    PEARSON,
    SPEARMAN,
    filter_based_feature_selection,
)
from studiolo.sdk.roles import role_of, with_role

Refused = Callable[..., tuple[str, str, str]]
ROWS = 300


def table() -> pa.Table:
    """Give columns of several types with a target of two values."""
    draws = np.random.RandomState(0)
    near, far = draws.randn(ROWS), draws.randn(ROWS)
    bought = near + 0.3 * far + 0.5 * draws.randn(ROWS) > 0
    plan = np.where(bought ^ (draws.rand(ROWS) < 0.2), "pro", "basic")
    few = draws.randint(0, 4, ROWS)
    columns = {"far": far, "near": near, "few": few, "plan": plan, "bought": np.where(bought, "yes", "no")}
    return pa.table(columns)


def scores(method: str, data: pa.Table | None = None, target: str = "bought") -> dict[str, float]:
    """Give the scores of a method by column."""
    found = filter_based_feature_selection(
        table() if data is None else data, feature_scoring_method=method, target_column=[target]
    )
    return dict(found[1].to_pylist()[0])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (PEARSON, lambda values, target: abs(stats.pearsonr(values, target).statistic)),
        (SPEARMAN, lambda values, target: abs(stats.spearmanr(values, target).statistic)),
        (KENDALL, lambda values, target: abs(stats.kendalltau(values, target).statistic)),
        (FISHER, lambda values, target: f_classif(values[:, None], target)[0][0] / (ROWS - 2)),
    ],
)
def test_statistics_of_numbers_are_those_of_the_libraries(
    method: str, expected: Callable[[np.ndarray, np.ndarray], float]
) -> None:
    """R-4.4: a Fisher score of two classes is the F statistic but for the degrees of freedom."""
    target = np.array(table()["bought"].to_pylist()) == "yes"
    found = scores(method)
    for name in ("far", "near", "few"):
        assert found[name] == pytest.approx(
            expected(table()[name].to_numpy().astype(float), target.astype(float))
        )
    assert np.isnan(found["plan"]) and [*found][::3] == ["near", "plan"]


def test_columns_of_any_type_are_counted() -> None:
    """Chi squared and mutual information need no numbers."""
    plan, bought = (np.array(table()[name].to_pylist()) for name in ("plan", "bought"))
    counts = [
        [np.count_nonzero((plan == a) & (bought == b)) for b in ("no", "yes")] for a in ("basic", "pro")
    ]
    assert scores(CHI)["plan"] == pytest.approx(stats.chi2_contingency(counts, correction=False).statistic)
    assert scores(MUTUAL)["plan"] == pytest.approx(mutual_info_score(plan, bought))
    few = table()["few"].to_numpy()
    assert scores(MUTUAL)["few"] == pytest.approx(mutual_info_score(few, bought))


def test_many_numbers_are_counted_in_bins_of_even_size() -> None:
    """Each number alone would say everything of every target."""
    near, bought = table()["near"].to_numpy(), table()["bought"].to_pylist()
    bins = np.searchsorted(np.sort(near)[np.arange(1, 20) * ROWS // 20], near)
    assert sorted(np.bincount(bins)) == sorted([16, *[15] * 18, 14])
    assert scores(MUTUAL)["near"] == pytest.approx(mutual_info_score(bins, bought))


@pytest.mark.parametrize("method", BY_TARGET)
def test_the_target_comes_first_and_then_the_best(method: str) -> None:
    """Facts: output target first, then the best N; one row of scores."""
    data = with_role(table(), ["bought"], "label")
    filtered, features = filter_based_feature_selection(
        data, feature_scoring_method=method, target_column=["bought"], number_of_desired_features=2
    )
    assert filtered.column_names == ["bought", *features.column_names[:2]]
    assert filtered["bought"] == data["bought"] and role_of(filtered, "bought") == "label"
    assert features.num_rows == 1 and set(features.column_names) == {"far", "near", "few", "plan"}


def test_missing_and_infinite_values_do_not_count() -> None:
    """A gap says nothing of the target, and an infinity would swallow every other value."""
    data = pa.table({"x": [1.0, 2.0, float("nan"), float("inf"), 5.0], "y": [2.0, 4.0, 9.0, 1.0, 10.0]})
    assert scores(PEARSON, data, "y") == {"x": pytest.approx(1.0)}
    assert scores(SPEARMAN, data, "y") == {"x": pytest.approx(1.0)}


def test_only_features_are_compared_unless_told_otherwise() -> None:
    """The label's own score would always win."""
    data = table().append_column("Scored Labels", table()["bought"])
    data = with_role(data, ["Scored Labels"], "score")
    assert "Scored Labels" not in scores(CHI, data)
    found = filter_based_feature_selection(
        data, feature_scoring_method=CHI, target_column=["bought"], operate_on_feature_columns_only=False
    )
    assert found[0].column_names == ["bought", "Scored Labels"]


def test_count_based_keeps_columns_with_enough_values() -> None:
    """Facts: it needs no target; columns that are no features stay."""
    data = pa.table(
        {
            "zeros": [0, 0, 1],
            "text": ["a", None, "b"],
            "full": [1.5, 2.0, 3.0],
            "y": [0, 0, 0],
            "gaps": [1, None, None],
        }
    )
    data = with_role(data, ["y"], "label")
    filtered, features = filter_based_feature_selection(
        data, feature_scoring_method=COUNT, minimum_number_of_nonzero_elements=2
    )
    assert filtered.column_names == ["text", "full", "y"]
    assert features.to_pylist() == [{"zeros": 1.0, "text": 2.0, "full": 3.0, "gaps": 1.0}]


def test_fewer_scores_than_wanted_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A column less than asked for would otherwise be a riddle."""
    filter_based_feature_selection(table(), target_column=["bought"], number_of_desired_features=4)
    assert capsys.readouterr().out == "3 of 4 columns have a score; 4 were wanted.\n"


def test_a_target_that_can_not_be_correlated_is_refused(refused: Refused) -> None:
    """Three words have no order; the hint names the methods that take them."""
    data = pa.table({"x": [1.0, 2.0, 3.0], "y": ["a", "b", "c"]})
    code, summary, hint = refused(filter_based_feature_selection, data, target_column=["y"])
    assert code == "wrong-column-type" and '"y" is String with 3' in summary and MUTUAL in hint
    assert refused(filter_based_feature_selection, data)[0] == "no-columns"
