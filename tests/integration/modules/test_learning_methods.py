"""Learners whose method is our own: that they compute what they say (R-4.1)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse

from studiolo.modules.initialize_model.fast_forest_quantile_regression import fast_forest_quantile_regression
from studiolo.modules.initialize_model.linear_regression import linear_regression
from studiolo.modules.initialize_model.one_class_support_vector_machine import (
    one_class_support_vector_machine,
)
from studiolo.modules.initialize_model.one_vs_all_multiclass import one_vs_all_multiclass
from studiolo.modules.initialize_model.one_vs_one_multiclass import one_vs_one_multiclass
from studiolo.modules.initialize_model.ordinal_regression import ordinal_regression
from studiolo.modules.initialize_model.pca_based_anomaly_detection import pca_based_anomaly_detection
from studiolo.modules.initialize_model.poisson_regression import poisson_regression
from studiolo.modules.initialize_model.two_class_logistic_regression import two_class_logistic_regression
from studiolo.modules.learning.anomalies import PcaAnomalies
from studiolo.modules.learning.bayesian import BayesianLinearEstimator
from studiolo.modules.learning.poisson import PoissonEstimator
from studiolo.modules.score.score_model import score_model
from studiolo.modules.train.train_anomaly_detection_model import train_anomaly_detection_model
from studiolo.modules.train.train_model import train_model
from studiolo.sdk import ModuleError

from .learning_tables import public

RANDOM = np.random.default_rng(5)
MATRIX = RANDOM.normal(size=(300, 4))
COUNTS = RANDOM.poisson(np.exp(MATRIX @ [0.5, -0.3, 0.0, 0.1] + 0.7)).astype(float)


def predicted(untrained: Any, table: pa.Table, label: str = "target", naming: str = "designer") -> pa.Table:
    """Train and score on the same table."""
    return score_model(train_model(untrained, table, label_column=[label]), table, naming=naming)


def test_poisson_regression_is_the_librarys_without_l1() -> None:
    """The penalty counts once beside the sum of all rows; the library divides by their number."""
    from sklearn.linear_model import PoissonRegressor

    ours = PoissonEstimator(0.0, 2.0, 1e-9, 20).fit(MATRIX, COUNTS)
    library = PoissonRegressor(alpha=2.0 / len(COUNTS), tol=1e-9, max_iter=1000).fit(MATRIX, COUNTS)
    assert np.allclose(ours.coef_, library.coef_, atol=1e-5)
    assert np.isclose(ours.intercept_, library.intercept_, atol=1e-5)
    sparse = PoissonEstimator(0.0, 2.0, 1e-9, 20).fit(scipy.sparse.csr_matrix(MATRIX), COUNTS)
    assert np.allclose(sparse.coef_, ours.coef_, atol=1e-6)


def test_an_l1_penalty_sets_weights_to_zero_at_the_least_loss() -> None:
    """The conditions of the least: the slope is at most the penalty, and equal to it where a weight is not zero."""
    found = PoissonEstimator(30.0, 1.0, 1e-9, 20).fit(MATRIX, COUNTS)
    slope = MATRIX.T @ (found.predict(MATRIX) - COUNTS) + found.coef_
    assert (found.coef_ == 0).sum() >= 1 and (found.coef_ != 0).sum() >= 1
    assert (np.abs(slope) <= 30.0 + 1e-2).all()
    used = found.coef_ != 0
    assert np.allclose(slope[used], -30.0 * np.sign(found.coef_[used]), atol=1e-2)


def test_weights_of_rows_count_as_repetitions_in_poisson_regression() -> None:
    """A weight of 2 is the row twice."""
    twice = np.where(np.arange(300) % 3 == 0, 2.0, 1.0)
    weighted = PoissonEstimator(1.0, 1.0, 1e-9, 20).fit(MATRIX, COUNTS, sample_weight=twice)
    rows = np.repeat(np.arange(300), twice.astype(int))
    repeated = PoissonEstimator(1.0, 1.0, 1e-9, 20).fit(MATRIX[rows], COUNTS[rows])
    assert np.allclose(weighted.coef_, repeated.coef_, atol=1e-5)


def test_negative_counts_are_refused() -> None:
    """Their logarithm does not exist."""
    with pytest.raises(ModuleError, match="negative") as caught:
        predicted(poisson_regression(), pa.table({"x": [1.0, 2.0], "target": [1.0, -1.0]}))
    assert caught.value.code == "cannot-train"


def test_bayesian_means_are_those_of_ridge_regression() -> None:
    """The mean of the weights under the prior is the ridge solution; the textbook says so."""
    from sklearn.linear_model import Ridge

    target = MATRIX @ [1.0, 2.0, 0.0, -1.0] + 3.0 + RANDOM.normal(scale=0.5, size=300)
    ours = BayesianLinearEstimator(2.0).fit(MATRIX, target)
    ridge = Ridge(alpha=2.0).fit(MATRIX, target)
    assert np.allclose(ours.predict(MATRIX), ridge.predict(MATRIX))
    means, spread = ours.mean_and_spread(np.vstack([MATRIX, 50 * MATRIX[:1]]))
    assert 0.45 < ours.noise < 0.6 and (spread >= ours.noise).all()
    assert spread[-1] > 2 * spread[:-1].max()  # far from all that was seen
    assert 0.9 < (np.abs(means[:-1] - target) < 1.96 * spread[:-1]).mean() < 0.99


def test_bayesian_weights_of_rows_count_as_repetitions() -> None:
    """A weight of 2 is the row twice, also for the noise."""
    target = MATRIX @ [1.0, 2.0, 0.0, -1.0]
    twice = np.where(np.arange(300) % 3 == 0, 2.0, 1.0)
    rows = np.repeat(np.arange(300), twice.astype(int))
    weighted = BayesianLinearEstimator(1.0).fit(MATRIX, target, sample_weight=twice)
    repeated = BayesianLinearEstimator(1.0).fit(MATRIX[rows], target[rows])
    assert np.allclose(weighted.coef_, repeated.coef_) and np.isclose(weighted.noise, repeated.noise)


def test_quantiles_are_in_order_and_cover_their_share() -> None:
    """Half of the labels must lie between the quartiles, about."""
    table, _, target = public("diabetes")
    result = predicted(fast_forest_quantile_regression(quantiles_to_be_estimated="0.9;0.1; 0.5"), table)
    names = [f"Scores for quantile :{one}" for one in ("0.100", "0.500", "0.900")]
    assert result.column_names[-3:] == names
    low, middle, high = (result[name].to_numpy() for name in names)
    assert (low <= middle).all() and (middle <= high).all()
    assert 0.75 < ((target >= low) & (target <= high)).mean() < 0.95
    assert set(middle) <= set(target)


def test_a_quantile_is_read_from_the_labels_of_a_row_s_leaf() -> None:
    """One tree on all rows with two leaves: the quantiles are those of each half."""
    table = pa.table({"x": [0.0] * 4 + [1.0] * 4, "target": [1.0, 2.0, 3.0, 4.0, 10.0, 20.0, 30.0, 40.0]})
    untrained = fast_forest_quantile_regression(
        number_of_trees=200,
        minimum_number_of_samples_per_leaf_node=1,
        number_of_leaves=2,
        bagging_fraction=1.0,
    )
    result = predicted(untrained, table)
    assert result["Scores for quantile :0.250"].to_pylist() == [1.0] * 4 + [10.0] * 4
    assert result["Scores for quantile :0.750"].to_pylist() == [3.0] * 4 + [30.0] * 4


def test_many_leaves_give_the_same_quantiles_as_few_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of cells the shares are kept sparse: memory, not results, may differ."""
    table, _, _ = public("diabetes")
    dense = predicted(fast_forest_quantile_regression(number_of_trees=10), table)
    monkeypatch.setattr("studiolo.modules.learning.quantile_forest.DENSE_CELLS", 0)
    assert predicted(fast_forest_quantile_regression(number_of_trees=10), table).equals(dense)


@pytest.mark.parametrize("text", ["", "half", "0", "1", "0.5; 1.5", "nan", "0.5; 0.5001"])
def test_quantiles_that_are_none_are_refused(text: str) -> None:
    """Two of the same name would be one column."""
    with pytest.raises(ModuleError) as caught:
        fast_forest_quantile_regression(quantiles_to_be_estimated=text)
    assert (caught.value.code, caught.value.parameter) == ("wrong-value", "quantiles_to_be_estimated")


@pytest.mark.parametrize("make", [one_vs_all_multiclass, one_vs_one_multiclass, ordinal_regression])
def test_probabilities_of_several_classes_add_up_to_one(make: Any) -> None:
    """They come from two-class learners that know nothing of each other."""
    table, _, _ = public("iris")
    result = predicted(make(two_class_logistic_regression()), table)
    shares = np.column_stack([result[f"Scored Probabilities_{one}"].to_numpy() for one in range(3)])
    assert np.allclose(shares.sum(axis=1), 1) and (shares >= 0).all()
    assert result["Scored Labels"].to_pylist() == shares.argmax(axis=1).tolist()


def test_one_vs_all_is_that_of_the_library() -> None:
    """Its definition leaves nothing to choose."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    table, matrix, target = public("iris")
    scaled = (matrix - matrix.min(axis=0)) / (matrix.max(axis=0) - matrix.min(axis=0))
    library = OneVsRestClassifier(LogisticRegression(C=1.0, tol=1e-7, max_iter=1000)).fit(scaled, target)
    result = predicted(one_vs_all_multiclass(two_class_logistic_regression()), table)
    shares = np.column_stack([result[f"Scored Probabilities_{one}"].to_numpy() for one in range(3)])
    assert np.allclose(shares, library.predict_proba(scaled), atol=1e-5)


def test_a_range_of_the_two_class_learner_reaches_the_sweep() -> None:
    """Tune Model Hyperparameters is connected to the outer learner and sees its ranges only."""
    base = two_class_logistic_regression(create_trainer_mode="Parameter range")
    untrained = one_vs_all_multiclass(base)
    assert untrained.ranges == base.ranges != {}
    changed = untrained.with_settings({"l2_regularization_weight": 7.0})
    assert changed.base.settings["l2_regularization_weight"] == 7.0 and changed.ranges == {}


def test_too_many_pairs_of_classes_are_refused() -> None:
    """A thousand classes are half a million learners."""
    table = pa.table({"x": [float(at) for at in range(404)], "target": [at % 101 for at in range(404)]})
    with pytest.raises(ModuleError, match="5050 pairs"):
        predicted(one_vs_one_multiclass(two_class_logistic_regression()), table)


def test_pca_finds_the_row_that_does_not_lie_in_the_plane() -> None:
    """R-4.1: the score is the share of its length that the components leave over."""
    plane = RANDOM.normal(size=(200, 2)) @ [[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]
    found = PcaAnomalies(2, 2, False, 0).fit(plane)
    assert (found.predict_proba(plane)[:, 1] < 1e-3).all()
    outside = np.array([[2.0, -1.0, -1.0]])  # perpendicular to both directions
    assert np.allclose(found.predict_proba(outside), [[0.0, 1.0]])
    assert np.allclose(found.predict_proba(np.zeros((1, 3))), [[1.0, 0.0]])


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (pca_based_anomaly_detection, {"enable_input_feature_mean_normalization": True}),
        (one_class_support_vector_machine, {}),
    ],
)
def test_an_outlier_is_found(make: Any, settings: dict[str, Any]) -> None:
    """What most rows are like is learnt without any label."""
    usual = RANDOM.normal(size=(200, 2)) @ [[1.0, 0.0, 0.5, 0.1], [0.0, 1.0, 0.5, 0.2]]
    rows = np.vstack([usual + 20.0, [[20.0, 20.0, -20.0, 60.0]]])
    table = pa.table({name: rows[:, at].copy() for at, name in enumerate("abcd")})
    result = score_model(train_anomaly_detection_model(make(**settings), table), table)
    labels = result["Scored Labels"].to_pylist()
    assert labels[-1] == 1 and sum(labels) <= 0.15 * len(labels)
    assert result["Scored Probabilities"].to_pylist()[-1] > 0.5


def test_online_gradient_descent_learns_scaled_features() -> None:
    """Facts 4.11: normalised features, on by default; raw ones of this size would diverge."""
    table = pa.table({"x": [float(at) * 1000 for at in range(50)], "target": [2.0 * at for at in range(50)]})
    untrained = linear_regression(solution_method="Online Gradient Descent", number_of_training_epochs=200)
    result = predicted(untrained, table)
    assert np.allclose(result["Scored Labels"].to_numpy(), table["target"].to_numpy(), atol=10)
