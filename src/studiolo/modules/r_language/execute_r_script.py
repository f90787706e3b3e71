"""Execute R Script: a script of the author's own in R, by the contracts of both retired products."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from studiolo.formats.column_names import unique
from studiolo.formats.reading import entry, with_receipt
from studiolo.modules.r_language.r_process import RGoneError, RProcess, signal_name
from studiolo.modules.r_language.tables_from_r import BrokenAnswerError, TableReader
from studiolo.modules.r_language.tables_to_r import Piece, Receipt, integer_bytes, table_pieces, text_bytes
from studiolo.sdk import Code, DatasetPort, DevicePort, Integer, ModuleError, ScriptText, ZipPort, module
from studiolo_child.bundle import Bundle
from studiolo_child.working_directory import BUNDLE_FOLDER

CLASSIC_FOLDER = "src"
FILE = "script.R"
CODES = {
    "raised": "r-script-raised",
    "syntax": "r-script-syntax",
    "entry": "missing-entry-point",
    "result": "bad-return",
}
TEMPLATE = """\
# The function azureml_main is called once per run. What it gets and where its result goes:
#
#   port               in the script
#   dataset1        -> first argument, a data.frame; NULL when nothing is connected
#   dataset2        -> second argument, the same
#   script_bundle   -> a zip, unpacked to "Script Bundle"; source("Script Bundle/file.R") reads a file of it
#   result_dataset  <- dataset1 of the list that the function returns
#   result_dataset2 <- dataset2 of it
#   r_device        <- everything printed, every plot, pictures saved in the working directory
#
# Scripts of Azure ML Studio (classic), with maml.mapInputPort and maml.mapOutputPort, run as they are.
# Files written in the working directory vanish with the run.

azureml_main <- function(dataframe1, dataframe2) {
  if (is.null(dataframe1)) {  # nothing is connected to dataset1 yet: a table to begin with
    dataframe1 <- data.frame(city = c("Oslo", "Lima", "Hue"), degrees = c(4.5, 19.0, 25.2))
  }

  print(summary(dataframe1))
  numbers <- Filter(is.numeric, dataframe1)
  if (length(numbers) > 0 && nrow(dataframe1) > 0) boxplot(numbers, main = "Numbers")

  columns <- data.frame(
    column = names(dataframe1),
    class = vapply(dataframe1, function(values) class(values)[1], ""),
    missing = vapply(dataframe1, function(values) sum(is.na(values)), 0L),
    row.names = NULL
  )
  list(dataset1 = head(dataframe1), dataset2 = columns)
}
"""


@module(
    id="execute-r-script",
    name="Execute R Script",
    category="R Language Modules",
    inputs=[
        DatasetPort("dataset1", optional=True, label="Dataset1", aliases=("Dataset1",)),
        DatasetPort("dataset2", optional=True, label="Dataset2", aliases=("Dataset2",)),
        ZipPort(
            "script_bundle", optional=True, label="Script bundle", aliases=("Script Bundle", "Script_bundle")
        ),
    ],
    outputs=[
        DatasetPort("result_dataset", label="Result dataset", aliases=("Result Dataset", "Result_dataset")),
        DatasetPort(
            "result_dataset2", label="Result dataset2", aliases=("Result dataset2", "Result_dataset2")
        ),
        DevicePort("r_device", label="R device", aliases=("R Device", "R_Device")),
    ],
    parameters=[
        Code(
            "script",
            language="r",
            default=TEMPLATE,
            label="R script",
            help="Defines azureml_main, or calls maml.mapInputPort and maml.mapOutputPort. It may be a file of the "
            "experiment instead: script: scripts/NAME.R.",
            aliases=("R Script", "R_Script"),
        ),
        Integer(
            "random_seed",
            default=0,
            minimum=0,
            maximum=2**31 - 1,
            label="Random seed",
            help="Given to set.seed() before the script; the same seed gives the same numbers.",
            aliases=("Random Seed",),
        ),
    ],
    programs=("Rscript",),
    script_parameter="script",
    template=TEMPLATE,
    preload=("pyarrow", "pyarrow.compute", "studiolo.modules.r_language.execute_r_script"),
    aliases=("30806023-392b-42e0-94d6-6b775a6e0fd5", "30806023392b42e094d66b775a6e0fd5"),
)
def execute_r_script(
    dataset1: pa.Table = None,
    dataset2: pa.Table = None,
    script_bundle: Any = None,
    *,
    script: str = TEMPLATE,
    random_seed: int = 0,
) -> tuple[pa.Table, pa.Table]:
    r"""Run an R script of your own on up to two datasets, with the R that is installed on the machine.

    The script is a file of the experiment (`script: scripts/plot.R`) or the text of the parameter `script`. It runs
    jailed, with R as Debian's package r-base-core installs it and the packages that are installed for it
    (r-cran-*, site-library). There is no choice of R versions as in the retired products: old scripts run on the
    R that is there, and another R makes the node run again.

    | port            | azureml_main (designer)                         | maml (classic)                    |
    |-----------------|-------------------------------------------------|-----------------------------------|
    | dataset1        | first argument, a data.frame, NULL if none      | `maml.mapInputPort(1)`            |
    | dataset2        | second argument                                 | `maml.mapInputPort(2)`            |
    | script_bundle   | unpacked to `Script Bundle/`                    | unpacked to `src/`, the same      |
    | result_dataset  | the data.frame returned, or `dataset1` of a list | `maml.mapOutputPort("name")`     |
    | result_dataset2 | `dataset2` of the list returned                 | stays empty                       |
    | r_device        | printed text and plots                          | the same                          |

    A script that defines `azureml_main` is called by the designer's contract: with as many arguments as it takes,
    up to two. Otherwise the variable that the last `maml.mapOutputPort` names at the end of the script is the
    result. What stands at the top level is printed as Rscript prints it. stdin is empty.

    Columns arrive as logical, integer, double, character, factor (Categorical; ordered where it is), Date,
    POSIXct (DateTime; without a zone in UTC), difftime in seconds (TimeSpan) and lists of raw (Bytes). Missing is
    NA; NaN and NA are the same missing value in a dataset. Whole numbers that need more than 32 bits arrive as
    double. All come back likewise; R's integers as 64-bit Integer. Row names are dropped, matrix columns split,
    lists become JSON text, each said in the receipt. Roles such as label and score are lost, as in the retired
    products.

    Plots go to `Rplot001.png` and so on unless the script opens a device itself; they and every picture that it
    saves in the working directory are shown on r_device.

    R itself decides how a seed becomes numbers: since R 3.6 `sample()` gives others than before. Text columns are
    character, never factor, as in classic. A web service starts R anew for each request.

    Example:
        cities:
          module: enter-data-manually
          parameters: {data: "city,degrees\nOslo,4.5\nLima,19.0\nHue,\n"}
        fahrenheit:
          module: execute-r-script
          parameters:
            script: |
              azureml_main <- function(dataframe1, dataframe2) {
                dataframe1$fahrenheit <- dataframe1$degrees * 9 / 5 + 32
                barplot(dataframe1$fahrenheit, names.arg = dataframe1$city)
                dataframe1
              }
          inputs: {dataset1: cities}
    """
    receipt: Receipt = []
    if script_bundle is not None:
        _unpack(script_bundle)
    pieces = _pieces(script, random_seed, dataset1, dataset2, receipt)
    process = RProcess(pieces)
    try:
        first, second = _answer(TableReader(process), script, receipt)
        process.finish()
    except RGoneError as gone:
        raise _ended(gone, script) from None
    except (BrokenAnswerError, pa.ArrowInvalid):
        raise ModuleError(
            "R gave an answer that is none: the script wrote to the pipe on which its result goes.",
            "Leave connections alone that the script did not open.",
            code="r-script-exited",
        ) from None
    finally:
        process.close()
    return first, second


def _pieces(
    script: str, seed: int, dataset1: pa.Table | None, dataset2: pa.Table | None, receipt: Receipt
) -> Iterator[Piece]:
    """Give what session.R reads: the script, its file, the seed, and the tables."""
    yield text_bytes(script) + text_bytes(_file_of(script) or FILE) + integer_bytes(seed)
    yield from table_pieces(dataset1, "dataset1", receipt)
    yield from table_pieces(dataset2, "dataset2", receipt)


def _answer(reader: TableReader, script: str, receipt: Receipt) -> tuple[pa.Table, pa.Table]:
    """Read the tables, or raise what the script raised."""
    if reader.integer():
        raise _raised(reader, script)
    contract = reader.text()
    receipts: list[Receipt] = [[], []]
    tables = [reader.table(one) for one in receipts]
    for _ in range(reader.integer()):
        code, text, column = reader.text(), reader.text(), reader.text()
        receipts[0].append(entry(code, text, column or None, bool(reader.integer())))
    _end(reader)
    receipts[0] = receipt + receipts[0]
    made = [
        _named(table, contract, one) if table is not None else pa.table({})
        for table, one in zip(tables, receipts, strict=True)
    ]
    first, second = (with_receipt(table, one) for table, one in zip(made, receipts, strict=True))
    return first, second


def _named(table: pa.Table, contract: str, receipt: Receipt) -> pa.Table:
    """Make equal names different as classic did; those of the designer's contract are seen to by the node's dialect."""
    if contract != "classic" or len(set(table.column_names)) == table.num_columns:
        return table
    return table.rename_columns(unique(table.column_names, receipt))


def _end(reader: TableReader) -> None:
    if reader.text() != "end":
        raise BrokenAnswerError


def _raised(reader: TableReader, script: str) -> ModuleError:
    """Read what went wrong in R and tell it as the script's error."""
    what, message, hint, call = (reader.text() for _ in range(4))
    line, _column = reader.integer(), reader.integer()
    trace = reader.text()
    _end(reader)
    message = " ".join(message.split()) or "an error without a message"
    summary = f"Error in {call}: {message}" if call else f"Error: {message}" if what == "raised" else message
    if what == "syntax":
        summary = f"R can't read the script: {message}."
    elif what == "raised" and not hint:
        hint = _hint(message)
    return ModuleError(
        summary,
        hint,
        code=CODES.get(what, "r-script-raised"),
        parameter="" if _file_of(script) else "script",
        file=_file_of(script),
        line=line or None,
        traceback=trace,
    )


def _hint(message: str) -> str:
    """Give a way out of errors that have to do with where R runs."""
    if "there is no package called" in message:
        return "Install it for all users, as in apt-get install r-cran-NAME; a job installs nothing."
    if "cannot allocate vector" in message or "cannot allocate memory" in message:
        return "Work on fewer rows or columns at once, or raise `limits: {memory_mb: …}` of the node."
    if "error in running command" in message or "cannot popen" in message:
        return "The jail shows no programs but R itself."
    return ""


def _ended(gone: RGoneError, script: str) -> ModuleError:
    """Tell that R ended without an answer: by quit(), by a crash, or by a limit."""
    if gone.status == -signal.SIGXCPU:  # the job has used its CPU time, and ends as one of Python would
        os.kill(os.getpid(), signal.SIGXCPU)
    if gone.status >= 0:
        summary = f"The script ended R (exit status {gone.status}) before its result was there."
        hint = "Leave quit() and q() out; to end with an error, call stop()."
    else:
        name = signal_name(-gone.status)
        summary = f"R was ended by {name} before its result was there."
        hint = "Look for compiled code that crashes, or raise `limits: {memory_mb: …, cpu_seconds: …}` of the node."
    file = _file_of(script)
    return ModuleError(summary, hint, code="r-script-exited", parameter="" if file else "script", file=file)


def _file_of(script: str) -> str:
    """Give the file that the script lies in; none when it is the parameter's text."""
    return script.file if isinstance(script, ScriptText) else ""


def _unpack(script_bundle: Any) -> None:
    """Unpack the bundle where both products did."""
    folder, link = Path.cwd() / BUNDLE_FOLDER, Path(CLASSIC_FOLDER)
    folder.mkdir(exist_ok=True)
    with script_bundle.open() as handle, Bundle(handle.fileno()) as bundle:
        bundle.unpack(str(folder))
    if not link.exists():
        link.symlink_to(BUNDLE_FOLDER)
