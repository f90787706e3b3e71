"""The documented workflow on real data: pandas, SQL, tuning, scoring, evaluation, R, a service (SPEC section 4)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.services.server import Desk, Server

from studiolo import Workspace
from studiolo.workspace.results import RunResult

EXAMPLE = Path(__file__).parents[3] / "examples" / "flights"
TREES, LOGISTIC = 1, 0
FLIGHT = {
    **{"month": 7, "weekday": "Monday", "hour": 19, "carrier": "EV", "origin": "EWR", "dest": "ORD"},
    **{"distance": 719, "seats": 55, "age_of_plane": 9, "temp": 86.0, "humid": 74.0, "wind_speed": 17.0},
    **{"wind_gust": 25.0, "precip": 0.2, "pressure": 1004.0, "visib": 3.0},
}
CALM = {
    **FLIGHT,
    "hour": 6,
    "humid": 50.0,
    "precip": 0.0,
    "visib": 10.0,
    "pressure": 1022.0,
    "wind_speed": 4.0,
}


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A copy of the example, run and published by the real command."""
    desk = Desk(tmp_path_factory.mktemp("flights"))
    shutil.copytree(
        EXAMPLE, desk.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".studiolo", "__pycache__")
    )
    desk.run("run", "delays")
    desk.publish("delays")
    desk.publish("delays", "--state", "kept", name="kept")
    return desk


@pytest.fixture(scope="module")
def run(flights: Desk) -> Iterator[RunResult]:
    """The run of it."""
    with Workspace(flights.folder) as workspace:
        yield workspace.result(1)


@pytest.fixture(scope="module")
def server(flights: Desk) -> Iterator[Server]:
    """A server that answers both services."""
    with Server(flights, "--workers", "1") as server:
        yield server


def test_every_part_of_the_workflow_gives_what_the_next_one_takes(run: RunResult) -> None:
    """Cleaned with pandas, joined from three datasets by SQL, split seven to three (R-4.1, R-4.4)."""
    assert run["flights"].output("result_dataset").rows == 10_525
    cleaned, features = run["clean"].output("result_dataset"), run["features"].output("result_dataset")
    assert cleaned.rows == features.rows  # every flight once, whatever is known of weather and aircraft
    assert len(features.columns) == 17
    filled = run["filled"].output("cleaned_dataset")
    assert sum(column.missing or 0 for column in filled.schema.columns) == 0
    parts = [run["split"].output(f"results_dataset{part}").rows for part in (1, 2)]
    assert parts == [round(0.7 * cleaned.rows), cleaned.rows - round(0.7 * cleaned.rows)]


def test_both_algorithms_are_tuned_and_better_than_chance(run: RunResult) -> None:
    """The sweep's best comes first, and the trees find more than the line (R-4.4)."""
    for node, tried in (("tune_logistic", 3), ("tune_trees", 10)):
        sweep = run[node].output("sweep_results").to_pandas()
        assert len(sweep) == tried
        assert sweep["AUC"].is_monotonic_decreasing
    evaluation = run["evaluation"].output("evaluation_results").to_pandas()
    assert evaluation["AUC"][LOGISTIC] > 0.68
    assert evaluation["AUC"][TREES] > evaluation["AUC"][LOGISTIC] + 0.01


def test_metrics_are_those_of_scikit_learn(run: RunResult) -> None:
    """What the evaluation says of the scored rows can be worked out from them (facts 4.12)."""
    from sklearn import metrics

    scored = run["score_trees"].output("scored_dataset").to_pandas()
    truth, labels = scored["late"] == "yes", scored["Scored Labels"] == "yes"
    said = run["evaluation"].output("evaluation_results").to_pandas().iloc[TREES]
    assert said["AUC"] == pytest.approx(metrics.roc_auc_score(truth, scored["Scored Probabilities"]))
    assert said["Accuracy"] == pytest.approx(metrics.accuracy_score(truth, labels))
    assert said["Precision"] == pytest.approx(metrics.precision_score(truth, labels))
    assert said["Recall"] == pytest.approx(metrics.recall_score(truth, labels))
    assert said["True Positive"] == int((truth & labels).sum())


def test_r_makes_a_report_of_the_scores(run: RunResult) -> None:
    """R gets factors and probabilities, gives two datasets, a console and two pictures (R-4.2)."""
    report = run["report"].output("result_dataset").to_pandas()
    scored = run["score_trees"].output("scored_dataset").to_pandas()
    late = (scored["late"] == "yes").groupby(scored["carrier"]).mean()
    assert report.set_index("carrier")["late"].to_dict() == pytest.approx(late.to_dict())
    assert report["flights"].sum() == len(scored)
    assert report.loc[report["carrier"] == "UA", "name"].tolist() == ["United Air Lines Inc."]
    assert "Airlines by share of late flights:" in run["report"].log.decode()
    assert [picture.path.suffix for picture in run["report"].pictures] == [".png", ".png"]


@pytest.mark.parametrize("name", ["delays", "kept"])
def test_the_published_model_answers(server: Server, run: RunResult, name: str) -> None:
    """The trained model is frozen in the version; a request is scored as the experiment scored (R-9.1)."""
    answer = server.own(name, {"inputs": {"flights": [FLIGHT, CALM]}})
    assert answer.status == 200, answer.body
    stormy, calm = answer.document["outputs"]["predictions"]
    assert stormy["Scored Probabilities"] > 0.5 > calm["Scored Probabilities"]
    assert (stormy["Scored Labels"], calm["Scored Labels"]) == ("yes", "no")
    asked = run["asked"].output("results_dataset").to_pandas().head(200)
    rows = json.loads(asked.to_json(orient="records"))
    got = server.own(name, {"inputs": {"flights": rows}}).document["outputs"]["predictions"]
    expected = run["predict"].output("scored_dataset").to_pandas().head(200)
    assert [row["Scored Probabilities"] for row in got] == pytest.approx(
        expected["Scored Probabilities"].tolist()
    )


def test_a_new_carrier_is_scored_and_a_missing_column_is_told(server: Server) -> None:
    """Levels that training did not see count as none of those; a column can't be guessed (facts 4.11)."""
    assert server.own("delays", {"inputs": {"flights": [{**FLIGHT, "carrier": "ZZ"}]}}).status == 200
    answer = server.own("delays", {"inputs": {"flights": [{"month": 7}]}})
    assert answer.status == 400
    assert "weekday" in answer.body.decode()
