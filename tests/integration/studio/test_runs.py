"""R-3.4, R-3.5, UX 37-43, 70-74: runs as pages begin, follow, cancel, look up and compare them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from studiolo import Workspace
from studiolo.studio.tailing import read_text
from tests.integration.studio.conftest import FILE, STEP
from tests.integration.studio.served import Client, Listener, put, serving

SLOW = """import time

def azureml_main(dataframe1=None, dataframe2=None):
    print("so it begins: \u00fc\u20ac\U0001f600", flush=True)
    time.sleep(60)
"""


def run(client: Client, **wish: Any) -> Any:
    """Run the experiment to its end and give the status."""
    runs = client.get("/runs")
    client.post("/experiments/churn/runs", wish, 202)
    return client.until_run_ended("churn", after=runs[0]["number"] if runs else 0)


def states(status: Any) -> dict[str, tuple[str, bool]]:
    """Give node to state and whether it is current."""
    return {name: (node["state"], node["is_current"]) for name, node in status["nodes"].items()}


def test_before_the_first_run_nothing_has_run(client: Client) -> None:
    """UX 37: not run is a state of its own."""
    status = client.get("/experiments/churn/status")
    assert (status["run"], status["starting"]) == (None, None)
    assert {node["state"] for node in status["nodes"].values()} == {"not-run"}


def test_a_run_is_told_live_and_kept(client: Client, listener: Listener) -> None:
    """UX 41, 42: the page sees every node end while the run goes on, with rows, columns and what it printed."""
    ticket = client.post("/experiments/churn/runs", {}, 202)["ticket"]
    listener.wait("starting", lambda data: data["ticket"] == ticket and data["run"] is None)
    listener.wait("starting", lambda data: data["ticket"] == ticket and data["run"] == 1)
    listener.wait("run", lambda data: data["number"] == 1 and data["state"] == "finished")
    told = listener.wait("status", lambda data: data["nodes"].get("step", {}).get("state") == "finished")
    port = told["nodes"]["step"]["outputs"]["result_dataset"]
    assert (port["kind"], port["rows"], port["columns"]) == ("dataset", 3, 1)
    assert listener.wait("log") == {"run": 1, "node": "first", "offset": 0, "text": "starts\n"}
    status = client.until_run_ended("churn")
    assert states(status) == {"first": ("finished", True), "step": ("finished", True)}
    assert run(client)["run"]["counts"] == {"reused": 2}
    assert [row["number"] for row in client.get("/runs?experiment=churn")] == [2, 1]
    node = client.get("/runs/2/nodes/step")
    assert (node["state"], node["reused_run"], node["reason"]) == ("reused", 1, "reused from run 1")
    assert node["parts"]["parameter:count"] == "5"
    assert client.get("/runs/2/nodes/first/log") == {
        "text": "starts\n",
        "offset": 0,
        "next": 7,
        "is_complete": True,
    }
    assert client.get("/runs/2/nodes/first/log?offset=3")["text"] == "rts\n"


def test_an_edit_clears_the_marks_of_a_node_and_of_those_behind_it(client: Client, folder: Path) -> None:
    """UX 40: a comment or a longer limit does not; what is changed back is current again."""
    run(client)

    def now(*changes: dict[str, Any]) -> dict[str, bool]:
        client.change("churn", *changes)
        status = client.get("/experiments/churn/status")
        return {name: node["is_current"] for name, node in status["nodes"].items()}

    everything = {"first": True, "step": True}
    assert now(put("nodes", "first", "comment", value="hello")) == everything
    assert now(put("nodes", "first", "limits", "wall_seconds", value=100)) == everything
    assert now(put("nodes", "step", "parameters", "count", before=5, value=6)) == {
        "first": True,
        "step": False,
    }
    assert now(put("nodes", "step", "parameters", "count", before=6, value=5)) == everything
    text = client.get("/experiments/churn")["nodes"]["first"]["script"]["text"]
    path = ("nodes", "first", "script", "text")
    assert now(put(*path, before=text, value=text + "\n# a remark\n")) == everything
    assert now(put(*path, before=text + "\n# a remark\n", value=text + "x = 1\n")) == {
        "first": False,
        "step": False,
    }
    assert states(run(client, only=["first"])) == {"first": ("finished", True), "step": ("finished", True)}


def test_a_node_behind_a_new_result_is_not_current(client: Client) -> None:
    """UX 40: the result before it is another one now."""
    run(client)
    text = client.get("/experiments/churn")["nodes"]["first"]["script"]["text"]
    client.change(
        "churn", put("nodes", "first", "script", "text", before=text, value=text.replace("3]", "4]"))
    )
    assert states(run(client, only=["first"])) == {"first": ("finished", True), "step": ("finished", False)}


def test_a_renamed_node_keeps_its_result(client: Client) -> None:
    """UX 59: renaming never costs a rerun, nor the tick."""
    run(client)
    client.change("churn", {"op": "rename", "node": "first", "to": "the first"})
    status = client.get("/experiments/churn/status")
    assert states(status) == {"the first": ("finished", True), "step": ("finished", True)}
    assert status["nodes"]["the first"]["node"] == "the first"
    assert status["nodes"]["the first"]["run"] == 1


def test_what_is_wrong_is_told_to_the_page_with_its_place(client: Client, listener: Listener) -> None:
    """R-3.2: nothing runs, all problems are named at once."""
    text = client.get("/experiments/churn")["nodes"]["step"]["script"]["text"]
    client.change("churn", put("nodes", "step", "script", "text", before=text, value=text + "def broken(:\n"))
    ticket = client.post("/experiments/churn/runs", {}, 202)["ticket"]
    error = listener.wait("refused", lambda data: data["ticket"] == ticket)["error"]
    assert [(one["code"], one["where"]["node"]) for one in error["problems"]] == [("script-syntax", "step")]
    ticket = client.post("/experiments/churn/runs", {"to": ["nobody"]}, 202)["ticket"]
    assert listener.wait("refused", lambda data: data["ticket"] == ticket)["error"]["code"] == "unknown-node"


def test_an_experiment_runs_once_at_a_time_and_is_cancelled(
    client: Client, folder: Path, listener: Listener
) -> None:
    """R-3.4, UX 72: cancel is asked once; another run of the same experiment is refused with the way out."""
    (folder / "scripts" / "step.py").write_text(SLOW)
    (folder / "experiment.yaml").write_text(FILE.replace("    parameters:\n      count: 5   # five\n", ""))
    client.post("/experiments/churn/runs", {}, 202)
    piece = listener.wait("log", lambda data: data["node"] == "step")
    assert piece["text"].startswith("so it begins: \u00fc\u20ac\U0001f600")
    problem = client.post("/experiments/churn/runs", {}, 409)["error"]
    assert (problem["code"], problem["details"]["number"]) == ("already-running", 1)
    assert client.get("/experiments/churn/status")["nodes"]["step"]["state"] == "running"
    client.post("/experiments", {"name": "other", "start": "script"}, 201)
    client.post("/experiments/other/runs", {}, 202)
    assert client.until_run_ended("other")["run"]["state"] == "finished"
    assert client.post("/runs/1/cancel", {})["number"] == 1
    assert client.until_run_ended("churn")["run"]["state"] == "cancelled"
    assert client.get("/experiments/churn/status")["nodes"]["step"]["state"] == "cancelled"
    assert client.post("/runs/1/cancel", {})["state"] == "cancelled"


def test_a_run_of_the_command_line_is_followed(
    client: Client, workspace: Workspace, folder: Path, listener: Listener
) -> None:
    """UX 41: whoever begins a run, the canvas shows it."""
    program = [sys.executable, "-m", "studiolo.cli.main", "--workspace", str(workspace.path), "run", "churn"]
    listener.forget()
    done = subprocess.run(program, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    listener.wait("run", lambda data: data["state"] == "finished")
    listener.wait("status", lambda data: data["nodes"].get("step", {}).get("state") == "finished")
    listener.wait("log", lambda data: data["text"] == "starts\n")


def test_a_stopped_server_leaves_its_run_and_the_next_one_continues_it(
    workspace: Workspace, folder: Path
) -> None:
    """R-3.4: what has finished is kept; the run is interrupted, not failed."""
    (folder / "scripts" / "step.py").write_text(SLOW)
    (folder / "experiment.yaml").write_text(FILE.replace("    parameters:\n      count: 5   # five\n", ""))
    with serving(workspace) as (studio, client):
        page = Listener(client.port, "churn")
        client.post("/experiments/churn/runs", {}, 202)
        page.wait("status", lambda data: data["nodes"].get("step", {}).get("state") == "running")
        assert studio.running() == ["churn"]
    for _ in range(100):
        if not [one for one in threading.enumerate() if one.name.startswith("studiolo-run-")]:
            break
        time.sleep(0.1)
    assert [one.state for one in workspace.runs("churn")] == ["interrupted"]
    with serving(workspace) as (_, client):
        page = Listener(client.port, "churn")
        status = client.get("/experiments/churn/status")
        assert states(status)["first"] == ("finished", True)
        assert status["nodes"]["step"]["state"] == "not-run"
        page.wait("status")  # the first look, which later ones are told against
        client.post("/experiments/churn/runs", {}, 202)
        page.wait("run", lambda data: data["number"] == 1 and data["state"] == "running")
        client.post("/runs/1/cancel", {})
        assert client.until_run_ended("churn")["run"]["number"] == 1


def test_a_run_is_shown_as_it_was_and_compared(client: Client, folder: Path) -> None:
    """R-3.5, UX 71, 73: the locked snapshot, and what differs between two runs in graph and data."""
    run(client)
    client.change(
        "churn",
        put("nodes", "step", "parameters", "count", before=5, value=6),
        put(
            "nodes",
            "more",
            value={
                "module": "execute-python-script",
                "script": {"file": "scripts/m.py", "text": STEP},
                "inputs": {"dataset1": "step.result_dataset"},
            },
        ),
        put("layout", "nodes", "step", value={"x": 5, "y": 6}),
    )
    run(client)
    first = client.get("/runs/1")
    assert first["document"]["nodes"]["step"]["parameters"] == {"count": 5}
    assert first["document"]["layout"]["nodes"] == {"step": {"x": 5, "y": 6}}
    assert first["nodes"]["step"]["state"] == "finished"
    compared = {one["node"]: one for one in client.get("/runs/1/compare/2")["nodes"]}
    assert compared["first"]["fields"] == compared["first"]["differing_outputs"] == []
    assert compared["step"]["fields"] == ["parameter:count"]
    assert compared["step"]["differing_outputs"] == ["result_dataset"]
    assert (compared["more"]["presence"], compared["more"]["a"]) == ("only-b", None)
    branch = client.post("/experiments", {"name": "branch", "copy_of_run": 1}, 201)
    assert branch["nodes"]["step"]["parameters"] == {"count": 5}
    assert branch["nodes"]["step"]["script"]["text"] == STEP
    assert client.ask("GET", "/runs/77")[0] == 404
    assert client.ask("GET", "/runs/1/nodes/nobody")[0] == 404
    assert client.ask("GET", f"/runs/{10**40}")[0] == 422


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 100])
def test_pieces_of_a_log_have_whole_characters(tmp_path: Path, limit: int) -> None:
    """UX 41: a text that grows is cut between characters, wherever the reader stops."""
    path, text = tmp_path / "log", "a\u00fc\u20ac\U0001f600b" * 3
    path.write_bytes(text.encode())
    found, offset = "", 0
    for _ in range(100):
        piece, following = read_text(path, offset, max(limit, 4), is_ended=True)
        found, offset = found + piece, following
    assert found == text
    path.write_bytes("\u20ac".encode()[:2])
    assert read_text(path, 0, is_ended=False) == ("", 0)
    assert read_text(path, 0, is_ended=True) == ("\ufffd", 2)


def test_a_server_that_is_killed_between_two_files_leaves_both_whole(
    workspace: Workspace, folder: Path
) -> None:
    """R-12.3: kill -9 at any moment: each file is the old or the new one."""
    program = f"""
import sys
from studiolo import Workspace
from studiolo.studio.changes import Set
from studiolo.studio.documents import Documents
from studiolo.studio.saving import save_changes
workspace = Workspace({str(workspace.path)!r})
documents = Documents(workspace)
print("ready", flush=True)
step = 0
while True:
    now = documents.read("churn").content["nodes"]["step"]
    count, text = now["parameters"]["count"], now["script"]["text"]
    save_changes(documents, "churn", [
        Set(("nodes", "step", "parameters", "count"), count, count + 1),
        Set(("nodes", "step", "script", "text"), text, "x = %d\\n" % (count + 1) * 2000),
        Set(("layout", "nodes", "step"), None, {{"x": count, "y": 0}}),
    ])
"""
    for delay in (0.05, 0.1, 0.2, 0.3):
        child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(delay)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        with serving(workspace) as (_, client):
            document = client.get("/experiments/churn")
        assert document["is_readable"] and not document["problems"]
        assert "# Adds one" in (folder / "experiment.yaml").read_text()
        text = document["nodes"]["step"]["script"]["text"]
        assert text == STEP or len(set(text.splitlines())) == 1
