"""Wrong experiments, wrong files, wrong names: told before anything runs where that is possible, with a hint."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

FINE = "def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1\n"


def zip_of(*entries: tuple[str, str]) -> bytes:
    """Give the bytes of a zip with these names and texts."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in entries:
            file.writestr(name, text)
    return data.getvalue()


def write_files(shell: Any) -> None:
    """Write files that can't be read, and one that can."""
    shell.write("data/fruit.csv", "fruit,price\napple,2.5\n")
    shell.write("data/ragged.csv", "fruit,price\napple,2\npear,3,4\n")
    shell.write("data/unclosed.csv", 'fruit,price\n"apple,2\n')
    shell.write("data/not_a_number.csv", "n\n1\n2\nx\n")
    shell.write("bundles/slip.zip", zip_of(("ok.py", "x = 1"), ("../evil.py", "x = 1")))
    shell.write("bundles/absolute.zip", zip_of(("/etc/evil.py", "x = 1")))
    shell.write("bundles/bomb.zip", zip_of(("zeros", "0" * (100 << 20))))
    shell.write("bundles/torn.zip", zip_of(("ok.py", "x = 1"))[:-30])


@pytest.fixture(scope="module")
def shell(new_workspace, node_text: Callable[..., str]):
    """A workspace with experiments that are wrong in many ways and one, `fine`, that is right and has run."""
    shell = new_workspace("wrong")
    write_files(shell)
    shell.experiment("fine", "  fruit: {module: import-data, parameters: {path: data/fruit.csv}}\n")
    assert shell("run", "fine").code == 0
    shell.experiment(
        "graph",
        "  source: {module: import-data, parameters: {path: data/frut.csv}}\n"
        "  module: {module: aply-sql-transformation}\n"
        "  parameter: {module: import-data, parameters: {path: data/fruit.csv, formt: csv}}\n"
        + node_text("port", "inputs: {datset1: source}")
        + node_text("node", "inputs: {dataset1: sorce}")
        + node_text("one", "inputs: {dataset1: two.result_dataset}")
        + node_text("two", "inputs: {dataset1: one.result_dataset}")
        + node_text("gone").replace("gone.py", "missing.py"),
        {f"{name}.py": FINE for name in ("port", "node", "one", "two")},
    )
    shell.experiment(
        "scripts",
        "".join(node_text(name) for name in ("no_function", "syntax", "names", "libraries")),
        {
            "no_function.py": FINE.replace("azureml_main", "azureml_mian"),
            "syntax.py": "def azureml_main(a=None, b=None):\n    return (a\n",
            "names.py": "def azureml_main(a=None, b=None):\n    return frame\n",
            "libraries.py": "import pandsa\n" + FINE,
        },
    )
    shell.experiment(
        "bundles",
        "".join(
            node_text(name, f"bundle: bundles/{name}.zip") for name in ("slip", "absolute", "bomb", "torn")
        ),
        {f"{name}.py": FINE for name in ("slip", "absolute", "bomb", "torn")},
    )
    shell.experiment(
        "files",
        "  ragged: {module: import-data, parameters: {path: data/ragged.csv}}\n"
        "  unclosed: {module: import-data, parameters: {path: data/unclosed.csv}}\n"
        "  not_a_number:\n    module: import-data\n"
        "    parameters: {path: data/not_a_number.csv, types: 'n: Integer'}\n"
        "  column:\n    module: apply-sql-transformation\n    parameters: {query: select prise from t1}\n"
        "    inputs: {table1: fruit}\n"
        "  fruit: {module: import-data, parameters: {path: data/fruit.csv}}\n",
    )
    return shell


def problems_of(shell: Any, name: str) -> list[dict[str, Any]]:
    """Give the problems that `studiolo check` finds in an experiment."""
    done = shell.inside("check", name, "--json")
    assert (done.code, done.err) == (2, "")
    assert done.document["is_ok"] is False
    found: list[dict[str, Any]] = done.document["experiments"][name]
    return found


def test_all_problems_of_a_graph_are_told_at_once_each_at_its_line(shell) -> None:
    """R-3.2: unknown module, port, node, parameter, file and script, and a cycle, in one go."""
    places = {(problem["code"], problem["where"]["node"]) for problem in problems_of(shell, "graph")}
    assert places == {
        ("missing-file", "source"),
        ("unknown-module", "module"),
        ("unknown-parameter", "parameter"),
        ("unknown-port", "port"),
        ("unknown-node", "node"),
        ("cycle", "one"),
        ("missing-script", "gone"),
    }
    for problem in problems_of(shell, "graph"):
        assert problem["hint"], problem
        assert problem["where"]["file"] == "experiments/graph/experiment.yaml"
        assert isinstance(problem["where"]["line"], int)


def test_nothing_runs_while_there_are_problems(shell) -> None:
    """R-3.2; the exit code says that it is the author's turn."""
    done = shell("run", "graph")
    assert (done.code, done.out) == (2, "")
    assert done.the_error()[:5] == [
        'The parameter "path" of node source names "data/frut.csv", which does not exist.',
        'Did you mean "fruit.csv"?',
        "[missing-file] node source, parameter path, experiments/graph/experiment.yaml:3:46",
        "> 3 |   source: {module: import-data, parameters: {path: data/frut.csv}}",
        " " * 51 + "^",
    ]
    assert done.the_error()[-1] == "7 problems found before anything ran."
    assert shell.inside("show", "graph").code == 2
    assert [run["experiment"] for run in shell.inside("runs", "--json").document["runs"]].count("graph") == 0


def test_faults_of_scripts_are_found_without_running_them(shell) -> None:
    """R-1.8: syntax, undefined names, missing libraries, no azureml_main, each at its line."""
    problems = problems_of(shell, "scripts")
    assert [
        (problem["code"], problem["where"]["file"], problem["where"]["line"]) for problem in problems
    ] == [
        ("missing-entry-point", "experiments/scripts/scripts/no_function.py", 1),
        ("script-syntax", "experiments/scripts/scripts/syntax.py", 2),
        ("undefined-name", "experiments/scripts/scripts/names.py", 2),
        ("missing-library", "experiments/scripts/scripts/libraries.py", 1),
    ]
    assert 'Rename "azureml_mian" to "azureml_main".' in problems[0]["hint"]
    assert 'Did you mean "pandas"?' in problems[3]["hint"]
    assert shell("run", "scripts").code == 2


def test_dangerous_bundles_are_refused_by_the_name_of_the_entry(shell) -> None:
    """R-1.5: zip-slip, absolute names, bombs, broken zips."""
    problems = problems_of(shell, "bundles")
    assert [(problem["where"]["node"], problem["code"]) for problem in problems] == [
        ("slip", "bundle-unsafe"),
        ("absolute", "bundle-unsafe"),
        ("bomb", "bundle-too-large"),
        ("torn", "bundle-damaged"),
    ]
    for problem, name in zip(problems, ("../evil.py", "/etc/evil.py", "zeros"), strict=False):
        assert name in problem["summary"]
        assert problem["hint"]


def test_unreadable_files_name_row_and_column_and_stop_nothing_else(shell) -> None:
    """R-2.1: a value that does not fit is an error with row and column."""
    done = shell("run", "files", "--json")
    assert done.code == 1
    nodes = done.document["nodes"]
    assert nodes["fruit"]["state"] in ("finished", "reused")
    told = {
        name: (node["error"]["code"], node["error"]["summary"])
        for name, node in nodes.items()
        if node["error"]
    }
    assert sorted(told) == ["column", "not_a_number", "ragged", "unclosed"]
    assert told["ragged"][0] == "ragged-row" and "line 3" in told["ragged"][1]
    assert told["unclosed"][0] == "unclosed-quote" and "line 2" in told["unclosed"][1]
    assert told["not_a_number"] == (
        "value-does-not-fit",
        'data/not_a_number.csv, line 4, column "n": "x" is not an Integer.',
    )
    assert told["column"][0] == "sql-error" and '"prise"' in told["column"][1]
    assert 'Did you mean "price"?' in nodes["column"]["error"]["hint"]


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["run", "fin"], "unknown-experiment", 'Did you mean "fine"?'),
        (["run", "fine", "--to", "fruti"], "unknown-node", 'Did you mean "fruit"?'),
        (["run", "fine", "--set", "fruit.pth=x"], "unknown-parameter", 'Did you mean "path"?'),
        (["run", "fine", "--set", "fruit"], "wrong-assignment", "NODE.PARAMETER=VALUE"),
        (["run", "fine", "--only", "fruit", "--to", "fruit"], "wrong-selection", "Use --only alone."),
        (["run"], "which-experiment", "Name one: bundles, files, fine, graph, scripts."),
        (["show", "fin"], "unknown-experiment", 'Did you mean "fine"?'),
        (["show", "fine:fruti"], "unknown-node", 'Did you mean "fruit"?'),
        (["show", "fine:fruit.result"], "unknown-port", 'Did you mean "result_dataset"?'),
        (["show", "scripts:names"], "never-run", "studiolo run scripts"),
        (["show", "fine", "--run", "99"], "unknown-run", "1"),
        (["show", "files", "--run", "1"], "wrong-run", "studiolo runs files"),
        (["export", "fine", "out.csv"], "which-port", "fine:NODE.result_dataset"),
        (["export", "fine:fruit", "out.cvs"], "unknown-format", "csv"),
        (["export", "fine:fruit", "data", "--format", "csv"], "not-a-file", ""),
        (["logs", "99", "fruit"], "unknown-run", "1"),
        (["logs", "fine", "fruti"], "unknown-node", 'Did you mean "fruit"?'),
        (["cancel", "99"], "unknown-run", "1"),
        (["cancel", "twelve"], "wrong-usage", "studiolo cancel --help"),
        (["check", "fin"], "unknown-experiment", 'Did you mean "fine"?'),
        (["dataset", "add", "data/frut.csv"], "missing-file", 'Did you mean "fruit.csv"?'),
        (["dataset", "add", "data/ragged.csv"], "ragged-row", "delimiter"),
        (["dataset", "add", "a", "b", "c"], "wrong-usage", "[NAME] SOURCE"),
        (["dataset", "show", "frut"], "unknown-dataset", ""),
        (["dataset", "remove", "frut"], "unknown-dataset", ""),
        (["dataset", "ad", "x"], "unknown-command", "studiolo dataset add"),
        (["new", "fine"], "experiment-exists", "another name"),
        (["new", "../x"], "wrong-name", ""),
        (["init"], "workspace-exists", ""),
        (["rnu", "fine"], "unknown-command", "Did you mean studiolo run?"),
        (["run", "fine", "--frce"], "wrong-usage", "--force"),
        (["run", "fine", "extra"], "wrong-usage", "studiolo run --help"),
        (["completion", "tcsh"], "wrong-usage", "bash"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value)[:16],
)
def test_a_wrong_command_line_says_what_would_be_right(shell, args, code, told) -> None:
    """CONVENTIONS, Errors: unknown names come with the nearest match; nothing ends in a Python traceback."""
    done = shell.inside(*args)
    assert (done.code, done.out) == (2, "")
    assert f"[{code}]" in done.err
    assert told in done.err
    assert "Traceback" not in done.err


def test_an_error_is_a_json_document_where_a_program_asked_for_one(shell) -> None:
    """A program must not have to read sentences."""
    done = shell("run", "fin", "--json")
    assert done.code == 2
    assert done.document == {
        "error": {
            "kind": "user",
            "code": "unknown-experiment",
            "summary": 'There is no experiment "fin" in this workspace.',
            "hint": 'Did you mean "fine"?',
            "where": {},
        }
    }
    several = shell("run", "graph", "--json")
    assert len(several.document["error"]["problems"]) == 7


def test_after_all_of_this_the_next_run_works(shell) -> None:
    """The studio's data is intact."""
    done = shell("run", "fine", "--json")
    assert (done.code, done.document["nodes"]["fruit"]["state"]) == (0, "reused")
