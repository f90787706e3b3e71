"""Writes an experiment to its folder as plain, stable YAML and script files; never touches layout.json."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studiolo.domain.experiment import Experiment, Node, Script
from studiolo.domain.limits import LIMIT_NAMES, Grants, Limits
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.errors import UserError, Where
from studiolo.graph.node_reading import DATASET_MODULE
from studiolo.graph.paths import inside
from studiolo.graph.reading import FILE, Reading, parse_experiment
from studiolo.graph.scripts import decoded_script, encoded_script
from studiolo.graph.yaml_rewriting import CannotPlaceError, rewritten
from studiolo.graph.yaml_text import laid_out_below, yaml_text

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SCRIPT_PROBLEMS = frozenset({"missing-script", "script-encoding", "script-outside"})
"""Faults of a script's file, not of the one that names it."""

SCHEMA = "../../.studiolo/experiment.schema.json"
SCHEMA_COMMENT = f"# yaml-language-server: $schema={SCHEMA}\n"
"""First line of a new file in a workspace that holds the schema (graph/schema.py gives its text)."""


def write_experiment(experiment: Experiment, folder: Path) -> None:
    """Write `experiment.yaml` and the scripts of an experiment.

    Files that already say the same stay untouched. Of `experiment.yaml` only what differs is changed: comments,
    blank lines, quotes and order of everything else stay. Each file is complete or not there: it is written
    beside its place and renamed. Scripts that no node names any more stay where they are.

    Args:
        experiment: resolved or not; names are written as they stand.
        folder: created when it is missing.

    Raises:
        UserError: `script-outside`, or `script-encoding` when a script's coding line cannot hold its text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scripts: dict[Path, bytes] = {}
    for node in experiment.nodes.values():
        if node.script is not None:
            path = inside(folder, node.script.file)
            if path is None:
                raise UserError(
                    "script-outside",
                    f'The script "{node.script.file}" lies outside the experiment\'s folder.',
                    "Name it relative to the folder, as in scripts/clean.py.",
                    Where(node=node.name),
                )
            scripts[path] = encoded_script(node.script, node.name)
    for path, data in scripts.items():
        if not _says_the_same(path, data):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, data)
    target = folder / FILE
    present = target.read_bytes() if target.is_file() else None
    data = experiment_data(experiment, folder, present)
    if data != present:
        write_file(target, data)


def experiment_data(
    experiment: Experiment,
    folder: Path,
    present: bytes | None,
    renamed: Mapping[str, str] | None = None,
    *,
    is_order_free: bool = False,
) -> bytes:
    """Give the bytes of `experiment.yaml` that say what an experiment is, as near to the present ones as can be.

    Where the differences can't be put into the present text, or that can't be read, the text is new and the
    comment lines at the top are all that is kept.

    Args:
        experiment: what the file is to say.
        folder: where the file lies; scripts are not looked at.
        present: its bytes now; None when there is no file.
        renamed: old to new name of nodes.
        is_order_free: the order of nodes and entries in the file may stay another one.
    """
    if present is not None:
        before = parse_experiment(folder, folder.parent, present, has_scripts=False)
        if not _faults(before):
            if not renamed and _comparable(before.experiment, is_order_free) == _comparable(
                experiment, is_order_free
            ):
                return present
            data = _changed(experiment, present, before.experiment, renamed)
            after = (
                parse_experiment(folder, folder.parent, data, has_scripts=False) if data is not None else None
            )
            is_good = after is not None and not _faults(after)
            if (
                data is not None
                and after is not None
                and is_good
                and _comparable(after.experiment, is_order_free) == _comparable(experiment, is_order_free)
            ):
                return data
    return (_top_comment(folder / FILE, present) + experiment_text(experiment)).encode("utf-8")


def _changed(
    experiment: Experiment, present: bytes, before: Experiment, renamed: Mapping[str, str] | None
) -> bytes | None:
    mark = present[:3] if present.startswith(BYTE_ORDER_MARK) else b""
    text = present[len(mark) :].decode("utf-8")
    try:
        new = rewritten(text, experiment_mapping(before), experiment_mapping(experiment), renamed)
    except CannotPlaceError:
        return None
    return mark + new.encode("utf-8")


def _faults(reading: Reading) -> bool:
    """Say whether the file itself has faults; those of scripts are of no matter to it."""
    return any(problem.code not in SCRIPT_PROBLEMS for problem in reading.problems)


def write_file(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader, also after a crash, finds the old content or all of the new."""
    _place(path, data, None)


def replace_file(path: Path, data: bytes, expected: bytes) -> bool:
    """Write as `write_file`, unless the file does not hold what is expected; say whether it was written."""
    return _place(path, data, expected)


def _place(path: Path, data: bytes, expected: bytes | None) -> bool:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.temporary")
    try:
        with temporary.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        if expected is not None and path.read_bytes() != expected:
            temporary.unlink()
            return False
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True


def experiment_text(experiment: Experiment) -> str:
    """Give the text of `experiment.yaml`: equal experiments give equal texts, nodes stay in their order."""
    return yaml_text(laid_out_below((), experiment_mapping(experiment)))


def experiment_mapping(experiment: Experiment) -> dict[str, Any]:
    """Give what `experiment.yaml` says as mappings, lists and scalars; what has its default is left out."""
    document: dict[str, Any] = {"name": experiment.title}
    document["nodes"] = {name: _node(node) for name, node in experiment.nodes.items()}
    if experiment.web_service is not None:
        document["web_service"] = _web_service(experiment.web_service)
    return document


def _node(node: Node) -> dict[str, Any]:
    value: dict[str, Any] = {}
    parameters = dict(node.parameters)
    if node.module == DATASET_MODULE and _is_shortcut(parameters):
        value["dataset"] = parameters.pop("name")
        if "version" in parameters:
            value["version"] = parameters.pop("version")
    else:
        value["module"] = node.module
    value["script"] = node.script.file if node.script else None
    value["bundle"] = node.bundle
    value["inputs"] = {port: str(source).removesuffix(".") for port, source in node.inputs.items()}
    value["parameters"] = parameters
    value["outputs"] = dict(node.outputs)
    value["environment"] = node.environment
    value["requirements"] = list(node.requirements) or None
    value["dialect"] = node.dialect if node.dialect != "designer" else None
    value["limits"] = _limits(node.limits)
    value["grants"] = _grants(node.grants)
    value["strict"] = node.strict or None
    value["comment"] = node.comment or None
    return {key: one for key, one in value.items() if one is not None and one != {}}


def _web_service(offered: WebService) -> dict[str, Any]:
    value: dict[str, Any] = {
        "inputs": {name: str(source).removesuffix(".") for name, source in offered.inputs.items()},
        "outputs": {name: str(source).removesuffix(".") for name, source in offered.outputs.items()},
        "parameters": {name: _service_parameter(target) for name, target in offered.parameters.items()},
    }
    return {key: one for key, one in value.items() if one}


def _service_parameter(target: ParameterTarget) -> Any:
    value: dict[str, Any] = {"target": str(target)}
    if target.has_default:
        value["default"] = target.default
    if target.is_required:
        value["required"] = True
    if target.description:
        value["description"] = target.description
    return value if len(value) > 1 else value["target"]


def _is_shortcut(parameters: Mapping[str, Any]) -> bool:
    if not parameters.keys() <= {"name", "version"} or not isinstance(parameters.get("name"), str):
        return False
    return "version" not in parameters or type(parameters["version"]) is int


def _limits(limits: Limits) -> dict[str, int]:
    default = Limits()
    return {
        name: getattr(limits, name) for name in LIMIT_NAMES if getattr(limits, name) != getattr(default, name)
    }


def _grants(grants: Grants) -> dict[str, Any]:
    network: Any = "all" if grants.network == ("*",) else list(grants.network)
    return {key: value for key, value in (("network", network), ("read", list(grants.read))) if value}


def _says_the_same(path: Path, data: bytes) -> bool:
    if not path.is_file():
        return False
    present = path.read_bytes()
    if present == data:
        return True
    try:
        return decoded_script(present, path.name) == decoded_script(data, path.name)
    except UserError:
        return False


def _comparable(experiment: Experiment, is_order_free: bool = False) -> tuple[Any, ...]:
    """Give what `experiment.yaml` holds of an experiment; the folder's name and place do not count."""
    nodes = [
        (
            replace(
                node,
                script=Script(node.script.file, "") if node.script is not None else None,
                parameters=_comparable_value(node.parameters),
            ),
            list(node.outputs),
        )
        for node in experiment.nodes.values()
    ]
    if is_order_free:
        nodes.sort(key=lambda one: one[0].name)
        return (experiment.title, nodes, experiment.web_service)
    entries = [(list(node.inputs), list(node.parameters)) for node in experiment.nodes.values()]
    offered = experiment.web_service
    order = [] if offered is None else [*map(list, (offered.inputs, offered.outputs, offered.parameters))]
    return (experiment.title, nodes, offered, entries, order)


def _comparable_value(value: Any) -> Any:
    """Give a value in which a number that is not equal to itself is a text."""
    if isinstance(value, Mapping):
        return {name: _comparable_value(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_comparable_value(one) for one in value]
    return "nan" if value != value else value


def _top_comment(path: Path, present: bytes | None) -> str:
    if present is None:
        return SCHEMA_COMMENT if (path.parent / SCHEMA).exists() else ""
    lines = present.decode("utf-8-sig", "replace").splitlines(keepends=True)
    count = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(line.rstrip("\r\n") + "\n" for line in lines[:count])
