"""Cross Validate Model: each row is predicted by a model that has not seen it (R-4.4, facts 5)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from studiolo.modules.evaluate.cross_validate_model import cross_validate_model
from studiolo.modules.evaluate.evaluate_model import evaluate_model
from studiolo.modules.initialize_model.linear_regression import linear_regression
from studiolo.modules.initialize_model.two_class_logistic_regression import two_class_logistic_regression
from studiolo.modules.score.score_model import score_model
from studiolo.modules.train.train_model import train_model
from studiolo.sdk import roles

Refused = Callable[..., tuple[str, str, str]]


def table(rows: int = 95) -> pa.Table:
    """Give a number with a label of two classes and one of quantities."""
    draws = np.random.RandomState(0)
    x = draws.randn(rows)
    bought = np.where(x + draws.randn(rows) > 0, "yes", "no")
    return pa.table({"x": x, "city": np.array(["Graz", "Oslo"])[draws.randint(0, 2, rows)], "bought": bought})


def test_each_fold_is_scored_by_the_model_of_the_others() -> None:
    """R-4.4: a model that had seen the fold would look better than it is."""
    data = table()
    results, by_fold = cross_validate_model(two_class_logistic_regression(), data, label_column=["bought"])
    folds = results["Fold Assignments"].to_numpy()
    assert results.select(["x", "city", "bought"]).to_pydict() == data.to_pydict()
    for fold in (1, 7, 10):
        is_in = pa.array(folds == fold)
        model = train_model(
            two_class_logistic_regression(), data.filter(pa.compute.invert(is_in)), label_column=["bought"]
        )
        expected = score_model(model, data.filter(is_in))
        assert results.filter(is_in).select(expected.column_names) == expected
        row = by_fold.slice(fold - 1, 1).to_pylist()[0]
        alone = evaluate_model(expected)[0].to_pylist()[0]
        assert {name: row[name] for name in alone} == alone
        assert (row["Fold Number"], row["Number of examples in fold"]) == (str(fold), expected.num_rows)


def test_folds_are_even_and_follow_the_seed() -> None:
    """Facts 5: ten random even folds; the same seed gives the same."""

    def folds(seed: int) -> list[int]:
        learner = linear_regression()
        data = table().append_column("price", table()["x"])
        results, _ = cross_validate_model(learner, data, label_column=["price"], random_seed=seed)
        values: list[int] = results["Fold Assignments"].to_pylist()
        return values

    first = folds(3)
    assert sorted(set(np.bincount(first)[1:].tolist())) == [9, 10] and set(first) == set(range(1, 11))
    assert folds(3) == first != folds(4)


def test_mean_and_deviation_stand_below_the_folds() -> None:
    """Facts 5: the last two rows are Mean and Standard Deviation."""
    _, by_fold = cross_validate_model(
        two_class_logistic_regression(), table(), label_column=["bought"], number_of_folds=4, naming="classic"
    )
    frame = by_fold.to_pandas().set_index("Fold Number")
    assert list(frame.index) == ["1", "2", "3", "4", "Mean", "Standard Deviation"]
    assert list(frame.columns[:3]) == ["Number of examples in fold", "Model", "Accuracy"]
    folds = frame.iloc[:4]["F-Score"]
    assert frame.loc["Mean", "F-Score"] == pytest.approx(folds.mean())
    assert frame.loc["Standard Deviation", "F-Score"] == pytest.approx(folds.std())


def test_folds_of_partition_and_sample_are_used() -> None:
    """Facts 5: folds travel with the dataset; dealing anew would break what they were made for."""
    data = table().append_column("Fold Assignments", pa.array(np.arange(95) % 3 + 1))
    data = roles.with_role(data, ["Fold Assignments"], roles.FOLD)
    results, by_fold = cross_validate_model(two_class_logistic_regression(), data, label_column=["bought"])
    assert by_fold["Fold Number"].to_pylist() == ["1", "2", "3", "Mean", "Standard Deviation"]
    assert results["Fold Assignments"] == data["Fold Assignments"]
    assert roles.role_of(results, "Fold Assignments") == roles.FOLD


def test_scores_keep_their_roles() -> None:
    """The scored results can be evaluated as a whole, and nothing learns from the scores."""
    results, _ = cross_validate_model(two_class_logistic_regression(), table(), label_column=["bought"])
    assert evaluate_model(results)[0]["AUC"][0].as_py() > 0.6
    found = {name: roles.role_of(results, name) for name in results.column_names}
    assert found == {
        **{"x": None, "city": None, "bought": "label"},
        **{"Scored Labels": "score", "Scored Probabilities": "score", "Fold Assignments": "fold"},
    }


def test_rows_without_label_are_scored_and_not_evaluated() -> None:
    """They can't tell how good the model is, but their predictions can be used."""
    data = table(20)
    labels = [None, None, *data["bought"].to_pylist()[2:]]
    data = data.set_column(2, "bought", pa.array(labels, pa.string()))
    results, by_fold = cross_validate_model(
        two_class_logistic_regression(), data, label_column=["bought"], number_of_folds=2
    )
    assert results["Scored Labels"].null_count == 0
    counts = by_fold.slice(0, 2).to_pandas()[
        ["True Positive", "True Negative", "False Positive", "False Negative"]
    ]
    assert counts.to_numpy().sum() == 18


def test_a_fold_that_can_not_be_trained_is_told_with_its_number(refused: Refused) -> None:
    """Which rows were left out explains why a class is missing."""
    data = pa.table({"x": [1.0, 2.0, 3.0], "y": ["a", "b", "b"]})
    code, summary, _ = refused(
        cross_validate_model, two_class_logistic_regression(), data, label_column=["y"]
    )
    assert code == "cannot-train" and summary.startswith("Without the rows of fold ")


@pytest.mark.parametrize(
    ("folds", "summary"),
    [
        ([1, 1, 1, 1], "All rows of the dataset are in one fold."),
        ([1, 2, None, 2], '1 rows have no fold in "Fold Assignments".'),
        (["a", "b", "a", "b"], 'The folds in "Fold Assignments" are no whole numbers.'),
    ],
)
def test_folds_that_are_none_are_refused(refused: Refused, folds: list[object], summary: str) -> None:
    """Silently dealing other folds would hide the mistake."""
    data = pa.table({"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.5, 3.0, 4.0], "Fold Assignments": folds})
    data = roles.with_role(data, ["Fold Assignments"], roles.FOLD)
    found = refused(cross_validate_model, linear_regression(), data, label_column=["y"])
    assert found[:2] == ("cannot-evaluate", summary)


def test_with_fewer_rows_than_folds_each_row_is_one() -> None:
    """Ten folds of five rows would leave five without anything to score."""
    data = pa.table({"x": [1.0, 2.0, 3.0, 4.0, 6.0], "y": [1.0, 2.5, 3.0, 4.0, 5.5]})
    results, by_fold = cross_validate_model(linear_regression(), data, label_column=["y"])
    assert sorted(results["Fold Assignments"].to_pylist()) == [1, 2, 3, 4, 5]
    assert pd.notna(by_fold.to_pandas().loc[5, "Mean_Absolute_Error"])
