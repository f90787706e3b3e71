"""Writes mappings, lists and scalars as plain, stable YAML that readers of YAML 1.1 and of 1.2 take alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from studiolo.graph.yaml_tree import scalar_value

LINE_WIDTH = 90

_ODD_BREAKS = frozenset("\r\x85\u2028\u2029")
"""What YAML 1.1 takes for ends of lines beside the usual one: only escaped do they come back as they were."""


class _Flow(dict[str, Any]):
    """A mapping written on one line."""


class _FlowList(list[Any]):
    """A list written on one line."""


def yaml_text(value: Any) -> str:
    """Give the YAML of a whole file: texts of several lines stand in lines of their own."""
    return _dumped(value, _Dumper, is_flow=False)


def part_text(value: Any, indent: int) -> str:
    """Give the YAML of a part of a file: as `yaml_text`, but what follows can't change what a text ends with.

    Args:
        value: what to write.
        indent: spaces of each level.
    """
    return _dumped(value, _PartDumper, is_flow=False, indent=indent)


def line_text(value: Any) -> str:
    """Give the YAML of something that stands on one line with others, in braces or brackets."""
    return _dumped(value, _LineDumper, is_flow=True).removesuffix("...\n").strip()


def laid_out(value: Any) -> Any:
    """Mark what is written on one line: short mappings and lists without texts of several lines."""
    if isinstance(value, Mapping):
        flow: Any = _Flow({str(name): one for name, one in value.items()})
    elif isinstance(value, list | tuple):
        flow = _FlowList(value)
    else:
        return value
    line = _dumped(flow, _Dumper, is_flow=None)
    if len(line) <= LINE_WIDTH and "\\n" not in line and line.count("\n") == 1:
        return flow
    if isinstance(value, Mapping):
        return {str(name): laid_out(one) for name, one in value.items()}
    return [laid_out(one) for one in value]


def laid_out_below(path: Sequence[str], value: Any) -> Any:
    """Mark as `laid_out` what lies at `path` in an experiment's file, but for nodes and sections: they have lines.

    Args:
        path: keys from the top of the file.
        value: what stands there.
    """
    lines = {"nodes": 2, "web_service": 1}.get(path[0], 0) if len(path) == 1 else 0
    if len(path) == 2 and path[0] == "nodes":
        lines = 1
    return (
        _laid_out_from(value, lines)
        if len(path)
        else {name: laid_out_below((name,), one) for name, one in value.items()}
    )


def _laid_out_from(value: Any, lines: int) -> Any:
    if not lines or not isinstance(value, Mapping):
        return laid_out(value)
    return {name: _laid_out_from(one, lines - 1) for name, one in value.items()} or _Flow()


class _Dumper(yaml.SafeDumper):
    """Writes texts so that readers of YAML 1.1 and of 1.2 take them for texts, and never writes aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class _PartDumper(_Dumper):
    """Quotes texts that end in empty lines."""


class _LineDumper(_Dumper):
    """Quotes texts of several lines."""


def _dumped(value: Any, dumper: type[_Dumper], is_flow: bool | None, indent: int = 2) -> str:
    return yaml.dump(
        value,
        Dumper=dumper,
        sort_keys=False,
        allow_unicode=True,
        width=10**9,
        default_flow_style=is_flow,
        indent=indent,
    )


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None
    if _ODD_BREAKS.intersection(text):
        style = '"'
    elif "\n" in text:
        is_open = isinstance(dumper, _PartDumper) and (text.endswith("\n\n") or not text.strip())
        style = '"' if isinstance(dumper, _LineDumper) or is_open else "|"
    elif not isinstance(scalar_value(text), str):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


for _dumper in (_Dumper, _PartDumper, _LineDumper):
    _dumper.add_representer(str, _represent_text)
    _dumper.add_representer(
        _Flow, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)
    )
    _dumper.add_representer(
        _FlowList,
        lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True),
    )
