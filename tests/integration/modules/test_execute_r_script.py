"""Execute R Script: both contracts, the exchange of tables, console, plots, errors, in a real R (R-4.2, facts 4.2)."""

from __future__ import annotations

import datetime
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from studiolo.modules.r_language.execute_r_script import TEMPLATE, execute_r_script
from studiolo.sdk import ModuleError, ScriptText

pytestmark = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")

NAN = float("nan")
DAY = datetime.datetime(2020, 1, 31, 10, 11, 12, 123457)
UTC, ROME = datetime.UTC, ZoneInfo("Europe/Rome")
SAME = "azureml_main <- function(a, b) a"
CITIES = pa.table({"city": ["Oslo", "Lima", None], "degrees": [4.5, NAN, 25.2]})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script's working directory, as a job has one of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(script: str, *tables: pa.Table, **options: Any) -> pa.Table:
    return execute_r_script(*tables, script=script, **options)[0]


def failed(script: str, *tables: pa.Table) -> ModuleError:
    with pytest.raises(ModuleError) as caught:
        run(script, *tables)
    return caught.value


def plain(table: pa.Table) -> dict[str, list[Any]]:
    """Give the values with NaN as None, so that they can be compared."""
    return {
        name: [None if isinstance(value, float) and value != value else value for value in values]
        for name, values in table.to_pydict().items()
    }


# Contracts


@pytest.mark.parametrize(
    ("parameters", "seen"),
    [("", "none"), ("x", "3 rows"), ("x, y", "3 rows, NULL"), ("...", "2 given"), ("x, y, k = 7", "k is 7")],
)
def test_the_function_gets_as_many_arguments_as_it_takes(parameters: str, seen: str) -> None:
    """Facts 4.2: the designer's function declares none, one or two; further ones need defaults (R-1.3)."""
    body = {
        "": "'none'",
        "x": "paste(nrow(x), 'rows')",
        "x, y": "paste0(nrow(x), ' rows', if (is.null(y)) ', NULL')",
        "...": "paste(length(list(...)), 'given')",
        "x, y, k = 7": "paste('k is', k)",
    }[parameters]
    script = f"azureml_main <- function({parameters}) data.frame(seen = {body})"
    assert run(script, CITIES).to_pydict() == {"seen": [seen]}


def test_a_list_gives_both_results_by_name() -> None:
    """Facts 4.2: list(dataset1=, dataset2=); their order does not matter, and one may be missing."""
    script = (
        "azureml_main <- function(a, b) list(dataset2 = data.frame(y = 1L), dataset1 = data.frame(x = 'é'))"
    )
    first, second = execute_r_script(script=script)
    assert (first.to_pydict(), second.to_pydict()) == ({"x": ["é"]}, {"y": [1]})
    first, second = execute_r_script(script="azureml_main <- function() list(dataset2 = data.frame(y = 2L))")
    assert (first.num_columns, second.to_pydict()) == (0, {"y": [2]})


def test_a_script_of_classic_maps_its_ports() -> None:
    """Facts 4.2: the output names a variable, may be named before an input is read, and the last call counts."""
    script = """
        maml.mapOutputPort("nothing.yet")
        maml.mapOutputPort("data.set")
        data.set <- maml.mapInputPort(1)
        data.set$twice <- 2 * data.set$degrees
    """
    first, second = execute_r_script(CITIES, script=script)
    assert plain(first)["twice"] == [9.0, None, 50.4]
    assert second.num_columns == 0


def test_a_script_of_classic_may_give_nothing() -> None:
    """A script that only prints is allowed; its result is empty."""
    assert run("d <- maml.mapInputPort(1)\nsummary(d)", CITIES).num_columns == 0


def test_equal_names_are_numbered_as_each_product_did(receipt: Callable[..., Any]) -> None:
    """Facts 6: classic `a (2)`; those of the designer are left to the node's dialect."""
    frame = "data.frame(a = 1L, a = 2L, check.names = FALSE)"
    classic = run(f'd <- {frame}\nmaml.mapOutputPort("d")')
    assert classic.column_names == ["a", "a (2)"]
    assert [entry["code"] for entry in receipt(classic)] == ["duplicate-name"]
    assert run(f"azureml_main <- function() {frame}").column_names == ["a", "a"]


def test_the_seed_makes_numbers_repeat() -> None:
    """`Random Seed` sets the seed (facts 4.2), and equal parameters give equal results."""
    script = "azureml_main <- function() data.frame(x = runif(3))"
    once, again, other = (run(script, random_seed=seed).to_pydict() for seed in (0, 0, 1))
    assert once == again != other


def test_the_template_runs_with_and_without_an_input(capfd: pytest.CaptureFixture[str]) -> None:
    """A new node works before anything is typed."""
    assert run(TEMPLATE).column_names == ["city", "degrees"]
    first, second = execute_r_script(CITIES, script=TEMPLATE)
    assert plain(first) == plain(CITIES)
    assert second.to_pydict()["missing"] == [1, 1]


def test_the_bundle_lies_where_both_products_put_it(file: Callable[..., Any], tmp_path: Path) -> None:
    """Facts 4.2: src/ in classic, Script Bundle/ in the designer."""
    with zipfile.ZipFile(tmp_path / "tools.zip", "w") as bundle:
        bundle.writestr("tools.R", "twice <- function(x) 2 * x\n")
        bundle.writestr("data/numbers.csv", "n\n4\n")
    source = file("bundle.zip", (tmp_path / "tools.zip").read_bytes())
    script = """azureml_main <- function() {
      source("Script Bundle/tools.R")
      data.frame(n = twice(read.csv("src/data/numbers.csv")$n))
    }"""
    assert run(script, script_bundle=source).to_pydict() == {"n": [8]}


# Tables


EVERYTHING = pa.table(
    {
        "yes": [True, None, False],
        "whole": pa.array([1, None, -(2**31) + 1]),
        "number": [1.5, NAN, float("inf")],
        "text": ["é", None, "日本"],
        "empty": ["", "", None],
        "kind": pa.array(["b", "a", None]).dictionary_encode(),
        "size": pa.DictionaryArray.from_arrays(
            pa.array([1, 0, None], pa.int8()), pa.array(["S", "L"]), ordered=True
        ),
        "day": pa.array([DAY.date(), None, datetime.date(1907, 2, 3)]),
        "moment": pa.array([DAY, None, datetime.datetime(1900, 1, 1)]),
        "zoned": pa.array([DAY.replace(tzinfo=ROME), None, None], pa.timestamp("us", "Europe/Rome")),
        "zero": pa.array([DAY.replace(tzinfo=UTC), None, None], pa.timestamp("us", "UTC")),
        "span": pa.array([datetime.timedelta(days=1, microseconds=3), None, datetime.timedelta(seconds=-1)]),
        "bytes": pa.array([b"\0\1", None, b""]),
    }
)


@pytest.mark.parametrize("rows", [3, 1, 0])
def test_every_type_goes_to_r_and_back(rows: int, receipt: Callable[..., Any]) -> None:
    """R-2.5 for R: values, missing values, order of categories and zones survive, and nothing is said."""
    table = EVERYTHING.slice(0, rows)
    back = run(SAME, table)
    assert plain(back) == plain(table)
    assert receipt(back) == []
    kinds = dict(zip(back.column_names, back.schema.types, strict=True))
    assert (kinds["whole"], kinds["moment"]) == (pa.int64(), pa.timestamp("us"))
    assert (kinds["zoned"], kinds["zero"]) == (pa.timestamp("us", "Europe/Rome"), pa.timestamp("us", "UTC"))
    assert kinds["size"].ordered
    assert not kinds["kind"].ordered


def test_types_are_what_authors_of_r_know() -> None:
    """Facts 4.2: DateTime is POSIXct, categorical is factor, strings are character, missing is NA."""
    script = """azureml_main <- function(a) data.frame(
        name = names(a), class = vapply(a, function(x) class(x)[1], ""),
        missing = vapply(a, function(x) if (is.list(x)) is.null(x[[2]]) else is.na(x[2]), NA), row.names = NULL)"""
    told = run(script, EVERYTHING.drop(["size", "empty", "kind"])).to_pydict()
    assert told["class"] == [
        *("logical", "integer", "numeric", "character", "Date"),
        *("POSIXct", "POSIXct", "POSIXct", "difftime", "list"),
    ]
    assert all(told["missing"])


def test_what_r_cannot_hold_is_said(receipt: Callable[..., Any]) -> None:
    """R-2.4: wide integers lose digits beyond 2^53, times their nanoseconds, texts their NUL."""
    table = pa.table(
        {
            "wide": [2**40, 1],
            "wider": [2**60 + 1, 1],
            "lowest": [-(2**31), 1],
            "fine": pa.array([1_580_465_472_000_000_001, 0], pa.timestamp("ns")),
            "far": [datetime.datetime(2250, 1, 1, 0, 0, 0, 7), DAY],
            "nul": ["a\0b", "c"],
        }
    )
    back = run(SAME, table)
    assert back.to_pydict()["wide"] == [float(2**40), 1.0]
    assert back.to_pydict()["lowest"] == [float(-(2**31)), 1.0]
    assert back.to_pydict()["nul"] == ["ab", "c"]
    assert [(entry["code"], entry["lossy"]) for entry in receipt(back)] == [
        ("integer-to-double", False),
        ("integer-to-double", True),
        ("integer-to-double", False),
        ("time-less-exact", True),
        ("time-less-exact", True),
        ("nul-removed", True),
    ]


@pytest.mark.parametrize(
    ("frame", "values", "codes"),
    [
        ("mtcars[1:2, 1:2]", {"mpg": [21.0, 21.0], "cyl": [6.0, 6.0]}, ["row-names-dropped"]),
        ("subset(data.frame(x = 1:3), x > 1)", {"x": [2, 3]}, []),
        ("matrix(1:4, 2)", {"V1": [1, 2], "V2": [3, 4]}, ["not-a-table"]),
        ("c(1.5, NA)", {"value": [1.5, None]}, ["not-a-table"]),
        ("list(a = 1:2, b = c('x', 'y'))", {"a": [1, 2], "b": ["x", "y"]}, ["not-a-table"]),
        ("data.frame(x = I(list(1L, NULL, 3L)))", {"x": [1, None, 3]}, []),
        ("data.frame(x = I(list(1:2, list(a = 'q', b = NA))))", {"x": ["[1,2]", '{"a":"q","b":null}']}, ["nested-to-json"]),  # noqa: E501
        ("data.frame(x = 1i)", {"x": ["0+1i"]}, ["complex-to-text"]),
        ("data.frame(x = as.raw(9))", {"x": [9]}, ["raw-to-integer"]),
        ("{ d <- data.frame(a = 1:2); d$m <- matrix(1:4, 2); d }", {"a": [1, 2], "m.1": [1, 2], "m.2": [3, 4]}, ["split-column"]),  # noqa: E501
        ("structure(list(x = 1:2), class = c('tbl_df', 'tbl', 'data.frame'), row.names = 1:2)", {"x": [1, 2]}, []),
        ("data.frame(t = as.POSIXlt('2020-01-31 10:00:00', tz = 'UTC'))", {"t": [datetime.datetime(2020, 1, 31, 10)]}, []),  # noqa: E501
        ("data.frame(x = as.difftime(2, units = 'mins'))", {"x": [datetime.timedelta(minutes=2)]}, []),
        ("data.frame(x = NaN)", {"x": [None]}, []),
        ("data.frame()", {}, []),
        ("NULL", {}, []),
    ],
)  # fmt: skip
def test_whatever_stands_for_a_table_is_taken(
    frame: str, values: dict[str, list[Any]], codes: list[str], receipt: Callable[..., Any]
) -> None:
    """R has many classes that are tables or columns; what is changed is said (R-2.4)."""
    back = run(f"azureml_main <- function() {frame}")
    assert plain(back) == values
    assert [entry["code"] for entry in receipt(back)] == codes


def test_many_texts_keep_their_places() -> None:
    """Repeated texts go as codes, different ones as bytes; both with missing ones between."""
    count = 3000
    table = pa.table(
        {
            "repeated": [None if at % 7 == 0 else f"ä{at % 5}" for at in range(count)],
            "different": [None if at % 11 == 0 else "" if at % 13 == 0 else f"ö-{at}" for at in range(count)],
            "number": np.arange(count),
        }
    )
    assert run(SAME, table).to_pydict() == table.to_pydict()
    assert run("azureml_main <- function(a) a[rev(seq_len(nrow(a))), ]", table).to_pydict() == {
        name: values[::-1] for name, values in table.to_pydict().items()
    }


def test_odd_names_of_columns_survive() -> None:
    """Names are data: spaces, other scripts, quotes, and none at all."""
    table = pa.table({"a b": [1], "日本": [2], 'it\'s "q"': [3], "": [4]})
    assert run(SAME, table).to_pydict() == {"a b": [1], "日本": [2], 'it\'s "q"': [3], "V4": [4]}


def test_a_wide_table_and_one_without_columns_pass() -> None:
    """A thousand columns are as good as ten."""
    table = pa.table({f"c{at}": [at] for at in range(1000)})
    assert run(SAME, table).to_pydict() == table.to_pydict()
    assert run("azureml_main <- function(a) data.frame(n = ncol(a))", pa.table({})).to_pydict() == {"n": [0]}


# Console and plots


def test_the_console_keeps_its_order(capfd: pytest.CaptureFixture[str]) -> None:
    """R-1.8 for R: print, cat, message and warnings as they come; values at the top level are printed."""
    script = """
        cat("één\\n")
        message("two")
        azureml_main <- function() {
          print("three"); warning("four"); cat(length(readLines(file("stdin"))), "\\n")
        }
        1 + 4
    """
    run(script)
    out, err = capfd.readouterr()
    assert out.splitlines() == ["één", "[1] 5", '[1] "three"', "0 "]
    assert err.splitlines() == ["two", "Warning in azureml_main() : four"]


def test_plots_become_pictures_in_order(folder: Path) -> None:
    """Plots without a device of the script's own are pages of Rplot; a file the script writes is its own."""
    script = """azureml_main <- function() {
      plot(1:3); hist(c(1, 2, 2))
      png("own.png"); plot(1); dev.off()
      dev.off()
      plot(3:1)
      svg("last.svg"); plot(1); dev.off()
      NULL
    }"""
    run(script)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("Rplot-2-001.png", "Rplot001.png", "Rplot002.png", "last.svg", "own.png")
    ]
    assert (folder / "Rplot001.png").read_bytes().startswith(b"\x89PNG")


# Errors


@pytest.mark.parametrize(
    ("script", "code", "summary", "line"),
    [
        ("x <- 1", "missing-entry-point", "The script defines no function azureml_main and calls no maml", None),
        ("# azureml_main\n", "missing-entry-point", "The script defines no function azureml_main", None),
        ("azureml_main <- 3", "missing-entry-point", "azureml_main is a numeric, not a function.", None),
        ("azureml_main <- function(a, b, c) a", "missing-entry-point", "azureml_main takes 3 arguments", None),
        ("azureml_main <- function(a) {\n  x <- c(1,\n}", "r-script-syntax", "R can't read the script: unexpected '}'.", 3),  # noqa: E501
        ("azureml_main <- function() {\n\n  stop('böse')\n}", "r-script-raised", "Error in azureml_main(): böse", 3),
        ("f <- function(x) {\n  y <- 1\n  y + x\n}\nazureml_main <- function() f('a')", "r-script-raised",
         'Error in y + x: non-numeric argument to binary operator', 3),
        ("f <- function(n) {\n  if (n == 0) stop('deep')\n  f(n - 1)\n}\nazureml_main <- function() f(3)",
         "r-script-raised", "Error in f(n - 1): deep", 2),
        ("azureml_main <- function() {\n  nosuch(1)\n}", "r-script-raised", 'Error in nosuch(1): could not find function "nosuch"', 2),  # noqa: E501
        ("x <- 1\nstop('at the top')\nazureml_main <- 1", "r-script-raised", "Error: at the top", 2),
        ("azureml_main <- function() quit(status = 3)", "r-script-exited", "The script ended R (exit status 3)", None),
        ("azureml_main <- function() q('no')", "r-script-exited", "The script ended R (exit status 0)", None),
        ("azureml_main <- function() lm", "bad-return", 'The result is an object of class "function", not a data.frame.', None),  # noqa: E501
        ("azureml_main <- function() { d <- data.frame(a = 1:2); d$f <- list(sum, mean); d }", "bad-return",
         'The column "f" of the result holds objects of class "function".', None),
        ("azureml_main <- function() list(cars, cars, cars)", "bad-return", "azureml_main gives 3 tables", None),
        ("maml.mapOutputPort('nix')", "bad-return", 'maml.mapOutputPort names "nix", but', None),
        ("x <- 1\nd <- maml.mapInputPort(2)", "r-script-raised", "Error: Nothing is connected to dataset2", 2),
        ("azureml_main <- function() { f <- function(n) f(n + 1); f(1) }", "r-script-raised",
         "Error: evaluation nested too deeply", 1),
        ("azureml_main <- function() tools::pskill(Sys.getpid(), 9)", "r-script-exited", "R was ended by SIGKILL", None),  # noqa: E501
    ],
)  # fmt: skip
def test_an_error_says_what_and_where(script: str, code: str, summary: str, line: int | None) -> None:
    """R-1.8 for R: R's own message, the script's line, and a way out."""
    error = failed(script)
    assert (error.code, error.line) == (code, line)
    assert error.summary.startswith(summary)
    assert error.hint or code in ("r-script-raised", "r-script-syntax")
    assert error.parameter == "script"


def test_the_stack_is_the_scripts_own() -> None:
    """CONVENTIONS, Errors: their traceback, never ours; a script in a file is named by it."""
    script = "g <- function(x) {\n stop('no ', x)\n}\n\nh <- function(x) g(x)\nazureml_main <- function(d) {\n h(2)\n}"
    error = failed(ScriptText(script, "scripts/plot.R"))
    assert error.file == "scripts/plot.R"
    assert error.parameter == ""
    assert error.traceback.splitlines() == [
        "Error in g(x): no 2",
        "  at scripts/plot.R:2",
        "Calls (innermost last):",
        "  azureml_main(dataframe1)",
        "  h(2) at scripts/plot.R:7",
        "  g(x) at scripts/plot.R:5",
        '  stop("no ", x) at scripts/plot.R:2',
    ]


def test_an_error_that_the_script_catches_is_none() -> None:
    """What try and tryCatch catch is the author's own business."""
    script = """azureml_main <- function() {
      try(stop("a"), silent = TRUE)
      data.frame(x = tryCatch(stop("b"), error = conditionMessage))
    }"""
    assert run(script).to_pydict() == {"x": ["b"]}


def test_functions_of_the_script_do_not_disturb_ours() -> None:
    """A script may call its own functions as base R does."""
    script = """
        paste <- function(...) stop("mine")
        is.list <- nchar <- writeBin <- paste
        azureml_main <- function() data.frame(x = "fine")
    """
    assert run(script).to_pydict() == {"x": ["fine"]}


def test_what_is_printed_into_a_sink_stays_there(capfd: pytest.CaptureFixture[str]) -> None:
    """A sink that the script leaves open must not swallow what comes after."""
    assert run("azureml_main <- function() { sink('out.txt'); print(1); data.frame(x = 1L) }").num_rows == 1
    assert Path("out.txt").read_text() == "[1] 1\n"
