"""Reads an experiment from its folder, with every problem of the file at once; knows nothing of modules.

What the names in the file stand for (modules, ports, parameters) is settled in graph/resolving.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studiolo.domain.experiment import Experiment, Node
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import Problems, StudioloError, UserError, Where
from studiolo.graph.keys import TOP_KEYS, Keys
from studiolo.graph.node_reading import read_node
from studiolo.graph.paths import is_path, is_under, what_is
from studiolo.graph.places import Places, by_line
from studiolo.graph.web_service_reading import read_web_service
from studiolo.graph.yaml_tree import YamlItem, YamlMapping, YamlScalar, parse_yaml

FILE = "experiment.yaml"


@dataclass(frozen=True)
class Reading:
    """What was read of an experiment's file.

    Attributes:
        experiment: as far as it could be read; inputs without a port have the port "".
        places: lines of its parts.
        problems: everything wrong in the file, by line.
    """

    experiment: Experiment
    places: Places
    problems: tuple[StudioloError, ...]


def experiment_names(workspace: Path) -> list[str]:
    """Give the names of the workspace's experiments, sorted."""
    return sorted(path.parent.name for path in (workspace / "experiments").glob(f"*/{FILE}"))


def experiment_folder(workspace: Path, name: str) -> Path:
    """Give the folder of an experiment by its name, or by a path to its folder or file.

    Raises:
        UserError: `unknown-experiment`, with the nearest name.
    """
    known = experiment_names(workspace)
    if name in known:
        return workspace / "experiments" / name
    path = Path(name if is_path(name) else "")
    path = path.parent if path.name == FILE else path
    for folder in (path, workspace / path):
        if folder.name and what_is(folder / FILE) == "file" and is_under(folder, workspace):
            return folder
    raise UserError(
        "unknown-experiment",
        f'There is no experiment "{name}" in this workspace.',
        did_you_mean(name, known, "experiment") if known else f"Create it: studiolo new {name or 'NAME'}",
    )


def read_experiment(folder: Path, workspace: Path) -> Experiment:
    """Read the experiment in `folder`.

    Args:
        folder: the folder that holds `experiment.yaml`.
        workspace: the workspace's folder; paths in problems are relative to it.

    Raises:
        Problems: everything wrong in the file, by line.
    """
    reading = parse_experiment(folder, workspace)
    if reading.problems:
        raise Problems(reading.problems)
    return reading.experiment


def parse_experiment(
    folder: Path, workspace: Path, data: bytes | None = None, *, has_scripts: bool = True
) -> Reading:
    """Read as `read_experiment`, but give the problems beside what could be read, so checks can go on.

    Args:
        folder: the folder that holds `experiment.yaml`.
        workspace: the workspace's folder; paths in problems are relative to it.
        data: bytes to read in place of those of the file.
        has_scripts: whether scripts are read too; else their texts are empty.
    """
    name, relative = folder.resolve().name, _relative(folder, workspace)
    file = f"{relative}/{FILE}".removeprefix("./")
    empty = Experiment(name, name, {}, relative)
    try:
        data = (folder / FILE).read_bytes() if data is None else data
    except OSError as error:
        problem = UserError(
            "unknown-experiment",
            f"{file} cannot be read: {error.strerror}.",
            f"Create it: studiolo new {name}",
        )
        return Reading(empty, Places(file), (problem.at(file=file),))
    try:
        tree = parse_yaml(data, file)
    except UserError as problem:
        return Reading(empty, Places(file), (problem,))
    keys = Keys(file)
    if tree is None:
        keys.problems.append(_empty_file(file))
        return Reading(empty, Places(file), tuple(keys.problems))
    if not isinstance(tree, YamlMapping):
        keys.wrong((), tree, "The file", "keys such as name and nodes")
        return Reading(empty, Places(file), tuple(keys.problems))
    top = keys.known(tree, (), TOP_KEYS)
    title = keys.text(top.get("name"), ("name",)) or name
    nodes = _nodes(keys, top, tree, folder if has_scripts else None)
    offered = read_web_service(keys, top.get("web_service"))
    places = Places(file, keys.marks)
    return Reading(Experiment(name, title, nodes, relative, offered), places, tuple(by_line(keys.problems)))


def _nodes(
    keys: Keys, top: Mapping[str, YamlItem], tree: YamlMapping, folder: Path | None
) -> dict[str, Node]:
    item = top.get("nodes")
    if item is None:
        keys.add(
            ("nodes",),
            tree,
            "missing-key",
            "The experiment has no nodes.",
            "Begin with a line nodes: and one node below it.",
        )
        return {}
    if isinstance(item, YamlScalar) and item.value is None:
        return {}
    if not isinstance(item, YamlMapping):
        keys.wrong(("nodes",), item, "nodes", "one key for each node")
        return {}
    nodes = {}
    for name, value in keys.entries(item, ("nodes",)).items():
        if _name_is_good(keys, name, ("nodes", name)):
            nodes[name] = read_node(keys, name, value, folder)
    return nodes


def _name_is_good(keys: Keys, name: str, path: tuple[str, ...]) -> bool:
    problem = node_name_problem(name)
    if problem:
        keys.add(
            path,
            None,
            "node-name",
            problem,
            "Rename it in the file and in the inputs that use it.",
            node=name,
        )
    return problem is None


def node_name_problem(name: str) -> str | None:
    """Say in one sentence what is wrong with a node's name, or None when it is a good one."""
    if not name.strip():
        return "A node has an empty name."
    if "." in name:
        return f'The node name "{name}" has a dot, which stands between a node and its port.'
    if name != name.strip() or not name.isprintable():
        return f"The node name {name!r} begins or ends with a space or has a control character."
    if len(name) > 200:
        return f'The node name "{name[:40]}…" has {len(name)} characters; at most 200 are allowed.'
    return None


def _empty_file(file: str) -> UserError:
    return UserError(
        "empty-experiment",
        f"{file} is empty.",
        "Begin with:\nnodes:\n  customers: {module: import-data, parameters: {path: data/customers.csv}}",
        Where(file=file, line=1),
    )


def _relative(folder: Path, workspace: Path) -> str:
    folder, workspace = folder.resolve(), workspace.resolve()
    return folder.relative_to(workspace).as_posix() if folder.is_relative_to(workspace) else folder.as_posix()
