"""The examples are sound without studiolo: valid files, scripts that are ordinary functions, data as told."""

from __future__ import annotations

import importlib.util
import json
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import jsonschema
import pandas as pd
import pytest
import yaml

WORKSPACES = ["diabetes", "flights", "hello-bundle", "expression"]


def experiments(root: Path) -> list[Path]:
    """Give the folders of all experiments in the examples."""
    return sorted(path.parent for path in (root / "examples").glob("*/experiments/*/experiment.yaml"))


def read_nodes(folder: Path) -> dict[str, Any]:
    """Give the nodes of an experiment as plain data."""
    nodes: dict[str, Any] = yaml.safe_load((folder / "experiment.yaml").read_text(encoding="utf-8"))["nodes"]
    return nodes


def load_script(path: Path) -> ModuleType:
    """Import a script as anybody would, under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture(scope="module")
def diabetes(root: Path) -> Path:
    """The workspace of the main example."""
    return root / "examples" / "diabetes"


@pytest.fixture(scope="module")
def tables(diabetes: Path) -> dict[str, pd.DataFrame]:
    """The tables of the main example, by plain calls of its scripts and its query."""
    folder = diabetes / "experiments" / "diabetes"
    patients = pd.read_csv(diabetes / "data" / "pima-indians-diabetes.csv")
    measures = pd.read_csv(diabetes / "data" / "measures.csv")
    prepared, gaps = load_script(folder / "scripts" / "prepare.py").azureml_main(patients)
    importance, quality = load_script(folder / "scripts" / "importance.py").azureml_main(prepared)
    with duckdb.connect() as connection:
        for name, table in {"t1": importance, "t2": measures, "t3": gaps}.items():
            connection.register(name, table)
        ranking = connection.sql(read_nodes(folder)["ranking"]["parameters"]["query"]).df()
    return {
        "patients": patients,
        "prepared": prepared,
        "gaps": gaps,
        "importance": importance,
        "quality": quality,
        "ranking": ranking,
    }


def test_the_examples_are_the_ones_the_readme_lists(root: Path) -> None:
    """A workspace that is not listed is never found."""
    assert sorted({path.parents[1].name for path in experiments(root)}) == sorted(WORKSPACES)
    text = (root / "examples" / "README.md").read_text(encoding="utf-8")
    assert [name for name in WORKSPACES if f"| `{name}` |" not in text] == []


def test_every_experiment_agrees_with_the_published_schema(root: Path) -> None:
    """The JSON Schema of experiment.yaml is what editors check by (ARCHITECTURE, Files of a workspace)."""
    schema = json.loads((root / "docs" / "experiment.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for folder in experiments(root):
        data = yaml.safe_load((folder / "experiment.yaml").read_text(encoding="utf-8"))
        assert [error.message for error in validator.iter_errors(data)] == [], folder.name


def test_the_experiment_in_the_docs_agrees_with_the_published_schema(root: Path, blocks_of) -> None:
    """What the docs show is copied by readers."""
    schema = json.loads((root / "docs" / "experiment.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    texts = [
        block.text
        for page in (root / "README.md", root / "docs" / "experiment-files.md")
        for block in blocks_of(page)
        if block.language == "yaml"
    ]
    assert len(texts) >= 2
    assert [error.message for text in texts for error in validator.iter_errors(yaml.safe_load(text))] == []


def test_every_layout_has_a_place_for_every_node_and_no_other(root: Path) -> None:
    """A leftover position is a node somebody renamed by half."""
    for folder in experiments(root):
        layout = json.loads((folder / "layout.json").read_text(encoding="utf-8"))
        assert set(layout["nodes"]) == set(read_nodes(folder)), folder.name


def test_no_script_imports_anything_of_ours(root: Path) -> None:
    """The same file runs in IPython, a test or an IDE with the same result (R-1.2)."""
    scripts = sorted((root / "examples").glob("*/experiments/*/scripts/*.py"))
    assert len(scripts) == 6
    assert [path.name for path in scripts if "studiolo" in path.read_text(encoding="utf-8")] == []


def test_the_data_is_what_its_page_says(tables: dict[str, pd.DataFrame]) -> None:
    """768 patients, 268 of them with diabetes, 652 missing measures, as in mlbench's PimaIndiansDiabetes2."""
    patients = tables["patients"]
    assert patients.shape == (768, 10)
    assert patients["diabetes"].value_counts().to_dict() == {"neg": 500, "pos": 268}
    missing = patients.isna().sum()
    expected = {"glucose": 5, "pressure": 35, "triceps": 227, "insulin": 374, "mass": 11}
    assert missing[missing > 0].to_dict() == expected
    assert patients["patient"].tolist() == list(range(1, 769))


def test_preparing_fills_every_gap_and_nothing_else(tables: dict[str, pd.DataFrame]) -> None:
    """A cleaning script that changed present values would spoil the ranking unseen."""
    patients, prepared = tables["patients"], tables["prepared"]
    assert list(prepared.columns) == [*patients.columns[:-1], "outcome"]
    assert int(prepared.isna().sum().sum()) == 0
    present = patients.notna()
    for name in patients.columns[:-1]:
        assert (prepared[name] == patients[name])[present[name]].all(), name
    assert tables["gaps"]["missing"].sum() == 652


def test_the_ranking_is_complete_ordered_and_puts_glucose_first(tables: dict[str, pd.DataFrame]) -> None:
    """The main job: features ranked by the scores of an ensemble, joined with a second dataset."""
    ranking, importance = tables["ranking"], tables["importance"]
    assert ranking["place"].tolist() == list(range(1, 9))
    assert set(ranking["measure"]) == set(importance["measure"])
    assert ranking["importance"].is_monotonic_decreasing
    assert importance["importance"].sum() == pytest.approx(1)
    assert ranking.loc[0, ["measure", "short_label", "unit", "missing_values"]].tolist() == [
        "glucose",
        "Glucose",
        "mg/dL",
        5,
    ]
    quality = tables["quality"].iloc[0]
    assert quality["out_of_bag_accuracy"] > quality["accuracy_of_always_no"]


def test_the_picture_is_drawn_without_a_display(
    tables: dict[str, pd.DataFrame], diabetes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures that a script saves in its working directory are what the Python device shows (R-1.7)."""
    import matplotlib

    matplotlib.use("agg")
    monkeypatch.chdir(tmp_path)
    script = load_script(diabetes / "experiments" / "diabetes" / "scripts" / "picture.py")
    with matplotlib.rc_context():
        assert script.azureml_main(tables["prepared"], tables["ranking"]) is None
    data = (tmp_path / "scatter-matrix.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (1320, 1320)


def test_the_bundle_is_the_same_as_zip_and_as_folder(root: Path) -> None:
    """Both nodes of the example must give the same greetings."""
    bundles = root / "examples" / "hello-bundle" / "bundles"
    with zipfile.ZipFile(bundles / "hello.zip") as bundle:
        zipped = {name: bundle.read(name) for name in bundle.namelist()}
    assert zipped == {path.name: path.read_bytes() for path in (bundles / "hello").glob("*.*")}


def test_the_bundle_is_imported_and_read(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`from Hello import print_hello` and a file of `./Script Bundle` work beside the bundle (R-1.5)."""
    workspace = root / "examples" / "hello-bundle"
    with zipfile.ZipFile(workspace / "bundles" / "hello.zip") as bundle:
        bundle.extractall(tmp_path / "Script Bundle")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "Script Bundle")
    monkeypatch.delitem(sys.modules, "Hello", raising=False)
    script = load_script(workspace / "experiments" / "hello" / "scripts" / "greet.py")
    table = script.azureml_main()
    sys.modules.pop("Hello", None)
    assert table["greeting"].tolist() == ["Hello, world!", "Hello, bundle!", "Hello, studiolo!"]


def test_expressions_give_their_value_or_the_name_of_their_error(root: Path) -> None:
    """A table of expressions in, expression and result out as text; one bad row costs no other (R-9.5)."""
    folder = root / "examples" / "expression" / "experiments" / "expression"
    script = load_script(folder / "scripts" / "evaluate.py")
    given = ["2 + 3 * 4", "2 ** 100", "'a' * 3", "1 / 0", "2 +", "unknown_name", "__import__('sys').exit(3)"]
    table = script.azureml_main(pd.DataFrame({"any name": given}))
    assert list(table.columns) == ["expression", "result"]
    assert table["expression"].tolist() == given
    assert table["result"].tolist() == [
        "14",
        "1267650600228229401496703205376",
        "aaa",
        "ZeroDivisionError",
        "SyntaxError",
        "NameError",
        "SystemExit",
    ]
