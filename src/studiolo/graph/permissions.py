"""Checks the limits and grants of a node against what is possible and what the workspace allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from studiolo.domain.limits import LIMIT_NAMES, Grants, Limits, covers
from studiolo.domain.reserved import reading_problem
from studiolo.errors import UserError, Where
from studiolo.graph.paths import is_path, is_under, parts_of, what_is

LIMIT_RANGES: dict[str, tuple[int, int]] = {
    "memory_mb": (16, 16_777_216),
    "cpu_seconds": (1, 31_536_000),
    "wall_seconds": (1, 31_536_000),
    "processes": (1, 32_768),
    "disk_mb": (1, 16_777_216),
    "files": (16, 16_777_216),
    "output_mb": (1, 16_777_216),
    "log_kb": (1, 1_048_576),
}
"""Limit to the least and the greatest allowed value."""

_HOST = re.compile(r"(\*|[A-Za-z0-9*](?:[A-Za-z0-9.*-]*[A-Za-z0-9*])?|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5}|\*)")

Finding = tuple[tuple[str, ...], str, str, str]
"""Path of keys below the node, code, summary and hint."""


def limit_problems(limits: Limits, node: str) -> Iterator[Finding]:
    """Give the limits of a node that are out of range."""
    for name in LIMIT_NAMES:
        value, (low, high) = getattr(limits, name), LIMIT_RANGES[name]
        if not low <= value <= high:
            yield (
                ("limits", name),
                "out-of-range",
                f"The limit {name} of node {node} is {value}, out of range.",
                f"Allowed: {low} to {high}.",
            )


def grant_problems(
    grants: Grants, ceiling: Grants | None, node: str, workspace: Path | None
) -> Iterator[Finding]:
    """Give the grants of a node that are malformed or more than the workspace allows.

    Args:
        grants: what the node asks for.
        ceiling: what `studiolo.toml` allows; None leaves it unchecked.
        node: its name, for the sentences.
        workspace: folder that `read` is relative to; None leaves folders unchecked.
    """
    for number, name in enumerate(grants.network):
        path = ("grants", "network", str(number))
        problem = network_problem(name, patterns=False)
        if problem:
            yield (path, "wrong-grant", f"Node {node} asks for the network: {problem}", _NETWORK_HINT)
        elif ceiling is not None and not any(covers(pattern, name) for pattern in ceiling.network):
            what = "the whole network" if name == "*" else f'"{name}"'
            yield (
                path,
                "grant-not-allowed",
                f"Node {node} asks to reach {what}, which the workspace does not allow.",
                f'To allow it, write in studiolo.toml under [grants]: network = ["{name}"]',
            )
    for number, folder in enumerate(grants.read):
        path = ("grants", "read", str(number))
        problem = folder_problem(folder, workspace)
        if problem:
            yield (
                path,
                "wrong-grant",
                f"Node {node} asks to read: {problem}",
                "Name a folder as in data/reference.",
            )
        elif ceiling is not None and not any(
            PurePosixPath(folder).is_relative_to(one) for one in ceiling.read
        ):
            yield (
                path,
                "grant-not-allowed",
                f'Node {node} asks to read "{folder}", which the workspace does not allow.',
                f'To allow it, write in studiolo.toml under [grants]: read = ["{folder}"]',
            )


_NETWORK_HINT = 'Write host and port, as in "example.com:443", or all.'


def network_names(written: tuple[str, ...]) -> tuple[str, ...]:
    """Give the names that `network` means as written, where `all` and `none` are words."""
    if written == ("all",):
        return ("*",)
    return () if written == ("none",) else written


def network_problem(name: str, *, patterns: bool) -> str | None:
    """Say in one sentence what is wrong with a `host:port` name, or None; `*` in it needs `patterns`."""
    if name == "*":
        return None
    match = _HOST.fullmatch(name)
    if match is None:
        return f'"{name[:100]}" is no host with a port.'
    if "*" in name and not patterns:
        return f'"{name}" is a pattern; a node names each host, or all.'
    if match[2] != "*" and not 1 <= int(match[2]) <= 65535:
        return f'"{name}" has no valid port; ports are 1 to 65535.'
    return None


def folder_problem(folder: str, workspace: Path | None) -> str | None:
    """Say in one sentence what is wrong with a folder of the workspace, or None."""
    path = PurePosixPath(folder)
    if not is_path(folder):
        return f"{folder[:100]!r} is no path."
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", folder):
        return f'"{folder[:100]}" lies outside the workspace.'
    if reading_problem(path.parts):
        return f'"{folder[:100]}" has a part that begins with a dot: it is for studiolo and other programs.'
    if workspace is not None:
        real = workspace / folder
        if what_is(real) != "folder":
            return f'"{folder[:100]}" is no folder of the workspace.'
        if not is_under(real, workspace):
            return f'"{folder[:100]}" is a link out of the workspace.'
        parts = parts_of(real, workspace)
        if not parts:
            return f'"{folder[:100]}" is the whole workspace, with what belongs to studiolo itself.'
        if reading_problem(parts):
            return f'"{folder[:100]}" is a link to "{"/".join(parts)[:100]}", which begins with a dot.'
    return None


def grants_from(network: tuple[str, ...], read: tuple[str, ...], file: str) -> Grants:
    """Give the ceiling of a workspace's file; `all` and `none` are words for the network.

    Raises:
        UserError: `wrong-grant`.
    """
    network = network_names(network)
    for name in network:
        problem = network_problem(name, patterns=True)
        if problem:
            raise UserError("wrong-grant", f"[grants] network: {problem}", _NETWORK_HINT, Where(file=file))
    for folder in read:
        problem = folder_problem(folder, None)
        if problem:
            raise UserError("wrong-grant", f"[grants] read: {problem}", "Name a folder.", Where(file=file))
    return Grants(network, tuple(folder.rstrip("/") for folder in read))
