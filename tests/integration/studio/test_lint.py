"""What is wrong with a script is found while it is typed, in the node's own environment (R-1.8, R-1.9 (2))."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studiolo import Workspace
from studiolo.errors import UserError
from studiolo.studio.lint import Lint, Text
from studiolo.studio.ruff import MOST_FINDINGS, MOST_TEXT, findings
from tests.integration.studio.served import Client, serving

ENTRY = "def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1,\n"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("lint") / "work"
    with Workspace.create(folder, "Test") as opened:
        (folder / "code").mkdir()
        with zipfile.ZipFile(folder / "code" / "mine.zip", "w") as archive:
            archive.writestr("mine.py", "")
        experiment = opened.new_experiment("words")
        experiment.add("clean", script=ENTRY, bundle="code/mine.zip")
        experiment.add("bare", script=ENTRY)
        experiment.add("own", "create-python-model", script="class AzureMLModel:\n    pass\n")
        experiment.save()
        # No rule of the user or the workspace changes what is found.
        (folder / "pyproject.toml").write_text('[tool.ruff.lint]\nselect = ["ALL"]\n')
        (folder / "ruff.toml").write_text('[lint]\nselect = ["ALL"]\n')
        yield opened


@pytest.fixture(scope="module")
def lint(workspace: Workspace) -> Lint:
    return Lint(workspace)


def told(lint: Lint, text: str, node: str | None = None) -> list[tuple[str, str, int, int]]:
    """Give code, severity, line and column of what is found, but for matters of looks."""
    found, note = lint.look(Text(text, experiment="words" if node else None, node=node))
    assert note == ""
    return [(one.code, one.severity, one.line, one.column) for one in found if one.severity != "info"]


def test_an_honest_script_has_no_findings(lint: Lint) -> None:
    """The script of a new node is calm."""
    assert told(lint, ENTRY) == []


def test_a_script_of_another_module_needs_no_azureml_main(lint: Lint) -> None:
    """R-4.5: Create Python Model has a class; for it the missing function would be a false alarm."""
    text = (
        "class AzureMLModel:\n    def train(self, df_train, df_label):\n        self.mean = df_label.mean()\n"
    )
    assert [code for code, *_ in told(lint, text)] == ["missing-entry-point"]
    assert told(lint, text, "own") == []


def test_names_are_checked_once_and_with_the_nearest(lint: Lint) -> None:
    """The check of the environment knows the nearest name; ruff's own finding is left out."""
    text = ENTRY.replace("return dataframe1", "return datframe1")
    found, _ = lint.look(Text(text))
    assert [(one.code, one.line, one.column, one.end_column) for one in found] == [
        ("undefined-name", 2, 12, 21)
    ]
    assert found[0].hint == 'Did you mean "dataframe1"?'


def test_a_missing_library_is_named_unless_the_bundle_has_it(lint: Lint) -> None:
    """R-1.5, R-1.8: what the node can import counts."""
    text = f"import mine\n\nmine\n{ENTRY}"
    assert told(lint, text, "clean") == []
    assert told(lint, text, "bare") == [("missing-library", "error", 1, 8)]


def test_syntax_is_that_of_the_environment(lint: Lint) -> None:
    """One message for a fault of syntax, from the interpreter that will run it."""
    found, _ = lint.look(Text('print "x"\n' + ENTRY))
    assert [one.code for one in found] == ["script-syntax"]
    assert "classic-py27" in found[0].hint


def test_places_count_code_points(lint: Lint) -> None:
    """Columns count what people see, also beyond the basic plane."""
    text = ENTRY.replace("return", 'print("😀😀", nothing)\n    return')
    assert ("undefined-name", "error", 2, 17) in told(lint, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "\ufeff" + ENTRY,
        "(" * 3000,
        "x = " + "[" * 5000,
        "\r\n" * 10,
        "def azureml_main(:\n",
        "\ud800",
        "# ruff: noqa\nundefined\n" + ENTRY,
        "if True:\n\tx = 1\n        y = 2\n",
        "f'{" * 500,
    ],
)
def test_odd_texts_are_looked_at(lint: Lint, text: str) -> None:
    """Whatever is typed, there is an answer, with places inside the text."""
    found, _ = lint.look(Text(text))
    for one in found:
        assert one.line >= 1 and one.column >= 1 and (one.end_line, one.end_column) >= (one.line, one.column)


def test_size_is_bounded(lint: Lint) -> None:
    """A huge text is refused, and many findings are cut."""
    with pytest.raises(UserError) as refused:
        lint.look(Text("x" * (MOST_TEXT + 1)))
    assert refused.value.code == "script-too-long"
    assert len(findings("undefined\n" * 3 * MOST_FINDINGS, "3.11")) == MOST_FINDINGS


def test_a_long_script_is_looked_at_soon(lint: Lint) -> None:
    """Twenty thousand lines are checked while one types."""
    lines = "".join(f"    value{number} = {number}\n" for number in range(20_000))
    text = f"def azureml_main(dataframe1=None):\n{lines}    return nothing,\n"
    lint.look(Text(ENTRY))
    began = time.monotonic()
    found, _ = lint.look(Text(text))
    print(f"20,000 lines: {time.monotonic() - began:.2f} s, {len(found)} findings")
    assert any(one.code == "undefined-name" for one in found)


def test_a_script_is_laid_out_anew(lint: Lint) -> None:
    """Formatting changes looks alone, and says where it can't."""
    assert lint.format(Text("x   = {  'a':1 }\n")) == 'x = {"a": 1}\n'
    with pytest.raises(UserError) as refused:
        lint.format(Text("x = (\n"))
    assert refused.value.code == "script-syntax"


def test_the_api_answers(workspace: Workspace) -> None:
    """The page sends a script with its node, and gets the findings."""
    wish: dict[str, Any] = {
        "text": "nothing\n" + ENTRY,
        "environment": None,
        "experiment": "words",
        "node": "bare",
    }
    with serving(workspace) as (_, client):
        answer = client.post("/lint", wish)
        assert "undefined-name" in [one["code"] for one in answer["findings"]]
        assert client.post("/format", {**wish, "text": "x=1"}) == {"text": "x = 1\n"}
        assert _refused(client, "/format", {**wish, "text": "x=("}) == (422, "script-syntax")
        gone = {**wish, "environment": "nowhere", "node": None}
        assert _refused(client, "/lint", gone) == (404, "unknown-environment")


def _refused(client: Client, path: str, body: Any) -> tuple[int, str]:
    status, answer = client.ask("POST", path, body)
    return status, answer["error"]["code"]


def test_nothing_of_the_script_runs(lint: Lint, tmp_path: Path) -> None:
    """Looking is not running."""
    mark = tmp_path / "mark"
    lint.look(Text(f"open({str(mark)!r}, 'w').close()\n{ENTRY}"))
    assert not mark.exists()
