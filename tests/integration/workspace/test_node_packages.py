"""Nodes with packages of their own, run for real: built by the run, shared, in the fingerprint, jailed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from studiolo import Workspace
from studiolo.errors import Problems
from studiolo.scheduler.progress import EnvironmentProgress, Progress, RunStarted
from tests.integration.wheels import hostile_files, make_source, make_wheel, variables_to_find

HEAD = '# /// script\n# dependencies = ["{}"]\n# ///\n'
BODY = """import sys
import pandas as pd
import {0}


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({{"started": [",".join(getattr(sys, "started", ()))], "file": [{0}.__file__]}})
"""


@pytest.fixture(scope="module")
def shared_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What is built in it stays for the next test of this file."""
    folder = tmp_path_factory.mktemp("data")
    yield folder
    for place, _, _ in os.walk(folder):
        os.chmod(place, 0o700)
    shutil.rmtree(folder)


@pytest.fixture
def index(tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which uv finds packages beside its index."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, value in variables_to_find(folder).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_DATA_HOME", str(shared_data))
    make_wheel(folder, "studiolo_greeting", {"studiolo_greeting.py": "WORD = 'hello'\n"})
    return folder


def script(package: str, imported: str | None = None) -> str:
    return HEAD.format(package) + BODY.format(imported or package)


def test_two_nodes_with_the_same_packages_are_built_once_and_reused_after(
    workspace: Workspace, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-5.3: the first run shows what it builds, the locks lie beside the scripts, the second run needs no network."""
    experiment = workspace.new_experiment("greet").remove("script")
    experiment.add("header", script=script("studiolo_greeting"))
    experiment.add("key", script=BODY.format("studiolo_greeting"), requirements=["studiolo_greeting"])
    told: list[Progress] = []
    run = experiment.run(listener=told.append)
    assert [node.state for node in run.nodes.values()] == ["finished", "finished"]
    steps = [event.step.name for event in told if isinstance(event, EnvironmentProgress)]
    assert steps.count("built") == 1
    assert isinstance(told[len(steps)], RunStarted)
    scripts = experiment.folder / "scripts"
    assert sorted(path.name for path in scripts.glob("*.lock")) == ["header.lock", "key.key.lock"]
    assert (scripts / "header.lock").read_text() == (scripts / "key.key.lock").read_text()
    assert len(workspace.pools._pools) == 1
    files = {node.result_dataset.to_pandas()["file"][0] for node in run.nodes.values()}
    assert len(files) == 1 and "/packages/studiolo_greeting.py" in files.pop()

    for name in ("UV_NO_INDEX", "PIP_NO_INDEX"):
        monkeypatch.setenv(name, "1")
    told.clear()
    again = workspace.run("greet", listener=told.append)
    assert [node.state for node in again.nodes.values()] == ["reused", "reused"]
    assert not any(isinstance(event, EnvironmentProgress) for event in told)

    make_wheel(index, "studiolo_greeting", {"studiolo_greeting.py": "WORD = 'hi'\n"}, version="2.0")
    (scripts / "header.lock").unlink()
    monkeypatch.delenv("UV_NO_INDEX")
    monkeypatch.delenv("PIP_NO_INDEX")
    changed = workspace.run("greet")
    assert changed["header"].node_run.reason == "ran because the environment changed"
    assert changed["key"].state == "reused"


def test_a_hostile_package_runs_in_the_jail_and_nowhere_else(
    workspace: Workspace, index: Path, tmp_path: Path
) -> None:
    """Chosen, installed, checked, run, pulled and shown: its start-up files are tried, and leave no trace."""
    witness = tmp_path / "witness"
    witness.mkdir(mode=0o777)
    witness.chmod(0o777)
    make_wheel(index, "evil", hostile_files(witness))
    experiment = workspace.new_experiment("hostile").remove("script").add("n", script=script("evil")).save()
    assert workspace.check("hostile") == []
    run = experiment.run()
    started = run["n"].result_dataset.to_pandas()["started"][0]
    assert "evil" in started.split(",")
    from studiolo.workspace.node_environments import facts_of_node
    from studiolo.workspace.pulling import pull_node

    graph = workspace.experiment("hostile").graph
    facts = facts_of_node(workspace, graph, graph.nodes["n"])
    assert "evil" in {one.name for one in facts.packages}
    pulled = pull_node(workspace, "hostile", "n", tmp_path / "pulled")
    assert pulled.warnings == []
    assert "evil==1.0\n" in (tmp_path / "pulled/requirements.txt").read_text()
    assert (tmp_path / "pulled/requirements.lock").is_file()
    assert os.listdir(witness) == []


def test_what_is_wrong_with_the_packages_of_all_nodes_is_told_at_once(
    workspace: Workspace, index: Path
) -> None:
    """R-3.2, with the node, the script and the way out; before anything has run."""
    make_source(index, "studiolo_sourced")
    experiment = workspace.new_experiment("wrong").remove("script")
    experiment.add("unknown", script=script("studiolo-no-such-package", "json"))
    experiment.add("source", script=script("studiolo_sourced"))
    experiment.add("elsewhere", script=script("a @ https://127.0.0.1/a-1.0-py3-none-any.whl", "a"))
    experiment.add("python", script='# /// script\n# requires-python = ">=3.99"\n# ///\n' + BODY.format("os"))
    experiment.save()
    problems = {error.where.node: error for error in workspace.check("wrong")}
    assert {node: error.code for node, error in problems.items()} == {
        "unknown": "cannot-resolve",
        "source": "needs-building",
        "elsewhere": "address-not-allowed",
        "python": "missing-interpreter",
    }
    assert problems["source"].where.file == "experiments/wrong/scripts/source.py"
    assert "studiolo env build wrong:source" in problems["source"].hint
    with pytest.raises(Problems) as caught:
        workspace.run("wrong")
    assert len(caught.value.problems) == 4
    assert workspace.runs() == []


def test_a_package_that_is_only_a_source_runs_once_its_user_has_built_it(
    workspace: Workspace, index: Path
) -> None:
    """The way out of `needs-building`; what is built is kept, so the run builds nothing."""
    from studiolo.workspace.node_environments import build_node

    make_source(index, "studiolo_sourced")
    experiment = workspace.new_experiment("built").remove("script")
    experiment.add("n", script=script("studiolo_sourced")).save()
    build_node(workspace, experiment.graph, experiment.nodes["n"], lambda step: None)
    assert workspace.run("built")["n"].state == "finished"


def test_a_header_that_asks_only_for_a_python_uses_what_fits(workspace: Workspace, index: Path) -> None:
    """Nothing is built where the node's environment is of such a Python."""
    text = '# /// script\n# requires-python = ">=3.8"\n# ///\n' + BODY.format("sklearn")
    experiment = workspace.new_experiment("python").remove("script").add("n", script=text)
    assert experiment.run()["n"].state == "finished"
    assert list((experiment.folder / "scripts").glob("*.lock")) == []


def test_a_missing_library_is_told_to_be_added_to_the_packages(workspace: Workspace, index: Path) -> None:
    """Found before the run; the author knows no environment of that name, but the header."""
    text = HEAD.format("studiolo_greeting") + BODY.format("sklearn")
    workspace.new_experiment("lacks").remove("script").add("n", script=text).save()
    (problem,) = workspace.check("lacks")
    assert problem.code == "missing-library"
    assert (
        "to the packages that the node asks for, in the script's header or under requirements" in problem.hint
    )


@pytest.mark.ready_made
def test_a_node_adds_a_package_to_an_old_environment(workspace: Workspace) -> None:
    """R-5.3 and the issue: designer-py36 with textblob, whose sentiment of the time needs nothing more."""
    from tests.in_environments import environment_named

    environment_named("designer-py36")
    text = HEAD.format("textblob==0.15.3") + (
        "import sys, pandas as pd\nfrom textblob import TextBlob\n"
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        '    mood = TextBlob("a very good day").sentiment.polarity\n'
        '    return pd.DataFrame({"mood": [mood], "version": [sys.version[:3]], "pandas": [pd.__version__]})\n'
    )
    experiment = workspace.new_experiment("old").remove("script")
    experiment.add("n", script=text, environment="designer-py36")
    found = experiment.run()["n"].result_dataset.to_pandas()
    assert found.to_dict("records") == [{"mood": pytest.approx(0.91), "version": "3.6", "pandas": "0.25.3"}]
    assert (experiment.folder / "scripts/n.n.lock").is_file()
