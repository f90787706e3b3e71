"""The script contract in the real jail of each ready-made environment (R-5.2, R-1.2 to R-1.8, R-6.1).

Every case of the contract runs there without walls: `pytest tests/integration/script --environment NAME`.
"""

from __future__ import annotations

import datetime
import decimal
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.in_environments import CURRENT, READY_MADE, environment_named, is_before, parameters

from studiolo.environments import Environment
from studiolo.errors import ScriptError, StudioloError, WorkerError
from studiolo.testing import ScriptResult, run_script

SAME = "def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1,\n"
HEAD = "# coding: utf-8\nfrom __future__ import print_function\n"  # two lines: both Pythons print alike
LIMITS = {"memory_mb": 512, "cpu_seconds": 20, "wall_seconds": 30, "disk_mb": 64, "processes": 64}

Run = Callable[..., ScriptResult]


@pytest.fixture(scope="module", params=parameters([CURRENT, *READY_MADE]))
def made(request: pytest.FixtureRequest) -> Environment:
    """Each environment; built first where it is not yet."""
    return environment_named(request.param)


@pytest.fixture
def run(made: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a script in the environment's jail, outside of any workspace."""
    monkeypatch.chdir(tmp_path)

    def run_in(text: str, *frames: pd.DataFrame, **options: Any) -> ScriptResult:
        limits = {**LIMITS, **options.pop("limits", {})}
        return run_script(text, *frames, environment=made, limits=limits, **options)

    return run_in


def main(*lines: str, head: str = HEAD) -> str:
    """Give a script whose function does these lines."""
    return f"{head}def azureml_main(dataframe1=None, dataframe2=None):\n" + "".join(
        f"    {line}\n" for line in lines
    )


def test_a_trivial_script_gets_its_data_and_gives_its_results(run: Run) -> None:
    """R-1.3, R-1.4: two datasets in and out, the environment's own Python."""
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})
    script = main("dataframe1['c'] = dataframe1['a'] * 2", "return dataframe1, dataframe2.describe()")
    result = run(script, frame, frame)
    assert result.result_dataset.to_dict("list") == {"a": [1, 2], "b": [0.5, 1.5], "c": [2, 4]}
    assert list(result.result_dataset2.columns) == ["a", "b"] and len(result.result_dataset2) == 8
    assert result.warnings == ()
    assert [one.code for one in result.receipts["out:result_dataset2"]] == ["index-dropped"]


def test_it_is_the_python_that_was_asked_for(run: Run, made: Environment) -> None:
    """R-5.1: never a silent substitute."""
    assert run(main("import sys", "print('%d.%d.%d' % sys.version_info[:3])")).log == f"{made.version}\n"


def every_type() -> pd.DataFrame:
    """Give a table with each type of R-2.1 that every pandas holds, with and without missing values."""
    moments = pd.to_datetime(["2020-02-29 12:30:15.123456789", None, "1969-12-31 23:59:59.000000001"])
    return pd.DataFrame(
        {
            "flag": [True, False, True],
            "whole": [1, -(2**53) - 1, 2**62],
            "small": np.array([1, 2, 255], "u1"),
            "double": [0.1, float("nan"), float("inf")],
            "single": np.array([0.5, np.nan, 2], "f4"),
            "text": ["é\U0001f600", None, ""],
            "größe": ["a\nb", "NA", "null"],
            "moment": moments.astype("M8[ns]"),
            "zoned": pd.to_datetime(["2020-03-29 00:30", None, "2020-03-29 01:30"], utc=True)
            .tz_convert("Europe/Berlin")
            .astype("datetime64[ns, Europe/Berlin]"),
            "span": pd.to_timedelta(["1 day", None, "-3 s"]).astype("m8[ns]"),
            "day": [datetime.date(2020, 2, 29), None, datetime.date(1, 1, 1)],
            "kind": pd.Categorical(["x", None, "y"], categories=["y", "x", "unused"], ordered=True),
            "exact": [decimal.Decimal("1.10"), None, decimal.Decimal("-0.05")],
            "raw": [b"\x00\xff", None, b""],
            "holes": pd.array([2**40, None, -3], "Int64"),
            "flag holes": pd.array([True, None, False], "boolean"),
            "nothing": pd.Series([None, None, None], dtype="str"),
        }
    )


@pytest.mark.parametrize("rows", [3, 1, 0])
def test_every_type_comes_back_or_has_a_receipt(run: Run, made: Environment, rows: int) -> None:
    """R-2.5: values are the same; what changed its type or its spelling says so (R-2.4)."""
    before = every_type().head(rows)
    result = run(SAME, before)
    after = result.result_dataset
    assert list(after.columns) == list(before.columns)
    entries = [one for port in ("in:dataset1", "out:result_dataset") for one in result.receipts.get(port, ())]
    assert not any(entry.lossy for entry in entries)
    told = {entry.column for entry in entries}
    for name in before.columns:
        old, new = cells(before[name]), cells(after[name])
        if name == "raw" and is_before(made, "3"):  # bytes are texts there
            assert name in told or rows == 0
            continue
        assert new == old, name
        assert after[name].dtype == before[name].dtype or name in told | USUAL, (name, after[name].dtype)


# Types that the host's pandas writes as one dataset type and reads as another of its own.
USUAL = {"holes", "flag holes", "day", "exact", "raw", "nothing", "text", "größe"}


def cells(column: pd.Series) -> list[object]:
    """Give values to compare, whatever pandas keeps them in; nothing is None."""
    values = [None if pd.isna(value) else value for value in column.astype(object)]
    return [value.date() if column.name == "day" and hasattr(value, "date") else value for value in values]


def test_texts_are_texts_and_missing_ones_are_nan(run: Run) -> None:
    """R-2.2: unicode in Python 2 too, NaN for what is missing, categories as categories."""
    script = main(
        "import pandas",
        "text = type(u'')",
        "print([isinstance(v, text) for v in dataframe1['text']], type(dataframe1.columns[0]) in (text, str))",
        "print(dataframe1['text'][0] == u'é\\U0001f600', dataframe1['text'].isnull().tolist())",
        "print(str(dataframe1['kind'].dtype), list(dataframe1['kind'].cat.categories) == [u'y', u'x', u'unused'])",
        "print(str(dataframe1['moment'].dtype)[:10], str(dataframe1['span'].dtype)[:11])",
    )
    assert run(script, every_type()[["text", "kind", "moment", "span"]]).log.splitlines() == [
        "[True, False, True] True",
        "True [False, True, False]",
        "category True",
        "datetime64 timedelta64",
    ]


def test_the_log_keeps_its_order(run: Run) -> None:
    """R-1.8: print, standard error and warnings in one stream, UTF-8."""
    script = main(
        "import os, sys, warnings",
        "print('one')",
        "sys.stderr.write('two\\n')",
        "os.write(1, b'three\\n')",
        "print(u'größe')",
        "warnings.warn('careful')",
    )
    lines = run(script).log.splitlines()
    assert lines[:4] == ["one", "two", "three", "größe"]
    assert lines[4:] == ["script.py:9: UserWarning: careful", "  warnings.warn('careful')"]


def test_an_error_has_its_line_and_a_clean_trace(run: Run) -> None:
    """R-1.8: the script's own innermost line; no frame of ours."""
    with pytest.raises(ScriptError) as caught:
        run(main("return inner(dataframe1)") + "def inner(frame):\n    return frame['Agee']\n", every_type())
    error = caught.value
    assert (error.code, error.where.line) == ("script-raised", 6)
    assert "line 4, in azureml_main" in error.traceback and "studiolo_child" not in error.traceback
    with pytest.raises(ScriptError) as caught:
        run("x = 1\nx = = 2\n")
    assert (caught.value.code, caught.value.where.line) == ("script-syntax", 2)


def test_an_open_figure_is_a_picture(run: Run) -> None:
    """R-1.7: matplotlib of each time on Agg; saved ones first."""
    script = main(
        "plt.plot([1, 2])",
        "plt.savefig('mine.png')",
        "plt.figure()",
        "plt.plot([2, 1])",
        "plt.show()",
        head=HEAD + "import matplotlib\nmatplotlib.use('TkAgg')\nimport matplotlib.pyplot as plt\n",
    )
    result = run(script)
    assert [(one.name, one.data[:4]) for one in result.pictures] == [
        ("mine.png", b"\x89PNG"),
        ("figure-1.png", b"\x89PNG"),
    ]
    assert (result.log, result.warnings) == ("", ())


def test_the_bundle_is_imported_and_opened(run: Run, tmp_path: Path) -> None:
    """R-1.5: files and folders, Windows' separators in the classic dialect."""
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("tool.py", "def twice(x):\n    return x * 2\n")
        archive.writestr("data/größe.txt", "seven")
    script = (
        HEAD
        + "import io, tool\n"
        + main(
            "text = io.open(u'.\\\\Script Bundle\\\\data\\\\größe.txt', encoding='utf-8').read()",
            "print(tool.twice(text))",
            head="",
        )
    )
    assert run(script, bundle=tmp_path / "b.zip", dialect="classic").log == "sevenseven\n"


@pytest.mark.parametrize(
    ("lines", "limits", "code", "line"),
    [
        (
            ["kept = []", "while True: kept.append(bytearray(10000000))"],
            {"memory_mb": 200},
            "out-of-memory",
            5,
        ),
        (["import numpy", "numpy.ones(10**9)"], {"memory_mb": 200}, "out-of-memory", 5),
        (["while True: pass"], {"cpu_seconds": 1}, "cpu-limit", 4),
        (["import re", "re.match('(a+)+$', 'a' * 60 + 'b')"], {"cpu_seconds": 1}, "cpu-limit", 5),
        (["import time", "time.sleep(60)"], {"wall_seconds": 1}, "wall-limit", 5),
        (
            ["import os, time", "while True:", "    if os.fork() == 0: time.sleep(60)"],
            {"processes": 20},
            "too-many-processes",
            6,
        ),
        (
            ["f = open('big', 'wb')", "while True: f.write(b'0' * 1000000); f.flush()"],
            {"disk_mb": 16},
            "disk-full",
            5,
        ),
    ],
)
def test_limits_are_told_with_their_place(
    run: Run, lines: list[str], limits: dict[str, int], code: str, line: int
) -> None:
    """R-6.1: code, file and line, the figure allowed, and the next job is well."""
    with pytest.raises(WorkerError) as caught:
        run(main(*lines), limits=limits)
    error = caught.value
    ((limit, allowed),) = limits.items()
    assert (error.code, error.where.file, error.where.line) == (code, "script.py", line), error
    assert (error.details["limit"], error.details["allowed"]) == (limit, allowed)
    assert run(main("print('fine')")).log == "fine\n"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("dataframe1.x", {"x": [1, 2]}),
        ("{'p': [1, 2]}", {"p": [1, 2]}),
        ("dataframe1.values", {"column": [1, 2]}),
        ("[u'é', 'b']", {"column": ["é", "b"]}),
        ("5", {"column": [5]}),
        ("None", {}),
        ("[dataframe1, None]", {"x": [1, 2]}),
    ],
)
def test_whatever_is_returned_becomes_a_table(run: Run, expression: str, expected: dict[str, Any]) -> None:
    """R-1.4: with a warning where it was none."""
    result = run(main(f"return {expression}"), pd.DataFrame({"x": [1, 2]}))
    assert result.result_dataset.to_dict("list") == expected
    assert len(result.warnings) == (0 if "None" in expression else 1)


def test_what_makes_no_table_is_an_error(run: Run) -> None:
    """R-1.4: it says how to declare an output."""
    with pytest.raises(StudioloError) as caught:
        run(main("return object()"))
    assert caught.value.code == "bad-return" and "outputs:" in caught.value.hint


def test_large_tables_go_through(run: Run) -> None:
    """Numbers as they lie, texts in their thousands."""
    count = 200_000
    frame = pd.DataFrame({"n": np.arange(count), "s": [f"ä{number}" for number in range(count)]})
    result = run(main("return dataframe1[dataframe1['n'] % 2 == 0].reset_index(drop=True),"), frame)
    assert result.result_dataset["s"].tolist() == [f"ä{number}" for number in range(0, count, 2)]
    assert result.result_dataset["n"].sum() == sum(range(0, count, 2))


def test_nothing_of_studiolo_or_the_machine_is_in_the_way(run: Run) -> None:
    """R-6.1, R-1.2: no import of ours, nothing to write outside."""
    script = main(
        "import os, sys",
        "print(os.getcwd(), os.listdir('.'), sys.argv)",
        "try: open('/usr/lib/x', 'w')",
        "except (IOError, OSError) as error: print(error.errno in (13, 30))",
    )
    first, second = run(script).log.splitlines()
    assert first.startswith("/box/work ") and "Script Bundle" in first
    assert second == "True"


def test_pictures_hold_what_was_drawn(run: Run) -> None:
    """R-1.7: a real picture of the size that was asked for."""
    result = run(
        main("import matplotlib.pyplot as plt", "plt.figure(figsize=(2, 1), dpi=100).gca().plot([1])")
    )
    from matplotlib.image import imread

    assert imread(io.BytesIO(result.pictures[0].data)).shape[1] in range(150, 205)
