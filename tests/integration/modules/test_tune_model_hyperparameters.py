"""Tune Model Hyperparameters: which settings are tried, how they are measured, what comes out (R-4.4, facts 5)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from studiolo.modules.evaluate.evaluate_model import evaluate_model
from studiolo.modules.initialize_model.linear_regression import GRADIENT_DESCENT, linear_regression
from studiolo.modules.initialize_model.two_class_logistic_regression import two_class_logistic_regression
from studiolo.modules.learning.sweeping import GRID, RANDOM, RANDOM_GRID, settings_to_try
from studiolo.modules.python_language.create_python_model import create_python_model
from studiolo.modules.score.score_model import score_model
from studiolo.modules.train.train_model import train_model
from studiolo.modules.train.tune_model_hyperparameters import tune_model_hyperparameters

Refused = Callable[..., tuple[str, str, str]]
RANGES = {"a": [1, 2, 3], "b": [0.1, 0.2]}


def table(rows: int = 120, seed: int = 0) -> pa.Table:
    """Give a label of two classes that two of three columns tell of, and a number."""
    draws = np.random.RandomState(seed)
    columns = {f"x{at}": draws.randn(rows) for at in range(3)}
    signal = columns["x0"] + columns["x1"] + 0.5 * draws.randn(rows)
    return pa.table({**columns, "bought": np.where(signal > 0, "yes", "no"), "spent": signal + 0.5})


def learner(**ranges: str) -> Any:
    """Give a logistic regression with ranges of a few settings, the others with one value."""
    single = {
        "optimization_tolerance_range": "1e-7",
        "l1_regularization_weight_range": "0",
        "l2_regularization_weight_range": "1",
        "memory_size_for_l_bfgs_range": "20",
    }
    return two_class_logistic_regression(create_trainer_mode="Parameter range", **{**single, **ranges})


def tune(
    untrained: Any, data: pa.Table, validation: pa.Table | None = None, **given: Any
) -> tuple[pa.Table, Any]:
    """Tune on the label of two classes, the entire grid."""
    given = {"label_column": ["bought"], "specify_parameter_sweeping_mode": GRID, **given}
    results: tuple[pa.Table, Any] = tune_model_hyperparameters(untrained, data, validation, **given)
    return results


def test_the_entire_grid_has_each_combination_once() -> None:
    """R-4.4: what is left out might have been the best."""
    tried = settings_to_try(RANGES, GRID, 1, 0)
    assert [(one["a"], one["b"]) for one in tried] == list(itertools.product(*RANGES.values()))


def test_a_random_grid_draws_different_combinations_by_its_seed() -> None:
    """Facts 1.3: seeds are reproducible here."""
    tried = settings_to_try(RANGES, RANDOM_GRID, 4, 7)
    assert len({tuple(one.values()) for one in tried}) == 4
    assert settings_to_try(RANGES, RANDOM_GRID, 4, 7) == tried != settings_to_try(RANGES, RANDOM_GRID, 4, 8)
    assert len(settings_to_try(RANGES, RANDOM_GRID, 100, 0)) == 6


def test_a_random_sweep_draws_values_and_tries_none_twice() -> None:
    """Training the same twice would only cost time."""
    tried = settings_to_try(RANGES, RANDOM, 50, 0)
    assert len(tried) == len({tuple(one.values()) for one in tried}) == 6
    assert len(settings_to_try(RANGES, RANDOM, 3, 0)) <= 3


def test_a_grid_beyond_all_patience_is_refused_and_a_random_one_is_not(refused: Refused) -> None:
    """Ten settings with ten values each are ten thousand million trainings."""
    ranges = {f"setting {at}": list(range(10)) for at in range(10)}
    code, summary, _ = refused(settings_to_try, ranges, GRID, 1, 0)
    assert code == "bad-parameter" and "10,000,000,000" in summary
    assert len(settings_to_try(ranges, RANDOM_GRID, 5, 0)) == 5


def test_the_best_settings_stand_first_and_are_those_of_the_model() -> None:
    """Facts 5: settings by their names, metrics, rank; the best model is trained on all rows."""
    results, model = tune(learner(l2_regularization_weight_range="1000; 0.01; 30"), table())
    frame = results.to_pandas()
    assert list(frame["Rank"]) == [1, 2, 3] and frame["Accuracy"].is_monotonic_decreasing
    assert frame["L2 regularization weight"].tolist()[0] == 0.01
    assert {"Precision", "Recall", "F-score", "AUC", "Average Log Loss"} <= set(frame.columns)
    again = train_model(
        learner().with_settings({"l2_regularization_weight": 0.01}), table(), label_column=["bought"]
    )
    assert score_model(model, table()) == score_model(again, table())


def test_smaller_log_losses_are_better() -> None:
    """Ranking by log loss as by accuracy would take the worst model."""
    results, _ = tune(
        learner(l2_regularization_weight_range="1000; 0.01; 30"),
        table(),
        metric_for_measuring_performance_for_classification="Average Log Loss",
    )
    losses = results["Average Log Loss"].to_pylist()
    assert losses == sorted(losses) and losses[0] < losses[-1]


def test_a_validation_dataset_takes_the_place_of_folds() -> None:
    """Its metrics are those of Evaluate Model, of the model that comes out."""
    results, model = tune(learner(l2_regularization_weight_range="1000; 0.01"), table(), table(seed=1))
    expected = evaluate_model(score_model(model, table(seed=1)))[0].to_pylist()[0]
    row = results.slice(0, 1).to_pylist()[0]
    assert (row["Accuracy"], row["AUC"]) == (expected["Accuracy"], expected["AUC"])


def test_a_learner_without_ranges_is_trained_once() -> None:
    """Facts 5: its single values are used."""
    results, model = tune(two_class_logistic_regression(), table())
    again = train_model(two_class_logistic_regression(), table(), label_column=["bought"])
    assert results.num_rows == 1 and results.column_names[0] == "Accuracy"
    assert score_model(model, table()) == score_model(again, table())


def test_a_python_model_is_tuned_as_one_without_ranges() -> None:
    """R-4.5: Create Python Model goes wherever an untrained model goes."""
    results, model = tune(create_python_model(), table())
    assert results.num_rows == 1 and results["AUC"][0].as_py() > 0.8
    assert score_model(model, table()).num_rows == 120


def test_numbers_are_measured_by_the_metric_of_regression() -> None:
    """Facts 5: "Coefficient of determination" is larger, errors are smaller when better."""
    untrained = linear_regression(
        solution_method=GRADIENT_DESCENT,
        create_trainer_mode="Parameter range",
        learning_rate_range="0.0001; 0.1",
        number_of_training_epochs_range="20",
        l2_regularization_weight_range="0.001",
    )
    for metric in ("Mean absolute error", "Coefficient of determination"):
        results, _ = tune(
            untrained, table(), label_column=["spent"], metric_for_measuring_performance_for_regression=metric
        )
        assert results["Learning rate"].to_pylist() == [0.1, 0.0001]


def test_a_combination_that_fails_comes_last_and_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """One bad value may not cost the sweep of a night."""

    class Fails(type(learner())):  # type: ignore[misc]
        def train(self, table: pa.Table, label: str, features: Any = None) -> Any:
            if self.settings["l2_regularization_weight"] == 7:
                from studiolo.sdk import ModuleError

                raise ModuleError("Seven is no good.", code="cannot-train")
            return super().train(table, label, features)

    untrained = Fails(**vars(learner(l2_regularization_weight_range="7; 1")))
    results, _ = tune(untrained, table())
    assert results["L2 regularization weight"].to_pylist() == [1.0, 7.0]
    assert np.isnan(results["Accuracy"].to_pylist()[1])
    assert "Run 1 (" in (told := capsys.readouterr().out) and "failed: Seven is no good." in told


def test_when_all_fail_the_first_error_is_told(refused: Refused) -> None:
    """An empty table of results would not say why."""
    three = pa.table({"x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "bought": ["a", "b", "c", "a", "b", "c"]})
    code, summary, _ = refused(tune, learner(), three)
    assert code == "cannot-train" and '"bought" has 3' in summary


def test_the_same_again_gives_the_same() -> None:
    """R-3.3: results are reused, so a sweep has to be reproducible."""
    given = {"specify_parameter_sweeping_mode": RANDOM, "random_seed": 5}
    untrained = learner(
        l2_regularization_weight_range="0.01; 1; 100", l1_regularization_weight_range="0; 0.1"
    )
    assert tune(untrained, table(), **given)[0] == tune(untrained, table(), **given)[0]
