"""Execute R Script: what R holds that no table should, and scripts that change what R itself relies on (R-4.2)."""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from studiolo.modules.r_language.execute_r_script import execute_r_script
from studiolo.sdk import ModuleError

pytestmark = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script's working directory, as a job has one of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(body: str, *tables: pa.Table) -> pa.Table:
    return execute_r_script(*tables, script=f"azureml_main <- function(a, b) {{ {body} }}")[0]


@pytest.mark.parametrize(
    ("factor", "values", "codes"),
    [
        ("levels = c('a', 'b'), c(1L, 9L, -3L, 0L)", ["a", None, None, None], ["no-such-level"]),
        ("c(NA, 1L)", [None, None], ["no-such-level"]),
        ("levels = c(1.5, 2), 1:2", ["1.5", "2"], []),
        ("levels = c('a', 'a', 'b', 'unused'), 1:3", ["a", "a", "b"], []),
    ],
)
def test_broken_factors_lose_values_and_say_so(
    receipt: Callable[..., Any], factor: str, values: list[Any], codes: list[str]
) -> None:
    """R itself prints them as <NA>; they were told as a script that had written to our pipe."""
    table = run(f"data.frame(x = structure({factor}, class = 'factor'))")
    assert table["x"].to_pylist() == values
    assert [one["code"] for one in receipt(table)] == codes


def test_a_table_without_names_gets_some() -> None:
    """structure(list(...), class = "data.frame") is a table to R, with names or not."""
    assert run("structure(list(1, 2), row.names = 1L, class = 'data.frame')").column_names == ["V1", "V2"]


def test_texts_that_are_not_utf8_are_said(receipt: Callable[..., Any]) -> None:
    """Bytes of another encoding came as "<ff>" without a word; what R knows to be latin1 is text."""
    table = run(r"x <- c('caf\xe9', 'ok'); Encoding(x) <- 'latin1'; data.frame(x = x, y = c('\xff', 'b'))")
    assert table.to_pydict() == {"x": ["café", "ok"], "y": ["\ufffd", "b"]}
    assert [(one["code"], one["column"], one["lossy"]) for one in receipt(table)] == [
        ("not-unicode", "y", True)
    ]


def test_lists_become_json_that_can_be_read() -> None:
    """R's escapes are none in JSON, and options(OutDec = ",") made two numbers of one."""
    table = run(
        r"options(OutDec = ',', scipen = -9); d <- data.frame(i = 1:2)"
        r"; d$l <- list(c(1.5, 2.25), list(a = 'q\"\\\001\v\né', b = NULL)); d"
    )
    texts = [json.loads(text) for text in table["l"].to_pylist()]
    assert texts == [[1.5, 2.25], {"a": 'q"\\\x01\v\né', "b": None}]


@pytest.mark.parametrize(
    "before",
    [
        "closeAllConnections()",
        "Sys.setlocale('LC_ALL', 'C')",
        "options(warn = 2, encoding = 'latin1')",
        "sink('x')",
    ],
)
def test_what_a_script_changes_in_r_does_not_disturb_its_result(before: str) -> None:
    """Scripts end with closeAllConnections() and set locales; the result is still theirs."""
    table = run(f"{before}; data.frame(x = c('é', 'b'), y = as.raw(1:2))")
    assert table.to_pydict() == {"x": ["é", "b"], "y": [1, 2]}


@pytest.mark.parametrize(
    ("condition", "summary"),
    [
        ("list(message = 'm', call = NULL, what = 'entry', hint = 'forged')", "Error: m"),
        ("list(message = c('m', 'n'), call = NULL)", "Error: m n"),
        ("list(message = NULL, call = NULL)", "Error: an error without a message"),
        ("list(message = strrep('x', 3e6), call = NULL)", "Error: xxxx"),
    ],
)
def test_conditions_of_any_form_are_told(condition: str, summary: str) -> None:
    """Packages make conditions of their own, with fields that mean something else, and messages of any length."""
    with pytest.raises(ModuleError) as caught:
        run(f"stop(structure(class = c('my', 'error', 'condition'), {condition}))")
    assert (caught.value.code, caught.value.hint) == ("r-script-raised", "")
    assert caught.value.summary.startswith(summary) and len(caught.value.summary) < 25_000


def test_the_function_may_come_from_a_file() -> None:
    """source("Script Bundle/main.R") is how long scripts are kept; it was refused before it ran."""
    script = "writeLines('azureml_main <- function(a) data.frame(q = 2)', 'f.R'); source('f.R')"
    assert execute_r_script(script=script)[0].to_pydict() == {"q": [2.0]}
    with pytest.raises(ModuleError) as caught:
        execute_r_script(script=script.replace("azureml_main", "main"))
    assert caught.value.code == "missing-entry-point"


def test_a_name_with_nul_and_a_time_of_day_arrive(receipt: Callable[..., Any]) -> None:
    """R's texts hold no NUL, and it has no time of day: both ended the node without a sentence."""
    table = run("a", pa.table({"x\0y": ["a"], "t": pa.array([5], pa.time64("us"))}))
    assert table.to_pydict() == {"xy": ["a"], "t": [datetime.timedelta(microseconds=5)]}
    assert "nul-removed" in [one["code"] for one in receipt(table)]


@pytest.mark.parametrize(
    "script", ["\ufeffazureml_main <- function() x", "azureml_main <-\u00a0function() x"]
)
def test_marks_of_editors_and_web_pages_are_read_over(script: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Python scripts with a byte order mark or no-break spaces run as they are; R's parser stops at both."""
    table = execute_r_script(script=script.replace("() x", "() data.frame(x = 'a\u00a0b')"))[0]
    assert len(table["x"][0].as_py()) == 3
    assert ("no-break spaces" in capfd.readouterr().err) == ("\u00a0" in script)
