"""Trained models: what training gives, what scoring asks, and what the studio shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.naming import numbered
from studiolo.modules.columns.replacing import appended
from studiolo.modules.learning.explaining import weights_table
from studiolo.modules.learning.featurizing import Featurizer, Matrix
from studiolo.modules.learning.fitting import fitted, weights_of
from studiolo.modules.learning.labelling import Classes, classes_of, labelled, quantities_of
from studiolo.modules.learning.learner import Learner, Settings, learner_of
from studiolo.modules.learning.naming import (
    CALIBRATED,
    LABEL_KINDS,
    SCORED_LABELS,
    SCORED_MEAN,
    SCORED_PROBABILITIES,
    SCORED_SPREAD,
    class_probability,
    quantile_score,
)
from studiolo.sdk import ModuleError, roles

Array = np.ndarray[Any, Any]


class TrainedModel:
    """What Score Model takes.

    Attributes:
        title: name of the learner, as people read it.
        task: see `learner.Task`; empty when only the code of its author knows.
        label: name of the column that was predicted in training; empty without one.
        columns: names of the columns that scoring needs.
    """

    title: str
    task: str
    label: str
    columns: Sequence[str]

    def scores(self, table: pa.Table, naming: str = "designer") -> pa.Table:
        """Give the score columns for each row of a dataset, with their roles, and nothing else.

        Args:
            table: has all columns of training; others are ignored.
            naming: `designer` or `classic`: how the columns are called (facts 4.11).

        Raises:
            ModuleError: `missing-column` or `wrong-column-type`, port `dataset`.
        """
        raise NotImplementedError


def scored(table: pa.Table, scores: pa.Table) -> pa.Table:
    """Give a dataset with score columns at its end; columns of the same name are replaced."""
    for field in scores.schema:
        role, category = roles.role_of(scores, field.name), roles.category_of(scores, field.name)
        table = appended(table, field.name, scores.column(field.name), role, category)
    return table


@dataclass
class Prediction:
    """What an estimator says of rows.

    Attributes:
        values: class positions (int64) or predicted numbers (float64), shape (rows,).
        probabilities: shape (rows, classes); of two classes the second is the positive one. None in regression.
        spread: standard deviations of predicted numbers, shape (rows,), where the learner gives them.
        quantiles: quantile to predicted numbers, for quantile regression.
    """

    values: Array
    probabilities: Array | None = None
    spread: Array | None = None
    quantiles: dict[float, Array] | None = None


@dataclass
class LearnedModel(TrainedModel):
    """A fitted scikit-learn estimator with all that is needed to use it.

    Attributes:
        title, task, label: as in `TrainedModel`.
        shown: settings as pairs of a label and a value.
        featurizer: turns datasets into what the estimator takes.
        estimator: fitted.
        classes: of the label; None in regression.
        rows: number of rows of training.
        entry: import name of the file that states its `LEARNER`.
    """

    title: str
    task: str
    label: str
    shown: list[list[Any]]
    featurizer: Featurizer
    estimator: Any
    classes: Classes | None
    rows: int
    entry: str

    @property
    def learner(self) -> Learner:
        """What its file states of it."""
        return learner_of(self.entry)

    @property
    def columns(self) -> list[str]:  # type: ignore[override]
        """Names of the columns that scoring needs."""
        return self.featurizer.columns

    def predict(self, table: pa.Table) -> Prediction:
        """Give what the estimator says of each row."""
        if not table.num_rows:
            empty = np.zeros(0)
            width = len(self.classes) if self.classes else 0
            quantiles = {float(one): empty for one in getattr(self.estimator, "quantiles", ())}
            return Prediction(
                np.zeros(0, np.int64) if width else empty,
                np.zeros((0, width)) if width else None,
                empty if self.learner.spread else None,
                quantiles or None,
            )
        matrix = self.featurizer.transform(table)
        if self.classes is not None:
            return classified(self.estimator, matrix)
        quantiles_of = getattr(self.estimator, "predict_quantiles", None)
        if quantiles_of is not None:
            quantiles = quantiles_of(matrix)
            return Prediction(quantiles[min(quantiles, key=lambda one: abs(one - 0.5))], quantiles=quantiles)
        if self.learner.spread is not None:
            mean, spread = self.learner.spread(self.estimator, matrix)
            return Prediction(mean, spread=spread)
        return Prediction(np.asarray(self.estimator.predict(matrix), float).reshape(-1))

    def scores(self, table: pa.Table, naming: str = "designer") -> pa.Table:
        """Give the score columns as `TrainedModel.scores` says."""
        said = self.predict(table)
        kind = LABEL_KINDS[self.task]
        if self.classes is not None and said.probabilities is not None:
            labels = (SCORED_LABELS, self.classes.take(said.values), kind)
            if self.task in ("two-class", "anomaly"):
                return _table([labels, (SCORED_PROBABILITIES, said.probabilities[:, 1], CALIBRATED)])
            named = [class_probability(name, naming) for name in self.classes.names]
            columns = [(name, said.probabilities[:, at], CALIBRATED) for at, name in enumerate(named)]
            return _table([*columns, labels])
        if said.quantiles is not None:
            return _table([(quantile_score(one), values, kind) for one, values in said.quantiles.items()])
        if said.spread is not None and naming == "classic":
            return _table([(SCORED_MEAN, said.values, kind), (SCORED_SPREAD, said.spread, None)])
        return _table([(SCORED_LABELS, said.values, kind)])

    def studiolo_card(self) -> dict[str, Any]:
        """Give what the studio shows of it."""
        import sklearn

        facts = [
            *([["Substitute", self.learner.substitute]] if self.learner.substitute else []),
            *([["Label column", self.label]] if self.label else []),
            *([["Classes", ", ".join(self.classes.names[:20])]] if self.classes is not None else []),
            ["Rows of training", self.rows],
            ["Features", self.featurizer.width],
            ["scikit-learn", sklearn.__version__],
        ]
        weights = weights_table(
            self.estimator, self.featurizer.names, self.classes.names if self.classes else []
        )
        return {
            "title": self.title,
            "settings": [*self.shown, *facts],
            "tables": [weights] if weights else [],
        }


def _table(columns: Sequence[tuple[str, Any, str | None]]) -> pa.Table:
    names: list[str] = []
    for name, _, _ in columns:  # two values of a label may have the same text
        names.append(numbered(name, names))
    table = pa.table({name: pa.array(values) for name, (_, values, _) in zip(names, columns, strict=True)})
    for name, (_, _, kind) in zip(names, columns, strict=True):
        table = roles.with_role(table, [name], roles.SCORE, kind)
    return table


def classified(estimator: Any, matrix: Matrix) -> Prediction:
    """Give labels and probabilities; estimators without probabilities get the logistic function of their margin."""
    if hasattr(estimator, "predict_proba"):
        probabilities = np.asarray(estimator.predict_proba(matrix))
        if probabilities.shape[1] == 1:  # one class only in training
            probabilities = np.hstack([1 - probabilities, probabilities])
        return Prediction(_present(estimator, probabilities.argmax(axis=1)), probabilities)
    margins = np.asarray(estimator.decision_function(matrix))
    if margins.ndim == 1:
        positive = _logistic(margins)
        return Prediction((margins > 1e-9).astype(np.int64), np.column_stack([1 - positive, positive]))
    exponents = np.exp(margins - margins.max(axis=1, keepdims=True))
    return Prediction(margins.argmax(axis=1), exponents / exponents.sum(axis=1, keepdims=True))


def _present(estimator: Any, positions: Array) -> Array:
    classes = np.asarray(estimator.classes_)
    return classes[positions].astype(np.int64) if len(classes) > 1 else positions


def _logistic(values: Array) -> Array:
    from scipy.special import expit

    result: Array = expit(values)
    return result


def learn(
    entry: str,
    title: str,
    settings: Settings,
    shown: list[list[Any]],
    table: pa.Table,
    label: str,
    features: Sequence[str] | None,
) -> LearnedModel:
    """Train the learner that the file `entry` states; see `UntrainedModel.train` for the other arguments.

    A column with the role `weight` weighs the rows, where the estimator takes weights.

    Raises:
        ModuleError: `cannot-train`, `wrong-column-type`.
    """
    learner = learner_of(entry)
    _check_training(learner, title, label)
    if label:
        table = labelled(table, label)
    if features is None:
        features = [name for name in roles.columns_with_role(table, roles.FEATURE) if name != label]
    if learner.substitute:
        print(f"Warning: {title} is not public; {learner.substitute}")
    classes, target = _targets(learner, table, label, title)
    featurizer = Featurizer.fit(table, features, learner.normalizes(settings), learner.needs_dense)
    estimator = fitted(learner.build(settings), featurizer.transform(table), target, weights_of(table), title)
    return LearnedModel(
        title, learner.task, label, shown, featurizer, estimator, classes, table.num_rows, entry
    )


def _check_training(learner: Learner, title: str, label: str) -> None:
    if (learner.task == "anomaly") == (not label):
        return
    right = "Train Anomaly Detection Model" if label else "Train Model"
    summary = f"{title} {'learns without a label' if label else 'needs a label'}."
    raise ModuleError(summary, f"Connect it to {right}.", code="cannot-train", port="untrained_model")


def _targets(
    learner: Learner, table: pa.Table, label: str, title: str
) -> tuple[Classes | None, Array | None]:
    """Give the classes of the label and what the estimator is fitted to."""
    if learner.task == "anomaly":
        return Classes(pa.array([0, 1])), None
    column = table.column(label)
    if learner.task in ("two-class", "multiclass"):
        classes = classes_of(column, label, learner.task, title)
        return classes, classes.codes(column)
    return None, quantities_of(column, label, title)
