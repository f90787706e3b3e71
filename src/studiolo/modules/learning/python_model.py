"""Models whose learning is a class that the user typed: `AzureMLModel` with `train` and `predict` (R-4.5)."""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.kinds import is_numeric
from studiolo.modules.columns.naming import numbered
from studiolo.modules.learning.labelling import CLASS_LIMIT, labelled, plain
from studiolo.modules.learning.naming import CALIBRATED, LABEL_KINDS, SCORED_LABELS, SCORED_PROBABILITIES
from studiolo.modules.learning.python_source import PythonSource, required_class
from studiolo.modules.learning.score_columns import has_decimals, task_of_values
from studiolo.modules.learning.trained import TrainedModel
from studiolo.modules.learning.untrained import UntrainedModel
from studiolo.sdk import ModuleError, roles
from studiolo_child.nearest import did_you_mean

CLASS = "AzureMLModel"
METHODS = ("train", "predict")
TITLE = "Create Python Model"


class PythonUntrained(UntrainedModel):
    """The text of a class that learns; it travels as text and runs where it is trained.

    Attributes:
        source: the text.
        title, task, ranges: as in `UntrainedModel`; without ranges.
    """

    def __init__(self, source: PythonSource) -> None:
        self.source = source
        self.title, self.task, self.ranges = TITLE, "", {}

    def with_settings(self, settings: Any) -> PythonUntrained:
        """Give itself: it has no settings."""
        return self

    def train(self, table: pa.Table, label: str, features: Sequence[str] | None = None) -> PythonModel:
        """Make an object of the class and let it train.

        Raises:
            ModuleError: what the text raised, with its own stack trace; `cannot-train`; `bad-return` when what it
                trained can't be kept.
        """
        table = labelled(table, label)
        if features is None:
            features = [name for name in roles.columns_with_role(table, roles.FEATURE) if name != label]
        if not features:
            raise ModuleError(
                "There is no column to learn from.",
                "Give the dataset columns besides the label; Edit Metadata makes columns features.",
                code="cannot-train",
                port="dataset",
            )
        if roles.columns_with_role(table, roles.WEIGHT):
            print(f"{TITLE} takes no weights: every row counts alike.")
        learner = required_class(self.source.load(), CLASS, METHODS, self.source)
        frame = table.select(list(features)).to_pandas(date_as_object=False)
        target = table.column(label).to_pandas(date_as_object=False)
        target.name = label
        with self.source.telling():
            trained = learner()
            trained.train(frame, target)
        classes = pc.drop_null(pc.unique(plain(table.column(label))))
        is_quantity = len(classes) > CLASS_LIMIT or (is_numeric(classes.type) and has_decimals(classes))
        return PythonModel(
            self.source, label, list(features), None if is_quantity else classes, table.num_rows, trained
        )

    def studiolo_card(self) -> dict[str, Any]:
        """Give what the studio shows of it."""
        lines = len(self.source.text.splitlines())
        settings = [["State", "untrained"], ["Class", CLASS], ["Lines of the script", lines]]
        return {"title": TITLE, "settings": settings, "tables": []}


class PythonModel(TrainedModel):
    """An object of the user's class after training.

    It is pickled as the text of the class and the state of the object, so that another process finds the class.

    Attributes:
        title, task, label, columns: as in `TrainedModel`.
        source: text of the class.
        classes: values of the label in training; None when they are quantities.
        rows: number of rows of training.
    """

    def __init__(
        self,
        source: PythonSource,
        label: str,
        columns: Sequence[str],
        classes: pa.Array | None,
        rows: int,
        trained: Any,
    ) -> None:
        self.title, self.task, self.label = TITLE, "", label
        self.columns = list(columns)
        self.source, self.classes, self.rows = source, classes, rows
        self._state = _pickled(trained, source)
        self._trained = trained

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_trained": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        try:  # now, so that a web service loads it once and not for each request
            self._trained = self._loaded()
        except ModuleError:  # told again, to whoever uses it
            self._trained = None

    def _loaded(self) -> Any:
        self.source.load()
        with self.source.telling():
            return pickle.loads(self._state)

    def scores(self, table: pa.Table, naming: str = "designer") -> pa.Table:
        """Give what `predict` returns, as columns with roles.

        Raises:
            ModuleError: `missing-column`; what the text raised; `bad-return` when it is no table of that many rows.
        """
        for name in self.columns:
            if name not in table.column_names:
                raise ModuleError(
                    f'The trained model needs the column "{name[:80]}", which the dataset does not have.',
                    did_you_mean(name, table.column_names, "column"),
                    code="missing-column",
                    port="dataset",
                )
        if self._trained is None:
            self._trained = self._loaded()
        frame = table.select(self.columns).to_pandas(date_as_object=False)
        if not len(frame):
            return self._marked(self._of_no_rows(frame))
        with self.source.telling():
            returned = self._trained.predict(frame)
        return self._marked(self._table(returned, len(frame)))

    def _of_no_rows(self, frame: pd.DataFrame) -> pa.Table:
        """Ask for the columns of no rows; most learners refuse that."""
        try:
            return self._table(self._trained.predict(frame), 0)
        except Exception:
            kind = pa.float64() if self.classes is None else self.classes.type
            return pa.table({SCORED_LABELS: pa.array([], kind)})

    def _table(self, returned: Any, rows: int) -> pa.Table:
        frame = _frame(returned)
        if frame is None or len(frame) != rows:
            shown = f"{len(frame)} rows" if frame is not None else f"a {type(returned).__name__}"
            raise self._bad_return(
                f"predict returned {shown} for {rows} rows.",
                "Return a DataFrame with one row for each row it gets.",
            )
        columns: dict[str, pa.Array] = {}
        left_out = []
        for at, name in enumerate(map(str, frame.columns)):
            if name in (*self.columns, self.label):
                left_out.append(name)
                continue
            columns[numbered(name or "Column", columns)] = self._array(frame.iloc[:, at], name)
        if left_out:
            shown = ", ".join(name[:80] for name in left_out[:5]) + (", …" if len(left_out) > 5 else "")
            print(f"predict also returned columns of the dataset; they stay as they are there: {shown}.")
        if not columns:
            raise self._bad_return("predict returned no column of its own.", "Return a column Scored Labels.")
        return pa.table(columns)

    def _array(self, values: pd.Series, name: str) -> pa.Array:
        try:
            array = pa.Array.from_pandas(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            raise self._bad_return(
                f'The values of the column "{name[:80]}" that predict returned are of different types.',
                "Return numbers, text, Booleans or dates, one type in a column.",
            ) from None
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if pa.types.is_large_string(array.type):
            return pc.cast(array, pa.string())
        return pc.fill_null(array, float("nan")) if pa.types.is_floating(array.type) else array

    def _bad_return(self, summary: str, hint: str) -> ModuleError:
        return ModuleError(summary, hint, code="bad-return", file=self.source.file)

    def _marked(self, table: pa.Table) -> pa.Table:
        for name in table.column_names:
            table = roles.with_role(table, [name], roles.SCORE, self._category(table, name))
        return table

    def _category(self, table: pa.Table, name: str) -> str | None:
        if name.startswith(SCORED_PROBABILITIES) and is_numeric(table.schema.field(name).type):
            return CALIBRATED
        if name != SCORED_LABELS:
            return None
        predicted = plain(table.column(name))
        if self.classes is None:
            return LABEL_KINDS["regression" if is_numeric(predicted.type) else "multiclass"]
        if SCORED_PROBABILITIES in table.column_names and len(self.classes) <= 2:
            return LABEL_KINDS["two-class"]
        return LABEL_KINDS[task_of_values([self.classes, predicted])]

    def studiolo_card(self) -> dict[str, Any]:
        """Give what the studio shows of it."""
        classes = [] if self.classes is None else [str(one) for one in self.classes.to_pylist()[:20]]
        return {
            "title": TITLE,
            "settings": [
                ["Class", CLASS],
                ["Label column", self.label],
                *([["Classes", ", ".join(sorted(classes))]] if classes else []),
                ["Rows of training", self.rows],
                ["Columns", ", ".join(self.columns[:50])],
            ],
            "tables": [],
        }


def _pickled(trained: Any, source: PythonSource) -> bytes:
    try:
        return pickle.dumps(trained, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        raise
    except Exception as error:
        first = error
    try:  # of lambdas and of classes in functions, which pickle knows no name for; scikit-learn brings it
        kept: bytes = importlib.import_module("cloudpickle").dumps(trained)
        return kept
    except MemoryError:
        raise
    except Exception:
        reason = " ".join(str(first).split())[:300].rstrip(".")
        raise ModuleError(
            f"The trained {CLASS} can't be kept: {reason}.",
            "Keep only what can be pickled on self: no open files, connections or generators.",
            code="bad-return",
            file=source.file,
        ) from None


def _frame(returned: Any) -> pd.DataFrame | None:
    """Give what predict returned as a DataFrame; None when it is no table."""
    if isinstance(returned, pd.DataFrame):
        return returned
    if isinstance(returned, pd.Series):
        return returned.to_frame(SCORED_LABELS if returned.name is None else str(returned.name))
    if isinstance(returned, pa.Table):
        frame: pd.DataFrame = returned.to_pandas()
        return frame
    if returned is None:
        return None
    try:
        frame = pd.DataFrame(returned if not isinstance(returned, tuple) else list(returned))
    except (ValueError, TypeError):
        return None
    if not isinstance(returned, dict):
        frame.columns = [SCORED_LABELS, *(f"Column {at}" for at in range(2, frame.shape[1] + 1))][
            : frame.shape[1]
        ]
    return frame
