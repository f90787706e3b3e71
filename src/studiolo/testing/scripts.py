"""Runs one script in the real jail, as a node would, for a test: DataFrames in, DataFrames, log and pictures out."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import ReceiptEntry
from studiolo.domain.experiment import Node, Script
from studiolo.domain.limits import Limits
from studiolo.environments import Environment
from studiolo.errors import ScriptError, StudioloError
from studiolo.graph.scripts import decoded_script
from studiolo.registry.registry import Registry
from studiolo.scheduler.building import Ingredients, build_job
from studiolo.scheduler.bundles import packed_folder
from studiolo.testing.pools import chosen_environment, pools
from studiolo.testing.values import frame_input, frame_of, sealed_input
from studiolo.worker.jobs import Job, JobEnd, JobInput, JobResult, Picture
from studiolo_child.arguments import is_json

if TYPE_CHECKING:
    import pandas as pd

MODULE = "execute-python-script"
DIALECTS = ("designer", "classic")
OLDEST_PROTOCOL = 2  # which Python 2.7 reads too
LOG_SHOWN = 4_000  # characters of the log that go with an error


@dataclass(frozen=True)
class ScriptResult:
    """What a script gave.

    Attributes:
        result_dataset: as the next node would get it; empty when the script returned nothing.
        result_dataset2: the same of its second element.
        log: everything it printed.
        pictures: in order of creation, each with `name`, `media_type` and `data`.
        warnings: sentences, those about changed inputs among them.
        receipts: `in:PORT` and `out:PORT` to what was changed there.
        metrics: what it logged by `azureml.core`.
        tags: what it set by `azureml.core`.
    """

    result_dataset: pd.DataFrame
    result_dataset2: pd.DataFrame
    log: str
    pictures: tuple[Picture, ...] = field(default=(), repr=False)
    warnings: tuple[str, ...] = ()
    receipts: Mapping[str, tuple[ReceiptEntry, ...]] = field(default_factory=dict, repr=False)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def run_script(
    script: str | Path,
    df1: pd.DataFrame | None = None,
    df2: pd.DataFrame | None = None,
    *,
    bundle: str | Path | None = None,
    dialect: str = "designer",
    environment: str | Environment | None = None,
    limits: Mapping[str, int] | Limits | None = None,
    **parameters: Any,
) -> ScriptResult:
    """Run a script once in the jail and give its result. The first call of a process takes about a second more.

    Args:
        script: path of a file that ends in `.py`, or the text itself.
        df1: what is connected to `dataset1`, if anything. It is not changed; its index is dropped.
        df2: the same for `dataset2`.
        bundle: zip or folder that is unpacked to `./Script Bundle`.
        dialect: `designer` or `classic`, see R-1.3.
        environment: by name, as in the workspace around the current folder; that workspace's own, or the one that
            studiolo runs on, by default.
        limits: such as `{"wall_seconds": 5}`; the others are those of any node.
        parameters: keyword parameters of `azureml_main`: values as in `experiment.yaml`, or what an input by keyword
            would give: a DataFrame, bytes, or any object that pickles, such as a trained model.

    Raises:
        ScriptError: the script raised; `traceback` holds its own trace, which pytest shows too.
        WorkerError: it ran into a limit, or there is no jail here.
        UserError: bundle, parameters or environment are not usable.
        FileNotFoundError: there is no such script or bundle.
        TypeError: an input is no DataFrame.
        ValueError: there is no such dialect.
    """
    if dialect not in DIALECTS:
        raise ValueError(f"There is no dialect {dialect!r}; take one of {', '.join(DIALECTS)}.")
    chosen, badge = chosen_environment(environment)
    if not isinstance(limits, Limits):
        limits = Limits(**(limits or {}))
    warnings: list[str] = []
    with ExitStack() as opened:
        inputs = [
            frame_input(name, frame, warnings, opened)
            for name, frame in (("dataset1", df1), ("dataset2", df2))
            if frame is not None
        ]
        if bundle is not None:
            inputs.append(sealed_input("script_bundle", "zip", _zip_of(Path(bundle)), opened))
        further = {name: value for name, value in parameters.items() if not is_json(value)}
        inputs += [_further_input(name, value, warnings, opened) for name, value in further.items()]
        parameters = {name: value for name, value in parameters.items() if name not in further}
        node = Node("script", MODULE, parameters, script=_script(script), dialect=dialect, limits=limits)
        declaration = Registry.load().get(MODULE)
        job = build_job(Ingredients(node, declaration, tuple(inputs), environment=chosen.name))
        return _done(job, chosen, badge, warnings, opened)


def _done(
    job: Job, environment: Environment, badge: str, warnings: list[str], opened: ExitStack
) -> ScriptResult:
    running = pools(badge).get(environment).submit(job)
    opened.callback(running.close)
    result = running.result()
    for sealed in result.outputs.values():
        opened.callback(os.close, sealed.descriptor)
    end = running.end()
    if result.error is not None:
        raise _shown(result.error, end)
    return _result(result, end, warnings)


def _result(result: JobResult, end: JobEnd, warnings: list[str]) -> ScriptResult:
    report = result.report
    receipts = {
        port: tuple(ReceiptEntry.from_json(entry) for entry in entries)
        for port, entries in report.get("receipts", {}).items()
    }
    return ScriptResult(
        frame_of(result.outputs.get("result_dataset")),
        frame_of(result.outputs.get("result_dataset2")),
        end.log.decode("utf-8", "replace"),
        end.pictures,
        (*warnings, *report.get("warnings", ()), *end.warnings),
        receipts,
        report.get("metrics", {}),
        report.get("tags", {}),
    )


def _shown(error: StudioloError, end: JobEnd) -> StudioloError:
    """Give an error with trace and log as notes, which Python and pytest print below it."""
    error.where = replace(error.where, node=None)
    if isinstance(error, ScriptError) and error.traceback:
        error.add_note(error.traceback.rstrip("\n"))
    log = end.log.decode("utf-8", "replace").rstrip("\n")
    if log:
        error.add_note(f"Log:\n{log[-LOG_SHOWN:]}")
    return error


def _script(script: str | Path) -> Script:
    is_path = isinstance(script, Path) or ("\n" not in script and script.endswith(".py"))
    if not is_path:
        return Script("script.py", str(script))
    path = Path(script)
    return Script(path.name, decoded_script(path.read_bytes(), path.name))


def _zip_of(path: Path) -> bytes:
    return packed_folder(path, str(path)) if path.is_dir() else path.read_bytes()


def _further_input(name: str, value: Any, warnings: list[str], opened: ExitStack) -> JobInput:
    """Give what a script takes by keyword and `experiment.yaml` cannot write, as an input of that name."""
    if isinstance(value, bytes | bytearray):
        return sealed_input(name, "file", bytes(value), opened)
    if hasattr(value, "columns") and hasattr(value, "dtypes"):
        return frame_input(name, value, warnings, opened)
    return sealed_input(name, "object", pickle.dumps(value, OLDEST_PROTOCOL), opened)
