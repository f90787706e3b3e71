"""`studiolo.testing.run_module` runs a module in the real jail for pytest (R-4.6)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from studiolo.errors import ScriptError, UserError
from studiolo.testing import KeptObject, run_module

TWO = '''from studiolo.sdk import Columns, DatasetPort, Integer, ModuleError, ObjectPort, module


@module(name="Fit", category="Own", inputs=[DatasetPort("dataset")], outputs=[ObjectPort("mean", holds="mean")],
        parameters=[Columns("columns", required=True)])
def fit(dataset, *, columns):
    """Fit."""
    print("fitting", columns)
    return dataset[columns].mean()


@module(name="Subtract", category="Own", inputs=[DatasetPort("dataset"), ObjectPort("mean", holds="mean")],
        outputs=[DatasetPort("less"), DatasetPort("nothing")], parameters=[Integer("times", default=1, minimum=1)])
def subtract(dataset, mean, *, times):
    """Subtract."""
    if dataset.empty:
        raise ModuleError("The dataset is empty.", "Give it rows.", code="no-rows", port="dataset")
    return dataset - mean * times, None
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with two modules."""
    path = tmp_path / "centring.py"
    path.write_text(TWO, encoding="utf-8")
    return path


def test_a_file_of_ones_own_runs_and_objects_go_from_one_call_to_the_next(file: Path) -> None:
    """What a fitting module gave is the input of the one that applies it, unseen in between."""
    frame = pd.DataFrame({"x": [1.0, 3.0]}, index=[5, 6])
    fitted = run_module(file, id="fit", dataset=frame, columns=["x"])
    assert isinstance(fitted.mean, KeptObject)
    assert fitted.log == "fitting ['x']\n"
    assert fitted.warnings == ("dataset: index dropped",)
    result = run_module(file, id="subtract", dataset=frame.reset_index(drop=True), mean=fitted.mean, times=2)
    pd.testing.assert_frame_equal(result.less, pd.DataFrame({"x": [-3.0, -1.0]}))
    assert result.nothing is None or result.nothing.empty
    with pytest.raises(AttributeError, match="less"):
        _ = result.les


def test_what_a_module_tells_and_what_is_wrong_with_a_call_is_raised(file: Path) -> None:
    """Codes and sentences can be asserted; a wrong parameter is told as for a node."""
    mean = run_module(file, id="fit", dataset=pd.DataFrame({"x": [1.0]}), columns=["x"]).mean
    empty = pd.DataFrame({"x": pd.Series([], dtype=float)})
    with pytest.raises(UserError, match="The dataset is empty") as told:
        run_module(file, id="subtract", dataset=empty, mean=mean)
    assert told.value.code == "no-rows"
    with pytest.raises(UserError, match="times"):
        run_module(file, id="subtract", dataset=empty, mean=mean, times=0)
    with pytest.raises(UserError, match="2 modules") as several:
        run_module(file, dataset=empty)
    assert "fit, subtract" in several.value.hint
    with pytest.raises(TypeError, match="mean"):
        run_module(file, id="subtract", dataset=empty, mean=3)
    with pytest.raises(ScriptError) as raised:
        run_module(file, id="fit", dataset=pd.DataFrame({"x": ["a"]}), columns=["x"])
    assert raised.value.where.file == "centring.py"


def test_a_built_in_module_runs_and_reads_a_file_of_this_machine(tmp_path: Path) -> None:
    """By id or name; files are handed over as the studio hands them."""
    path = tmp_path / "rates.csv"
    path.write_text("region,rate\nnorth,0.5\n")
    rates = run_module("Import Data", path=path).result_dataset
    pd.testing.assert_frame_equal(
        rates, pd.DataFrame({"region": ["north"], "rate": [0.5]}), check_dtype=False
    )
    query = "select count(*) as n from t1"
    assert run_module("apply-sql-transformation", table1=rates, query=query).result_dataset.n.tolist() == [1]


def test_an_error_in_an_error_is_told_in_its_words(tmp_path: Path) -> None:
    """`raise ModuleError(error)` is what authors write; what is no text was told as memory that ran out."""
    path = tmp_path / "own.py"
    path.write_text(
        "from studiolo.sdk import DatasetPort, ModuleError, module\n\n\n"
        '@module(name="Own", category="Own", outputs=[DatasetPort("out")])\n'
        'def own():\n    """Fail."""\n'
        '    raise ModuleError(ValueError("no rows"), ["Add", 1], line="three", port=object)\n'
    )
    with pytest.raises(UserError, match=r"^no rows") as told:
        run_module(path)
    assert (told.value.code, told.value.hint, told.value.where.line) == ("module-error", "['Add', 1]", None)
