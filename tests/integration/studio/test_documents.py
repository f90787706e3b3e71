"""R-1.9, UX 17-30, 71: experiments as pages edit them; files stay those of people, and nobody's edit is lost."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path

import pytest

from studiolo import Workspace
from studiolo.graph import writing
from tests.integration.studio.conftest import FILE, STEP
from tests.integration.studio.served import Client, Listener, put


def test_a_document_has_declared_names_scripts_and_positions(client: Client, folder: Path) -> None:
    """UX 19-26: the page draws nodes, ports and connections of it, whatever names the file uses."""
    (folder / "layout.json").write_text('{"nodes": {"first": {"x": 1, "y": 2.5}, "gone": {"x": "no"}}}')
    document = client.get("/experiments/churn")
    assert document["nodes"]["step"] == {
        "module": "execute-python-script",
        "parameters": {"count": 5},
        "inputs": {"dataset1": "first.result_dataset"},
        "script": {"file": "scripts/step.py", "text": STEP},
        "bundle": None,
        "environment": None,
        "dialect": "designer",
        "limits": {},
        "grants": {"network": [], "read": []},
        "strict": False,
        "outputs": {},
        "comment": "",
        "requirements": [],
    }
    assert document["layout"] == {"nodes": {"first": {"x": 1, "y": 2.5}}, "services": {}}
    assert (document["title"], document["is_readable"], document["problems"]) == ("Churn", True, [])


def test_a_change_is_the_only_change_of_the_file(client: Client, folder: Path) -> None:
    """R-1.9: comments, the old names and everything else that a person wrote stay."""
    saved = client.change("churn", put("nodes", "step", "parameters", "count", before=5, value=7))
    assert saved["is_as_asked"]
    assert (folder / "experiment.yaml").read_text() == FILE.replace("count: 5 ", "count: 7 ")
    client.change("churn", put("nodes", "first", "comment", value="Yes: me"))
    assert "    comment: 'Yes: me'\n" in (folder / "experiment.yaml").read_text()
    client.change("churn", put("nodes", "first", "comment", before="Yes: me"))
    assert (folder / "experiment.yaml").read_text() == FILE.replace("count: 5 ", "count: 7 ")


def test_moving_a_box_leaves_the_experiment_alone(client: Client, folder: Path) -> None:
    """UX 18: positions are of no meaning; the file of the experiment is not written for them."""
    before = (folder / "experiment.yaml").stat()
    client.change("churn", put("layout", "nodes", "step", value={"x": 10, "y": 20.5}))
    after = (folder / "experiment.yaml").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert json.loads((folder / "layout.json").read_text()) == {"nodes": {"step": {"x": 10, "y": 20.5}}}


def test_a_layout_that_cannot_be_read_is_kept_aside_once(client: Client, folder: Path) -> None:
    """R-12.3: what we can't read we do not throw away."""
    (folder / "layout.json").write_text("{broken")
    assert client.get("/experiments/churn")["layout"] == {"nodes": {}, "services": {}}
    client.change("churn", put("layout", "nodes", "step", value={"x": 1, "y": 2}))
    assert (folder / "layout.json.bad").read_text() == "{broken"


def test_a_node_comes_goes_and_comes_back(client: Client, folder: Path) -> None:
    """UX 30: undo of a removal finds its script again."""
    document = client.get("/experiments/churn")
    step = document["nodes"]["step"]
    client.change("churn", put("nodes", "step", before=step))
    assert (folder / "scripts" / "step.py").read_text() == STEP
    assert list(client.get("/experiments/churn")["nodes"]) == ["first"]
    saved = client.change("churn", put("nodes", "step", value=step))
    assert saved["scripts"] == {}
    assert client.get("/experiments/churn")["nodes"]["step"] == step
    assert "# Adds one" in (folder / "experiment.yaml").read_text()


def test_a_new_script_never_replaces_another_file(client: Client, folder: Path) -> None:
    """UX 29: pasting twice gives two nodes with two scripts."""
    node = {"module": "execute-python-script", "script": {"file": "scripts/step.py", "text": "x = 1\n"}}
    saved = client.change("churn", put("nodes", "other", value=node))
    assert (saved["scripts"], saved["is_as_asked"]) == ({"other": "scripts/step-2.py"}, False)
    assert (folder / "scripts" / "step.py").read_text() == STEP
    assert (folder / "scripts" / "step-2.py").read_text() == "x = 1\n"
    twice = [put("nodes", name, value=node) for name in ("third", "fourth")]
    saved = client.change("churn", *twice)
    assert saved["scripts"] == {"third": "scripts/step-3.py", "fourth": "scripts/step-4.py"}
    other = {**node, "script": {"file": "scripts/new.py", "text": "y = 1\n"}}
    more = {**node, "script": {"file": "scripts/new.py", "text": "z = 1\n"}}
    saved = client.change("churn", put("nodes", "fifth", value=other), put("nodes", "sixth", value=more))
    assert saved["scripts"] == {"sixth": "scripts/new-2.py"}


def test_a_script_is_edited_with_its_line_ends_and_mark(client: Client, folder: Path) -> None:
    """UX 52: an editor has one kind of line ends; the file keeps those it has."""
    (folder / "scripts" / "step.py").write_bytes(b"\xef\xbb\xbfx = 1\r\ny = 2\r\n")
    assert client.get("/experiments/churn")["nodes"]["step"]["script"]["text"] == "x = 1\ny = 2\n"
    client.change(
        "churn", put("nodes", "step", "script", "text", before="x = 1\ny = 2\n", value="x = 1\ny = 3\n")
    )
    assert (folder / "scripts" / "step.py").read_bytes() == b"\xef\xbb\xbfx = 1\r\ny = 3\r\n"
    digest = hashlib.sha256(b"x = 1\ny = 3\n").hexdigest()
    client.change("churn", put("nodes", "step", "script", "text", before={"sha256": digest}, value="z\n"))
    assert (folder / "scripts" / "step.py").read_bytes() == b"\xef\xbb\xbfz\r\n"


def test_a_rename_reaches_everything_that_uses_the_node(client: Client, folder: Path) -> None:
    """UX 59: F2 renames; connections, the web service and the position follow, the script's file does not."""
    client.change(
        "churn",
        put(
            "web_service",
            value={"inputs": {"in": "step.dataset1"}, "outputs": {"out": "first.result_dataset"}},
        ),
        put("layout", "nodes", "first", value={"x": 1, "y": 2}),
    )
    client.change("churn", {"op": "rename", "node": "first", "to": "the first"})
    document = client.get("/experiments/churn")
    assert list(document["nodes"]) == ["the first", "step"]
    assert document["nodes"]["step"]["inputs"] == {"dataset1": "the first.result_dataset"}
    assert document["web_service"]["outputs"] == {"out": "the first.result_dataset"}
    assert document["layout"]["nodes"] == {"the first": {"x": 1, "y": 2}}
    assert document["nodes"]["the first"]["script"]["file"] == "scripts/first.py"
    text = (folder / "experiment.yaml").read_text()
    assert "  # Where it comes from\n  the first:\n" in text
    assert "inputs: {Dataset1: the first}" in text
    for name in ("step", "a.b", "", " x", "y" * 201):
        assert client.change("churn", {"op": "rename", "node": "the first", "to": name}, status=422)["error"][
            "code"
        ] in ("node-name", "wrong-change")


def test_the_second_of_two_who_change_the_same_thing_is_asked(client: Client) -> None:
    """UX 18: two tabs; the one that was slower sees what stands there now, and nothing of its request is applied."""
    client.change("churn", put("nodes", "step", "parameters", "count", before=5, value=7))
    answer = client.change(
        "churn",
        put("title", before="Churn", value="Mine"),
        put("nodes", "step", "parameters", "count", before=5, value=9),
        status=409,
    )["error"]
    assert answer["code"] == "conflict-document"
    assert answer["details"]["path"] == ["nodes", "step", "parameters", "count"]
    assert answer["details"]["theirs"] == 7
    assert answer["details"]["document"]["title"] == "Churn"
    client.change("churn", put("nodes", "step", "parameters", "count", before=5, value=7))  # what both want


def test_changes_at_different_places_never_conflict(client: Client) -> None:
    """UX 18: ten pages at once, each with its own field; all of it is there in the end."""
    failed: list[object] = []

    def work(number: int) -> None:
        for step in range(5):
            before = None if step == 0 else f"{number}-{step - 1}"
            change = put("nodes", "step", "parameters", f"p{number}", before=before, value=f"{number}-{step}")
            status, answer = client.ask("POST", "/experiments/churn/changes", {"changes": [change]})
            if status != 200:
                failed.append(answer)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    parameters = client.get("/experiments/churn")["nodes"]["step"]["parameters"]
    assert parameters == {"count": 5, **{f"p{number}": f"{number}-4" for number in range(8)}}


def test_an_editor_that_saves_in_between_loses_nothing(
    client: Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UX 18: the file is looked at once more right before it is replaced; the change is then made to the newer one."""
    place = writing._place
    saves = [FILE.replace("name: Churn", "name: Theirs")]

    def slow(path: Path, data: bytes, expected: bytes | None) -> bool:
        if path.name == "experiment.yaml" and saves:
            path.write_text(saves.pop())
        return place(path, data, expected)

    monkeypatch.setattr(writing, "_place", slow)
    client.change("churn", put("nodes", "step", "parameters", "count", before=5, value=7))
    text = (folder / "experiment.yaml").read_text()
    assert text == FILE.replace("name: Churn", "name: Theirs").replace("count: 5 ", "count: 7 ")


def test_a_file_that_somebody_is_typing_in_is_shown_and_not_touched(client: Client, folder: Path) -> None:
    """UX 18: with faults in the file the page is read-only and names the lines."""
    broken = FILE + "  half:\n    modul"
    (folder / "experiment.yaml").write_text(broken)
    document = client.get("/experiments/churn")
    assert document["is_readable"] is False
    assert document["problems"][0]["where"]["line"] == len(broken.splitlines())
    answer = client.change("churn", put("title", before="Churn", value="Mine"), status=422)["error"]
    assert answer["code"] == "problems"
    assert (folder / "experiment.yaml").read_text() == broken


def test_a_lost_script_is_a_problem_of_its_node_and_can_be_written_again(
    client: Client, folder: Path
) -> None:
    """UX 38: the canvas marks the node; nothing else is locked by it."""
    (folder / "scripts" / "step.py").unlink()
    document = client.get("/experiments/churn")
    assert document["is_readable"] is True
    assert [(one["code"], one["where"]["node"]) for one in document["problems"]] == [
        ("missing-script", "step")
    ]
    client.change("churn", put("nodes", "first", "comment", value="x"))
    assert not (folder / "scripts" / "step.py").exists()
    client.change("churn", put("nodes", "step", "script", "text", before="", value=STEP))
    assert client.get("/experiments/churn")["problems"] == []


def test_a_script_that_is_no_text_is_not_written_over(client: Client, folder: Path) -> None:
    """R-12.3: bytes that we can't show are not ours to replace."""
    (folder / "scripts" / "step.py").write_bytes(b"\xff\xfe\0")
    answer = client.change("churn", put("nodes", "step", "script", "text", before="", value="x"), status=422)
    assert answer["error"]["code"] == "script-encoding"
    assert (folder / "scripts" / "step.py").read_bytes() == b"\xff\xfe\0"


def test_problems_name_node_port_and_parameter(client: Client) -> None:
    """UX 38: the red mark stands at the node and at the field."""
    saved = client.change(
        "churn",
        put("nodes", "query", value={"module": "apply-sql-transformation"}),
        put("nodes", "step", "inputs", "dataset1", before="first.result_dataset", value="nobody.x"),
        put("nodes", "data", value={"module": "dataset", "parameters": {"name": "nope"}}),
    )
    places = {
        (one["code"], one["where"]["node"], one["where"]["port"] or one["where"]["parameter"])
        for one in saved["problems"]
    }
    assert {
        ("missing-input", "query", "table1"),
        ("unknown-node", "step", "dataset1"),
        ("unknown-dataset", "data", "name"),
    } <= places


def test_values_without_json_come_as_texts_and_stay_what_they_are(client: Client, folder: Path) -> None:
    """R-12.2: YAML knows not-a-number and dates; the page shows them, and other edits leave them alone."""
    odd = (
        FILE
        + "      odd: .nan\n      huge: -.inf\n      day: 2026-01-02\n      big: 123456789012345678901234567890\n"
    )
    (folder / "experiment.yaml").write_text(odd)
    parameters = client.get("/experiments/churn")["nodes"]["step"]["parameters"]
    assert (parameters["odd"], parameters["huge"], parameters["day"]) == (".nan", "-.inf", "2026-01-02")
    client.change("churn", put("nodes", "step", "parameters", "count", before=5, value=6))
    assert (folder / "experiment.yaml").read_text() == odd.replace("count: 5 ", "count: 6 ")


def test_experiments_are_made_copied_and_put_away(client: Client, workspace: Workspace) -> None:
    """UX 3, 7, 71: the list; what is removed is kept in the workspace's own folder."""
    assert client.post("/experiments", {"name": "blank", "title": "A: b"}, 201)["nodes"] == {}
    assert client.get("/experiments/blank")["title"] == "A: b"
    script = client.post("/experiments", {"name": "with script", "start": "script"}, 201)
    assert "azureml_main" in script["nodes"]["script"]["script"]["text"]
    client.change(
        "blank", put("nodes", "first", value={"module": "import-data", "parameters": {"path": "x"}})
    )
    copied = client.post("/experiments", {"name": "copy", "start": "copy", "copy_of": "churn"}, 201)
    assert (copied["title"], list(copied["nodes"])) == ("copy", ["first", "step"])
    assert [row["name"] for row in client.get("/experiments")] == ["copy", "blank", "with script", "churn"]
    assert client.ask("DELETE", "/experiments/copy")[0] == 204
    assert client.ask("GET", "/experiments/copy")[0] == 404
    kept = list((workspace.path / ".studiolo" / "removed").iterdir())
    assert (kept[0] / "experiment.yaml").read_text() == FILE.replace("name: Churn", "name: copy")
    assert client.post("/experiments", {"name": "churn"}, 409)["error"]["code"] == "experiment-exists"


def test_names_in_other_alphabets_work(client: Client, workspace: Workspace) -> None:
    """UX 3: people name things in their language."""
    for name in ("Zürich", "顧客", "Отток 2"):
        client.post("/experiments", {"name": name}, 201)
        client.change(name, put("nodes", "ノード/1", value={"module": "import-data"}))
        assert list(client.get(f"/experiments/{name}")["nodes"]) == ["ノード/1"]


def test_keywords_of_a_script_are_read_in_the_jail(client: Client) -> None:
    """UX 49: parameters that a script declares can be set at its node, with their defaults shown."""
    answer = client.get("/experiments/churn/nodes/step/keywords")
    assert answer == {"keywords": {"count": 1, "name": "a", "later": None}, "problems": []}
    assert client.get("/experiments/churn/nodes/step/keywords") == answer
    assert client.ask("GET", "/experiments/churn/nodes/nobody/keywords")[0] == 404


def test_a_new_module_of_the_workspace_is_seen(
    client: Client, workspace: Workspace, listener: Listener
) -> None:
    """R-1.7: a module file that is dropped into modules/ appears in the palette without a restart."""
    count = len(client.get("/modules")["modules"])
    (workspace.path / "modules" / "mine.py").write_text(
        "from studiolo.sdk import module, Out\n\n@module(id='mine', name='Mine', category='Own')\n"
        "def mine():\n    '''Mine.'''\n"
    )
    listener.wait("modules")
    found = client.get("/modules")
    assert len(found["modules"]) + len(found["problems"]) > count
