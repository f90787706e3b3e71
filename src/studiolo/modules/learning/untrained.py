"""Untrained models: a learner with its settings, as it travels on a port to the modules that train."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from studiolo.modules.learning.learner import RANGE, RANGE_SUFFIX, learner_of
from studiolo.modules.learning.trained import LearnedModel, TrainedModel, learn
from studiolo.sdk import ModuleError

Values = Sequence[Any]


class UntrainedModel:
    """What a module that trains takes: gives a trained model from a dataset.

    Attributes:
        title: name of the learner, as people read it.
        task: see `learner.Task`; empty when only the code of its author knows.
        ranges: setting to the values that a sweep may try; empty without a range.
    """

    title: str
    task: str
    ranges: Mapping[str, Values]

    def train(self, table: pa.Table, label: str, features: Sequence[str] | None = None) -> TrainedModel:
        """Train on a dataset whose column `label` holds what is to be predicted.

        Args:
            table: the rows to learn from; those without a label are left out.
            label: name of the label column; empty for those that learn without one, to find anomalies.
            features: names of the columns to learn from; all that have the role of a feature unless given.

        Raises:
            ModuleError: the data can't be learnt from; it says why.
        """
        raise NotImplementedError

    def with_settings(self, settings: Mapping[str, Any]) -> UntrainedModel:
        """Give the same learner with other values of some settings, and no ranges."""
        raise NotImplementedError

    def label_of(self, setting: str) -> str:
        """Give the name of a setting as people read it."""
        return setting


@dataclass
class LearnerModel(UntrainedModel):
    """A learner of ours with its settings.

    Attributes:
        entry: import name of the file that states its `LEARNER`.
        title: as in `UntrainedModel`.
        settings: every setting of its module, ranges apart.
        ranges: as in `UntrainedModel`.
        labels: setting to its name as people read it.
    """

    entry: str
    title: str
    settings: dict[str, Any]
    ranges: dict[str, Values] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def task(self) -> str:  # type: ignore[override]
        """What it learns."""
        return learner_of(self.entry).task

    def train(self, table: pa.Table, label: str, features: Sequence[str] | None = None) -> LearnedModel:
        """Train as `UntrainedModel.train` says."""
        return learn(self.entry, self.title, self.settings, self.shown(), table, label, features)

    def with_settings(self, settings: Mapping[str, Any]) -> LearnerModel:
        """Give the same learner with other values of some settings, and no ranges."""
        return replace(self, settings={**self.settings, **settings}, ranges={})

    def label_of(self, setting: str) -> str:
        """Give the name of a setting as people read it."""
        return self.labels.get(setting, setting)

    def shown(self) -> list[list[Any]]:
        """Give the settings as pairs of a label and a value."""
        return [[self.label_of(name), value] for name, value in self.settings.items()]

    def studiolo_card(self) -> dict[str, Any]:
        """Give what the studio shows of it."""
        ranges = [[f"{self.label_of(name)}, values to try", "; ".join(map(str, values))]
                  for name, values in self.ranges.items()]  # fmt: skip
        stated = learner_of(self.entry).substitute
        substitute = [["Substitute", stated]] if stated else []
        return {
            "title": self.title,
            "settings": [["State", "untrained"], *substitute, *self.shown(), *ranges],
            "tables": [],
        }


def untrained(function: Callable[..., Any], given: Mapping[str, Any]) -> LearnerModel:
    """Give the untrained model of a module's function and the parameters it was called with.

    Raises:
        ModuleError: `wrong-value`: the values to try of a setting are not numbers within its bounds.
    """
    declaration = function.declaration  # type: ignore[attr-defined]
    known = {one.name: one for one in declaration.parameters}
    values = {name: given.get(name, one.default) for name, one in known.items()}
    mode = known.get("create_trainer_mode")
    is_shown = mode is None or mode.when is None or values[mode.when[0]] in mode.when[1]
    is_range = values.pop("create_trainer_mode", None) == RANGE and is_shown
    texts = {name: values.pop(name) for name in list(values) if name.endswith(RANGE_SUFFIX)}
    ranges: dict[str, Values] = {}
    stated = function.__globals__.get("LEARNER")  # that of clusters is none
    unused = stated.unused if stated is not None else ()
    for name, text in texts.items() if is_range else ():
        setting = name.removesuffix(RANGE_SUFFIX)
        if setting not in unused:
            ranges[setting] = _values(str(text), known[setting], name)
    labels = {name: known[name].label for name in values}
    return LearnerModel(function.__module__, declaration.name, values, ranges, labels)


def _values(text: str, parameter: Any, name: str) -> list[Any]:
    """Read the values to try of a setting: numbers, or choices, separated by semicolons."""
    pieces = [piece.strip() for piece in text.replace(",", ";").split(";") if piece.strip()]
    if not pieces:
        raise _wrong(f"{parameter.label} has no values to try.", name)
    if parameter.kind == "choice":
        for piece in pieces:
            if piece not in parameter.choices:
                raise _wrong(f'{parameter.label} can\'t be "{piece[:80]}".', name)
        return pieces
    values: list[Any] = []
    for piece in pieces:
        try:
            value: Any = int(piece) if parameter.kind == "integer" else float(piece)
        except ValueError:
            raise _wrong(f'{parameter.label} can\'t be "{piece[:80]}".', name) from None
        low, high = parameter.minimum, parameter.maximum
        if (
            not math.isfinite(value)
            or (low is not None and value < low)
            or (high is not None and value > high)
        ):
            raise _wrong(f"{parameter.label} can't be {piece}: it is out of bounds.", name)
        values.append(value)
    return values


def _wrong(summary: str, parameter: str) -> ModuleError:
    hint = "Give values separated by semicolons, such as 0.01; 0.1; 1."
    return ModuleError(summary, hint, code="wrong-value", parameter=parameter)
