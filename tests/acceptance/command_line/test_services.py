"""`publish` and `services`: what a person sees, what a program gets, and the exit codes (R-9.1, R-9.4, R-9.5)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXPRESSION = Path(__file__).parents[3] / "examples" / "expression"
SCRIPT = """\
import pandas as pd


def azureml_main(rows=None, other=None, factor=2.0, label="low"):
    if rows is None:
        return pd.DataFrame({"x": [1, 2], "name": ["a", None]})
    print("got", len(rows))
    rows["y"] = rows["x"] * factor
    rows["label"] = label
    return rows
"""
SECTION = """\
web_service:
  inputs: {input1: score.dataset1}
  outputs: {output1: score}
  parameters: {factor: score.factor, label: score.label}
"""


@pytest.fixture(scope="module")
def desk(new_workspace, node_text):
    """A workspace with an experiment that is published twice and one that cannot be."""
    shell = new_workspace("services")
    nodes = node_text("rows") + node_text("score", "inputs: {dataset1: rows}")
    scripts = {"rows.py": SCRIPT, "score.py": SCRIPT}
    shell.experiment("plain", nodes, scripts)
    shell.experiment("score", nodes + SECTION, scripts)
    shell.experiment(
        "broken",
        nodes + SECTION,
        {**scripts, "score.py": "def azureml_main(a, b, factor=1, label=''):\n    1 / 0\n"},
    )
    first = shell("publish", "score", "--name", "churn", "--description", "Scores", COLUMNS="100")
    assert (first.code, first.err) == (0, "")
    shell.published = first.out
    assert shell("publish", "score", "--name", "churn", "--standby").code == 0
    return shell


def test_publishing_shows_addresses_and_the_keys_once(desk):
    """Who publishes needs these two things, and will not find the keys again."""
    keys = re.findall(r"^  (primary|secondary) +(\S{88})$", desk.published, re.M)
    assert [slot for slot, _ in keys] == ["primary", "secondary"]
    assert "churn version 1 of run 1, answers now" in desk.published
    assert "  input      input1  x: Integer, name: String\n" in desk.published
    assert "  parameter  factor  number, default 2.0\n" in desk.published
    assert "http://127.0.0.1:8765/api/services/churn\n" in desk.published
    assert re.search(
        r"/workspaces/[0-9a-f]{32}/services/[0-9a-f]{32}/execute\?api-version=2.0&details=true",
        desk.published,
    )
    shown = desk.inside("services", "show", "churn").out + desk.inside("services", "keys", "churn").out
    assert not any(key in shown for _, key in keys)


def test_a_service_is_shown_with_all_that_it_takes_and_gives(desk):
    """One page says what was published, from what, and what answers."""
    done = desk.inside("services", "show", "churn")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[:2] == ["churn  version 1, answers", "Scores"]
    assert "  runs       score" in lines
    assert [line.split()[:2] for line in lines[-2:]] == [["2", "2"], ["1", "all"]]
    document = desk.inside("services", "show", "churn", "--json").document
    assert (document["live"], document["versions"], document["warnings"]) == (1, [2, 1], [])
    assert document["shown"]["parameters"]["label"]["default"] == "low"
    listed = desk.inside("services", "list", "--json").document
    assert [one["name"] for one in listed["services"]] == ["churn"]
    assert desk.inside("services", "list").out.splitlines()[1].startswith("churn  1 ")


def test_a_request_can_be_tried_without_a_server(desk):
    """With the sample, with a file, with parameters; the log is seen."""
    done = desk("services", "test", "churn")
    assert done.code == 0
    assert done.out.splitlines()[:5] == [
        "log | got 2",
        "output1",
        "x  name  y    label",
        "1  a     2.0  low",
        "2  NA    4.0  low",
    ]
    desk.write("rows.csv", "name,x\nz,10\n,20\n")
    tried = desk(
        "services", "test", "churn", "rows.csv", "--set", "factor=0.5", "--set", "label=1", "--json"
    ).document
    assert tried["outputs"]["output1"] == {
        "columns": ["x", "name", "y", "label"],
        "data": [[10, "z", 5, "1"], [20, None, 10, "1"]],
    }
    assert (tried["version"], tried["log"]) == (1, "got 2\n")
    desk.write("wrong.csv", "nam,x\nz,ten\n")
    wrong = desk("services", "test", "churn", "wrong.csv")
    assert wrong.code == 2
    assert 'Did you mean "name"?' in wrong.err and wrong.err.endswith("[wrong-request]\n")
    assert desk("services", "test", "churn", "absent.csv").the_error()[-1] == "[unusable-source]"


def test_versions_keys_and_settings_are_changed(desk, new_workspace):
    """Each change says what is so now."""
    assert (
        desk.inside("services", "rollback", "churn", "--to", "2").out
        == "churn: version 2 answers now, no more version 1.\n"
    )
    assert desk.inside("services", "split", "churn", "1=25").out == "churn: version 1 25 %, version 2 75 %.\n"
    assert desk.inside("services", "list").out.splitlines()[1].startswith("churn  1: 25 %, 2: 75 %")
    assert desk.inside("services", "split", "churn", "--end").out == "churn: version 2 answers all.\n"
    assert desk.inside("services", "rollback", "churn", "--json").document["live"] == 1
    told = desk.inside("services", "keys", "churn", "--rotate", "secondary").out.splitlines()
    assert told[0] == "The new secondary key of churn, shown only this once:"
    assert re.fullmatch(r"  \S{88}", told[1])
    made = desk.inside("services", "keys", "churn", "--json").document
    assert made["keys"]["secondary"]["tail"] == told[1].rstrip("=")[-4:]
    done = desk.inside(
        "services", "configure", "churn", "--rate", "60", "--children", "3", "--keep-data", "--json"
    ).document
    assert (done["requests_per_minute"], done["children"], done["keeps_data"]) == (60, 3, True)
    assert (
        desk.inside("services", "configure", "churn", "--rate", "none", "--json").document[
            "requests_per_minute"
        ]
        is None
    )
    assert desk.inside("services", "logs", "churn").out == "No request is logged.\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["services", "show", "chrun"], "unknown-service"),
        (["services", "rollback", "churn", "--to", "9"], "unknown-version"),
        (["services", "split", "churn", "9=10"], "unknown-version"),
        (["services", "split", "churn", "one"], "wrong-value"),
        (["services", "split", "churn"], "wrong-usage"),
        (["services", "configure", "churn"], "wrong-usage"),
        (["services", "configure", "churn", "--children", "0"], "wrong-value"),
        (["services", "test", "churn", "--version", "7"], "unknown-version"),
        (["publish", "score", "--name", "a b"], "wrong-name"),
        (["publish", "score"], "wrong-usage"),
        (["publish", "scor", "--name", "x"], "unknown-experiment"),
        (["publish", "score", "--name", "x", "--run", "99"], "unknown-run"),
        (["publish", "plain", "--name", "x"], "no-web-service"),
        (["service", "lst"], "unknown-command"),
    ],
)
def test_what_is_wrong_is_named_and_the_exit_code_is_2(desk, words, code):
    """Nothing is published, and a program can tell."""
    done = desk.inside(*words)
    assert (done.code, done.the_error()[-1].split()[0]) == (2, f"[{code}]")


def test_without_a_section_the_message_can_be_copied(desk):
    """The next thing to do is to paste it."""
    done = desk.inside("publish", "plain", "--name", "x")
    hint = done.err[done.err.index("web_service:") : done.err.index("[no-web-service]")]
    assert hint == (
        "web_service:\n  inputs:\n    input1: rows.dataset1\n    input2: score.dataset1\n"
        "  outputs:\n    output1: score.result_dataset\n"
    )


def test_a_node_that_fails_is_told_as_a_run_tells_it(desk):
    """Line and stack trace, and the exit code of a failed run."""
    done = desk("publish", "broken", "--name", "x")
    assert done.code == 1
    assert "ZeroDivisionError" in done.err
    assert desk.inside("services", "show", "x").code == 2


def test_a_retired_service_is_gone_from_the_list(new_workspace, node_text):
    """It answers no more; its history stays."""
    shell = new_workspace("retiring")
    shell.experiment(
        "score",
        node_text("rows") + node_text("score", "inputs: {dataset1: rows}") + SECTION,
        {"rows.py": SCRIPT, "score.py": SCRIPT},
    )
    first = shell("publish", "score", "--name", "churn", "--json").document
    assert shell.inside("services", "retire", "churn").out == "churn is retired.\n"
    assert shell.inside("services", "list").out.startswith("No service is published.")
    assert "retired" in shell.inside("services", "list", "--all").out
    assert (
        shell.inside("services", "keys", "churn", "--rotate", "primary").the_error()[-1]
        == "[retired-service]"
    )
    again = shell("publish", "score", "--name", "churn", "--json").document
    assert (again["id"], again["live"]) == (first["id"], 2)
    assert set(again["keys"].values()).isdisjoint(first["keys"].values())


def test_names_of_services_complete(desk):
    """The shell knows the services, and the options of the commands."""
    words = {"COMP_WORDS": "studiolo services show ch", "_STUDIOLO_COMPLETE": "bash_complete"}
    assert desk(**words).out == "plain,churn\n"
    words["COMP_WORDS"] = "studiolo services ro"
    assert desk(**words).out == "plain,rollback\n"


def test_the_documented_example_is_a_service(tmp_path, empty_folder):
    """R-9.5: Python expressions as texts in, expression and result out, jailed."""
    folder = tmp_path / "expression"
    shutil.copytree(EXPRESSION, folder, ignore=shutil.ignore_patterns(".studiolo", "__pycache__"))
    shell = ("--workspace", str(folder))
    assert empty_folder(*shell, "publish", "expression", "--name", "expression").code == 0
    rows = tmp_path / "rows.csv"
    rows.write_text("expression\n6 * 7\nopen('/etc/shadow').read()\n1 / 0\n")
    done = empty_folder(*shell, "services", "test", "expression", str(rows), "--json")
    first, hostile, failing = done.document["outputs"]["output1"]["data"]
    assert first == ["6 * 7", "42"]
    assert hostile[1] in ("FileNotFoundError", "PermissionError")
    assert failing == ["1 / 0", "ZeroDivisionError"]


def test_a_service_answers_in_a_weaker_jail_too(new_workspace):
    """Where nothing can fork behind the walls, each request gets a process started for it (R-6.2, R-9.5)."""
    shell = new_workspace("weaker")
    shutil.rmtree(shell.folder)
    shutil.copytree(EXPRESSION, shell.folder, ignore=shutil.ignore_patterns(".studiolo"))
    settings = shell.folder / "studiolo.toml"
    settings.write_text('allow_badge = "reduced"\n' + settings.read_text())
    denied = [sys.executable, "-m", "tests.jail.deny", "namespaces", "--", sys.executable]
    for words in (["publish", "expression", "--name", "sums"], ["services", "test", "sums", "--json"]):
        done = subprocess.run(
            [*denied, "-m", "studiolo.cli.main", "--workspace", str(shell.folder), *words],
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert json.loads(done.stdout)["outputs"]["output1"]["data"][0] == ["2 + 3 * 4", "14"]
