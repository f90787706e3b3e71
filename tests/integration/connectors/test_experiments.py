"""A stranger's experiment can't reach or change by Import Data and Export Data what it was not given (H5-A, H5-B)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest

from studiolo import Workspace
from studiolo.errors import Problems, UserError

DATA = {"data": "a,b\n1,2\n"}
SCRIPT = """import os
import pandas as pd

def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"x": sorted(os.listdir("Script Bundle"))}),
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Workspace.create(tmp_path / "work", "Test").close()
    return tmp_path / "work"


def allow(folder: Path, network: str) -> None:
    (folder / "studiolo.toml").write_text(f'name = "Test"\n\n[grants]\nnetwork = ["{network}"]\n')


def codes_and_hints(folder: Path, experiment: str) -> list[tuple[str, str]]:
    with Workspace(folder) as workspace:
        result = workspace.run(experiment)
        errors = [result[name].error for name in result.nodes]
    return [(error.code, error.hint) for error in errors if error is not None]


def test_an_import_reaches_this_machine_only_when_the_workspace_allows_it(folder: Path, server) -> None:
    """The error's line, written into studiolo.toml, is enough; and no less is."""
    place = urlsplit(server.address).netloc
    with Workspace(folder) as workspace:
        experiment = workspace.new_experiment("get").remove("script")
        experiment.add("get", "import-data", parameters={"address": f"{server.address}/table/x.csv"}).save()
    line = f'network = ["{place}"]'
    hint = f"To allow it, write in studiolo.toml under [grants]: {line}"
    assert codes_and_hints(folder, "get") == [("address-not-allowed", hint)]
    assert server.asked == []
    allow(folder, place)
    assert codes_and_hints(folder, "get") == []
    assert server.asked == ["/table/x.csv"]


def test_an_export_is_refused_before_anything_runs(folder: Path, server) -> None:
    """Nothing is computed for a target that is not allowed."""
    place = urlsplit(server.address).netloc
    targets = {
        "settings": {"path": "studiolo.toml", "format": "text"},
        "hook": {"path": ".git/hooks/post-commit", "format": "text"},
        "make": {"path": "Makefile", "format": "text"},
        "send": {"address": f"{server.address}/x.csv"},
    }
    with Workspace(folder) as workspace:
        experiment = (
            workspace.new_experiment("put").remove("script").add("n", "enter-data-manually", parameters=DATA)
        )
        for name, values in targets.items():
            experiment.add(name, "export-data", dataset="n", parameters=values)
        with pytest.raises(Problems) as caught:
            experiment.run()
    assert sorted(problem.code for problem in caught.value.problems) == [
        "address-not-allowed",
        "reserved-path",
        "reserved-path",
        "wrong-name",
    ]
    assert server.asked == []
    allow(folder, place)
    with Workspace(folder) as workspace:
        experiment = (
            workspace.new_experiment("send").remove("script").add("n", "enter-data-manually", parameters=DATA)
        )
        experiment.add("send", "export-data", dataset="n", parameters=targets["send"])
        experiment.run().raise_for_failure()
    assert list(server.received) == ["/x.csv"]


def test_an_export_is_checked_again_when_it_is_written(folder: Path) -> None:
    """A link may come between the check and the end of a long run."""
    before = (folder / "studiolo.toml").read_bytes()

    def listener(step: object) -> None:
        if type(step).__name__ == "NodeStarted" and not (folder / "data" / "x.txt").exists():
            (folder / "data" / "x.txt").symlink_to("../studiolo.toml")

    with Workspace(folder) as workspace:
        experiment = (
            workspace.new_experiment("late").remove("script").add("n", "enter-data-manually", parameters=DATA)
        )
        experiment.add("put", "export-data", dataset="n", parameters={"path": "data/x.txt", "format": "csv"})
        result = experiment.run(listener=listener)
        assert (result["put"].error.code, result["put"].state) == ("reserved-path", "failed")
    assert (folder / "studiolo.toml").read_bytes() == before


def test_hidden_files_stay_out_of_a_bundle(folder: Path) -> None:
    """A folder of code often has passwords beside it."""
    for name in ("tools.py", ".env", ".git/config", "more/.keys", "more/rates.csv"):
        path = folder / "bundles" / "tools" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    with Workspace(folder) as workspace:
        experiment = workspace.new_experiment("b").remove("script")
        result = experiment.add("n", script=SCRIPT, bundle="bundles/tools").run()
        assert result["n"].output("result_dataset").to_pandas().x.tolist() == ["more", "tools.py"]


def test_a_table_with_a_name_beyond_all_measure_is_told(folder: Path) -> None:
    """R2: the same bound for tables that a program registers."""
    with Workspace(folder) as workspace, pytest.raises(UserError) as caught:
        workspace.datasets.add("wide", pd.DataFrame({"x" * 65_537: [1]}))
    assert (caught.value.code, "65537 characters" in caught.value.summary) == ("unusable-source", True)
