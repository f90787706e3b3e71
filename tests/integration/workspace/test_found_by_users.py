"""What a new user stumbled over: each stays mended."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from studiolo import Workspace
from studiolo.errors import Problems

from .conftest import START, chain

SAYS = "def azureml_main(dataframe1=None):\n    print('I am {0}')\n    open('p.svg', 'w').write('<svg>{0}</svg>')\n"


def test_nodes_that_swap_names_keep_their_own_logs_and_pictures(workspace: Workspace) -> None:
    """Reuse goes by what is computed, not by what a node is called; so do log and pictures."""
    experiment = workspace.new_experiment("swap").remove("script")
    experiment.add("one", script=SAYS.format("a")).add("two", script=SAYS.format("b"))
    first = experiment.run()
    experiment.set_script("one", SAYS.format("b")).set_script("two", SAYS.format("a"))
    second = experiment.run()
    for node, text in (("one", b"a"), ("two", b"b")):
        assert first[node].log == b"I am " + text + b"\n"
        assert first[node].pictures[0].path.read_bytes() == b"<svg>" + text + b"</svg>"
    for node, text in (("one", b"b"), ("two", b"a")):
        assert second[node].state == "reused"
        assert second[node].log == b"I am " + text + b"\n"
        assert second[node].pictures[0].path.read_bytes() == b"<svg>" + text + b"</svg>"


def test_whole_numbers_beyond_those_of_a_double_have_statistics(workspace: Workspace, tmp_path: Path) -> None:
    """Ordinary 64-bit ids are such numbers."""
    file = tmp_path / "big.csv"
    file.write_text("id\n9007199254740993\n1234567890123456789\n")
    workspace.datasets.add("big", file)
    (facts,) = workspace.datasets.get("big").statistics()
    assert (facts["min"], facts["max"], facts["unique"]) == (9007199254740993, 1234567890123456789, 2)


def test_times_and_time_spans_have_statistics_and_a_head(workspace: Workspace) -> None:
    """R-2.6 for every type, also those without an Arrow kernel."""
    script = (
        "import pandas as pd\ndef azureml_main():\n    t = pd.to_datetime(['2020-01-01', '2020-01-03'])\n"
    )
    script += "    return pd.DataFrame({'t': t, 'd': t - t[0]})\n"
    experiment = workspace.new_experiment("times").remove("script").add("n", script=script)
    output = experiment.run()["n"].result_dataset
    assert [str(facts["max"]) for facts in output.statistics()] == ["2020-01-03 00:00:00", "2 days, 0:00:00"]
    assert [str(value) for value in output.head(1)[0].values()] == ["2020-01-01 00:00:00", "0:00:00"]


def test_a_parameter_that_the_function_lacks_is_found_before_the_run(workspace: Workspace) -> None:
    """R-3.2, R-9.6: keyword parameters are parameters of the node."""
    script = "def azureml_main(dataframe1=None, dataframe2=None, rows=1):\n    return None\n"
    experiment = workspace.new_experiment("n").remove("script").add("n", script=script, parameters={"row": 3})
    with pytest.raises(Problems, match=r'no keyword parameter "row"'):
        experiment.run()
    assert workspace.runs() == []


def test_a_broken_module_is_told_by_check_with_its_reason(workspace: Workspace) -> None:
    """R-4.6: errors name the file and line."""
    (workspace.path / "modules" / "mine.py").write_text("x = (\n")
    chain(workspace, "sums", 1)
    (problem,) = workspace.check("sums")
    assert problem.where.file == "modules/mine.py"
    assert workspace.run("sums").is_ok


def test_the_reason_of_a_rerun_names_the_failure_before(workspace: Workspace) -> None:
    """R-3.3: why did this run?"""
    script = "def azureml_main():\n    raise ValueError('x')\n"
    experiment = workspace.new_experiment("fails").remove("script").add("n", script=script)
    experiment.run()
    assert experiment.run()["n"].reason == "ran because it failed in run 1"


def test_a_saved_dataset_counts_as_reused(workspace: Workspace, tmp_path: Path) -> None:
    """Nothing is computed for it."""
    file = tmp_path / "x.csv"
    file.write_text("x\n1\n")
    workspace.datasets.add("x", file)
    experiment = workspace.new_experiment("d").remove("script").add("x", "dataset", parameters={"name": "x"})
    experiment.add("n", script=START)
    assert experiment.run()["x"].state == "reused"


@pytest.mark.parametrize(("ending", "expected"), [("csv", 'text\n"a,""b"""\n'), ("arff", "'a,\"b\"'\n")])
def test_texts_that_need_quotes_are_exported(
    workspace: Workspace, tmp_path: Path, ending: str, expected: str
) -> None:
    """A result's texts are wide strings of Arrow, which do not join with Python's own."""
    workspace.datasets.add("texts", pd.DataFrame({"text": ['a,"b"']}))
    path = workspace.datasets.get("texts").save(tmp_path / f"texts.{ending}")
    assert path.read_text().endswith(expected)
