"""Evaluate Model: what it says of scores, held against scikit-learn (R-4.4, facts 4.12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics

from studiolo.modules.evaluate.evaluate_model import evaluate_model
from studiolo.sdk import roles
from studiolo.sdk.roles import with_role

Refused = Callable[..., tuple[str, str, str]]
YES_NO = np.array(["no", "yes"])


def two_class(rows: int = 500, *, seed: int = 0, decimals: int = 2) -> pa.Table:
    """Give scores of two classes with ties, as Score Model marks them."""
    draws = np.random.RandomState(seed)
    probability = np.round(draws.rand(rows), decimals)
    truth = YES_NO[(draws.rand(rows) < probability).astype(int)]
    table = pa.table(
        {
            "bought": truth,
            "Scored Labels": YES_NO[(probability > 0.5).astype(int)],
            "Scored Probabilities": probability,
        }
    )
    table = with_role(table, ["bought"], roles.LABEL)
    table = with_role(table, ["Scored Labels"], roles.SCORE, "Binary Class Assigned Labels")
    return with_role(table, ["Scored Probabilities"], roles.SCORE, "Calibrated Score")


def without_roles(table: pa.Table) -> pa.Table:
    """Give the table as a script would, without roles."""
    return pa.table({name: table.column(name) for name in table.column_names})


def first(table: pa.Table) -> dict[str, Any]:
    """Give the first row of the results."""
    row: dict[str, Any] = table.slice(0, 1).to_pylist()[0]
    return row


def test_two_classes_are_measured_as_scikit_learn_does() -> None:
    """R-4.4: figures that differed from the library that everybody checks with would not be trusted."""
    table = two_class()
    truth, guess, probability = (np.array(table.column(at).to_pylist()) for at in range(3))
    row = first(evaluate_model(table)[0])
    matrix = metrics.confusion_matrix(truth, guess)
    prior = np.full(len(truth), (truth == "yes").mean())
    loss = metrics.log_loss(truth, probability)
    base = metrics.log_loss(truth, prior)
    assert row == pytest.approx(
        {
            "AUC": metrics.roc_auc_score(truth, probability),
            "Accuracy": metrics.accuracy_score(truth, guess),
            "Precision": metrics.precision_score(truth, guess, pos_label="yes"),
            "Recall": metrics.recall_score(truth, guess, pos_label="yes"),
            "F1": metrics.f1_score(truth, guess, pos_label="yes"),
            "True Positive": matrix[1, 1],
            "False Positive": matrix[0, 1],
            "True Negative": matrix[0, 0],
            "False Negative": matrix[1, 0],
            "Average Log Loss": loss,
            "Training Log Loss": (base - loss) / base * 100,
        }
    )
    assert list(row)[:5] == ["AUC", "Accuracy", "Precision", "Recall", "F1"]


def test_classic_names_stand_in_the_order_of_classic() -> None:
    """Facts 4.12: scripts that read the results of classic know its names."""
    names = evaluate_model(two_class(), naming="classic")[0].column_names
    assert names[:7] == [
        *("Accuracy", "Precision", "Recall", "F-Score", "AUC", "Average Log Loss", "Training Log Loss"),
    ]


def test_each_point_of_the_curve_counts_the_rows_at_its_threshold() -> None:
    """The threshold slider of the page shows these counts as exact (UX 67)."""
    table = two_class(3000, decimals=6)
    truth = np.array(table["bought"].to_pylist()) == "yes"
    probability = table["Scored Probabilities"].to_numpy()
    points = evaluate_model(table)[1].to_pandas()
    assert len(points) <= 201 and points["Threshold"].is_monotonic_decreasing
    assert 0.5 in set(points["Threshold"])
    for at, point in enumerate(points.itertuples(index=False)):
        called = (probability > point.Threshold) | (at == len(points) - 1)  # the last one calls all
        assert point[2:6] == (
            np.count_nonzero(truth & called),
            np.count_nonzero(~truth & called),
            np.count_nonzero(~truth & ~called),
            np.count_nonzero(truth & ~called),
        )
    at_half = points[points["Threshold"] == 0.5].iloc[0]
    assert at_half["True Positive"] == first(evaluate_model(table)[0])["True Positive"]
    true_rate, false_rate, lift = (
        points[name] for name in ("True Positive Rate", "False Positive Rate", "Lift")
    )
    called = points["Positive Rate"] > 0
    assert np.allclose(true_rate[called], lift[called] * points["Positive Rate"][called])
    assert np.allclose(points["Accuracy"], (points["True Positive"] + points["True Negative"]) / 3000)
    assert abs(np.trapezoid(true_rate, false_rate) - metrics.roc_auc_score(truth, probability)) < 1e-3


@pytest.mark.parametrize("probability", [[0.0, 1.0, 1.0, 0.0], [0.4, 0.4, 0.4, 0.4], [-3.0, 8.0, 2.0, -1.0]])
def test_a_curve_begins_with_no_row_and_ends_with_all(probability: list[float]) -> None:
    """Forests give 0 and 1 exactly, and own models anything: the ends of a ROC curve are (0, 0) and (1, 1)."""
    table = pa.table({"y": ["a", "b", "b", "a"], "Scored Labels": ["a", "b", "a", "a"]})
    table = table.append_column("Scored Probabilities", pa.array(probability))
    points = evaluate_model(table, label_column=["y"])[1].to_pylist()
    ends = [(one["True Positive Rate"], one["False Positive Rate"]) for one in (points[0], points[-1])]
    assert ends == [(0.0, 0.0), (1.0, 1.0)]
    assert points[0]["Precision"] == 1.0 and points[-1]["Lift"] == 1.0


def test_two_datasets_give_a_row_each_the_left_one_first() -> None:
    """R-4.4: the results are compared by row."""
    left, right = two_class(seed=1), two_class(seed=2)
    results, curves, matrix = evaluate_model(left, right)
    alone = [first(evaluate_model(one)[0]) for one in (left, right)]
    assert results.to_pylist() == alone
    assert sorted(set(curves["Dataset"].to_pylist())) == sorted(set(matrix["Dataset"].to_pylist())) == [1, 2]


def test_the_confusion_matrix_has_counts_and_shares_of_the_actual_class() -> None:
    """The page shows it as a heat table."""
    table = two_class()
    matrix = evaluate_model(table)[2].to_pylist()
    counts = metrics.confusion_matrix(table["bought"].to_pylist(), table["Scored Labels"].to_pylist())
    assert [(one["Actual Class"], one["Predicted Class"]) for one in matrix] == [
        ("no", "no"),
        ("no", "yes"),
        ("yes", "no"),
        ("yes", "yes"),
    ]
    assert [one["Count"] for one in matrix] == counts.ravel().tolist()
    assert [one["Fraction"] for one in matrix] == (counts / counts.sum(axis=1)[:, None]).ravel().tolist()


def test_names_count_where_a_script_lost_the_roles(refused: Refused) -> None:
    """Facts 4.12: after Python or SQL the default names help, with a label that is chosen."""
    table = two_class()
    plain = without_roles(table)
    assert evaluate_model(plain, label_column=["bought"])[0] == evaluate_model(table)[0]
    code, summary, hint = refused(evaluate_model, plain)
    assert (code, summary) == ("not-labeled", "No column of scored_dataset is a label.")
    assert "Edit Metadata" in hint


def test_the_label_of_the_left_dataset_counts_for_the_right_one_without_roles() -> None:
    """Two models are compared on the same label, whichever of the two went through a script."""
    left, right = two_class(seed=1), without_roles(two_class(seed=2))
    assert evaluate_model(left, right)[0].num_rows == 2


def test_a_dataset_without_scores_is_refused(refused: Refused) -> None:
    """Error 25 of the retired products, in words."""
    table = with_role(pa.table({"y": [1, 2]}), ["y"], roles.LABEL)
    code, summary, _ = refused(evaluate_model, table)
    assert (code, summary) == ("not-scored", "The dataset at scored_dataset has no scores.")


def test_scores_of_different_kinds_are_not_compared(refused: Refused) -> None:
    """A row of errors beside a row of accuracies would say nothing."""
    numbers = with_role(pa.table({"y": [1.5, 2.5], "Scored Labels": [1.0, 2.0]}), ["y"], roles.LABEL)
    code, summary, _ = refused(evaluate_model, two_class(), numbers)
    assert code == "cannot-evaluate" and "two-class" in summary and "regression" in summary


def test_rows_without_label_or_score_are_left_out_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise a missing label would count as a class of its own."""
    table = pa.table({"y": ["a", None, "b", "b"], "Scored Labels": ["a", "a", None, "b"]})
    row = first(evaluate_model(table, label_column=["y"])[0])
    assert (row["Accuracy"], row["True Positive"], row["True Negative"]) == (1.0, 1, 1)
    assert capsys.readouterr().out == "Dataset 1: 2 rows without a label or a score are left out.\n"


@pytest.mark.parametrize(("label", "probability", "hits"), [("no", 0.1, 0), ("yes", 0.9, 3)])
def test_a_single_class_is_told_from_the_probabilities(label: str, probability: float, hits: int) -> None:
    """With one value only in the test data, sorting can't say whether it is the positive one."""
    table = pa.table(
        {"y": [label] * 3, "Scored Labels": [label] * 3, "Scored Probabilities": [probability] * 3}
    )
    row = first(evaluate_model(table, label_column=["y"])[0])
    assert (row["Accuracy"], row["True Positive"], row["True Negative"]) == (1.0, hits, 3 - hits)
    assert np.isnan(row["AUC"])


def test_labels_and_scores_of_other_types_are_matched() -> None:
    """After pandas, whole numbers with a gap are floats and Booleans may be text."""
    numbers = pa.table({"y": [1, 0, None, 1], "Scored Labels": [1.0, 0.0, 0.0, 0.0]})
    assert first(evaluate_model(numbers, label_column=["y"])[0])["Accuracy"] == pytest.approx(2 / 3)
    booleans = pa.table({"y": [True, False, True], "Scored Labels": ["True", "False", "False"]})
    assert first(evaluate_model(booleans, label_column=["y"])[0])["Accuracy"] == pytest.approx(2 / 3)


def test_several_classes_are_measured_as_scikit_learn_does() -> None:
    """R-4.4: micro and macro averages, and the confusion matrix."""
    draws = np.random.RandomState(0)
    names = np.array(["größe", "middle", "small"])
    shares = draws.dirichlet([1, 1, 1], 300)
    truth = np.array([names[draws.choice(3, p=one)] for one in shares])
    guess = names[shares.argmax(axis=1)]
    table = pa.table(
        {"y": truth, **{f"Scored Probabilities_{n}": shares[:, at] for at, n in enumerate(names)}}
    )
    table = table.append_column("Scored Labels", pa.array(guess))
    results, curves, matrix = evaluate_model(table, label_column=["y"])
    right = [metrics.confusion_matrix(truth == name, guess == name).diagonal().sum() / 300 for name in names]
    assert first(results) == pytest.approx(
        {
            "Overall_Accuracy": metrics.accuracy_score(truth, guess),
            "Micro_Precision": metrics.precision_score(truth, guess, average="micro"),
            "Macro_Precision": metrics.precision_score(truth, guess, average="macro"),
            "Micro_Recall": metrics.recall_score(truth, guess, average="micro"),
            "Macro_Recall": metrics.recall_score(truth, guess, average="macro"),
            "Average_Accuracy": np.mean(right),
            "Average_Log_Loss": metrics.log_loss(truth, shares),
        }
    )
    assert curves.num_rows == 0 and "Threshold" in curves.column_names
    assert matrix["Count"].to_pylist() == metrics.confusion_matrix(truth, guess).ravel().tolist()


def test_many_classes_give_only_the_cells_that_are_not_zero() -> None:
    """A thousand classes would make a million rows of zeros."""
    names = [f"class {at}" for at in range(150)]
    matrix = evaluate_model(pa.table({"y": names, "Scored Labels": names}), label_column=["y"])[2]
    assert matrix.num_rows == 150 and set(matrix["Fraction"].to_pylist()) == {1.0}


def test_a_regression_is_measured_against_predicting_the_mean() -> None:
    """Facts 4.12: relative errors are against the mean of the scored set's label."""
    draws = np.random.RandomState(0)
    truth = draws.randn(200)
    guess = truth + 0.3 * draws.randn(200)
    table = pa.table({"y": truth, "Scored Labels": guess})
    results, histogram, matrix = evaluate_model(table, table, label_column=["y"])
    spread = truth - truth.mean()
    squared = ((guess - truth) ** 2).sum() / (spread**2).sum()
    assert first(results) == pytest.approx(
        {
            "Mean_Absolute_Error": metrics.mean_absolute_error(truth, guess),
            "Root_Mean_Squared_Error": metrics.root_mean_squared_error(truth, guess),
            "Relative_Squared_Error": squared,
            "Relative_Absolute_Error": np.abs(guess - truth).sum() / np.abs(spread).sum(),
            "Coefficient_of_Determination": metrics.r2_score(truth, guess),
        }
    )
    bins = histogram.filter(pa.compute.equal(histogram["Dataset"], 2)).to_pandas()
    edges = np.append(bins["From"].to_numpy(), bins["To"].to_numpy()[-1])
    assert edges[0] == (guess - truth).min() and edges[-1] == (guess - truth).max()
    assert bins["Count"].sum() == 200
    assert bins["Count"].tolist() == np.histogram(guess - truth, bins=edges)[0].tolist()
    assert matrix.num_rows == 0


def test_a_label_that_does_not_vary_has_no_relative_error() -> None:
    """0 divided by 0 is no perfect fit."""
    row = first(
        evaluate_model(pa.table({"y": [2.5, 2.5], "Scored Labels": [2.0, 3.0]}), label_column=["y"])[0]
    )
    assert row["Mean_Absolute_Error"] == 0.5 and np.isnan(row["Coefficient_of_Determination"])


def test_spreads_give_the_likelihood_of_classic() -> None:
    """Facts 4.12: learners that give a standard deviation have a negative log-likelihood."""
    names = ("y", "Scored Label Mean", "Scored Label Standard Deviation")
    table = pa.table(dict(zip(names, ([1.5, 2.0], [1.0, 2.0], [1.0, 0.5]), strict=True)))
    row = first(evaluate_model(table, label_column=["y"], naming="classic")[0])
    expected = 0.5 * np.log(2 * np.pi) + 0.125 + 0.5 * np.log(2 * np.pi * 0.25)
    assert row["Negative Log Likelihood"] == pytest.approx(expected)


def test_quantiles_have_a_loss_each_and_their_mean() -> None:
    """Facts 4.12: Quantile Loss:0.250 and Average Quantile Loss."""
    table = pa.table({"y": [1.0, 2.0, 4.0]})
    guesses = {0.25: [0.5, 2.5, 3.0], 0.75: [1.5, 2.5, 5.0]}
    for quantile, values in guesses.items():
        table = table.append_column(f"Scores for quantile :{quantile:.3f}", pa.array(values))
    expected = {
        f"Quantile Loss:{at:.3f}": metrics.mean_pinball_loss([1.0, 2.0, 4.0], values, alpha=at)
        for at, values in guesses.items()
    }
    expected["Average Quantile Loss"] = float(np.mean(list(expected.values())))
    assert first(evaluate_model(table, label_column=["y"])[0]) == pytest.approx(expected)


def test_clusters_have_a_row_each_and_one_for_all() -> None:
    """Facts 4.12: the row of all stands last in the designer and first in classic; no label is needed."""
    table = pa.table(
        {
            "Assignments": pa.array([0, 0, 1]).dictionary_encode(),
            "DistancesToClusterCenter no.0": [1.0, 3.0, 8.0],
            "DistancesToClusterCenter no.1": [6.0, 5.0, 2.0],
        }
    )
    expected = {
        "Result Description": [
            "Evaluation For Cluster No.0",
            "Evaluation For Cluster No.1",
            "Combined Evaluation",
        ],
        "Average Distance to Cluster Center": [2.0, 2.0, 2.0],
        "Average Distance to Other Center": [5.5, 8.0, pytest.approx(19 / 3)],
        "Number of Points": [2, 1, 3],
        "Maximal Distance To Cluster Center": [3.0, 2.0, 3.0],
    }
    assert evaluate_model(table)[0].to_pydict() == expected
    classic = evaluate_model(table, naming="classic")[0]
    assert classic["Result Description"].to_pylist()[0] == "Combined Evaluation"


def test_anomalies_are_measured_against_labels_of_any_type() -> None:
    """Scored Labels of anomaly detection are 0 and 1, the labels often words."""
    table = pa.table(
        {
            "y": ["a normal one", "b strange", "a normal one"],
            "Scored Labels": [0, 1, 1],
            "Scored Probabilities": [0.1, 0.9, 0.6],
        }
    )
    table = with_role(table, ["Scored Labels"], roles.SCORE, "Anomaly Detection Assigned Labels")
    row = first(evaluate_model(table, label_column=["y"])[0])
    assert (row["True Positive"], row["False Positive"], row["AUC"]) == (1, 1, 1.0)


def test_scores_of_two_classes_meet_a_third_label(refused: Refused) -> None:
    """It has no place in the counts, and would turn up as a false positive or negative."""
    table = two_class()
    table = table.set_column(0, table.schema.field(0), pa.array(["maybe", *table["bought"].to_pylist()[1:]]))
    code, summary, _ = refused(evaluate_model, table)
    assert code == "cannot-evaluate" and summary.endswith("have 3: maybe, no, yes.")
