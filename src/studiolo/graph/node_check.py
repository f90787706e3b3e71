"""What the checks of a node get: the node, its module, the experiment around it, and what it is checked against."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studiolo.domain.dataset import Schema
from studiolo.domain.experiment import Node
from studiolo.domain.limits import Grants
from studiolo.domain.module import Declaration, Port
from studiolo.errors import UserError
from studiolo.graph.resolving import Resolution, further_inputs

FURTHER_INPUT = Port("", "any", optional=True)
"""What an input that a script takes by keyword takes: anything."""


@dataclass(frozen=True)
class Surroundings:
    """What an experiment is checked against; whatever is absent is not checked.

    Attributes:
        workspace: its folder, for paths, bundles and folders to read.
        ceiling: the grants that the workspace allows.
        environments: names of the environments that exist.
        schemas: (node, output port) to schema, where it is known from an earlier run.
        keywords: node to the keyword parameters of its script with their defaults, where known.
        secrets: names of the secrets that the workspace has.
        programs: what says whether a program is on this machine, and what says how to install it.
    """

    workspace: Path | None = None
    ceiling: Grants | None = None
    environments: Collection[str] | None = None
    schemas: Mapping[tuple[str, str], Schema] = field(default_factory=dict)
    keywords: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secrets: Collection[str] | None = None
    programs: tuple[Callable[[str], bool], Callable[[str], str]] | None = None


class NodeCheck:
    """One node with all that its checks need."""

    def __init__(self, resolution: Resolution, node: Node, around: Surroundings) -> None:
        self.resolution = resolution
        self.node = node
        self.name = node.name
        self.around = around
        self.declaration: Declaration | None = resolution.declared.get(node.name)

    def input(self, name: str) -> Port | None:
        """Give what an input takes; None when there is no such one."""
        if self.declaration is None:
            return None
        is_further = name in further_inputs(self.node, self.declaration)
        return FURTHER_INPUT if is_further else self.declaration.input(name)

    def problem(
        self,
        code: str,
        summary: str,
        hint: str,
        *path: str,
        port: str | None = None,
        parameter: str | None = None,
    ) -> UserError:
        """Give a problem at a place of the node."""
        where = self.resolution.places.in_node(self.name, *path, port=port, parameter=parameter)
        return UserError(code, summary, hint, where)
