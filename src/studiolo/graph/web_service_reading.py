"""Reads the section `web_service` of an experiment's file: what the experiment offers when it is published.

What its names stand for is settled in graph/web_service_names.py.
"""

from __future__ import annotations

from typing import Any

from studiolo.domain.experiment import Source
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.errors import UserError
from studiolo.graph.keys import SERVICE_PARAMETER_KEYS, WEB_SERVICE_KEYS, Keys
from studiolo.graph.node_reading import split_source
from studiolo.graph.yaml_tree import YamlItem, YamlMapping, YamlScalar, plain

SECTION = "web_service"
NAME_LIMIT = 100


def read_web_service(keys: Keys, item: YamlItem | None) -> WebService | None:
    """Read the section; what is wrong is noted in `keys` and left out. None when there is no section.

    Args:
        keys: collects problems and places.
        item: the value of the key `web_service`.
    """
    if item is None or (isinstance(item, YamlScalar) and item.value is None):
        return None
    path = (SECTION,)
    found = keys.known(keys.mapping(item, path, "keys such as inputs and outputs"), path, WEB_SERVICE_KEYS)
    return WebService(
        inputs=_ports(keys, found, "inputs", "{input1: clean.dataset1}"),
        outputs=_ports(keys, found, "outputs", "{output1: score.result_dataset}"),
        parameters=_parameters(keys, found),
    )


def name_problem(name: str) -> str | None:
    """Say what is wrong with the name of an input, output or parameter of a web service, or None.

    Old clients use names such as `input1`, `WebServiceInput0` and `Data set`.
    """
    if not name.strip():
        return "A name in web_service is empty."
    if len(name) > NAME_LIMIT:
        return f'The name "{name[:40]}…" in web_service has {len(name)} characters; at most {NAME_LIMIT} are allowed.'
    if not name.isprintable() or name != name.strip():
        return f"The name {name!r} in web_service begins or ends with a space or has a control character."
    return None


def _ports(keys: Keys, found: dict[str, YamlItem], key: str, example: str) -> dict[str, Source]:
    path = (SECTION, key)
    ports = {}
    mapping = keys.mapping(found.get(key), path, f"names with ports, as in {example}")
    for name, item in keys.entries(mapping, path).items():
        if not _name_is_good(keys, name, (*path, name)):
            continue
        if isinstance(item, YamlScalar) and item.value is not None and item.text.strip():
            ports[name] = split_source(item.text)
        else:
            hint = f"Write {name}: NODE.PORT, or NODE alone when it has one."
            keys.wrong((*path, name), item, f'"{name}" under {key} of web_service', "a port of a node", hint)
    return ports


def _parameters(keys: Keys, found: dict[str, YamlItem]) -> dict[str, ParameterTarget]:
    path = (SECTION, "parameters")
    wanted = "names with node parameters, as in {threshold: score.threshold}"
    targets = {}
    for name, item in keys.entries(keys.mapping(found.get("parameters"), path, wanted), path).items():
        target = _target(keys, item, (*path, name)) if _name_is_good(keys, name, (*path, name)) else None
        if target is not None:
            targets[name] = target
    return targets


def _target(keys: Keys, item: YamlItem, path: tuple[str, ...]) -> ParameterTarget | None:
    """Read `NODE.PARAMETER`, or a mapping with `target` and what else is said of the parameter."""
    if not isinstance(item, YamlMapping):
        short = _split_target(keys, item, path)
        return None if short is None else ParameterTarget(short.node, short.port)
    found = keys.known(item, path, SERVICE_PARAMETER_KEYS)
    target = found.get("target")
    if target is None:
        summary = f'The parameter "{path[-1]}" of web_service has no target.'
        keys.add(path, item, "missing-key", summary, "Add target: NODE.PARAMETER.")
        return None
    split = _split_target(keys, target, (*path, "target"))
    default, has_default = _default(keys, found, path)
    is_required = keys.boolean(found.get("required"), (*path, "required"))
    description = keys.text(found.get("description"), (*path, "description")) or ""
    if is_required and has_default:
        summary = f'The parameter "{path[-1]}" of web_service is required and has a default.'
        keys.add((*path, "default"), None, "wrong-value", summary, "Remove one of the two.")
    if split is None:
        return None
    return ParameterTarget(split.node, split.port, default, has_default, description, is_required)


def _split_target(keys: Keys, item: YamlItem, path: tuple[str, ...]) -> Source | None:
    text = item.text if isinstance(item, YamlScalar) and item.value is not None else ""
    split = split_source(text)
    if not split.node or not split.port:
        keys.wrong(path, item, f'"{path[2]}" under parameters of web_service', "NODE.PARAMETER")
        return None
    return split


def _default(keys: Keys, found: dict[str, YamlItem], path: tuple[str, ...]) -> tuple[Any, bool]:
    if "default" not in found:
        return None, False
    try:
        return plain(found["default"]), True
    except UserError as problem:
        keys.add((*path, "default"), found["default"], problem.code, problem.summary, problem.hint)
        return None, False


def _name_is_good(keys: Keys, name: str, path: tuple[str, ...]) -> bool:
    problem = name_problem(name)
    if problem:
        keys.add(path, None, "wrong-name", problem, "Rename it; clients call it by this name.")
    return problem is None
