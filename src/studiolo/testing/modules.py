"""Runs one module in the real jail, as a node would, for a test: a file of one's own, or one that is installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.domain.experiment import Node, Script
from studiolo.domain.limits import Limits
from studiolo.domain.module import Declaration, Port
from studiolo.domain.nearest import did_you_mean
from studiolo.environments import Environment
from studiolo.errors import UserError
from studiolo.graph.parameters import parameter_problems
from studiolo.graph.scripts import decoded_script
from studiolo.registry.checking import checked_declarations
from studiolo.registry.registry import Registry
from studiolo.scheduler.building import Ingredients, build_job
from studiolo.scheduler.checking import CHECK_LIMITS
from studiolo.testing.pools import chosen_environment, pools
from studiolo.testing.values import frame_input, frame_of, sealed_bytes, sealed_input
from studiolo.worker.jobs import Job, JobInput, JobResult, SealedOutput
from studiolo.worker.pool import Pool

if TYPE_CHECKING:
    import pandas as pd

LOG_SHOWN = 4_000  # characters of the log that go with an error


@dataclass(frozen=True)
class KeptObject:
    """A Python object of an object port, as its pickle: good for an input of another call, opened only in jails."""

    pickled: bytes = field(repr=False)


@dataclass(frozen=True)
class ModuleResult:
    """What a module gave.

    Attributes:
        outputs: output port to what it holds: a DataFrame, a `KeptObject`, or bytes; None where nothing came.
        log: everything it printed.
        warnings: sentences.
    """

    outputs: dict[str, pd.DataFrame | KeptObject | bytes | None]
    log: str = ""
    warnings: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        """Give an output by the name of its port."""
        try:
            return self.outputs[name]
        except KeyError:
            raise AttributeError(did_you_mean(name, self.outputs, "output")) from None


def run_module(
    module: str | Path,
    *,
    id: str = "",
    environment: str | Environment | None = None,
    limits: dict[str, int] | Limits | None = None,
    **values: Any,
) -> ModuleResult:
    """Run a module once in the jail and give its outputs.

    Args:
        module: path of a file of one's own that ends in `.py`, or the id or name of a built-in module.
        id: which module of the file; needed only where it has several.
        environment: as for `run_script`.
        limits: as for `run_script`.
        values: inputs and parameters by name. Inputs are DataFrames, bytes of a zip or file, and what an
            object port gave; parameters as a node has them, a file by its path on this machine.

    Raises:
        ScriptError: the module raised; `traceback` holds its own trace.
        UserError: what it told by `ModuleError`; or the file, an input or a parameter is wrong.
        WorkerError: it ran into a limit, or there is no jail here.
        FileNotFoundError: there is no such file.
        TypeError: an input is of another type than its port.
    """
    chosen, badge = chosen_environment(environment)
    pool = pools(badge).get(chosen)
    declaration, source = _declared(module, id, pool)
    limits = limits if isinstance(limits, Limits) else Limits(**(limits or {}))
    ports = {port.name: port for port in declaration.inputs}
    parameters = {name: value for name, value in values.items() if name not in ports}
    with ExitStack() as opened:
        files = tuple(_files(declaration, parameters, opened))
        for _, code, summary, hint in parameter_problems(declaration, parameters, declaration.id):
            raise UserError(code, summary, hint)
        warnings: list[str] = []
        inputs = tuple(
            _input(ports[name], value, warnings, opened)
            for name, value in values.items()
            if name in ports and value is not None
        )
        node = Node(declaration.id, declaration.id, parameters, limits=limits)
        job = build_job(Ingredients(node, declaration, inputs, files, source, chosen.name))
        result, log, told = _carried_out(job, pool, opened)
        outputs = {
            port.name: _value(port, result.outputs.get(port.name))
            for port in declaration.outputs
            if port.type != "device"
        }
        return ModuleResult(outputs, log, (*warnings, *told))


def _declared(module: str | Path, id: str, pool: Pool) -> tuple[Declaration, Script | None]:
    if not isinstance(module, Path) and not module.endswith(".py"):
        return Registry.load().get(module), None
    path = Path(module)
    source = Script(path.name, decoded_script(path.read_bytes(), path.name))
    described = {"source": {"text": source.text, "file": source.file}, "entry": ""}
    job = Job({"kind": "describe", "node": None, "module": described}, limits=CHECK_LIMITS)
    with ExitStack() as opened:
        result, _, _ = _carried_out(job, pool, opened)
        found = checked_declarations(result.report["declarations"])
    fitting = [one for one in found if id in ("", one.id, one.name)]
    if len(fitting) != 1:
        names = ", ".join(one.id for one in found)
        wrong = f'no module "{id[:80]}"' if id else f"{len(found)} modules"
        hint = f"Name one of them, {names}: run_module(..., id={found[0].id!r})."
        raise UserError("unknown-module", f"{path.name} has {wrong}.", hint)
    return fitting[0], source


def _carried_out(job: Job, pool: Pool, opened: ExitStack) -> tuple[JobResult, str, tuple[str, ...]]:
    running = pool.submit(job)
    opened.callback(running.close)
    result = running.result()
    for sealed in result.outputs.values():
        opened.callback(os.close, sealed.descriptor)
    end = running.end()
    log = end.log.decode("utf-8", "replace")
    if result.error is not None:
        traceback = getattr(result.error, "traceback", "")
        for note in (traceback, f"Log:\n{log[-LOG_SHOWN:]}" if log else ""):
            if note:
                result.error.add_note(note.rstrip("\n"))
        raise result.error
    return result, log, (*result.report.get("warnings", ()), *end.warnings)


def _input(port: Port, value: Any, warnings: list[str], opened: ExitStack) -> JobInput:
    if port.type == "dataset":
        return frame_input(port.name, value, warnings, opened)
    if port.type == "object" and isinstance(value, KeptObject):
        return sealed_input(port.name, "object", value.pickled, opened)
    if port.type in ("zip", "file") and isinstance(value, bytes):
        return sealed_input(port.name, port.type, value, opened)
    wanted = "what an object port gave" if port.type == "object" else "bytes"
    raise TypeError(f"{port.name} takes {wanted}, not {type(value).__name__}.")


def _files(declaration: Declaration, parameters: dict[str, Any], opened: ExitStack) -> Iterator[JobInput]:
    """Give the bytes of files that parameters name, and leave only their names in `parameters`."""
    for parameter in declaration.parameters:
        if parameter.kind == "path" and parameters.get(parameter.name) is not None:
            path = Path(parameters[parameter.name])
            parameters[parameter.name] = path.name
            yield sealed_input(parameter.name, "file", path.read_bytes(), opened)


def _value(port: Port, sealed: SealedOutput | None) -> pd.DataFrame | KeptObject | bytes | None:
    if sealed is None:
        return None
    if port.type == "dataset":
        return frame_of(sealed)
    data = bytes(sealed_bytes(sealed))
    return KeptObject(data) if port.type == "object" else data
