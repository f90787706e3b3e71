"""Runs of whole experiments through the public API, with real files, workers and store (R-3.1 to R-3.6)."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from studiolo import Workspace
from studiolo.errors import Problems, UserError
from studiolo.scheduler.progress import NodeLogged, NodeStarted, Progress

from .conftest import ADD_ONE, START, chain


def states(result: object) -> dict[str, str]:
    return {name: node.state for name, node in result.nodes.items()}  # type: ignore[attr-defined]


def test_a_run_gives_its_datasets_to_pandas(workspace: Workspace) -> None:
    """R-3.6: `run["clean"].result_dataset.to_pandas()`."""
    chain(workspace, "sums", 3)
    result = workspace.run("sums")
    assert states(result) == {"n0": "finished", "n1": "finished", "n2": "finished"}
    pd.testing.assert_frame_equal(result["n2"].result_dataset.to_pandas(), pd.DataFrame({"x": [3, 4, 5]}))
    assert result["n2"].reason == "first run"


def test_an_unchanged_run_reuses_everything_and_says_from_where(workspace: Workspace) -> None:
    """R-3.3: reuse by fingerprint, and the reason is kept."""
    chain(workspace, "sums", 3)
    first = workspace.run("sums")
    second = workspace.run("sums")
    assert [node.state for node in second.nodes.values()] == ["reused"] * 3
    assert second["n2"].reason == f"reused from run {first.number}"
    assert second["n2"].result_dataset.digest == first["n2"].result_dataset.digest


def test_a_comment_a_rename_or_a_moved_box_costs_no_rerun(workspace: Workspace) -> None:
    """ARCHITECTURE, Fingerprint: a name, position or comment never changes it."""
    chain(workspace, "sums", 3)
    workspace.run("sums")
    folder = workspace.path / "experiments" / "sums"
    script = folder / "scripts" / "n1.py"
    script.write_text("# a remark\n\n" + script.read_text() + "\n# another\n")
    yaml = folder / "experiment.yaml"
    yaml.write_text(yaml.read_text().replace("  n2:", "  last:"))
    (folder / "layout.json").write_text('{"n0": {"x": 5, "y": 7}}')
    result = workspace.run("sums")
    assert states(result) == {"n0": "reused", "n1": "reused", "last": "reused"}


def test_a_change_reruns_only_what_depends_on_it_and_the_wave_stops_at_equal_bytes(
    workspace: Workspace,
) -> None:
    """R-3.3: digests of inputs decide, not the runs of nodes before."""
    chain(workspace, "sums", 4)
    workspace.run("sums")
    script = workspace.path / "experiments" / "sums" / "scripts" / "n1.py"
    script.write_text(ADD_ONE.replace('dataframe1["x"] + 1', '1 + dataframe1["x"]'))
    result = workspace.run("sums")
    assert states(result) == {"n0": "reused", "n1": "finished", "n2": "reused", "n3": "reused"}
    assert result["n1"].reason == "ran because the script changed"
    script.write_text(ADD_ONE.replace("+ 1", "+ 20"))
    result = workspace.run("sums")
    assert states(result) == {"n0": "reused", "n1": "finished", "n2": "finished", "n3": "finished"}
    assert result["n2"].reason == "ran because input dataset1 changed"


def test_a_failed_node_stops_only_what_depends_on_it(workspace: Workspace) -> None:
    """R-3.4: the other branch finishes; the next run works once the script is mended."""
    experiment = workspace.new_experiment("branches").remove("script")
    experiment.add("start", script=START)
    experiment.add(
        "bad", script="def azureml_main(df):\n    x = 1\n    raise ValueError('no')\n", dataset1="start"
    )
    experiment.add("after", script=ADD_ONE, dataset1="bad").add("other", script=ADD_ONE, dataset1="start")
    result = experiment.run()
    assert result.state == "failed"
    assert states(result) == {"start": "finished", "bad": "failed", "after": "skipped", "other": "finished"}
    error = result["bad"].error
    assert error is not None
    assert (error.code, error.summary) == ("script-raised", "ValueError: no")
    assert (error.where.file, error.where.line) == ("experiments/branches/scripts/bad.py", 3)
    assert result["after"].reason == "skipped because bad failed"
    experiment.set_script("bad", ADD_ONE.replace("+ 1", "* 5"))
    again = experiment.run()
    assert states(again) == {"start": "reused", "bad": "finished", "after": "finished", "other": "reused"}


def test_an_in_place_change_reaches_nobody_else(workspace: Workspace) -> None:
    """ARCHITECTURE, Column files: mapped copy-on-write."""
    experiment = workspace.new_experiment("shared").remove("script").add("start", script=START)
    change = "def azureml_main(df):\n    df.loc[0, 'x'] = 99\n    return df\n"
    look = "def azureml_main(df):\n    return df\n"
    experiment.add("change", script=change, dataset1="start").add("look", script=look, dataset1="start")
    result = experiment.run()
    assert result["change"].result_dataset.head() == [{"x": 99}, {"x": 2}, {"x": 3}]
    assert result["look"].result_dataset.head() == [{"x": 1}, {"x": 2}, {"x": 3}]
    assert result["start"].result_dataset.head() == [{"x": 1}, {"x": 2}, {"x": 3}]


def test_problems_of_graph_and_scripts_are_found_before_anything_runs(workspace: Workspace) -> None:
    """R-1.8, R-3.2: syntax errors, undefined names and missing libraries, all at once."""
    experiment = workspace.new_experiment("wrong").remove("script")
    experiment.add("syntax", script="def azureml_main(:\n")
    experiment.add("name", script="def azureml_main():\n    return undefined_thing\n")
    experiment.add("library", script="import no_such_library\ndef azureml_main():\n    return None\n")
    experiment.add("entry", script="def main():\n    return None\n").save()
    with pytest.raises(Problems) as caught:
        workspace.run("wrong")
    assert {problem.where.node for problem in caught.value.problems} == {"syntax", "name", "library", "entry"}
    assert workspace.runs() == []


def test_selected_nodes_run_on_earlier_results(workspace: Workspace) -> None:
    """R-3.1: --to, --from, --only; a missing earlier result is an error that names the command."""
    chain(workspace, "sums", 4)
    with pytest.raises(Problems):
        workspace.run("sums", only=["n2"])
    assert states(workspace.run("sums", to=["n1"])) == {"n0": "finished", "n1": "finished"}
    assert states(workspace.run("sums", only=["n2"])) == {"n2": "finished"}
    assert states(workspace.run("sums", from_=["n2"])) == {"n2": "reused", "n3": "finished"}
    assert states(workspace.run("sums", only=["n2"], force=True)) == {"n2": "finished"}


def test_parallel_branches_run_at_once(workspace: Workspace) -> None:
    """R-3.4: two independent nodes are at work together."""
    wait = "import time\ndef azureml_main():\n    print('began')\n    time.sleep(60)\n    print('ended')\n"
    experiment = workspace.new_experiment("two").remove("script")
    experiment.add("a", script=wait).add("b", script=wait + "# b\nx = 1\n").save()
    told: list[tuple[str, str]] = []

    def listen(progress: Progress) -> None:
        if isinstance(progress, NodeLogged) and progress.text.strip():
            told.append((progress.node, progress.text.decode().strip()))
            if len(told) == 2:
                threading.Thread(target=cancel).start()

    def cancel() -> None:
        workspace.cancel(workspace.metadata.running_runs("two")[0].number)

    workspace.run("two", listener=listen)
    assert sorted(told) == [("a", "began"), ("b", "began")]


def test_cancel_ends_the_run_within_a_second_and_the_next_run_works(workspace: Workspace) -> None:
    """R-3.4: children gone, waiting nodes cancelled, nothing half-written."""
    wait = "import time\ndef azureml_main(df=None):\n    time.sleep(60)\n"
    experiment = workspace.new_experiment("long").remove("script")
    experiment.add("sleep", script=wait).add("after", script=ADD_ONE, dataset1="sleep").save()
    asked: list[float] = []

    def listen(progress: Progress) -> None:
        if isinstance(progress, NodeStarted):
            threading.Timer(0.5, ask).start()

    def ask() -> None:
        asked.append(time.monotonic())
        workspace.cancel(workspace.metadata.running_runs("long")[0].number)

    result = workspace.run("long", listener=listen)
    assert result.state == "cancelled"
    assert states(result) == {"sleep": "cancelled", "after": "cancelled"}
    experiment.set_script("sleep", START)
    assert experiment.run().is_ok


def test_user_modules_run_beside_built_in_ones(workspace: Workspace) -> None:
    """R-4.6: one file in the workspace's modules folder, described and run in the jail only."""
    (workspace.path / "modules" / "first_rows.py").write_text(
        "from studiolo.sdk import DatasetPort, Integer, module\n\n"
        "@module(name='First Rows', category='Mine', inputs=[DatasetPort('dataset')],\n"
        "        outputs=[DatasetPort('result_dataset')], parameters=[Integer('count', default=2, minimum=1)])\n"
        "def first_rows(dataset, *, count):\n    '''Keep the first rows.'''\n    return dataset.head(count)\n"
    )
    experiment = workspace.new_experiment("mine").remove("script").add("start", script=START)
    experiment.add("first", "first-rows", dataset="start", count=1)
    assert experiment.run()["first"].result_dataset.head() == [{"x": 1}]
    with pytest.raises(Problems, match="1 or more"):
        experiment.set("first", count=0).run()


def test_datasets_are_registered_versioned_used_and_removed(workspace: Workspace, tmp_path: Path) -> None:
    """R-2.7: add, list, use on the canvas by name, remove."""
    file = tmp_path / "pets.csv"
    file.write_text("name,legs\ncat,4\nhen,2\n")
    assert workspace.datasets.add("pets", file).version == 1
    assert workspace.datasets.add("pets", file).version == 1
    file.write_text("name,legs\ncat,4\nhen,2\nfly,6\n")
    assert workspace.datasets.add("pets", file).version == 2
    workspace.datasets.add("made", pd.DataFrame({"x": [1.5, None]}))
    assert [(facts.name, count) for facts, count in workspace.datasets.list()] == [("made", 1), ("pets", 2)]
    experiment = (
        workspace.new_experiment("zoo").remove("script").add("pets", "dataset", parameters={"name": "pets"})
    )
    count = "import pandas as pd\ndef azureml_main(df):\n    return pd.DataFrame({'n': [len(df)]})\n"
    experiment.add("count", script=count, dataset1="pets")
    assert experiment.run()["count"].result_dataset.head() == [{"n": 3}]
    workspace.datasets.remove("pets")
    with pytest.raises(UserError, match="pets"):
        workspace.datasets.get("pets")


def test_an_output_is_saved_in_the_format_of_the_ending(workspace: Workspace, tmp_path: Path) -> None:
    """`studiolo export`: CSV, Parquet and others by the file's name."""
    chain(workspace, "sums", 1)
    output = workspace.run("sums")["n0"].result_dataset
    assert output.save(tmp_path / "x.csv").read_text() == "x\n1\n2\n3\n"
    assert pd.read_parquet(output.save(tmp_path / "x.parquet")).x.tolist() == [1, 2, 3]
    with pytest.raises(UserError, match="xyz"):
        output.save(tmp_path / "x.xyz")
