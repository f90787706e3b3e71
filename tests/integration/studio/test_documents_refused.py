"""R-12.1, R-12.2: what is no change, no script and no experiment is refused, and nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studiolo import Workspace
from tests.integration.studio.conftest import FILE
from tests.integration.studio.served import Client, put


@pytest.mark.parametrize(
    "file",
    [
        "../../../x.py",
        "/tmp/x.py",
        "experiment.yaml",
        "layout.json",
        ".hidden.py",
        "a\0b.py",
        "x",
        "scripts",
        "a.sh",
    ],
)
def test_a_script_stays_in_its_folder(client: Client, folder: Path, file: str) -> None:
    """R-12.1: the page writes scripts and nothing else."""
    node = {"module": "execute-python-script", "script": {"file": file, "text": "x"}}
    problem = client.change("churn", put("nodes", "bad", value=node), status=422)["error"]
    assert problem["code"] in ("script-outside", "wrong-change")
    assert (folder / "experiment.yaml").read_text() == FILE


WRONG: tuple[Any, ...] = (
    put("nope", value=1),
    put(value=1),
    put("nodes", value={}),
    put("nodes", "step", "nope", value=1),
    put("nodes", "step", "parameters", "x", "y", value=1),
    put("nodes", "step", "limits", "nope", value=1),
    put("nodes", "step", "limits", "memory_mb", value="much"),
    put("nodes", "step", "grants", "write", value=["x"]),
    put("nodes", "step", "grants", "read", value="x"),
    put("nodes", "step", "dialect", before="designer", value="modern"),
    put("nodes", "step", "strict", value="yes"),
    put("nodes", "step", "module", before="execute-python-script"),
    put("nodes", "step", "inputs", "dataset1", before="first.result_dataset", value=["x"]),
    put("nodes", "step", "inputs", "dataset1", before="first.result_dataset", value=".x"),
    put("nodes", "step", "script", "file", value="x.py"),
    put("nodes", "step", "script", value={"file": "x.py"}),
    put("nodes", "step", "comment", value=5),
    put("nodes", "step", "comment", value="\ud800"),
    put("nodes", "step", "parameters", "\ud800", value=5),
    put("nodes", "step", "parameters", "x", value={"\ud800": 1}),
    put("nodes", "new.node", value={"module": "x"}),
    put("nodes", "new", value={"parameters": {}}),
    put("nodes", "new", value={"module": "x", "color": 1}),
    put("nodes", "new", value=[1]),
    put("title", before="Churn", value=""),
    put("title", before="Churn", value="a\nb"),
    put("web_service", value={"color": {}}),
    put("web_service", "inputs", "a", value="."),
    put("web_service", "parameters", "a", value={"target": "nodot"}),
    put("web_service", "parameters", " a ", value="step.count"),
    put("layout", "nodes", "step", value={"x": "1", "y": 2}),
    put("layout", "nodes", "step", value={"x": True, "y": 2}),
    put("layout", "nodes", "step", value={"x": 1e300, "y": 2}),
    put("layout", "colors", "step", value={"x": 1, "y": 2}),
    {"op": "rename", "node": "step", "to": "\ud800"},
)


@pytest.mark.parametrize("change", WRONG, ids=range(len(WRONG)))
def test_what_is_no_change_is_refused_and_nothing_is_written(
    client: Client, folder: Path, change: dict[str, Any]
) -> None:
    """R-12.2: a documented answer to any value at any path."""
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    good = put("nodes", "first", "comment", value="written?")
    status, answer = client.ask("POST", "/experiments/churn/changes", {"changes": [good, change]})
    assert (status, answer["error"]["code"] in ("wrong-change", "node-name", "wrong-request")) == (
        422,
        True,
    ), answer
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == files


@pytest.mark.parametrize(
    "name", ["..", ".", "a/b", "../x", "a\\b", ".git", "", "x" * 300, "a\nb", "a\0b", "%2e%2e"]
)
def test_hostile_names_reach_nothing(client: Client, workspace: Workspace, name: str) -> None:
    """R-12.1: a name is a folder below experiments/ and nothing else."""
    before = sorted(workspace.path.rglob("*"))
    assert client.post("/experiments", {"name": name}, 422)["error"]["code"] == "wrong-name"
    assert client.post("/experiments", {"name": "ok", "copy_of": name, "start": "copy"}, 404)["error"]["code"]
    if name and "\n" not in name:
        shown = name.replace("%", "%25").replace("/", "%2f").replace("\0", "%00")
        for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/status"), ("POST", "/runs")):
            status, _ = client.ask(method, f"/experiments/{shown}{path}", {} if method == "POST" else None)
            assert status in (404, 405), (method, path)
    assert sorted(workspace.path.rglob("*")) == before
