"""`studiolo run`: what it computes, what it says, how it ends."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

NODES = """\
  fruit:
    module: import-data
    parameters: {path: data/fruit.csv}
  total:
    module: execute-python-script
    script: scripts/total.py
    inputs: {dataset1: fruit}
  dear:
    module: apply-sql-transformation
    parameters: {query: select fruit from t1 where total > 20}
    inputs: {table1: total.result_dataset}
"""
TOTAL = """\
def azureml_main(dataframe1=None, dataframe2=None, factor=1):
    print("kilos missing:", int(dataframe1["kilos"].isna().sum()))
    dataframe1["total"] = dataframe1["price"] * dataframe1["kilos"] * factor
    return dataframe1.sort_values("total", ascending=False)
"""
FRUIT = "fruit,price,kilos\napple,2.5,10\npear,3.0,\nquince,4.5,2\n"


@pytest.fixture(scope="module")
def shop(new_workspace):
    """A workspace with an experiment of three nodes that ran once; `first` is what that printed."""
    shell = new_workspace("shop")
    shell.write("data/fruit.csv", FRUIT)
    shell.experiment("totals", NODES, {"total.py": TOTAL})
    shell.first = shell("run", "totals")
    return shell


def without_times(text: str) -> str:
    """Replace durations, which differ from run to run, and the spaces before them and before their heading."""
    return re.sub(r" +time\b", " time", re.sub(r" +\d[\d.,]* (ms|s|min)\b( \d+ s\b)?", " TIME", text))


def test_a_first_run_tells_each_node_in_a_line_and_all_in_a_table(shop) -> None:
    """R-3.1: progress per node, then a summary with rows x columns, time and why it ran."""
    lines = [without_times(line) for line in shop.first.out.splitlines()]
    assert (shop.first.code, shop.first.err) == (0, "")
    assert lines[0] == "run 1 of totals: 3 nodes"
    assert sorted(lines[1:7]) == [  # a node may start before the one before it has been written to the store
        "finished   dear  1 x 1 TIME",
        "finished   fruit  3 x 3 TIME",
        "finished   total  3 x 4 TIME",
        "started    dear  first run",
        "started    fruit  first run",
        "started    total  first run",
    ]
    assert lines[7:] == [
        "",
        "   node   state     rows x columns time  why",
        "✓  fruit  finished  3 x 3 TIME  first run",
        "✓  total  finished  3 x 4 TIME  first run",
        "✓  dear   finished  1 x 1 TIME  first run",
        "",
        "total: 2 changes to data; studiolo show totals:total",
        "",
        "run 1 of totals finished in TIME: 3 ran",
    ]


def test_an_unchanged_run_reuses_everything_and_says_from_where(shop) -> None:
    """R-3.3: reuse by fingerprint, with the reason; no log text, no job."""
    done = shop("run")
    assert (done.code, done.err) == (0, "")
    assert [line for line in done.out.splitlines() if line.startswith("reused")] == [
        "reused     fruit  3 x 3  reused from run 1",
        "reused     total  3 x 4  reused from run 1",
        "reused     dear  1 x 1  reused from run 1",
    ]
    assert without_times(done.out.splitlines()[-1]).endswith("of totals finished in TIME: 3 reused")


def test_only_what_a_new_value_changes_is_computed(shop) -> None:
    """--set sets a parameter for one run and leaves the file alone (R-3.1)."""
    file = shop.folder / "experiments/totals/experiment.yaml"
    before = file.read_bytes()
    done = shop("run", "totals", "--set", "total.factor=10", "--json")
    assert (done.code, done.err) == (0, "")
    nodes = done.document["nodes"]
    assert {name: node["state"] for name, node in nodes.items()} == {
        "fruit": "reused",
        "total": "finished",
        "dear": "finished",
    }
    assert nodes["total"]["reason"].startswith("ran because")
    assert nodes["dear"]["outputs"]["result_dataset"]["rows"] == 2
    assert file.read_bytes() == before


def test_parts_of_an_experiment_run_alone(shop) -> None:
    """--to, --from, --only and --force choose what runs (R-3.1)."""

    def states(*args: str) -> dict[str, str]:
        done = shop("run", "totals", "--json", *args)
        assert done.code == 0, done.err
        return {name: node["state"] for name, node in done.document["nodes"].items()}

    assert states("--to", "total") == {"fruit": "reused", "total": "reused"}
    assert states("--from", "total") == {"total": "reused", "dear": "reused"}
    assert states("--only", "dear", "--force") == {"dear": "finished"}


def test_the_json_document_stands_alone_on_standard_output(shop) -> None:
    """Programs read it; docs/command-line.md promises these keys."""
    done = shop("run", "totals", "--json")
    document = done.document
    assert done.err == ""
    assert sorted(document) == ["ended", "experiment", "nodes", "run", "started", "state"]
    assert (document["experiment"], document["state"]) == ("totals", "finished")
    assert sorted(document["nodes"]["fruit"]) == [
        "ended",
        "error",
        "fingerprint",
        "metrics",
        "outputs",
        "reason",
        "receipts",
        "reused_run",
        "started",
        "state",
        "tags",
        "usage",
        "warnings",
    ]


def test_logs_stream_behind_the_name_of_their_node_when_asked(shop) -> None:
    """R-3.1: live logs; without --logs they would bury the lines of the run."""
    done = shop("run", "totals", "--only", "total", "--force", "--logs")
    assert "total | kilos missing: 1" in done.out.splitlines()
    assert "kilos missing" not in shop("run", "totals", "--only", "total", "--force").out
    quiet = shop("run", "totals", "--only", "total", "--force", "--logs", "--json")
    assert quiet.document["state"] == "finished"
    assert "total | kilos missing: 1" in quiet.err.splitlines()


def test_a_failed_node_shows_its_line_its_trace_and_its_log_and_exits_with_1(shop, node_text) -> None:
    """R-1.8 and R-3.4: the author sees their own line; what does not depend on it ran."""
    shop.experiment(
        "broken",
        node_text("bad")
        + node_text("after", "inputs: {dataset1: bad.result_dataset}").replace("after.py", "good.py")
        + node_text("beside").replace("beside.py", "good.py"),
        {
            "bad.py": 'def azureml_main(a=None, b=None):\n    print("looking")\n    prices = {}\n'
            '    return prices["apple"]\n',
            "good.py": "def azureml_main(a=None, b=None):\n    return None\n",
        },
    )
    done = shop("run", "broken")
    assert done.code == 1
    assert done.the_error() == [
        "",
        "✗ bad",
        "  KeyError: 'apple'",
        "  [script-raised] node bad, experiments/broken/scripts/bad.py:4",
        "",
        '      2 |     print("looking")',
        "      3 |     prices = {}",
        '    > 4 |     return prices["apple"]',
        "",
        "    Traceback (most recent call last):",
        '      File "scripts/bad.py", line 4, in azureml_main',
        '        return prices["apple"]',
        "               ~~~~~~^^^^^^^^^",
        "    KeyError: 'apple'",
        "",
        "    log:",
        "      looking",
    ]
    lines = [without_times(line) for line in done.out.splitlines()]
    assert "skipped    after  skipped because bad failed" in lines
    assert "finished   beside  empty TIME" in lines
    assert (
        re.sub(r"run \d+", "run N", lines[-1]) == "run N of broken failed in TIME: 1 failed, 1 skipped, 1 ran"
    )


def test_what_a_script_prints_cannot_steer_the_terminal(shop, node_text) -> None:
    """Logs, errors and names come from anybody; an escape sequence could hide or fake lines."""
    shop.experiment(
        "steering",
        node_text("n"),
        {
            "n.py": "def azureml_main(a=None, b=None):\n    print('\\x1b[2J\\x1b]0;owned\\x07ok')\n"
            "    raise ValueError('bad \\x1b[31mvalue\\x9b')\n"
        },
    )
    done = shop("run", "steering", "--logs")
    assert "n | ok" in done.out.splitlines()
    assert "  ValueError: bad value\\x9b" in done.the_error()
    assert "\x1b" not in done.out + done.err


def test_colours_come_only_when_they_are_wanted(shop) -> None:
    """Pipes get none; FORCE_COLOR asks for them; NO_COLOR wins (no-color.org)."""
    assert "\x1b[" not in shop("run", "totals").out
    assert "\x1b[36m" in shop("run", "totals", FORCE_COLOR="1").out
    assert "\x1b[" not in shop("run", "totals", FORCE_COLOR="1", NO_COLOR="1").out


def test_a_terminal_without_utf_8_gets_plain_signs(shop) -> None:
    """A sign that the encoding lacks must not end the command."""
    done = shop("run", "totals", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "=  fruit  reused" in done.out
    assert done.out.isascii()


def test_a_reader_that_goes_away_is_no_error(shop) -> None:
    """`studiolo run | head -1` is daily use; the run itself goes on to its end."""
    process = shop.start("run", "totals", "--force")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), errors) == (0, "")
    assert shop.inside("runs", "totals", "--json").document["runs"][0]["state"] == "finished"


def test_a_run_without_a_workspace_says_how_to_make_one(empty_folder) -> None:
    """The first mistake of a newcomer."""
    done = empty_folder("run", "totals")
    assert (done.code, done.out) == (2, "")
    assert done.the_error()[0].endswith(
        "is not in a workspace: neither it nor a folder above has a studiolo.toml."
    )
    assert done.the_error()[1:] == [
        "Make it one with studiolo init, or change to a workspace's folder.",
        "[no-workspace]",
    ]


def test_the_workspace_can_be_named_in_three_ways(shop, empty_folder) -> None:
    """Scripts and make files run from elsewhere; the option works before and after the command."""
    folder = str(shop.folder)
    for args, environment in (
        (["--workspace", folder, "run", "totals"], {}),
        (["run", "totals", "--workspace", folder], {}),
        (["run", "totals"], {"STUDIOLO_WORKSPACE": folder}),
    ):
        assert empty_folder(*args, **environment).code == 0
    assert shop("run", str(Path("experiments/totals"))).code == 0


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-", ">&- 2>&- <&-"])
def test_an_output_that_cannot_be_written_harms_nothing(shop, redirection: str) -> None:
    """A full disk or a closed stream must not end up in the database; the run itself is done."""
    before = shop.inside("runs", "--json").document["runs"][0]["run"]
    done = subprocess.run(
        [
            "sh",
            "-c",
            f"{shlex.join([sys.executable, '-m', 'studiolo.cli.main', 'run', 'totals'])} {redirection}",
        ],
        cwd=shop.folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    if redirection == ">/dev/full":
        assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "[output-unwritable]")
    else:
        assert (done.returncode, done.stderr) == (0, "")
    latest = shop.inside("runs", "--json").document["runs"][0]
    assert (latest["run"], latest["state"]) == (before + 1, "finished")
