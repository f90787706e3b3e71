"""What every learner must keep: it trains, scores, says why where it can't, and gives the same again (R-4.1)."""

from __future__ import annotations

import functools
import pickle
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from studiolo.sdk import ModuleError
from studiolo.sdk.roles import columns_with_role, role_of

from .calling import MODULES, call, declaration_of, outputs_of
from .frames import as_comparable
from .tables import ROWS, USUAL, usual

LABELS = {"two-class": "churned", "multiclass": "level", "regression": "spent", "quantile": "spent"}


def made(holds: str) -> list[str]:
    """Give the ids of the modules that make nothing but an object of that kind."""
    return [
        id
        for id, function in MODULES.items()
        if [port.holds for port in outputs_of(declaration_of(function))] == [holds]
        and not [port for port in declaration_of(function).inputs if port.type == "dataset"]
    ]


def untrained(id: str, **given: Any) -> Any:
    """Give what a learner's module puts out, by default with its defaults."""
    return call(MODULES[id], USUAL, given)[0]


LEARNERS = [id for id in made("untrained model") if getattr(untrained(id), "task", "") in LABELS]
DETECTORS = [id for id in made("untrained model") if getattr(untrained(id), "task", "") == "anomaly"]
CLUSTERERS = made("untrained clustering model")
EVERY_LEARNER = pytest.mark.parametrize("id", LEARNERS)


def task_of(id: str) -> str:
    """Give what a learner learns."""
    task: str = untrained(id).task
    return task


def has_range(id: str) -> bool:
    """Say whether a learner can be given several values of its settings."""
    return declaration_of(MODULES[id]).parameter("create_trainer_mode") is not None


def label_of(id: str) -> str:
    """Give the label of the table that a learner is tried with."""
    return LABELS[task_of(id)]


@functools.cache
def _trained(id: str, label: str) -> bytes:
    """Train on the usual table; shared, since training is what takes time."""
    return pickle.dumps(train(id, usual(label=label), label))


def train(id: str, table: pa.Table, label: str) -> Any:
    """Train a learner with its defaults."""
    return MODULES["train-model"](untrained(id), table, label_column=[label])


def trained(id: str, label: str) -> Any:
    """Give a fresh copy of what the learner makes of the usual table."""
    return pickle.loads(_trained(id, label))


def score(model: Any, table: pa.Table) -> pa.Table:
    """Score with the defaults of Score Model."""
    result: pa.Table = MODULES["score-model"](model, table)
    return result


def with_column(table: pa.Table, name: str, values: list[Any]) -> pa.Table:
    """Give the table with other values in a column, of the same type."""
    at = table.column_names.index(name)
    field = table.schema.field(name)
    plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    column = pa.array(values, plain)
    return table.set_column(at, field, column.dictionary_encode() if plain != field.type else column)


def outcome(
    id: str, table: pa.Table, label: str, scored_on: pa.Table | None = None
) -> pa.Table | ModuleError:
    """Train and score; a ModuleError is a fine answer to bad data."""
    try:
        return score(train(id, table, label), table if scored_on is None else scored_on)
    except ModuleError as error:
        assert error.summary and error.hint
        return error


def test_there_are_learners() -> None:
    """The suite must not pass because it found none."""
    assert {"two-class-logistic-regression", "linear-regression", "one-vs-all-multiclass"} <= set(LEARNERS)
    assert DETECTORS and CLUSTERERS


@EVERY_LEARNER
def test_a_learner_trains_and_scores_the_usual_table(id: str) -> None:
    """R-4.1: the columns stay, Scored Labels come, and their role is score."""
    label = label_of(id)
    table = usual(label=label)
    result = score(trained(id, label), table)
    assert result.num_rows == ROWS
    assert result.column_names[: table.num_columns] == table.column_names
    scores = columns_with_role(result, "score")
    assert set(result.column_names) - set(table.column_names) == set(scores) != set()
    if task_of(id) != "quantile":
        assert "Scored Labels" in scores
        assert result["Scored Labels"].null_count == 0
    if task_of(id) in ("two-class", "multiclass"):
        assert set(result["Scored Labels"].to_pylist()) <= set(table[label].to_pylist())
        probabilities = [result[name] for name in scores if name.startswith("Scored Probabilities")]
        assert probabilities
        assert all(pc.min(one).as_py() >= 0 and pc.max(one).as_py() <= 1 for one in probabilities)
    assert role_of(result, label) == "label"


@EVERY_LEARNER
def test_the_same_seed_and_data_give_the_same_trained_model(id: str) -> None:
    """R-3.3: results are reused and reproduced; a model that differs each time could not be checked."""
    label = label_of(id)
    again = train(id, usual(label=label), label)
    table = usual(label=label)
    assert as_comparable(score(again, table)) == as_comparable(score(trained(id, label), table))
    assert again.studiolo_card() == trained(id, label).studiolo_card()


@EVERY_LEARNER
def test_the_card_of_a_trained_model_is_what_a_page_can_show(id: str) -> None:
    """The host reads it without opening the pickle: a title, settings, and tables of plain cells."""
    label = label_of(id)
    card = trained(id, label).studiolo_card()
    assert set(card) == {"title", "settings", "tables"}
    assert all(len(pair) == 2 and isinstance(pair[0], str) for pair in card["settings"])
    for table in card["tables"]:
        assert set(table) >= {"title", "columns", "rows"}
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
        cells = [cell for row in table["rows"] for cell in row]
        assert all(cell is None or isinstance(cell, str | bool | int | float) for cell in cells)


@EVERY_LEARNER
def test_rows_without_a_label_are_not_learnt_from(id: str) -> None:
    """Missing labels are what one wants to predict; they must neither fail nor become a class of their own."""
    label = label_of(id)
    table = usual(label=label)
    gaps = [None if at % 5 == 2 else value for at, value in enumerate(table[label].to_pylist())]
    if pa.types.is_floating(table.schema.field(label).type):
        gaps = [float("nan") if value is None else value for value in gaps]
    result = outcome(id, with_column(table, label, gaps), label, table)
    assert not isinstance(result, ModuleError), result
    if "Scored Labels" in result.column_names:
        assert result["Scored Labels"].null_count == 0


@EVERY_LEARNER
def test_values_that_training_did_not_see_are_scored(id: str) -> None:
    """New categories come every day; a service must not fail for them."""
    label = label_of(id)
    table = usual(label=label).drop_columns([label])
    new = with_column(with_column(table, "city", ["Lima"] * ROWS), "plan", [None, "gold"] * (ROWS // 2))
    new = with_column(new, "age", [float("inf"), float("nan")] * (ROWS // 2))
    assert score(trained(id, label), new).num_rows == ROWS


@EVERY_LEARNER
def test_tables_of_any_length_are_scored(id: str) -> None:
    """A service gets one row, or none."""
    label = label_of(id)
    for rows in (0, 1):
        assert score(trained(id, label), usual(label=label).slice(0, rows)).num_rows == rows


@EVERY_LEARNER
def test_a_missing_or_changed_feature_is_named(id: str) -> None:
    """The error must say which column, since the table has fifty of them."""
    label = label_of(id)
    with pytest.raises(ModuleError, match="income") as caught:
        score(trained(id, label), usual(label=label).drop_columns(["income"]))
    assert (caught.value.code, caught.value.port) == ("missing-column", "dataset")
    text = pa.array(["much"] * ROWS)
    with pytest.raises(ModuleError, match="income"):
        table = usual(label=label)
        score(trained(id, label), table.set_column(1, "income", text))


@EVERY_LEARNER
def test_a_label_that_cannot_be_learnt_is_told(id: str) -> None:
    """One class only, no label at all, another kind of label, a label column that is not there."""
    label = label_of(id)
    table = usual(label=label)
    first = table[label][0].as_py()
    outcome(id, with_column(table, label, [first] * ROWS), label)
    missing = [None] * ROWS if isinstance(first, str) else [float("nan")] * ROWS
    assert isinstance(outcome(id, with_column(table, label, missing), label), ModuleError)
    assert isinstance(outcome(id, table, "no such column"), ModuleError)
    for other in set(LABELS.values()) - {label}:
        outcome(id, usual(label=other).slice(0, 8), other)


@EVERY_LEARNER
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_any_rows_are_learnt_from_or_refused(id: str, rows: int) -> None:
    """A filter upstream may leave nothing."""
    label = label_of(id)
    table = usual(label=label)
    result = outcome(id, table.slice(0, rows), label, table)
    assert rows or isinstance(result, ModuleError)


@EVERY_LEARNER
def test_nothing_to_learn_from_is_told(id: str) -> None:
    """Only the label, only gaps, only one value, or only texts that are all different."""
    label = label_of(id)
    table = usual(label=label)
    assert isinstance(outcome(id, table.select([label]), label), ModuleError)
    for column in (
        pa.array([None] * ROWS, pa.float64()),
        pa.array([None] * ROWS, pa.string()),
        pa.array([1.0] * ROWS),
        pa.array([f"id {at}" for at in range(ROWS)]),
        pa.array([float("inf"), 1e308] * (ROWS // 2)),
    ):
        outcome(id, pa.table({"x": column, label: table[label]}), label)


@EVERY_LEARNER
def test_what_a_learner_scored_can_be_evaluated(id: str) -> None:
    """R-4.1: train, score, evaluate, for every learner; a new one may not fall out of the row."""
    label = label_of(id)
    scored = score(trained(id, label), usual(label=label))
    results, _, _ = MODULES["evaluate-model"](scored)
    assert results.num_rows == 1
    assert results.num_columns > 1


@pytest.mark.parametrize("id", [id for id in LEARNERS if has_range(id)])
def test_every_value_of_a_range_can_be_learnt_with(id: str) -> None:
    """The values to try that a learner comes with are tried by everybody who tunes it."""
    others = [one for one in declaration_of(MODULES[id]).parameters if one.kind == "choice"]
    wishes: list[dict[str, Any]] = [{}, *({one.name: value} for one in others for value in one.choices)]
    models = (untrained(id, **{**wish, "create_trainer_mode": "Parameter range"}) for wish in wishes)
    model = next(model for model in models if model.ranges)  # some settings count by another choice alone
    label = label_of(id)
    small = usual(label=label).slice(0, 30)
    for name, values in model.ranges.items():
        for value in {values[0], values[-1]}:
            assert score(model.with_settings({name: value}).train(small, label), small).num_rows == 30


@pytest.mark.parametrize("id", DETECTORS)
def test_a_detector_of_anomalies_learns_without_a_label(id: str) -> None:
    """R-4.1: the same rows are unusual each time, missing columns are named, any length is scored."""
    table = USUAL.drop_columns(["churned"])
    model = MODULES["train-anomaly-detection-model"](untrained(id), table)
    again = MODULES["train-anomaly-detection-model"](untrained(id), table)
    scored = score(pickle.loads(pickle.dumps(model)), table)
    assert as_comparable(scored) == as_comparable(score(again, table))
    assert {"Scored Labels", "Scored Probabilities"} <= set(columns_with_role(scored, "score"))
    assert score(model, table.slice(0, 0)).num_rows == 0
    with pytest.raises(ModuleError, match="income"):
        score(model, table.drop_columns(["income"]))
    for rows in (0, 1, 2):
        with suppress(ModuleError):
            MODULES["train-anomaly-detection-model"](untrained(id), table.slice(0, rows))


@pytest.mark.parametrize("id", CLUSTERERS)
def test_a_clustering_learner_assigns_every_row(id: str) -> None:
    """R-4.1: the same clusters in training and in Assign Data to Clusters."""
    training = MODULES["train-clustering-model"]
    columns = [one for one in declaration_of(training).parameters if one.kind == "columns"]
    given = {one.name: ["age", "income", "city"] for one in columns}
    model, assigned = training(MODULES[id](), usual(), **given)
    again = MODULES["assign-data-to-clusters"](pickle.loads(pickle.dumps(model)), usual())
    assert assigned.num_rows == again.num_rows == ROWS
    assert assigned["Assignments"].to_pylist() == again["Assignments"].to_pylist()
    assert "Assignments" in columns_with_role(assigned, "score")
