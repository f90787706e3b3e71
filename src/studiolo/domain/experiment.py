"""An experiment: the saved graph with its parameter values, as read from its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studiolo.domain.limits import Grants, Limits

if TYPE_CHECKING:
    from studiolo.domain.service import WebService


@dataclass(frozen=True)
class Source:
    """An output port that an input is connected to."""

    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"


@dataclass(frozen=True)
class Script:
    """The author's text of a node.

    Attributes:
        file: path relative to the experiment's folder, such as `scripts/clean.py`.
        text: the text as it stands in the file.
    """

    file: str
    text: str


@dataclass(frozen=True)
class Node:
    """A module placed in an experiment.

    Attributes:
        name: unique within the experiment; renaming it never costs a rerun.
        module: id of its module.
        parameters: given values only; defaults are the declaration's.
        inputs: input port name to source.
        script: the author's text, for modules whose runner is `script`.
        bundle: path of a zip or folder in the workspace that stands for the input `script_bundle`.
        environment: name of the environment, or None for the workspace's default.
        dialect: `designer` or `classic` (R-1.3).
        limits: bounds of its job.
        grants: what its job may reach.
        strict: a lossy change at the border fails the node (R-2.4).
        outputs: further output ports declared on the node, name to port type (R-1.4).
        comment: free text; never part of the fingerprint.
        requirements: packages that its script needs, as pip writes them (R-5.3).
    """

    name: str
    module: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Source] = field(default_factory=dict)
    script: Script | None = None
    bundle: str | None = None
    environment: str | None = None
    dialect: str = "designer"
    limits: Limits = field(default_factory=Limits)
    grants: Grants = field(default_factory=Grants)
    strict: bool = False
    outputs: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Experiment:
    """The saved graph.

    Attributes:
        name: the folder's name, which commands use.
        title: what people read.
        nodes: name to node, in the order of the file.
        folder: path of the experiment's folder, relative to the workspace.
        web_service: what it offers when it is published; None when nothing is said of it.
    """

    name: str
    title: str
    nodes: Mapping[str, Node]
    folder: str = ""
    web_service: WebService | None = None

    def upstream(self, node: str) -> Iterator[str]:
        """Give the names of the nodes whose outputs `node` uses, each once."""
        yield from dict.fromkeys(source.node for source in self.nodes[node].inputs.values())

    def downstream(self, node: str) -> Iterator[str]:
        """Give the names of the nodes that use an output of `node`, each once."""
        for other in self.nodes.values():
            if any(source.node == node for source in other.inputs.values()):
                yield other.name
