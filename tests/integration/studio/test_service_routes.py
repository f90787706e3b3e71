"""The studio's routes for services, on a real server that also answers the services' own addresses (R-9.1, R-9.4)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.studio.studio_process import Answer, StudioProcess

EXPERIMENT = """\
name: Ages
nodes:
  people:
    module: enter-data-manually
    parameters: {data_format: CSV, has_header: true, data: "the age,sex\\n41,f\\n17,m\\n"}
  older:
    module: execute-python-script
    script: scripts/older.py
    inputs: {dataset1: people}
"""
SECTION = """\
web_service:
  inputs: {input1: older.dataset1}
  outputs: {output1: older.result_dataset}
  parameters: {years: older.years}
"""
SCRIPT = """\
def azureml_main(dataframe1, *, years=1):
    print("asked for", len(dataframe1))
    return dataframe1.assign(older=dataframe1["the age"] + years)
"""


def write_experiment(workspace: Path, name: str, section: str = SECTION, script: str = SCRIPT) -> None:
    """Write an experiment's files."""
    folder = workspace / "experiments" / name
    (folder / "scripts").mkdir(parents=True, exist_ok=True)
    (folder / "scripts" / "older.py").write_text(script)
    (folder / "experiment.yaml").write_text(EXPERIMENT + section)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """A studio with experiments that can be published."""
    workspace = tmp_path_factory.mktemp("services") / "work"
    workspace.mkdir()
    (workspace / "studiolo.toml").write_text('name = "Ages"\n')
    write_experiment(workspace, "ages")
    write_experiment(workspace, "bare", section="")
    write_experiment(workspace, "broken", script=SCRIPT.replace("the age", "no"))
    with StudioProcess(workspace) as studio:
        yield studio


def ask(studio: StudioProcess, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    """Ask the studio's API; the answer must have this status."""
    answer = studio.call(method, f"/api{path}", body)
    assert answer.status == status, answer.body.decode()
    return answer.document


def publish(
    studio: StudioProcess, name: str, experiment: str = "ages", status: int = 201, **more: Any
) -> Any:
    """Publish an experiment."""
    return ask(studio, "POST", "/services", {"experiment": experiment, "name": name, **more}, status)


def tried(studio: StudioProcess, name: str, document: Any, version: int | None = None) -> Any:
    """Send a request by the test form."""
    return ask(studio, "POST", f"/services/{name}/test", {"body": json.dumps(document), "version": version})


def invoke(studio: StudioProcess, name: str, key: str, document: Any) -> Answer:
    """Send a request as a client does."""
    return studio.call("POST", f"/api/services/{name}", document, {"Authorization": f"Bearer {key}"})


def until(asked: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
    """Ask again until the answer fits."""
    last = time.monotonic() + 30
    while not fits(found := asked()):
        assert time.monotonic() < last, found
        time.sleep(0.05)
    return found


REQUEST = {
    "inputs": {"input1": {"columns": ["the age", "sex"], "data": [[40, "f"]]}},
    "parameters": {"years": 2},
}
ANSWER = [[40, "f", 42]]


def test_the_test_form_and_a_client_get_the_same_answer(studio: StudioProcess) -> None:
    """The test form goes the way of clients' requests; both are in the request log (R-9.1)."""
    published = publish(studio, "same")
    assert sorted(published["keys"]) == ["primary", "secondary"]
    assert published["is_live"] and published["service"]["live"] == 1
    answer = tried(studio, "same", REQUEST)
    assert (answer["status"], answer["outputs"][0]["rows"], answer["log"]) == (200, ANSWER, "asked for 1\n")
    client = invoke(studio, "same", published["keys"]["primary"], REQUEST)
    assert (client.status, client.document) == (200, json.loads(answer["body"]))
    rows = until(lambda: ask(studio, "GET", "/services/same/requests"), lambda rows: len(rows) == 2)
    assert {(row["form"], row["slot"], row["rows"], row["status"]) for row in rows} == {
        ("test", None, 1, 200),
        ("own", "primary", 1, 200),
    }
    assert answer["request_id"] in [row["request_id"] for row in rows]
    listed = next(one for one in ask(studio, "GET", "/services") if one["name"] == "same")
    assert (listed["state"], listed["activity"]["requests"], listed["experiment"]) == ("answering", 2, "ages")


def test_a_new_key_ends_the_old_one_and_leaves_the_other(studio: StudioProcess) -> None:
    """Keys are told once; the API gives only their ends afterwards (R-9.4)."""
    keys = publish(studio, "keyed")["keys"]
    made = ask(studio, "POST", "/services/keyed/keys/primary")["key"]
    until(lambda: invoke(studio, "keyed", keys["primary"], REQUEST).status, lambda status: status == 401)
    assert [invoke(studio, "keyed", key, REQUEST).status for key in (made, keys["secondary"])] == [200, 200]
    page = studio.call("GET", "/api/services/keyed")
    tails = {key["slot"]: key["tail"] for key in page.document["keys"]}
    assert tails["primary"] == made.rstrip("=")[-4:]
    assert not any(key.encode() in page.body for key in (made, *keys.values()))
    assert ask(studio, "POST", "/services/keyed/keys/third", status=422)["error"]["code"] == "wrong-value"


def test_versions_stand_by_roll_back_and_share_the_requests(studio: StudioProcess) -> None:
    """A version that answers nobody can be tried; going back and sharing need no publishing (R-9.1)."""
    publish(studio, "many", experiment="ages")
    write_experiment(studio.folder, "ages", script=SCRIPT.replace("+ years", "+ 100 * years"))
    second = publish(studio, "many", is_live=False)
    assert (second["keys"], second["is_live"], second["version"]["number"]) == (None, False, 2)
    rows = [tried(studio, "many", REQUEST, version)["outputs"][0]["rows"] for version in (None, 1, 2)]
    assert rows == [ANSWER, ANSWER, [[40, "f", 240]]]
    assert ask(studio, "PUT", "/services/many/traffic", {"shares": {"2": 25}})["traffic"] == {
        "1": 75,
        "2": 25,
    }
    too_much = ask(studio, "PUT", "/services/many/traffic", {"shares": {"2": 125}}, 422)
    assert too_much["error"]["code"] == "wrong-value"
    assert ask(studio, "POST", "/services/many/rollback?number=2")["live"] == 2
    assert tried(studio, "many", REQUEST)["outputs"][0]["rows"] == [[40, "f", 240]]
    assert ask(studio, "POST", "/services/many/rollback")["live"] == 1
    versions = ask(studio, "GET", "/services/many")["versions"]
    assert [(one["number"], one["share"]) for one in versions] == [(2, 0), (1, 100)]
    assert (
        ask(studio, "POST", "/services/many/rollback?number=9", status=404)["error"]["code"]
        == "unknown-version"
    )


def test_a_version_says_what_it_contains(studio: StudioProcess) -> None:
    """Modules, environments with their locks, columns and parameters can be looked at (R-9.1)."""
    publish(studio, "told")
    version = ask(studio, "GET", "/services/told/versions/1")
    assert [(node["node"], node["script"]) for node in version["nodes"]] == [("older", "scripts/older.py")]
    assert "pandas==" in version["environments"][0]["lock"]
    columns = [(column["name"], column["kind"]) for column in version["inputs"][0]["columns"]]
    assert columns == [("the age", "Integer"), ("sex", "String")]
    assert [(one["name"], one["type"], one["default"]) for one in version["parameters"]] == [
        ("years", "integer", 1)
    ]
    sample = ask(studio, "GET", "/services/told/sample")
    assert sample["inputs"] == [
        {"name": "input1", "columns": ["the age", "sex"], "rows": [[41, "f"], [17, "m"]]}
    ]
    for form in ("own", "classic"):
        programs = ask(studio, "GET", f"/services/told/clients?form={form}")
        assert {one["language"] for one in programs} >= {"python3", "r", "csharp", "curl"}
        assert all("the age" in one["text"] for one in programs)


def test_settings_count_at_once(studio: StudioProcess) -> None:
    """Only what is given changes; a limit holds for the test form as for clients (R-9.1)."""
    publish(studio, "limits")
    changed = ask(
        studio, "PATCH", "/services/limits", {"max_rows": 1, "description": "Two", "keeps_data": True}
    )
    assert (changed["max_rows"], changed["children"], changed["description"]) == (1, 2, "Two")
    assert ask(studio, "PATCH", "/services/limits", {"requests_per_minute": 5})["requests_per_minute"] == 5
    assert (
        ask(studio, "PATCH", "/services/limits", {"requests_per_minute": None})["requests_per_minute"] is None
    )
    assert ask(studio, "PATCH", "/services/limits", {"max_rows": 0}, 422)["error"]["code"] == "wrong-value"
    table = {"columns": ["the age", "sex"], "data": [[1, "f"], [2, "m"]]}
    answer = tried(studio, "limits", {"inputs": {"input1": table}})
    assert (answer["status"], answer["outputs"]) == (413, [])
    row = until(lambda: ask(studio, "GET", "/services/limits/requests"), bool)[0]
    assert json.loads(row["request"])["inputs"]["input1"]["data"] == table["data"]
    assert json.loads(row["answer"])["status"] == 413


def test_a_request_that_does_not_fit_is_answered_as_a_client_would_be(studio: StudioProcess) -> None:
    """The test form shows the service's own words, and the log has the request (R-9.1)."""
    publish(studio, "strict")
    wrong = {"inputs": {"input1": {"columns": ["the age", "sex"], "data": [["x", "f"]]}}}
    answer = tried(studio, "strict", wrong)
    assert answer["status"] == 400 and "the age" in answer["body"]
    row = until(lambda: ask(studio, "GET", "/services/strict/requests?only_errors=true"), bool)[0]
    assert (row["status"], row["error"]) == (400, "cell-unreadable")
    no_json = ask(studio, "POST", "/services/strict/test", {"body": "{", "version": None})
    assert no_json["status"] == 400


def test_a_failed_run_is_told_with_its_node_and_publishes_nothing(studio: StudioProcess) -> None:
    """Only what has run well is published (R-9.1)."""
    error = publish(studio, "never", experiment="broken", status=422)["error"]
    assert error["where"]["node"] == "older" and "KeyError" in error["summary"]
    assert ask(studio, "GET", "/services/never", status=404)["error"]["code"] == "unknown-service"
    assert publish(studio, "bad name", status=422)["error"]["code"] == "wrong-name"
    assert publish(studio, "x", experiment="bare", status=422)["error"]["code"] == "no-web-service"
    for path in ("../work/experiments/ages", "experiments/ages", "nobody", ""):
        assert publish(studio, "x", experiment=path, status=404)["error"]["code"] == "unknown-experiment"


def test_two_pages_that_publish_at_once_make_no_double_run(studio: StudioProcess) -> None:
    """The second is told that a run is going on, or makes the next version after it."""
    write_experiment(studio.folder, "slow", script="import time\ntime.sleep(1)\n" + SCRIPT)
    wish = {"experiment": "slow", "name": "slow"}
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: studio.call("POST", "/api/services", wish), range(2)))
    assert sorted(answer.status for answer in answers) in ([201, 409], [201, 201])
    assert tried(studio, "slow", REQUEST)["outputs"][0]["rows"] == ANSWER


def test_an_experiment_without_a_section_gets_a_proposal(studio: StudioProcess) -> None:
    """What it could offer, why, and what a version would hold; what it says itself is kept (R-9.1)."""
    proposal = ask(studio, "GET", "/experiments/bare/service-proposal")
    assert not proposal["is_set_up"]
    assert proposal["offer"]["inputs"] == {"input1": "older.dataset1"}
    assert proposal["offer"]["outputs"] == {"output1": "older.result_dataset"}
    assert len(proposal["reasons"]) == 2 and "older.dataset2" in proposal["inputs"]
    assert [node["node"] for node in proposal["plan"]["at_request"]] == ["older"]
    said = ask(studio, "GET", "/experiments/ages/service-proposal")
    assert said["is_set_up"] and said["offer"]["parameters"]["years"]["target"] == "older.years"
    write_experiment(studio.folder, "faulty", section="web_service:\n  outputs: {o: nobody.out}\n")
    faulty = ask(studio, "GET", "/experiments/faulty/service-proposal")
    assert faulty["plan"] is None and "nobody" in faulty["problems"][0]["summary"]


def test_a_retired_service_answers_nobody(studio: StudioProcess) -> None:
    """Its keys are forgotten; publishing brings it back with new ones (R-9.4)."""
    key = publish(studio, "gone")["keys"]["primary"]
    assert ask(studio, "DELETE", "/services/gone")["state"] == "retired"
    assert ask(studio, "GET", "/services/gone")["keys"] == []
    body = {"body": "{}", "version": None}
    assert ask(studio, "POST", "/services/gone/test", body, 422)["error"]["code"] == "retired-service"
    until(lambda: invoke(studio, "gone", key, REQUEST).status, lambda status: status == 404)
    assert publish(studio, "gone")["keys"]["primary"] != key


def test_batch_jobs_are_listed_with_their_log_and_outputs(studio: StudioProcess) -> None:
    """A job that a client made can be followed; one that has ended can be forgotten (R-9.1)."""
    key = publish(studio, "batch")["keys"]["primary"]
    made = studio.call(
        "POST",
        "/api/services/batch/jobs",
        {"inputs": {"input1": {"columns": ["the age", "sex"], "data": [[1, "f"]]}}},
        {"Authorization": f"Bearer {key}"},
    )
    assert made.status == 202, made.body
    found = until(
        lambda: ask(studio, "GET", "/services/batch/batch-jobs")[0], lambda job: job["ended"] is not None
    )
    assert (found["state"], list(found["outputs"])) == ("Finished", ["output1"])
    assert "asked for 1" in ask(studio, "GET", f"/services/batch/batch-jobs/{found['id']}/log")["text"]
    assert ask(studio, "DELETE", f"/services/batch/batch-jobs/{found['id']}") == []
    ask(studio, "GET", "/services/batch/batch-jobs/nothing/log", status=404)
