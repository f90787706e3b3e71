"""Gives what decides whether a node's result still holds: all that is written on it but name, comment and limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from studiolo.graph.normalised import normalised_script

Facts = dict[str, str]

NOT_COUNTED = ("name", "comment", "limits", "inputs", "parameters", "script")


def node_facts(node: Mapping[str, Any]) -> Facts:
    """Give the facts of a node, one by one, to tell later which of them changed.

    Args:
        node: `dataclasses.asdict` of a resolved one, as it is or read from the snapshot of a run.

    Returns:
        `module`, `script`, `environment` and so on, `parameter:NAME` and `input:PORT`, each to a text.
    """
    facts = {name: _text(value) for name, value in node.items() if name not in NOT_COUNTED and value}
    script = node["script"]
    if script is not None:
        facts["script"] = normalised_script(script["text"], script["file"])
    for name, value in node["parameters"].items():
        facts[f"parameter:{name}"] = _text(value)
    for port, source in node["inputs"].items():
        facts[f"input:{port}"] = f"{source['node']}.{source['port']}"
    return facts


def with_names(facts: Facts, renamed: Mapping[str, str]) -> Facts:
    """Give facts in which inputs come from nodes under their new names."""
    if not renamed:
        return facts
    return {
        name: _moved(value, renamed) if name.startswith("input:") else value for name, value in facts.items()
    }


def _moved(source: str, renamed: Mapping[str, str]) -> str:
    node, dot, port = source.partition(".")
    return f"{renamed.get(node, node)}{dot}{port}"


def differing(one: Facts, other: Facts) -> Iterator[str]:
    """Give the names of the facts that are not the same."""
    for name in {**one, **other}:
        if one.get(name) != other.get(name):
            yield name


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=list)
