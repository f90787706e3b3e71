"""Reads one node of an experiment's file: its keys, its script and where its inputs come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studiolo.domain.experiment import Node, Script, Source
from studiolo.domain.limits import LIMIT_NAMES, Grants, Limits
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import UserError
from studiolo.graph.keys import GRANT_KEYS, NODE_KEYS, Keys
from studiolo.graph.permissions import network_names
from studiolo.graph.scripts import read_script
from studiolo.graph.yaml_tree import YamlItem, YamlList, YamlMapping, YamlScalar, plain

DATASET_MODULE = "dataset"
DIALECTS = ("designer", "classic")


def read_node(keys: Keys, name: str, item: YamlItem, folder: Path | None) -> Node:
    """Read the node `name` from its value; what is wrong is noted in `keys` and left at its default.

    Args:
        keys: collects problems and places.
        name: the node's name.
        item: the value of its key.
        folder: the experiment's folder, where scripts lie; None leaves their texts empty.
    """
    path = ("nodes", name)
    if not isinstance(item, YamlMapping):
        keys.wrong(
            path, item, f"Node {name}", "keys such as module and inputs", "At least: {module: import-data}"
        )
        return Node(name, "")
    found = keys.known(item, path, NODE_KEYS)
    module, parameters = _module(keys, found, path, item)
    parameters.update(_parameters(keys, found, path))
    return Node(
        name=name,
        module=module,
        parameters=parameters,
        inputs=_inputs(keys, found, path),
        script=_script(keys, found, path, folder),
        bundle=_bundle(keys, found, path),
        environment=keys.text(found.get("environment"), (*path, "environment")),
        requirements=keys.texts(found.get("requirements"), (*path, "requirements")),
        dialect=_dialect(keys, found, path),
        limits=_limits(keys, found, path),
        grants=_grants(keys, found, path),
        strict=keys.boolean(found.get("strict"), (*path, "strict")),
        outputs=_outputs(keys, found, path),
        comment=keys.text(found.get("comment"), (*path, "comment")) or "",
    )


def split_source(text: str) -> Source:
    """Read `node` or `node.port`; the port is "" when it is not named.

    >>> split_source("clean.result_dataset")
    Source(node='clean', port='result_dataset')
    """
    node, _, port = text.partition(".")
    return Source(node.strip(), port.strip())


def _module(
    keys: Keys, found: dict[str, YamlItem], path: tuple[str, ...], item: YamlItem
) -> tuple[str, dict[str, Any]]:
    """Give the module's name and the parameters that the shortcut `dataset: pima` stands for."""
    module = keys.text(found.get("module"), (*path, "module"))
    dataset = found.get("dataset")
    if dataset is None:
        if "version" in found:
            keys.add(
                (*path, "version"),
                None,
                "unknown-key",
                f"Node {path[1]} has a version but no dataset.",
                "version belongs to dataset, as in {dataset: pima, version: 2}.",
            )
        if "module" not in found:
            keys.add(
                path,
                None,
                "missing-key",
                f"Node {path[1]} names no module.",
                "Add module: with its id, or dataset: with the name of a saved dataset.",
            )
        return module or "", {}
    if "module" in found and module != DATASET_MODULE:
        keys.add(
            (*path, "dataset"),
            None,
            "wrong-value",
            f"Node {path[1]} has both a module and a dataset.",
            "A saved dataset is a node of its own: move dataset: there and connect it under inputs.",
        )
        return module or "", {}
    parameters: dict[str, Any] = {"name": keys.text(dataset, (*path, "dataset")) or ""}
    keys.marks[(*path, "parameters", "name")] = keys.marks[(*path, "dataset")]
    version = keys.integer(found.get("version"), (*path, "version"))
    if version is not None:
        parameters["version"] = version
        keys.marks[(*path, "parameters", "version")] = keys.marks[(*path, "version")]
    return DATASET_MODULE, parameters


def _parameters(keys: Keys, found: dict[str, YamlItem], path: tuple[str, ...]) -> dict[str, Any]:
    path = (*path, "parameters")
    mapping = keys.mapping(found.get("parameters"), path, "names with values, as in {count: 3}")
    values = {}
    for name, item in keys.entries(mapping, path).items():
        try:
            values[name] = plain(item)
        except UserError as problem:
            keys.add((*path, name), item, problem.code, problem.summary, problem.hint)
    return values


def _inputs(keys: Keys, found: dict[str, YamlItem], path: tuple[str, ...]) -> dict[str, Source]:
    path = (*path, "inputs")
    mapping = keys.mapping(found.get("inputs"), path, "ports with sources, as in {dataset1: customers}")
    inputs = {}
    for port, item in keys.entries(mapping, path, twice="two-connections").items():
        if isinstance(item, YamlScalar) and item.value is not None and item.text.strip():
            inputs[port] = split_source(item.text)
        elif isinstance(item, YamlList) and len(item.items) > 1:
            keys.two_connections((*path, port), item)
        else:
            hint = f"Write {port}: NODE or {port}: NODE.PORT, or leave the key out."
            keys.wrong((*path, port), item, f'The input "{port}" of node {path[1]}', "a node's name", hint)
    return inputs


def _script(
    keys: Keys, found: dict[str, YamlItem], path: tuple[str, ...], folder: Path | None
) -> Script | None:
    path = (*path, "script")
    item = found.get("script")
    file = keys.text(item, path)
    if file is None:
        return None
    if "\n" in file or not file.strip():
        hint = "Save the text as scripts/NAME.py and write script: scripts/NAME.py."
        keys.wrong(path, item or YamlMapping(0, 0), f'"script" of node {path[1]}', "the path of a file", hint)
        return None
    if folder is None:
        return Script(file.replace("\\", "/"), "")
    try:
        return read_script(folder, file)
    except UserError as problem:
        keys.add(path, item, problem.code, problem.summary, problem.hint)
    except OSError as error:
        keys.add(
            path,
            item,
            "missing-script",
            f'The script "{file}" cannot be read: {error.strerror}.',
            "Check that the file is yours to read.",
        )
    return Script(file, "")


def _bundle(keys: Keys, found: dict[str, YamlItem], path: tuple[str, ...]) -> str | None:
    bundle = keys.text(found.get("bundle"), (*path, "bundle"))
    return bundle.replace("\\", "/") if bundle is not None else None


def _dialect(keys: Keys, found: dict[str, YamlItem], path: tuple[str, ...]) -> str:
    dialect = keys.text(found.get("dialect"), (*path, "dialect"))
    if dialect is None or dialect in DIALECTS:
        return dialect or "designer"
    keys.add(
        (*path, "dialect"),
        found["dialect"],
        "wrong-value",
        f'Node {path[1]} has the unknown dialect "{dialect}".',
        did_you_mean(dialect, DIALECTS, "dialect"),
    )
    return "designer"


def _limits(keys: Keys, found: dict[str, YamlItem], path: tuple[str, ...]) -> Limits:
    path = (*path, "limits")
    mapping = keys.mapping(found.get("limits"), path, "names with numbers, as in {memory_mb: 2048}")
    given = {}
    for name, item in keys.known(mapping, path, LIMIT_NAMES).items():
        value = keys.integer(
            item, (*path, name), f"The unit stands in the name: {name}: {getattr(Limits(), name)}"
        )
        if value is not None:
            given[name] = value
    return Limits(**given)


def _grants(keys: Keys, found: dict[str, YamlItem], path: tuple[str, ...]) -> Grants:
    path = (*path, "grants")
    mapping = keys.mapping(found.get("grants"), path, 'keys such as network: ["example.com:443"]')
    entries = keys.known(mapping, path, GRANT_KEYS)
    return read_grants(
        keys.texts(entries.get("network"), (*path, "network")),
        keys.texts(entries.get("read"), (*path, "read")),
    )


def read_grants(network: tuple[str, ...], read: tuple[str, ...]) -> Grants:
    """Give grants from their written form, where `network: all` and `network: none` are words."""
    return Grants(
        network_names(network), tuple(folder.replace("\\", "/").rstrip("/") or "/" for folder in read)
    )


def _outputs(keys: Keys, found: dict[str, YamlItem], path: tuple[str, ...]) -> dict[str, str]:
    path = (*path, "outputs")
    mapping = keys.mapping(found.get("outputs"), path, "names with types, as in {third: dataset}")
    outputs = {}
    for name, item in keys.entries(mapping, path).items():
        kind = keys.text(item, (*path, name))
        if kind is not None:
            outputs[name] = kind
    return outputs
