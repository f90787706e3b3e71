"""Permutation Feature Importance: what shuffling a column costs (R-4.4, facts 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

from studiolo.modules.feature_selection.permutation_feature_importance import permutation_feature_importance
from studiolo.modules.initialize_model.linear_regression import linear_regression
from studiolo.modules.initialize_model.two_class_logistic_regression import two_class_logistic_regression
from studiolo.modules.python_language.create_python_model import create_python_model
from studiolo.modules.train.train_model import train_model
from studiolo.sdk.roles import with_role

Refused = Callable[..., tuple[str, str, str]]
REGRESSION = "Regression - Mean Absolute Error"


def table(rows: int = 400) -> pa.Table:
    """Give a label that depends on `strong`, less on `weak`, and not on `noise`."""
    draws = np.random.RandomState(0)
    columns = {name: draws.randn(rows) for name in ("noise", "weak", "strong")}
    spent = 3 * columns["strong"] + columns["weak"] + 0.1 * draws.randn(rows)
    return pa.table({**columns, "spent": spent, "bought": np.where(spent > 0, "yes", "no")})


def model(label: str, untrained: Any = None) -> Any:
    """Train on one of the labels, without the other."""
    data = table().drop_columns(["spent" if label == "bought" else "bought"])
    default = linear_regression() if label == "spent" else two_class_logistic_regression()
    return train_model(untrained or default, data, label_column=[label])


@pytest.mark.parametrize(
    ("label", "metric"),
    [
        ("bought", "Classification - Accuracy"),
        ("bought", "Classification - Precision"),
        ("bought", "Classification - Recall"),
        ("bought", "Classification - Average Log Loss"),
        ("spent", REGRESSION),
        ("spent", "Regression - Root Mean Squared Error"),
        ("spent", "Regression - Relative Absolute Error"),
        ("spent", "Regression - Relative Squared Error"),
        ("spent", "Regression - Coefficient of Determination"),
    ],
)
def test_what_matters_most_stands_first_by_any_metric(label: str, metric: str) -> None:
    """Facts 5: larger is more important, whichever way the metric goes."""
    found = permutation_feature_importance(model(label), table(), metric_for_measuring_performance=metric)
    scores = found["Score"].to_pylist()
    assert found["Feature"].to_pylist() == ["strong", "weak", "noise"]
    assert scores == sorted(scores, reverse=True) and scores[0] > scores[1] > abs(scores[2])


def test_the_score_is_the_metric_before_less_that_after_shuffling() -> None:
    """Facts 5: score = base - permuted; the first column is shuffled by the first draw of the seed."""
    data, trained = table(), model("spent")
    found = permutation_feature_importance(
        trained, data, random_seed=9, metric_for_measuring_performance=REGRESSION
    )
    order = np.random.RandomState(9).permutation(data.num_rows)
    shuffled = data.set_column(0, "noise", data["noise"].take(pa.array(order)))
    before, after = (trained.scores(one)["Scored Labels"].to_numpy() for one in (data, shuffled))
    truth = data["spent"].to_numpy()
    expected = metrics.mean_absolute_error(truth, after) - metrics.mean_absolute_error(truth, before)
    scores = dict(zip(found["Feature"].to_pylist(), found["Score"].to_pylist(), strict=True))
    assert scores["noise"] == pytest.approx(expected)


def test_the_same_seed_gives_the_same() -> None:
    """R-3.3: results are reused."""
    assert permutation_feature_importance(model("bought"), table()) == permutation_feature_importance(
        model("bought"), table()
    )


def test_a_python_model_can_be_looked_into() -> None:
    """R-4.5: nothing of the model but its predictions is asked."""
    found = permutation_feature_importance(model("bought", create_python_model()), table())
    assert found["Feature"].to_pylist()[0] == "strong"


def test_a_metric_of_other_predictions_is_refused(refused: Refused) -> None:
    """The default is accuracy, which a regression does not have."""
    code, _, hint = refused(permutation_feature_importance, model("spent"), table())
    assert code == "bad-parameter" and "Regression metric" in hint


def test_test_data_without_the_label_is_refused(refused: Refused) -> None:
    """Without truth there is nothing to lose."""
    data = table().drop_columns(["bought"])
    code, summary, _ = refused(permutation_feature_importance, model("bought"), data)
    assert code == "not-labeled" and '"bought"' in summary
    renamed = with_role(
        table().rename_columns(["noise", "weak", "strong", "spent", "did buy"]), ["did buy"], "label"
    )
    assert permutation_feature_importance(model("bought"), renamed)["Feature"][0].as_py() == "strong"
