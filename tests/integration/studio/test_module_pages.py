"""Help pages of modules, and the experiments that begin with their examples (R-4.6)."""

from __future__ import annotations

from pathlib import Path

from studiolo import Workspace
from tests.integration.studio.served import Client, Listener

GRADE = '''from studiolo.sdk import DatasetPort, Integer, ModuleError, module


@module(
    name="Grade",
    category="Own",
    outputs=[DatasetPort("graded")],
    parameters=[Integer("count", default=3, minimum=1, help="How many.")],
)
def grade(*, count):
    """Grade rows.

    Example:
        one:
          module: grade
          parameters: {count: 2}

    data/grades.csv:
        a,b
    """
    import pandas

    return pandas.DataFrame({"grade": range(count)})
'''


def test_the_page_of_a_module_is_given_by_any_of_its_names(client: Client) -> None:
    """Whoever comes from the retired products knows another name."""
    page = client.get("/modules/Reader/page")
    assert (page["id"], page["name"]) == ("import-data", "Import Data")
    assert [one["name"] for one in page["parameters"]][:2] == ["path", "address"]
    assert page["example"].startswith("customers:\n  module: import-data\n")
    assert page["files"] == [["data/customers.csv", "zip,sales\n01234,3.5\n80331,4\n"]]


def test_a_module_that_is_not_there_is_told_with_the_nearest(client: Client) -> None:
    """As everywhere: the nearest name, and 404."""
    status, answer = client.ask("GET", "/modules/imprt-data/page")
    assert (status, answer["error"]["code"]) == (404, "unknown-module")
    assert "import-data" in answer["error"]["hint"]


def test_an_example_becomes_an_experiment_that_runs(client: Client, workspace: Workspace) -> None:
    """With its scripts and its files; a second one gets a name of its own."""
    assert client.ask("POST", "/modules/execute-python-script/example") == (
        201,
        {"experiment": "Example of Execute Python Script"},
    )
    assert client.ask("POST", "/modules/execute-python-script/example")[1] == {
        "experiment": "Example of Execute Python Script 2"
    }
    result = workspace.run("Example of Execute Python Script")
    assert [node.state for node in result.nodes.values()] == ["finished", "finished"]
    assert client.get("/experiments/Example of Execute Python Script")["problems"] == []


def test_a_file_that_is_there_is_not_written_over(client: Client, workspace: Workspace) -> None:
    """Somebody's data matter more than an example."""
    path = Path(workspace.path) / "data" / "customers.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine\n")
    assert client.ask("POST", "/modules/import-data/example")[0] == 201
    assert path.read_text() == "mine\n"


def test_a_module_without_an_example_says_so(client: Client) -> None:
    """Somebody's own module may have a docstring of one line."""
    status, answer = client.ask("POST", "/modules/dataset/example")
    assert (status, answer["error"]["code"]) == (404, "unknown-example")


def test_an_own_module_has_a_page_that_follows_its_file(
    client: Client, workspace: Workspace, listener: Listener
) -> None:
    """R-4.6: editing the file reloads in a running studio; a broken one is told with its line."""
    path = Path(workspace.path) / "modules" / "grading.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(GRADE)
    listener.wait("modules")
    page = client.get("/modules/grade/page")
    assert page["parameters"][0]["takes"] == "whole number, 1 or more"
    assert client.ask("POST", "/modules/grade/example")[1] == {"experiment": "Example of Grade"}
    assert (Path(workspace.path) / "data" / "grades.csv").read_text() == "a,b\n"

    path.write_text(GRADE.replace("minimum=1", "minimum=2"))
    listener.wait("modules")
    assert client.get("/modules/grade/page")["parameters"][0]["takes"] == "whole number, 2 or more"

    path.write_text(GRADE.replace("def grade(", "def grade(:"))
    listener.wait("modules")
    problems = client.get("/modules")["problems"]
    assert [(one["code"], one["where"]["file"], one["where"]["line"]) for one in problems] == [
        ("script-syntax", "modules/grading.py", 10)
    ]
    assert client.ask("GET", "/modules/grade/page")[0] == 404
