"""Sweeps: which combinations of settings are tried, how each is measured, and which one is best."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.kinds import is_numeric
from studiolo.modules.columns.naming import numbered
from studiolo.modules.learning import metric_names
from studiolo.modules.learning.evaluating import evaluate
from studiolo.modules.learning.folds import mean_and_deviation, random_folds, stratified_folds
from studiolo.modules.learning.labelling import CLASS_LIMIT, labelled, plain
from studiolo.modules.learning.metrics_two_class import Metrics
from studiolo.modules.learning.score_columns import has_decimals
from studiolo.modules.learning.trained import TrainedModel, scored
from studiolo.modules.learning.untrained import UntrainedModel
from studiolo.sdk import ModuleError

Settings = dict[str, Any]

GRID, RANDOM, RANDOM_GRID = "Entire grid", "Random sweep", "Random grid"
MOST_TRIES = 10_000
FOLDS = 3


def settings_to_try(ranges: Mapping[str, Sequence[Any]], mode: str, runs: int, seed: int) -> list[Settings]:
    """Give the combinations of values that a mode tries, none twice.

    Args:
        ranges: setting to the values that it may have; empty without ranges.
        mode: `GRID`, `RANDOM` or `RANDOM_GRID`.
        runs: how many at most; not for `GRID`.
        seed: the same seed gives the same combinations.

    Raises:
        ModuleError: `bad-parameter`: the grid is beyond `MOST_TRIES`.
    """
    values = {name: list(dict.fromkeys(given)) for name, given in ranges.items()}
    total = math.prod(len(one) for one in values.values())
    if mode == GRID or (mode == RANDOM_GRID and runs >= total):
        if total > MOST_TRIES:
            raise ModuleError(
                f"The grid has {total:,} combinations; up to {MOST_TRIES:,} can be tried.",
                "Give fewer values to try, or choose Random sweep.",
                code="bad-parameter",
                parameter="specify_parameter_sweeping_mode",
            )
        return [dict(zip(values, one, strict=True)) for one in itertools.product(*values.values())]
    draws = random.Random(seed)
    if mode == RANDOM_GRID:
        return [_at(values, place) for place in draws.sample(range(total), runs)]
    drawn = [{name: draws.choice(one) for name, one in values.items()} for _ in range(runs)]
    return [one for at, one in enumerate(drawn) if one not in drawn[:at]]


def _at(values: Mapping[str, Sequence[Any]], place: int) -> Settings:
    found = {}
    for name, one in values.items():
        place, at = divmod(place, len(one))
        found[name] = one[at]
    return found


@dataclass
class _Tried:
    """A combination of settings with its metrics; without metrics when it could not be trained."""

    settings: Settings
    metrics: Metrics
    model: TrainedModel | None = None


@dataclass
class Sweep:
    """Tries combinations of settings of one learner.

    Attributes:
        untrained: the learner.
        label: name of the label column.
        classification_metric, regression_metric: as in the lists of `metric_names`.
        seed: of the folds.
    """

    untrained: UntrainedModel
    label: str
    classification_metric: str
    regression_metric: str
    seed: int
    _task: str = ""
    _tried: list[_Tried] = field(default_factory=list)

    def run(self, tries: Sequence[Settings], training: pa.Table, validation: pa.Table | None) -> None:
        """Try each combination, and order them, the best first; equal ones stay in the order of the tries.

        Raises:
            ModuleError: no combination could be trained and evaluated; that of the first one.
        """
        errors = []
        pairs = [(training, validation)] if validation is not None else self._folds(training)
        for number, settings in enumerate(tries, start=1):
            try:
                tried = self._measured(settings, pairs, validation is not None)
            except ModuleError as error:
                errors.append(error)
                shown = ", ".join(
                    f"{self.untrained.label_of(name)} {value}" for name, value in settings.items()
                )
                print(f"Run {number} ({shown or 'the settings of the learner'}) failed: {error.summary}")
                tried = _Tried(settings, {})
            self._tried.append(tried)
        if len(errors) == len(self._tried):
            errors[0].port = ""  # the names of ports are those at Train and Score Model
            raise errors[0]
        sign = 1 if self.metric in metric_names.SMALLER_IS_BETTER else -1
        self._tried.sort(key=lambda one: _rank(one.metrics.get(self.metric, float("nan")) * sign))

    def _folds(self, table: pa.Table) -> list[tuple[pa.Table, pa.Table]]:
        table = labelled(table, self.label)
        if table.num_rows < 2:
            raise ModuleError(
                "A sweep without validation dataset needs two labelled rows at least.",
                "Give more rows, or connect a validation dataset.",
                code="cannot-train",
                port="training_dataset",
            )
        column = plain(table.column(self.label))
        found = pc.unique(column)
        if len(found) > CLASS_LIMIT or self._is_quantity(column):
            folds = random_folds(table.num_rows, FOLDS, self.seed)
        else:
            codes = pc.index_in(column, value_set=found).to_numpy(zero_copy_only=False)
            folds = stratified_folds(codes, FOLDS, self.seed)
        return [
            (table.filter(pa.array(folds != fold)), table.filter(pa.array(folds == fold)))
            for fold in np.unique(folds)
        ]

    def _is_quantity(self, column: pa.Array) -> bool:
        if self.untrained.task:
            return self.untrained.task not in ("two-class", "multiclass")
        return is_numeric(column.type) and has_decimals(column)

    def _measured(
        self, settings: Settings, pairs: Sequence[tuple[pa.Table, pa.Table]], is_kept: bool
    ) -> _Tried:
        untrained = self.untrained.with_settings(settings)
        folds = []
        for training, validation in pairs:
            model = untrained.train(training, self.label)
            evaluation = evaluate(scored(validation, model.scores(validation)), self.label, has_areas=True)
            self._task = evaluation.task
            folds.append(evaluation.metrics)
        return _Tried(settings, mean_and_deviation(folds)[0], model if is_kept else None)

    @property
    def metric(self) -> str:
        """The metric that counts, by what the learner turned out to predict."""
        if self._task == "quantile":
            return "average_quantile_loss"
        if self._task == "regression":
            return metric_names.REGRESSION_CHOICES[self.regression_metric]
        name = metric_names.CLASSIFICATION_CHOICES[self.classification_metric]
        return metric_names.OF_SEVERAL_CLASSES[name] if self._task == "multiclass" else name

    def _shown_metrics(self) -> dict[str, str]:
        """Give the columns of the results with the metric of each."""
        if self._task == "quantile":
            names = list(self._tried[0].metrics)
            return {metric_names.quantile_name(name): name for name in names}
        if self._task == "regression":
            return metric_names.REGRESSION_CHOICES
        several = metric_names.OF_SEVERAL_CLASSES if self._task == "multiclass" else {}
        return {shown: several.get(name, name) for shown, name in metric_names.CLASSIFICATION_CHOICES.items()}

    def results(self) -> pa.Table:
        """Give a row for each combination, the best first: its settings, its metrics, its rank."""
        columns: dict[str, Any] = {}
        for setting in self._tried[0].settings:
            name = numbered(self.untrained.label_of(setting), columns)
            columns[name] = [one.settings[setting] for one in self._tried]
        for shown, metric in self._shown_metrics().items():
            values = [one.metrics.get(metric, float("nan")) for one in self._tried]
            columns[numbered(shown, columns)] = pa.array(values, pa.float64())
        columns[numbered("Rank", columns)] = list(range(1, len(self._tried) + 1))
        return pa.table(columns)

    def best_model(self, training: pa.Table) -> TrainedModel:
        """Give the learner trained with the best settings, on all rows of the training dataset."""
        best = self._tried[0]
        if best.model is not None:
            return best.model
        try:
            return self.untrained.with_settings(best.settings).train(training, self.label)
        except ModuleError as error:
            error.port = ""  # the name that it has at Train Model
            raise


def _rank(value: float) -> tuple[bool, float]:
    return math.isnan(value), 0.0 if math.isnan(value) else value
