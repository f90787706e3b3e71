"""`studiolo.testing.run_script` runs a script in the real jail for pytest (R-1.2; issue 4, point 6)."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from studiolo.errors import ScriptError, UserError, WorkerError
from studiolo.testing import run_script
from tests.in_environments import environment_named

DOUBLE = """
def azureml_main(dataframe1=None, dataframe2=None, *, factor=2):
    print("factor", factor)
    return dataframe1 * factor, dataframe2
"""


def test_frames_go_in_and_come_out() -> None:
    """Text or path, keyword parameters, both results, the log; what an input lost is a warning."""
    first, second = pd.DataFrame({"x": [1, 2]}, index=[7, 8]), pd.DataFrame({"t": ["a", None]})
    result = run_script(DOUBLE, first, second, factor=3)
    pd.testing.assert_frame_equal(result.result_dataset, pd.DataFrame({"x": [3, 6]}))
    assert result.result_dataset2.t.isna().tolist() == [False, True]
    assert (result.log, result.pictures) == ("factor 3\n", ())
    assert result.warnings == ("dataset1: index dropped",)
    assert first.index.tolist() == [7, 8]


def test_a_script_file_keeps_its_name(tmp_path: Path) -> None:
    """A path is read from disk, and errors name its file and line."""
    path = tmp_path / "clean.py"
    path.write_text("import pandas as pd\ndef azureml_main(a):\n    return a['nothing']\n")
    for script in (path, str(path)):
        with pytest.raises(ScriptError) as caught:
            run_script(script, pd.DataFrame({"x": [1]}))
        assert (caught.value.where.file, caught.value.where.line) == ("clean.py", 3)
    with pytest.raises(FileNotFoundError):
        run_script("missing.py")


def test_nothing_returned_gives_empty_frames() -> None:
    """As on the node: two empty datasets."""
    result = run_script("def azureml_main():\n    pass\n")
    assert result.result_dataset.shape == result.result_dataset2.shape == (0, 0)


def test_types_are_those_that_the_next_node_would_get() -> None:
    """Values cross the same border as between two nodes (R-2.2, R-2.3)."""
    frame = pd.DataFrame(
        {
            "kind": pd.Categorical(["x", None], categories=["y", "x"], ordered=True),
            "moment": pd.to_datetime(["2020-01-01", None]),
            "holes": pd.array([1, None], "Int64"),
            "flag": [True, False],
        }
    )
    got = run_script("def azureml_main(a):\n    print(a.dtypes.to_dict())\n    return a\n", frame)
    pd.testing.assert_frame_equal(got.result_dataset, frame.astype({"holes": "float64"}))
    asked = run_script("def azureml_main(a):\n    return a\n", frame, integers_with_missing="nullable")
    assert "holes" in asked.result_dataset


def test_the_classic_dialect_passes_what_is_connected() -> None:
    """The second dataset alone is the first argument there (R-1.3)."""
    script = "def azureml_main(a, b=5):\n    print(list(a), b)\n"
    assert run_script(script, None, pd.DataFrame({"x": [1]}), dialect="classic").log == "['x'] 5\n"
    with pytest.raises(ValueError, match="designer"):
        run_script(script, dialect="modern")


@pytest.mark.parametrize("is_zip", [True, False])
def test_bundles_are_unpacked(tmp_path: Path, is_zip: bool) -> None:
    """A zip or a folder, imported and opened (R-1.5)."""
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "helper.py").write_text("x = 7\n")
    if is_zip:
        with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
            archive.write(bundle / "helper.py", "helper.py")
        bundle = tmp_path / "bundle.zip"
    script = (
        "import helper\ndef azureml_main():\n    print(helper.x, open('Script Bundle/helper.py').read())\n"
    )
    assert run_script(script, bundle=bundle).log == "7 x = 7\n\n"


def test_pictures_come_out() -> None:
    """Saved or left open (R-1.7)."""
    script = "import matplotlib.pyplot as plt\ndef azureml_main():\n    plt.plot([1])\n"
    (picture,) = run_script(script).pictures
    assert (picture.name, picture.media_type, picture.data[:4]) == ("figure-1.png", "image/png", b"\x89PNG")


def test_an_error_shows_the_scripts_own_trace_and_log() -> None:
    """As notes of the exception, which pytest prints; no frame of studiolo is in the trace (R-1.8)."""
    with pytest.raises(ScriptError, match="ZeroDivisionError") as caught:
        run_script("def azureml_main():\n    print('so far')\n    return 1 / 0\n")
    assert "return 1 / 0" in caught.value.traceback and "studiolo" not in caught.value.traceback
    assert caught.value.__notes__[0].startswith("Traceback") and caught.value.__notes__[1] == "Log:\nso far"
    assert caught.value.where.node is None


def test_it_is_the_real_jail() -> None:
    """No network, no files of the machine; limits hold (R-6.1)."""
    script = f"""
import os, socket
def azureml_main():
    try:
        socket.create_connection(("127.0.0.1", 9), 1)
    except OSError as error:
        print(type(error).__name__)
    print(os.path.exists({str(Path(__file__))!r}))
"""
    assert run_script(script).log.splitlines()[-1] == "False"
    with pytest.raises(WorkerError) as caught:
        run_script("def azureml_main():\n    while True: pass\n", limits={"wall_seconds": 1})
    assert caught.value.code == "wall-limit"


def test_objects_frames_and_bytes_go_in_by_keyword() -> None:
    """R-1.9 (3): a script that takes a model is tested with one, as an input by keyword would give it."""
    from sklearn.linear_model import LinearRegression

    script = """
def azureml_main(rows, other=None, *, model, names, note, factor=1):
    rows["y"] = model.predict(rows).round(3) * factor
    return rows, names.assign(note=note.decode())
"""
    rows = pd.DataFrame({"x": [0.0, 1.0]})
    model = LinearRegression().fit(rows, [1.0, 3.0])
    result = run_script(script, rows, model=model, names=pd.DataFrame({"n": ["a"]}), note=b"hello", factor=10)
    assert result.result_dataset.to_dict("list") == {"x": [0.0, 1.0], "y": [10.0, 30.0]}
    assert result.result_dataset2.to_dict("list") == {"n": ["a"], "note": ["hello"]}


def test_what_cannot_be_used_is_told() -> None:
    """Inputs that are no frames, unknown parameters, environments and limits."""
    with pytest.raises(TypeError, match="dataset1"):
        run_script(DOUBLE, [1, 2])  # type: ignore[arg-type]
    with pytest.raises(UserError) as caught:
        run_script(DOUBLE, pd.DataFrame({"x": [1]}), nothing=1)
    assert caught.value.code == "unknown-parameter"
    with pytest.raises(UserError) as caught:
        run_script(DOUBLE, environment="no-such")
    assert caught.value.code == "unknown-environment"
    with pytest.raises(TypeError):
        run_script(DOUBLE, limits={"memory": 1})


def test_the_pool_ends_with_the_process_and_leaves_nothing(tmp_path: Path) -> None:
    """One pool serves the whole process; no process or folder stays behind it."""
    code = (
        "from studiolo.testing import run_script\n"
        "from studiolo.testing.pools import _made\n"
        "for _ in range(3):\n    print(run_script('def azureml_main():\\n    print(5)').log.strip())\n"
        "(pools,) = _made.values()\nprint(len(pools._pools))\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout.split(), done.stderr) == (["5", "5", "5", "1"], "")
    assert list(tmp_path.iterdir()) == []


def test_importing_it_loads_no_data_library() -> None:
    """A test suite pays for pandas only where it uses it."""
    code = "import sys, studiolo.testing; print(sorted({'pandas', 'numpy', 'pyarrow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n"


@pytest.mark.ready_made
@pytest.mark.parametrize("name", ["designer-py36"])
def test_a_ready_made_environment_is_named_without_a_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """`environment=` takes what `studiolo env list` shows, anywhere (issue 4, point 6)."""
    made = environment_named(name)
    monkeypatch.chdir(tmp_path)
    script = "import sys\ndef azureml_main(a):\n    print(sys.version_info[:2])\n    return a\n"
    result = run_script(script, pd.DataFrame({"x": [1]}), environment=name)
    assert (result.log, made.version[:4]) == ("(3, 6)\n", "3.6.")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(UserError) as caught:
        run_script(script, pd.DataFrame({"x": [1]}), environment="classic-py27")
    assert caught.value.code in ("environment-not-built", "missing-interpreter")
