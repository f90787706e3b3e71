"""Writes an experiment to its folder as plain, stable YAML and script files; never touches layout.json."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from studiolo.domain.experiment import Experiment, Node
from studiolo.domain.limits import LIMIT_NAMES, Grants, Limits
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.errors import UserError, Where
from studiolo.graph.node_reading import DATASET_MODULE
from studiolo.graph.paths import inside
from studiolo.graph.reading import FILE, parse_experiment
from studiolo.graph.scripts import declared_coding, decoded_script
from studiolo.graph.yaml_tree import scalar_value

LINE_WIDTH = 90
SCHEMA = "../../.studiolo/experiment.schema.json"
SCHEMA_COMMENT = f"# yaml-language-server: $schema={SCHEMA}\n"
"""First line of a new file in a workspace that holds the schema (graph/schema.py gives its text)."""


def write_experiment(experiment: Experiment, folder: Path) -> None:
    """Write `experiment.yaml` and the scripts of an experiment.

    Files that already say the same stay untouched, comments included; otherwise the comment lines at the
    top of `experiment.yaml` are kept. Each file is complete or not there: it is written beside its place and
    renamed. Scripts that no node names any more stay where they are.

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
            scripts[path] = _encoded(node)
    for path, data in scripts.items():
        if not _says_the_same(path, data):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, data)
    target = folder / FILE
    if target.exists():
        reading = parse_experiment(folder, folder.parent)
        if not reading.problems and _comparable(reading.experiment) == _comparable(experiment):
            return
    write_file(target, (_top_comment(target) + experiment_text(experiment)).encode("utf-8"))


def write_file(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader, also after a crash, finds the old content or all of the new."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.temporary")
    try:
        with temporary.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def experiment_text(experiment: Experiment) -> str:
    """Give the text of `experiment.yaml`: equal experiments give equal texts, nodes stay in their order."""
    nodes: dict[str, Any] = {name: _node(node) for name, node in experiment.nodes.items()}
    document: dict[str, Any] = {"name": experiment.title, "nodes": nodes or _Flow()}
    if experiment.web_service is not None:
        document["web_service"] = _web_service(experiment.web_service)
    return yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=10**9,
        default_flow_style=False,
    )


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
    return {key: _laid_out(one) for key, one in value.items() if one is not None and one != {}}


def _web_service(offered: WebService) -> dict[str, Any]:
    value: dict[str, Any] = {
        "inputs": {name: str(source).removesuffix(".") for name, source in offered.inputs.items()},
        "outputs": {name: str(source).removesuffix(".") for name, source in offered.outputs.items()},
        "parameters": {name: _service_parameter(target) for name, target in offered.parameters.items()},
    }
    return {key: _laid_out(one) for key, one in value.items() if one} or _Flow()


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


class _Flow(dict[str, Any]):
    """A mapping written on one line."""


class _FlowList(list[Any]):
    """A list written on one line."""


def _laid_out(value: Any) -> Any:
    """Mark what is written on one line: short mappings and lists without texts of several lines."""
    if isinstance(value, Mapping):
        flow: Any = _Flow({str(name): one for name, one in value.items()})
    elif isinstance(value, list | tuple):
        flow = _FlowList(value)
    else:
        return value
    line = yaml.dump(flow, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9)
    if len(line) <= LINE_WIDTH and "\\n" not in line and line.count("\n") == 1:
        return flow
    if isinstance(value, Mapping):
        return {str(name): _laid_out(one) for name, one in value.items()}
    return [_laid_out(one) for one in value]


class _Dumper(yaml.SafeDumper):
    """Writes texts so that readers of YAML 1.1 and of 1.2 take them for texts, and never writes aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text:
        style = "|"
    elif not isinstance(scalar_value(text), str):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)
)
_Dumper.add_representer(
    _FlowList, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)


def _encoded(node: Node) -> bytes:
    assert node.script is not None
    encoding = declared_coding(node.script.text[:4096]) or "utf-8"
    try:
        return node.script.text.encode(encoding)
    except (LookupError, UnicodeError):
        raise UserError(
            "script-encoding",
            f'The script "{node.script.file}" cannot be saved in the coding "{encoding}" that it declares.',
            "Remove the coding line; the file is UTF-8 then.",
            Where(node=node.name),
        ) from None


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


def _comparable(experiment: Experiment) -> tuple[Any, ...]:
    """Give what the files hold of an experiment; order counts, the folder's name and place do not."""
    nodes = [
        (node, *map(list, (node.inputs, node.parameters, node.outputs))) for node in experiment.nodes.values()
    ]
    offered = experiment.web_service
    order = [] if offered is None else [*map(list, (offered.inputs, offered.outputs, offered.parameters))]
    return (experiment.title, nodes, offered, order)


def _top_comment(path: Path) -> str:
    try:
        lines = path.read_text("utf-8-sig").splitlines(keepends=True)
    except (OSError, UnicodeError):
        return SCHEMA_COMMENT if (path.parent / SCHEMA).exists() else ""
    count = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "".join(line.rstrip("\r\n") + "\n" for line in lines[:count])
