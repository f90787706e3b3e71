"""`init`, `new`, `show`, `export`, `runs`, `logs`, `dataset`, `check`, `doctor`: what there is and how it looks."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = """\
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None, rows=3):
    print("first line")
    print("second line")
    table = pd.DataFrame({"n": range(rows), "half": [i / 2 for i in range(rows)], "text": list("abcdefghij"[:rows])})
    wide = pd.DataFrame({"column_%02d" % i: [i] for i in range(60)})
    import matplotlib.pyplot as plt
    plt.plot([1, 2, 3])
    return table.set_index("text", drop=False), wide
"""


@pytest.fixture(scope="module")
def desk(new_workspace, node_text):
    """A workspace with an experiment that ran twice, once with another value, and one that failed."""
    shell = new_workspace("desk")
    shell.experiment("tables", node_text("make"), {"make.py": SCRIPT})
    shell.experiment(
        "failing", node_text("bad"), {"bad.py": "def azureml_main(a=None, b=None):\n    return a.x\n"}
    )
    assert shell("run", "tables").code == 0
    assert shell("run", "tables", "--set", "make.rows=5").code == 0
    assert shell("run", "failing").code == 1
    return shell


def test_init_makes_a_workspace_and_says_what_comes_next(tmp_path: Path, empty_folder) -> None:
    """The first command of all."""
    done = empty_folder("init", str(tmp_path / "study"), "--name", "My study")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == f"{tmp_path / 'study'} is a workspace now."
    assert "  studiolo new NAME          makes an experiment with one script" in done.out.splitlines()
    assert 'name = "My study"' in (tmp_path / "study/studiolo.toml").read_text()
    again = empty_folder("init", str(tmp_path / "study"))
    assert (again.code, "[workspace-exists]" in again.err) == (2, True)


def test_new_makes_an_experiment_that_runs_as_it_is(tmp_path: Path, home: Path, empty_folder) -> None:
    """R-1.2: the template of a new node works."""
    folder = tmp_path / "study"
    assert empty_folder("init", str(folder)).code == 0
    done = empty_folder("--workspace", str(folder), "new", "first", "--title", "My first")
    assert done.out.splitlines() == [
        "Made the experiment first in experiments/first.",
        "",
        "Next:",
        "  experiments/first/experiment.yaml    the nodes and what is connected to what",
        "  experiments/first/scripts/script.py  the script: edit it in any editor",
        "  studiolo run first                   runs it",
    ]
    assert "name: My first" in (folder / "experiments/first/experiment.yaml").read_text()
    assert empty_folder("--workspace", str(folder), "run").code == 0


def test_show_lists_the_experiments_with_their_latest_run(desk) -> None:
    """Where am I, and what was last?"""
    lines = [line.split() for line in desk.inside("show").out.splitlines()]
    assert [line[:5] for line in lines[1:]] == [
        ["✗", "failing", "run", "3", "failed"],
        ["✓", "tables", "run", "2", "finished"],
    ]
    document = desk.inside("show", "--json").document
    assert [(one["name"], one["latest"]["run"]) for one in document["experiments"]] == [
        ("failing", 3),
        ("tables", 2),
    ]


def test_show_an_experiment_tells_the_nodes_of_its_latest_or_a_named_run(desk) -> None:
    """Issue 2, point 8."""
    assert "✓  make  finished  5 x 3, 1 x 60" in desk.inside("show", "tables").out
    assert "✓  make  finished  3 x 3, 1 x 60" in desk.inside("show", "tables", "--run", "1").out
    assert desk.inside("show", "tables", "--json").document["run"] == 2


def test_show_an_experiment_that_never_ran_tells_its_nodes(desk) -> None:
    """Nothing to show is no error."""
    desk.experiment("fresh", "  fruit: {module: enter-data-manually, parameters: {data: a}}\n")
    done = desk.inside("show", "fresh")
    assert (done.code, done.err) == (0, "")
    assert "·  fruit  enter-data-manually" in done.out
    assert done.out.splitlines()[-1] == "fresh has not run yet: studiolo run fresh"
    shutil.rmtree(desk.folder / "experiments/fresh")


def test_show_a_node_tells_reason_receipts_outputs_pictures_and_log(desk) -> None:
    """R-2.4, R-3.3, R-1.7: all that is kept of a node run, with commands that lead on."""
    lines = desk.inside("show", "tables:make").out.splitlines()
    assert lines[0] == "tables:make  ✓ finished  run 2"
    assert lines[1].startswith("  ran because")
    for expected in (
        "changed where data crossed the border",
        "  result_dataset (out of the script)",
        "outputs",
        "pictures",
        "log",
        "  first line",
        "  second line",
    ):
        assert expected in lines
    [output] = [line for line in lines if line.startswith("  result_dataset   5 x 3, ")]
    assert output.endswith("studiolo show tables:make.result_dataset")
    [picture] = [line.strip() for line in lines if line.endswith(".png")]
    assert Path(picture).read_bytes().startswith(b"\x89PNG")
    document = desk.inside("show", "tables:make", "--json").document
    assert (document["log"], document["pictures"][0]["path"]) == ("first line\nsecond line\n", picture)


def test_show_a_failed_node_tells_the_error_at_its_line(desk) -> None:
    """What `studiolo run` said can be read again later."""
    lines = desk.inside("show", "failing:bad").out.splitlines()
    assert lines[0] == "failing:bad  ✗ failed  run 3"
    assert "  [script-raised] node bad, experiments/failing/scripts/bad.py:2" in lines
    assert "    > 2 |     return a.x" in lines


def test_show_an_output_tells_rows_statistics_and_receipt(desk) -> None:
    """R-2.4 and R-2.6 on the command line."""
    done = desk.inside("show", "tables:make.result_dataset", "--rows", "2", "--run", "1")
    lines = done.out.splitlines()
    assert lines[0].startswith("tables:make.result_dataset  3 x 3, ")
    assert lines[1:] == [
        "",
        "n  half  text",
        "0     0  a",
        "1   0.5  b",
        "and 1 more row (--rows shows more)",
        "",
        "columns, over all rows",
        "name  type     missing  unique  mean  median  min  max  std",
        "n     Integer        0       3     1       1    0    2    1",
        "half  Double         0       3   0.5     0.5    0    1  0.5",
        "text  String         0       3",
        "",
        "changed where it crossed the border",
        lines[-1],
    ]
    assert "index" in lines[-1]


def test_a_wide_output_shows_its_first_and_last_columns_and_names_the_rest(desk) -> None:
    """A line that wraps cannot be read."""
    lines = desk("show", "tables:make.result_dataset2", COLUMNS="60").out.splitlines()
    assert lines[2:6] == [
        "column_00  column_01  column_02  …  column_58  column_59",
        "        0          1          2  …         58         59",
        "55 columns hidden in the middle: column_03, column_04,",
        "column_05, column_06, column_07, column_08 and 49 more",
    ]


def test_an_output_for_a_program_has_rows_statistics_and_receipt(desk) -> None:
    """docs/command-line.md promises these keys."""
    document = desk.inside("show", "tables:make.result_dataset", "--json", "--rows", "1").document
    assert sorted(document) == sorted(
        ["experiment", "run", "node", "port", "kind", "digest", "size", "rows", "columns", "head", "receipt"]
    )
    assert (document["rows"], document["head"]) == (5, [{"n": 0, "half": 0.0, "text": "a"}])
    assert document["columns"][0] == {
        "name": "n",
        "type": "Integer",
        "missing": 0,
        "unique": 5,
        "mean": 2.0,
        "median": 2.0,
        "min": 0,
        "max": 4,
        "std": pytest.approx(1.5811388),
    }


def test_export_writes_the_format_of_the_ending(desk, tmp_path: Path) -> None:
    """Results leave the studio as ordinary files."""
    done = desk("export", "tables:make.result_dataset", str(tmp_path / "n.csv"), "--run", "1")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Wrote make.result_dataset of run 1 to {tmp_path / 'n.csv'}: 3 x 3, ")
    with (tmp_path / "n.csv").open(newline="") as file:
        assert [row["text"] for row in csv.DictReader(file)] == ["a", "b", "c"]
    done = desk("export", "tables:make.result_dataset", str(tmp_path / "n.jsonl"), "--json")
    assert (done.document["rows"], done.document["run"]) == (5, 2)
    assert len((tmp_path / "n.jsonl").read_text().splitlines()) == 5


def test_export_and_show_take_the_newest_run_that_has_the_output(desk, tmp_path: Path) -> None:
    """After a failure the last good result is what people look for."""
    script = desk.folder / "experiments/tables/scripts/make.py"
    before = script.read_text()
    script.write_text("def azureml_main(a=None, b=None):\n    raise ValueError('now it breaks')\n")
    assert desk("run", "tables").code == 1
    script.write_text(before)
    assert desk.inside("show", "tables:make").out.startswith("tables:make  ✗ failed  run 4")
    assert desk.inside("show", "tables:make.result_dataset").out.splitlines()[0].endswith("run 2")
    assert (
        desk("export", "tables:make.result_dataset", str(tmp_path / "n.csv"), "--json").document["run"] == 2
    )


def test_runs_lists_the_newest_first(desk) -> None:
    """R-3.5, the beginning of it."""
    lines = [line.split() for line in desk.inside("runs", "failing").out.splitlines()]
    assert [line[:4] for line in lines] == [
        ["run", "experiment", "state", "started"],
        ["✗", "3", "failing", "failed"],
    ]
    document = desk.inside("runs", "--limit", "2", "--json").document
    numbers = [run["run"] for run in document["runs"]]
    assert numbers == sorted(numbers, reverse=True) and len(numbers) == 2
    assert sorted(document["runs"][0]) == ["ended", "experiment", "run", "started", "state"]


def test_logs_are_found_by_experiment_by_node_and_by_run(desk) -> None:
    """The three ways people ask."""
    log = "first line\nsecond line\n"
    assert desk("logs", "1", "make").out == log
    assert desk("logs", "tables:make", "--run", "2").out == log
    assert desk("logs", "tables", "make", "--run", "2").out == log
    assert desk("logs", "tables", "--run", "2").out == "make | first line\nmake | second line\n"


def test_datasets_are_added_listed_shown_and_removed(desk) -> None:
    """R-2.7 and issue 2, point 4."""
    desk.write("data/fruit.csv", "fruit,price\napple,2.5\npear,\n")
    assert desk("dataset", "add", "data/fruit.csv").out == "Dataset fruit, version 1, added: 2 x 2.\n"
    assert (
        desk("dataset", "add", "fruit", "data/fruit.csv").out
        == "Dataset fruit, version 1, is the same as before: 2 x 2.\n"
    )
    desk.write("data/fruit.csv", "apple\t3\n")
    added = desk(
        "dataset", "add", "fruit", "data/fruit.csv", "--format", "tsv", "--no-header", "--json"
    ).document
    assert (added["version"], added["rows"], added["column_count"]) == (2, 1, 2)
    listed = desk.inside("dataset", "list", "--json").document["datasets"]
    assert [(one["name"], one["version"], one["versions"]) for one in listed] == [("fruit", 2, 2)]
    assert "fruit  1 x 2           2 versions" in desk.inside("dataset", "list").out
    lines = desk.inside("dataset", "show", "fruit", "--version", "1").out.splitlines()
    assert lines[0] == "fruit  version 1, 2 x 2"
    assert "pear      NA" in lines
    assert desk.inside("dataset", "remove", "fruit", "--version", "1").out == "Removed fruit: 1 version.\n"
    assert desk.inside("dataset", "show", "fruit", "--version", "1").code == 2
    assert desk.inside("dataset", "remove", "fruit").code == 0
    assert (
        desk.inside("dataset", "list").out == "There is no dataset yet. Add one: studiolo dataset add FILE\n"
    )


def test_check_says_that_nothing_is_wrong(desk) -> None:
    """Silence would leave people in doubt."""
    done = desk("check", "tables")
    assert (done.code, done.out, done.err) == (0, "✓ tables: nothing is wrong\n", "")
    document = desk("check", "--json").document
    assert (document["is_ok"], sorted(document["experiments"])) == (True, ["failing", "tables"])


def test_doctor_names_every_wall_the_environment_and_the_store(desk, empty_folder) -> None:
    """R-6.2: layers detected and shown; it needs no workspace."""
    done = desk("doctor", "--json")
    document = done.document
    assert done.code == (0 if document["is_well"] else 3)
    assert document["badge"] in ("full", "reduced", "none")
    assert len(document["walls"]) > 8
    assert [one["name"] for one in document["environments"]] == ["current"]
    text = desk("doctor").out
    assert text.startswith(f"jail: {document['badge']}  ")
    assert all(wall["name"] in text for wall in document["walls"])
    assert empty_folder("doctor", "--json").document["environments"] == []


def test_a_machine_without_a_jail_refuses_to_run_and_exits_with_3(desk) -> None:
    """R-6.2: a wall that cannot be built makes the run refuse, never run unjailed."""
    if shutil.which("unshare") is None:
        pytest.skip("needs the command unshare (util-linux)")
    import sys

    from studiolo.worker import walls_report

    if walls_report.examine().badge == "none":
        pytest.skip("needs user namespaces, to take them away")
    command = f"echo 0 > /proc/sys/user/max_user_namespaces && exec {sys.executable} -m studiolo.cli.main"
    for args in ("run tables --force --json", "doctor --json"):
        done = subprocess.run(
            ["unshare", "--user", "--map-root-user", "sh", "-c", f"{command} {args}"],
            cwd=desk.folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 3, done.stderr
        document = json.loads(done.stdout)
        if "badge" in document:
            assert document["badge"] == "reduced"
        else:
            assert document["nodes"]["make"]["error"]["code"] == "jail-refused"
            assert "studiolo doctor" in document["nodes"]["make"]["error"]["hint"]
