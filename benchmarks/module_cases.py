"""What benchmark `modules` compares: each module of the first tier and the plain library calls for the same work."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

Call = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """One module beside a library.

    Attributes:
        name: of the module, with what it does.
        beside: what stands beside it.
        module: calls the module's function on its table.
        plain: does the same by library calls on a DataFrame or a Table.
    """

    name: str
    beside: str
    module: Call
    plain: Call


def make_table(rows: int) -> pa.Table:
    """Make a table of ten columns: six Double with 1 % missing, two Integer, one String, a Boolean label."""
    rng = np.random.default_rng(7)
    numbers = {f"x{at}": rng.normal(size=rows) for at in range(6)}
    label = numbers["x0"] + 0.5 * numbers["x1"] + rng.normal(size=rows) > 0
    for values in numbers.values():
        values[rng.random(rows) < 0.01] = np.nan
    cities = np.array(["Oslo", "Lima", "Hue", "Rome", "Bonn"])
    return pa.table(
        {
            **numbers,
            "id": np.arange(rows),
            "visits": rng.integers(0, 50, rows),
            "city": pa.array(cities[rng.integers(0, 5, rows)]),
            "late": label,
        }
    )


def transformations(table: pa.Table) -> list[Case]:
    """Give the cases of modules that change a table."""
    return [*_of_columns(table), *_of_rows(table)]


def _of_columns(table: pa.Table) -> list[Case]:
    from studiolo.modules.data_transformation.clean_missing_data import clean_missing_data
    from studiolo.modules.data_transformation.edit_metadata import edit_metadata
    from studiolo.modules.data_transformation.normalize_data import normalize_data
    from studiolo.modules.data_transformation.select_columns_in_dataset import select_columns_in_dataset

    frame = table.to_pandas()
    numbers = [f"x{at}" for at in range(6)]
    return [
        Case(
            "Select Columns in Dataset",
            "pandas [[…]]",
            lambda: select_columns_in_dataset(table, select_columns=[*numbers, "city"]),
            lambda: frame[[*numbers, "city"]].copy(),
        ),
        Case(
            "Edit Metadata, Integer to Double",
            "pandas astype",
            lambda: edit_metadata(table, column=["visits"], data_type="Double"),
            lambda: frame.assign(visits=frame["visits"].astype("float64")),
        ),
        Case(
            "Clean Missing Data, mean",
            "pandas fillna(mean)",
            lambda: clean_missing_data(
                table, columns_to_be_cleaned=numbers, cleaning_mode="Replace with mean"
            ),
            lambda: frame.fillna(frame[numbers].mean()),
        ),
        Case(
            "Normalize Data, ZScore",
            "StandardScaler",
            lambda: normalize_data(table, columns_to_transform=numbers),
            lambda: _scaled(frame, numbers),
        ),
    ]


def _of_rows(table: pa.Table) -> list[Case]:
    from studiolo.modules.data_transformation.apply_sql_transformation import apply_sql_transformation
    from studiolo.modules.data_transformation.join_data import join_data
    from studiolo.modules.data_transformation.split_data import split_data

    frame = table.to_pandas()
    right = pa.table({"id": np.arange(0, table.num_rows, 2), "score": np.arange(0, table.num_rows, 2) * 0.5})
    right_frame = right.to_pandas()
    query = (
        "select city, avg(x0) as mean, count(*) as n from t1 where visits > 10 group by city order by city"
    )
    return [
        Case(
            "Split Data, rows",
            "train_test_split",
            lambda: split_data(table, fraction_of_rows_in_the_first_output_dataset=0.7),
            lambda: _split(frame),
        ),
        Case(
            "Join Data, inner",
            "pandas merge",
            lambda: join_data(
                table,
                right,
                join_key_columns_for_left_dataset=["id"],
                join_key_columns_for_right_dataset=["id"],
            ),
            lambda: frame.merge(right_frame, on="id", how="inner"),
        ),
        Case(
            "Apply SQL Transformation, duckdb",
            "its dialect sqlite",
            lambda: apply_sql_transformation(table, query=query),
            lambda: apply_sql_transformation(table, query=query, dialect="sqlite"),
        ),
    ]


def learning(table: pa.Table) -> list[Case]:
    """Give the cases of training, scoring and evaluating on the columns of numbers."""
    from studiolo.modules.evaluate.evaluate_model import evaluate_model
    from studiolo.modules.initialize_model.linear_regression import linear_regression
    from studiolo.modules.initialize_model.two_class_boosted_decision_tree import (
        two_class_boosted_decision_tree,
    )
    from studiolo.modules.initialize_model.two_class_logistic_regression import two_class_logistic_regression
    from studiolo.modules.score.score_model import score_model
    from studiolo.modules.train.train_model import train_model

    table = table.drop_columns(["id", "city"])
    frame = table.to_pandas()
    logistic, trees = two_class_logistic_regression(), two_class_boosted_decision_tree()
    line = linear_regression()
    trained = train_model(trees, table.slice(0, 50_000), label_column=["late"])
    scored = score_model(trained, table)
    plain_model = _lightgbm(frame.head(50_000))
    probabilities = scored.column("Scored Probabilities").to_numpy()
    return [
        Case(
            "Train Model, logistic regression",
            "scikit-learn",
            lambda: train_model(logistic, table, label_column=["late"]),
            lambda: _logistic(frame),
        ),
        Case(
            "Train Model, linear regression",
            "scikit-learn",
            lambda: train_model(line, table, label_column=["visits"]),
            lambda: _line(frame),
        ),
        Case(
            "Train Model, boosted trees",
            "LightGBM",
            lambda: train_model(trees, table, label_column=["late"]),
            lambda: _lightgbm(frame),
        ),
        Case(
            "Score Model, boosted trees",
            "LightGBM",
            lambda: score_model(trained, table),
            lambda: plain_model.predict_proba(_features(frame)),
        ),
        Case(
            "Evaluate Model, with curves",
            "scikit-learn metrics",
            lambda: evaluate_model(scored),
            lambda: _metrics(frame["late"].to_numpy(), probabilities),
        ),
    ]


def reading(text: bytes) -> list[Case]:
    """Give the case of Import Data: types from the whole file, each value checked."""
    import io

    from studiolo.formats.reading import MemorySource
    from studiolo.modules.data_input_and_output.import_data import import_data

    return [
        Case(
            "Import Data, CSV",
            "pandas read_csv",
            lambda: import_data(path=MemorySource("table.csv", text)),  # type: ignore[arg-type]
            lambda: pd.read_csv(io.BytesIO(text)),
        )
    ]


def in_r(table: pa.Table) -> list[Case]:
    """Give the case of Execute R Script with a script that gives back what it gets."""
    from studiolo.modules.r_language.execute_r_script import execute_r_script

    frame = table.to_pandas()
    script = "azureml_main <- function(dataframe1, dataframe2) dataframe1"
    return [
        Case(
            "Execute R Script, in and out",
            "Rscript with CSV files",
            lambda: execute_r_script(table, script=script),
            lambda: _through_csv(frame),
        )
    ]


def _through_csv(frame: pd.DataFrame) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        given, taken = f"{folder}/given.csv", f"{folder}/taken.csv"
        frame.to_csv(given, index=False)
        program = f'write.csv(read.csv("{given}"), "{taken}", row.names = FALSE)'
        subprocess.run(["Rscript", "-e", program], check=True)
        return pd.read_csv(taken)


def _split(frame: pd.DataFrame) -> Any:
    from sklearn.model_selection import train_test_split

    return train_test_split(frame, train_size=0.7, random_state=0)


def _scaled(frame: pd.DataFrame, numbers: list[str]) -> pd.DataFrame:
    from sklearn.preprocessing import StandardScaler

    return frame.assign(**dict(zip(numbers, StandardScaler().fit_transform(frame[numbers]).T, strict=True)))


def _features(frame: pd.DataFrame, label: str = "late") -> Any:
    return frame.drop(columns=label).fillna(0.0).to_numpy(float)


def _logistic(frame: pd.DataFrame) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    learner = LogisticRegression(C=1.0, tol=1e-7, max_iter=1000)
    return make_pipeline(MinMaxScaler(), learner).fit(_features(frame), frame["late"].to_numpy())


def _line(frame: pd.DataFrame) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(alpha=0.001).fit(_features(frame, "visits"), frame["visits"].to_numpy())


def _lightgbm(frame: pd.DataFrame) -> Any:
    from lightgbm import LGBMClassifier

    learner = LGBMClassifier(
        num_leaves=20,
        min_child_samples=10,
        learning_rate=0.2,
        n_estimators=100,
        colsample_bytree=0.6,
        verbosity=-1,
    )
    return learner.fit(_features(frame), frame["late"].to_numpy())


def _metrics(truth: Any, probabilities: Any) -> Any:
    from sklearn import metrics

    labels = probabilities > 0.5
    return (
        metrics.accuracy_score(truth, labels),
        metrics.precision_recall_fscore_support(truth, labels, average="binary"),
        metrics.log_loss(truth, probabilities),
        metrics.roc_auc_score(truth, probabilities),
        metrics.roc_curve(truth, probabilities),
        metrics.confusion_matrix(truth, labels),
    )
