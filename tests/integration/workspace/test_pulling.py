"""A node that was pulled runs outside studiolo with the same result (R-1.2, R-1.9 (2); issue 4, point 6)."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from studiolo import Workspace
from studiolo.errors import UserError
from studiolo.workspace.pulled_files import runner_files
from studiolo.workspace.pulling import pull_node
from studiolo_child.local import read
from tests import in_environments

READY_MADE = [pytest.param(name, marks=pytest.mark.ready_made) for name in in_environments.READY_MADE]

EVERY_TYPE = """
import datetime, decimal
import pandas as pd

def azureml_main(dataframe1=None, dataframe2=None):
    frame = pd.DataFrame({
        "whole": pd.array([1, 2, 3], "int16"),
        "holes": pd.array([2 ** 53 + 1, None, -3], "Int64"),
        "small holes": pd.array([1, None, 3], "UInt8"),
        "flag": [True, False, True],
        "flag holes": pd.array([True, None, False], "boolean"),
        "double": [0.1, float("nan"), float("inf")],
        "single": pd.array([0.1, 2, 3], "float32"),
        "text": ["a", None, "\\u00e9\\n\\U0001f600"],
        "empty text": ["", "NA", "null"],
        "moment": pd.to_datetime(["2020-01-01 12:34:56.789012345", None, "1969-12-31 00:00:00.5"]),
        "zoned": pd.to_datetime(["2020-03-29 00:30", "2020-03-29 01:30", None], utc=True).tz_convert("Europe/Berlin"),
        "day": [datetime.date(2020, 2, 29), None, datetime.date(1, 1, 1)],
        "span": pd.to_timedelta(["1 day", None, "-3 s"]),
        "kind": pd.Categorical(["x", None, "y"], categories=["y", "x", "unused"], ordered=True),
        "number kind": pd.Categorical([3, 1, 3]),
        "raw": [b"\\x00\\xff", None, b""],
        "exact": [decimal.Decimal("1.10"), None, decimal.Decimal("-0.05")],
        "nothing": [None, None, None],
    })
    return frame, pd.DataFrame({"more": [1, None]})
"""
TELL = """
import pandas as pd

def azureml_main(a=None, b=None, *, note="none"):
    frames = [frame for frame in (a, b) if frame is not None]
    told = [
        (str(name), str(frame[name].dtype), repr(frame[name].tolist()), str(type(frame[name].values).__name__))
        for frame in frames
        for name in frame
    ]
    return pd.DataFrame(told + [(note, repr(a is None), repr(b is None), "")]), a
"""
PLAIN = """
import pandas as pd

def azureml_main(dataframe1=None, dataframe2=None):
    print(u"caf\\u00e9")
    dataframe1["double"] = dataframe1["x"] * 2
    return dataframe1, dataframe1.describe()
"""


def started(folder: Path, *arguments: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """Run a pulled folder from somewhere else, without the settings of this process."""
    command = [python, str(folder / "run_local.py"), *arguments]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder.parent)}
    if python != sys.executable:
        environment["LC_ALL"] = "C.UTF-8"
    return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, timeout=120)


def contents(folder: Path) -> dict[str, bytes]:
    """Give the files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def ran(workspace: Workspace, script: str, first: str = PLAIN, **options) -> None:
    """Run an experiment `e` with a node `make` and a node `step` behind it."""
    experiment = workspace.new_experiment("e").remove("script")
    experiment.add("make", script=first).add("step", script=script, **options)
    experiment.save()
    workspace.run("e")


def made(x: str = "[1, 2, None]") -> str:
    return f"import pandas as pd\ndef azureml_main():\n    return pd.DataFrame({{'x': {x}}})\n"


@pytest.mark.parametrize("integers", ["float", "nullable"])
@pytest.mark.parametrize(
    ("dialect", "inputs"),
    [
        ("designer", {"dataset1": "make", "dataset2": "make.result_dataset2"}),
        ("designer", {"dataset2": "make"}),
        ("classic", {"dataset2": "make"}),
        ("classic", {}),
    ],
)
def test_the_script_sees_the_same_values_and_types(
    workspace: Workspace, tmp_path: Path, dialect: str, inputs: dict[str, str], integers: str
) -> None:
    """Every dataset type, both dialects, keyword parameters: what the script sees is what it saw in the jail."""
    inputs = {port: place if "." in place else f"{place}.result_dataset" for port, place in inputs.items()}
    ran(
        workspace,
        TELL,
        EVERY_TYPE,
        dialect=dialect,
        note="set",
        integers_with_missing=integers,
        **inputs,
    )
    workspace.result(1).raise_for_failure()
    node = workspace.result(1)["step"]
    folder = tmp_path / "pulled"
    pulled = pull_node(workspace, "e", "step", folder)
    assert pulled.run == 1
    assert all("is Bytes, which CSV can't hold" in warning for warning in pulled.warnings)
    done = started(folder)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    for port, output in node.outputs.items():
        if output.kind == "dataset":
            frame = folder / "outputs" / f"{port}.frame"
            pd.testing.assert_frame_equal(read(frame), read(output.path), check_exact=True)
            assert hashlib.sha256(frame.read_bytes()).hexdigest() == output.digest
    assert done.stdout.count("the same as in run 1") == 2
    assert "NOT" not in done.stdout


def test_bundles_and_pictures_work_as_in_the_jail(workspace: Workspace, tmp_path: Path) -> None:
    """The bundle is imported, opened and can be changed; pictures lie in outputs/ (R-1.5, R-1.7)."""
    archive = workspace.path / "bundles" / "b.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("helpers/__init__.py", "def twice(x):\n    return x * 2\n")
        file.writestr("data/größe.txt", "seven")
    script = """
import os
import matplotlib.pyplot as plt
import pandas as pd
from helpers import twice

def azureml_main(dataframe1=None, dataframe2=None):
    plt.plot([1, 2])
    plt.savefig("mine.png")
    plt.figure()
    plt.plot([2, 1])
    text = open("./Script Bundle/data/größe.txt").read()
    return pd.DataFrame({"text": [text], "x": [twice(21)], "files": [",".join(sorted(os.listdir(".")))]})
"""
    ran(workspace, script, made(), bundle="bundles/b.zip")
    folder = tmp_path / "pulled"
    pull_node(workspace, "e", "step", folder)
    done = started(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "result_dataset: 1 rows x 3 columns, outputs/result_dataset.csv, the same as in run 1",
        "result_dataset2: empty, the same as in run 1",
        "outputs/mine.png",
        "outputs/figure-1.png",
    ]
    assert sorted(os.listdir(folder / "outputs")) == [
        "figure-1.png",
        "mine.png",
        "result_dataset.csv",
        "result_dataset.frame",
        "result_dataset2.frame",
    ]
    shown = workspace.result(1)["step"].pictures
    assert [(folder / "outputs" / one.name).read_bytes() for one in shown] == [
        one.path.read_bytes() for one in shown
    ]
    (folder / "Script Bundle" / "helpers" / "__init__.py").write_text("def twice(x):\n    return 0\n")
    assert "NOT the same as in run 1" in started(folder).stdout


def test_a_failed_node_is_pulled_and_fails_at_the_same_line(workspace: Workspace, tmp_path: Path) -> None:
    """To debug it is what a node is pulled for; `--raise` lets the error through with its frames (R-1.9, 2)."""
    script = "def azureml_main(a):\n    total = a['x'].sum()\n    return a['xs'] / total\n"
    ran(workspace, script, made(), dataset1="make.result_dataset")
    folder = tmp_path / "pulled"
    pulled = pull_node(workspace, "e", "step", folder)
    done = started(folder)
    line = f'File "{folder / pulled.script}", line 3, in azureml_main'
    assert (done.returncode, done.stdout) == (1, "")
    assert line in done.stderr and "studiolo_child" not in done.stderr
    assert "The closest of its" in done.stderr
    raised = started(folder, "--raise")
    assert (
        raised.returncode == 1 and line in raised.stderr and raised.stderr.strip().endswith("KeyError: 'xs'")
    )
    assert not (folder / "outputs" / "result_dataset.frame").exists()


def test_registered_datasets_that_the_script_asked_for_come_with_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    """`azureml.core` answers outside studiolo with what it answered in the run (R-11.5)."""
    workspace.datasets.add("sales", pd.DataFrame({"x": [1, 2]}))
    script = """
from azureml.core import Dataset, Run

def azureml_main(a=None):
    ws = Run.get_context(allow_offline=True).experiment.workspace
    return Dataset.get_by_name(ws, name="sales").to_pandas_dataframe()
"""
    ran(workspace, script, made())
    workspace.datasets.add("sales", pd.DataFrame({"x": [9]}))
    folder = tmp_path / "pulled"
    assert pull_node(workspace, "e", "step", folder).warnings == []
    done = started(folder)
    assert "result_dataset: 2 rows x 1 columns" in done.stdout and "NOT" not in done.stdout, done.stderr


@pytest.mark.parametrize("name", READY_MADE)
def test_it_runs_in_interpreters_of_other_times(workspace: Workspace, tmp_path: Path, name: str) -> None:
    """Python 2.7 and 3.6 with the pandas of their time, without pyarrow (R-5.2)."""
    python = in_environments.environment_named(name).python
    ran(workspace, PLAIN, made(), dataset1="make.result_dataset")
    folder = tmp_path / "größe"
    pull_node(workspace, "e", "step", folder)
    done = started(folder, python=python)
    if "runs only where its path is plain ASCII" in done.stderr:
        folder = folder.rename(tmp_path / "plain")
        done = started(folder, python=python)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "café"
    assert (
        "result_dataset: 3 rows x 2 columns, outputs/result_dataset.csv, the same as in run 1" in done.stdout
    )


def test_the_folder_holds_what_is_needed_and_nothing_of_this_machine(
    workspace: Workspace, tmp_path: Path
) -> None:
    """It may be sent to somebody else: no absolute paths, no studiolo to install, exact pins, a launch file."""
    ran(workspace, PLAIN, made(), dataset1="make.result_dataset")
    folder = tmp_path / "pulled"
    pulled = pull_node(workspace, "e", "step", folder)
    files = contents(folder)
    own = {name for name in files if not name.startswith("studiolo_local/")}
    assert own == {
        ".python-version",
        ".vscode/launch.json",
        "README.md",
        "inputs/dataset1.csv",
        "inputs/dataset1.frame",
        "inputs/dataset1.parquet",
        "node.json",
        "requirements.txt",
        "run_local.py",
        pulled.script,
    }
    assert files[pulled.script].decode() == PLAIN
    for name in own:
        for path in (str(workspace.path), str(tmp_path), sys.prefix, str(Path.home())):
            assert path.encode() not in files[name], name
    pins = files["requirements.txt"].decode().splitlines()
    assert f"pandas=={pd.__version__}" in pins and all(re.fullmatch(r"[\w.-]+==\S+", pin) for pin in pins)
    assert not any(pin.startswith("studiolo=") for pin in pins)
    assert files[".python-version"].decode() == "{}.{}.{}\n".format(*sys.version_info[:3])
    launches = json.loads(files[".vscode/launch.json"])["configurations"]
    assert [launch["name"] for launch in launches] == ["Run", "Debug at first error"]
    assert len(files["README.md"].decode().splitlines()) == 7  # a heading, and five lines
    assert pd.read_csv(folder / "inputs" / "dataset1.csv")["x"].tolist()[:2] == [1, 2]


def test_inputs_are_at_hand_in_a_notebook(workspace: Workspace, tmp_path: Path) -> None:
    """`from run_local import inputs` gives them; a script called random.py does not stand in for Python's own."""
    script = workspace.new_experiment("e").remove("script").add("make", script=made())
    script.add("step", script=PLAIN, dataset1="make.result_dataset").save()
    folder = workspace.path / "experiments" / "e"
    file = folder / "experiment.yaml"
    (folder / "scripts" / "step.py").rename(folder / "scripts" / "random.py")
    file.write_text(file.read_text().replace("scripts/step.py", "scripts/random.py"))
    workspace.run("e")
    pulled = pull_node(workspace, "e", "step", tmp_path / "pulled")
    assert pulled.script == "script/random.py"
    code = "from run_local import inputs; got = inputs(); print(got['dataset1'].x.tolist(), got['dataset2'])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "pulled", capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[1.0, 2.0, nan] None\n", "")
    assert started(tmp_path / "pulled").returncode == 0


def test_an_earlier_run_is_pulled_as_it_was(workspace: Workspace, tmp_path: Path) -> None:
    """Script, inputs and expected results are those of the run, whatever has changed since (R-3.5)."""
    ran(workspace, PLAIN, made(), dataset1="make.result_dataset")
    workspace.experiment("e").set_script("make", made("[5]")).save()
    workspace.run("e")
    first = pull_node(workspace, "e", "step", tmp_path / "one", run=1)
    newest = pull_node(workspace, "e", "step", tmp_path / "two")
    assert (first.run, first.inputs) == (1, {"dataset1": (3, 1)})
    assert (newest.run, newest.inputs) == (2, {"dataset1": (1, 1)})
    assert "the same as in run 1" in started(tmp_path / "one").stdout


def test_a_folder_that_is_there_is_not_overwritten(workspace: Workspace, tmp_path: Path) -> None:
    """Work in a pulled folder is not lost; `--force` writes over what was pulled and keeps other files."""
    ran(workspace, PLAIN, made(), dataset1="make.result_dataset")
    folder = tmp_path / "pulled"
    folder.mkdir()
    pulled = pull_node(workspace, "e", "step", folder)
    (folder / pulled.script).write_text("mine")
    (folder / "notes.txt").write_text("mine")
    (folder / "inputs" / "old.frame").write_text("old")
    before = contents(folder)
    with pytest.raises(UserError) as caught:
        pull_node(workspace, "e", "step", folder)
    assert caught.value.code == "folder-exists"
    assert contents(folder) == before
    pull_node(workspace, "e", "step", folder, is_forced=True)
    after = contents(folder)
    assert after[pulled.script].decode() == PLAIN
    assert after["notes.txt"] == b"mine" and "inputs/old.frame" not in after
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pulled", "work"]


def test_force_removes_nothing_in_a_folder_that_was_not_pulled(workspace: Workspace, tmp_path: Path) -> None:
    """A folder of the user's own, with folders of the same names, keeps its files."""
    ran(workspace, PLAIN, made(), dataset1="make.result_dataset")
    (tmp_path / "own" / "inputs").mkdir(parents=True)
    (tmp_path / "own" / "inputs" / "mine.csv").write_text("x")
    pull_node(workspace, "e", "step", tmp_path / "own", is_forced=True)
    assert (tmp_path / "own" / "inputs" / "mine.csv").read_text() == "x"
    assert started(tmp_path / "own").returncode == 0


@pytest.mark.parametrize(
    ("node", "code"), [("sql", "not-a-script"), ("late", "nothing-to-pull"), ("no", "unknown-node")]
)
def test_what_cannot_be_pulled_is_told_and_leaves_nothing(
    workspace: Workspace, tmp_path: Path, node: str, code: str
) -> None:
    """No script, never had its inputs, no such node."""
    experiment = workspace.new_experiment("e").remove("script").add("make", script=made())
    experiment.add("sql", "apply-sql-transformation", table1="make.result_dataset", query="select * from t1")
    experiment.add("bad", script="def azureml_main():\n    return 1 / 0\n")
    experiment.add("late", script=PLAIN, dataset1="bad.result_dataset").save()
    workspace.run("e")
    with pytest.raises(UserError) as caught:
        pull_node(workspace, "e", node, tmp_path / "pulled")
    assert caught.value.code == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["work"]


def test_content_that_is_gone_is_told(workspace: Workspace, tmp_path: Path) -> None:
    """What the store has released can't be pulled, and no half folder stays."""
    ran(workspace, PLAIN, made(), dataset1="make.result_dataset")
    workspace.result(1)["make"].result_dataset.path.unlink()
    with pytest.raises(UserError) as caught:
        pull_node(workspace, "e", "step", tmp_path / "pulled")
    assert caught.value.code == "missing-content"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["work"]


def test_the_folder_has_all_files_of_ours_that_it_imports() -> None:
    """A file that is imported only later must be there too; walls and pools of the jail need not."""
    names = {Path(name).name for name in runner_files()}
    assert {"local.py", "script.py", "arrow_texts.py", "asking.py", "exceptions.py"} <= names
    assert not names & {"walls.py", "seccomp.py", "zygote.py", "worker.py", "gatekeeper.py"}


def test_a_debugger_goes_on_after_the_script(workspace: Workspace, tmp_path: Path) -> None:
    """In the jail tracing is ended; here it is the author's debugger, which would lose its breakpoints."""
    ran(workspace, PLAIN, made(), dataset1="make.result_dataset")
    pull_node(workspace, "e", "step", tmp_path / "pulled")
    code = (
        "import sys, run_local\nsys.settrace(lambda *_: None)\n"
        "run_local.local.run(run_local.HERE)\nprint(sys.gettrace() is not None)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "pulled", capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "True", done.stderr
