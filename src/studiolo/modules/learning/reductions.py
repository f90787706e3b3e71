"""Several classes by means of a two-class learner: one against the rest, each pair, or in order."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.learning.learner import Learner, Settings, learner_of
from studiolo.modules.learning.trained import LearnedModel, classified, learn
from studiolo.modules.learning.untrained import LearnerModel, UntrainedModel, Values
from studiolo.sdk import ModuleError, ObjectPort

Array = np.ndarray[Any, Any]

UNTRAINED_BINARY = ObjectPort(
    "untrained_binary_classification_model",
    holds="untrained model",
    label="Untrained binary classification model",
    aliases=("Untrained binary classification model",),
)
MOST_PAIRS = 5000


@dataclass
class ReducedModel(UntrainedModel):
    """A learner of several classes that trains a two-class learner several times.

    Attributes:
        entry: import name of the file that states its `LEARNER`.
        title: as in `UntrainedModel`.
        base: the two-class learner.
    """

    entry: str
    title: str
    base: LearnerModel

    task = "multiclass"

    @property
    def ranges(self) -> Mapping[str, Values]:  # type: ignore[override]
        """Those of the two-class learner."""
        return self.base.ranges

    def train(self, table: pa.Table, label: str, features: Sequence[str] | None = None) -> LearnedModel:
        """Train as `UntrainedModel.train` says."""
        shown = [["Two-class learner", self.base.title], *self.base.shown()]
        return learn(self.entry, self.title, {"base": self.base}, shown, table, label, features)

    def with_settings(self, settings: Mapping[str, Any]) -> ReducedModel:
        """Give the same learner with other values of some settings of the two-class learner, and no ranges."""
        return replace(self, base=self.base.with_settings(settings))

    def label_of(self, setting: str) -> str:
        """Give the name of a setting as people read it."""
        return self.base.label_of(setting)

    def studiolo_card(self) -> dict[str, Any]:
        """Give what the studio shows of it."""
        card = self.base.studiolo_card()
        return {
            **card,
            "title": self.title,
            "settings": [["Two-class learner", self.base.title], *card["settings"]],
        }


def reduced(function: Callable[..., Any], base: Any) -> ReducedModel:
    """Give the untrained model of a module's function around a two-class learner.

    Raises:
        ModuleError: `wrong-value`: what is connected is no two-class learner.
    """
    title = function.declaration.name  # type: ignore[attr-defined]
    if isinstance(base, LearnerModel) and base.task == "two-class":
        return ReducedModel(function.__module__, title, base)
    raise ModuleError(
        f"{title} needs an untrained two-class learner; {getattr(base, 'title', 'the object')} is none.",
        "Connect a learner whose name begins with Two-Class.",
        code="wrong-value",
        port=UNTRAINED_BINARY.name,
    )


def learner(kind: type[Reduction]) -> Learner:
    """Give the `LEARNER` of a module that reduces several classes in this way."""

    def build(settings: Settings) -> Reduction:
        base = settings["base"]
        return kind(base.entry, dict(base.settings))

    def normalizes(settings: Settings) -> bool:
        base = settings["base"]
        return learner_of(base.entry).normalizes(base.settings)

    return Learner(task="multiclass", build=build, normalizes=normalizes)


class Reduction:
    """An estimator of several classes made of two-class estimators.

    Attributes:
        entry, settings: of the two-class learner.
        classes_: codes of the classes of training, ascending.
        estimators: fitted, in the order that the subclass says.
    """

    def __init__(self, entry: str, settings: dict[str, Any]) -> None:
        self.entry, self.settings = entry, settings
        self.classes_: Array = np.zeros(0, np.int64)
        self.estimators: list[Any] = []

    def fit(self, matrix: Any, target: Array, sample_weight: Array | None = None) -> Reduction:
        """Train a two-class estimator for each question."""
        self.classes_ = np.unique(target)
        self.estimators = [
            self._fitted(matrix[rows] if rows is not None else matrix, answers, rows, sample_weight)
            for rows, answers in self.questions(target)
        ]
        return self

    def _fitted(self, matrix: Any, answers: Array, rows: Array | None, weights: Array | None) -> Any:
        base = learner_of(self.entry)
        estimator = base.build(self.settings)
        dense = matrix.toarray() if base.needs_dense and hasattr(matrix, "toarray") else matrix
        if weights is None or "sample_weight" not in inspect.signature(estimator.fit).parameters:
            return estimator.fit(dense, answers)
        return estimator.fit(dense, answers, sample_weight=weights if rows is None else weights[rows])

    def questions(self, target: Array) -> list[tuple[Array | None, Array]]:
        """Give for each estimator the rows that it learns from, None for all, and 0 or 1 for each of them."""
        raise NotImplementedError

    def predict_proba(self, matrix: Any) -> Array:
        """Give probabilities of shape (rows, classes)."""
        raise NotImplementedError

    def _yes(self, estimator: Any, matrix: Any) -> Array:
        dense = (
            matrix.toarray() if learner_of(self.entry).needs_dense and hasattr(matrix, "toarray") else matrix
        )
        said = classified(estimator, dense).probabilities
        assert said is not None
        positive: Array = said[:, 1]
        return positive


class OneVsAll(Reduction):
    """One estimator for each class: is it this one? The probabilities are brought to a sum of 1."""

    @property
    def coef_(self) -> Array:
        """Weights of each class, shape (classes, features), where the two-class learner is linear."""
        return np.vstack([one.coef_ for one in self.estimators])

    @property
    def intercept_(self) -> Array:
        """Bias of each class."""
        return np.concatenate([np.atleast_1d(one.intercept_) for one in self.estimators])

    def questions(self, target: Array) -> list[tuple[Array | None, Array]]:
        """Ask all rows for each class."""
        return [(None, (target == one).astype(np.int64)) for one in self.classes_]

    def predict_proba(self, matrix: Any) -> Array:
        """Give probabilities of shape (rows, classes)."""
        return _to_one(np.column_stack([self._yes(one, matrix) for one in self.estimators]))


class OneVsOne(Reduction):
    """One estimator for each pair of classes; a class has the mean of what its pairs say."""

    def questions(self, target: Array) -> list[tuple[Array | None, Array]]:
        """Ask the rows of each pair of classes which of the two it is."""
        pairs = self._pairs()
        if len(pairs) > MOST_PAIRS:
            raise ValueError(f"{len(self.classes_)} classes make {len(pairs)} pairs, more than {MOST_PAIRS}")
        asked: list[tuple[Array | None, Array]] = []
        for first, second in pairs:
            rows = np.flatnonzero((target == self.classes_[first]) | (target == self.classes_[second]))
            asked.append((rows, (target[rows] == self.classes_[second]).astype(np.int64)))
        return asked

    def predict_proba(self, matrix: Any) -> Array:
        """Give probabilities of shape (rows, classes)."""
        votes = np.zeros((matrix.shape[0], len(self.classes_)))
        for (first, second), estimator in zip(self._pairs(), self.estimators, strict=True):
            positive = self._yes(estimator, matrix)
            votes[:, second] += positive
            votes[:, first] += 1.0 - positive
        return _to_one(votes)

    def _pairs(self) -> list[tuple[int, int]]:
        count = len(self.classes_)
        return [(first, second) for first in range(count) for second in range(first + 1, count)]


class InOrder(Reduction):
    """One estimator for each step between neighbouring classes: is it above? See Frank and Hall (2001)."""

    def questions(self, target: Array) -> list[tuple[Array | None, Array]]:
        """Ask all rows for each class but the last whether they are above it."""
        return [(None, (target > one).astype(np.int64)) for one in self.classes_[:-1]]

    def predict_proba(self, matrix: Any) -> Array:
        """Give probabilities of shape (rows, classes)."""
        above = np.column_stack([self._yes(one, matrix) for one in self.estimators])
        above = np.minimum.accumulate(above, axis=1)  # above a higher class is never likelier
        ends = np.ones((len(above), 1))
        return _to_one(np.hstack([ends, above]) - np.hstack([above, 0 * ends]))


def _to_one(values: Array) -> Array:
    total = values.sum(axis=1, keepdims=True)
    even = np.full_like(values, 1.0 / values.shape[1])
    shares: Array = np.divide(values, total, out=even, where=total > 0)
    return shares
