"""An experiment built or changed in Python and saved as the same files that people edit (R-3.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.domain import experiment as nouns
from studiolo.domain.limits import Grants, Limits
from studiolo.domain.module import Declaration
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.errors import UserError
from studiolo.graph.editing import add_node, connect, remove_node, set_parameter
from studiolo.graph.loading import check_experiment
from studiolo.graph.reading import read_experiment
from studiolo.graph.writing import write_experiment
from studiolo.scheduler.progress import Listener
from studiolo.workspace.results import RunResult

if TYPE_CHECKING:
    from studiolo.workspace.workspace import Workspace

_NAME = re.compile(r"[^\W_][\w .-]{0,99}")
NODE_FACTS = frozenset(field.name for field in fields(nouns.Node)) - {"name", "module", "inputs", "script"}


class Experiment:
    """A graph of nodes that can be changed, saved and run.

        experiment = workspace.new_experiment("churn")
        experiment.add("customers", "import-data", path="data/customers.csv")
        experiment.add("clean", script=Path("clean.py").read_text(), dataset1="customers")
        run = experiment.run()
        run["clean"].result_dataset.to_pandas()

    Args:
        workspace: where it is saved.
        name: name of its folder; letters, digits, spaces, `-`, `_` and `.`.
        title: what people read; the name when absent.
    """

    def __init__(self, workspace: Workspace, name: str, title: str | None = None) -> None:
        _check_name(name)
        self.workspace = workspace
        folder = f"experiments/{name}"
        self.graph = nouns.Experiment(name, title or name, {}, folder)

    @classmethod
    def read(cls, workspace: Workspace, folder: Path) -> Experiment:
        """Read an experiment from its folder.

        Raises:
            Problems: everything wrong in its file.
        """
        graph = read_experiment(folder, workspace.path)
        experiment = cls(workspace, graph.name, graph.title)
        experiment.graph = graph
        return experiment

    def __repr__(self) -> str:
        return f"<Experiment {self.name}: {len(self.graph.nodes)} nodes>"

    @property
    def name(self) -> str:
        """Name of its folder, which commands use."""
        return self.graph.name

    @property
    def folder(self) -> Path:
        """Its folder."""
        return self.workspace.path / self.graph.folder

    @property
    def nodes(self) -> Mapping[str, nouns.Node]:
        """Name to node."""
        return self.graph.nodes

    def add(
        self,
        name: str,
        /,
        module: str = "execute-python-script",
        *,
        script: str | None = None,
        inputs: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Experiment:
        """Add a node and give the experiment, so that calls can be chained.

        Args:
            name: of the node, unique.
            module: id or name of its module.
            script: text, for modules that take one; saved as `scripts/NAME.py`, or `.R`.
            inputs: input port to `NODE` or `NODE.PORT`.
            values: facts of the node (`dialect`, `limits`, `strict`, `bundle`, `comment` …), connections of
                input ports, and parameters, told apart by their names.

        Raises:
            UserError: the name is taken, the module or a connected node is unknown.
        """
        declaration = self.workspace.registry.get(module)
        ports = {port.name for port in declaration.inputs}
        connections = {**(inputs or {}), **{key: values.pop(key) for key in list(values) if key in ports}}
        facts = {key: values.pop(key) for key in list(values) if key in NODE_FACTS}
        parameters = {**facts.pop("parameters", {}), **values}
        text = None if script is None else nouns.Script(_script_file(name, declaration), script)
        node = nouns.Node(name, declaration.id, parameters, {}, text, **_nouns(facts))
        self.graph = add_node(self.graph, node)
        for port, source in connections.items():
            self.connect(source, name, port)
        return self

    def connect(self, source: str, node: str, port: str) -> Experiment:
        """Connect `NODE` or `NODE.PORT` to an input of a node.

        Raises:
            UserError: a node is unknown, or the input is connected already.
        """
        upstream, _, output = source.partition(".")
        self.graph = connect(self.graph, nouns.Source(upstream, output), node, port)
        return self

    def set(self, node: str, **parameters: Any) -> Experiment:
        """Set parameters of a node.

        Raises:
            UserError: `unknown-node`.
        """
        for name, value in parameters.items():
            self.graph = set_parameter(self.graph, node, name, value)
        return self

    def set_script(self, node: str, text: str) -> Experiment:
        """Replace the script of a node; its file is written by `save`.

        Raises:
            UserError: `unknown-node`.
        """
        if node not in self.graph.nodes:
            remove_node(self.graph, node)  # raises with the nearest name
        old = self.graph.nodes[node]
        file = old.script.file if old.script else _script_file(node, self.workspace.registry.find(old.module))
        changed = replace(old, script=nouns.Script(file, text))
        self.graph = replace(self.graph, nodes={**self.graph.nodes, node: changed})
        return self

    def offer(
        self,
        *,
        inputs: Mapping[str, str] | None = None,
        outputs: Mapping[str, str] | None = None,
        parameters: Mapping[str, str | ParameterTarget] | None = None,
    ) -> Experiment:
        """Say what it takes and gives when it is published as a web service, in place of what was said before.

        Args:
            inputs: name to the input port that requests fill, `NODE.PORT`.
            outputs: name to the output port that they get, `NODE.PORT` or `NODE`.
            parameters: name to `NODE.PARAMETER`, or to a target with more facts.
        """
        targets = {
            name: target if isinstance(target, ParameterTarget) else ParameterTarget(*_split(target))
            for name, target in (parameters or {}).items()
        }
        offered = WebService(
            {name: nouns.Source(*_split(source)) for name, source in (inputs or {}).items()},
            {name: nouns.Source(*_split(source)) for name, source in (outputs or {}).items()},
            targets,
        )
        self.graph = replace(self.graph, web_service=offered)
        return self

    def remove(self, node: str) -> Experiment:
        """Remove a node with its connections.

        Raises:
            UserError: `unknown-node`.
        """
        self.graph = remove_node(self.graph, node)
        return self

    def check(self) -> None:
        """Check the graph without running or saving it.

        Raises:
            Problems: everything wrong with it.
        """
        check_experiment(self.graph, self.workspace.registry, self.workspace.surroundings())

    def save(self) -> Experiment:
        """Write `experiment.yaml` and the scripts; other files of the folder stay.

        Raises:
            Problems: what is wrong with the graph; nothing is written then.
        """
        resolution = check_experiment(self.graph, self.workspace.registry, self.workspace.surroundings())
        self.graph = resolution.experiment
        write_experiment(self.graph, self.folder)
        return self

    def run(self, *, listener: Listener | None = None, **wishes: Any) -> RunResult:
        """Save the experiment and run it; see `Workspace.run` for `to`, `from_`, `only`, `set` and `force`."""
        self.save()
        return self.workspace.run(self.name, listener=listener, **wishes)


def new_experiment(workspace: Workspace, name: str, title: str | None = None) -> Experiment:
    """Make and save an experiment with one script node that holds the template.

    Raises:
        UserError: `experiment-exists` or `wrong-name`.
    """
    experiment = Experiment(workspace, name, title)
    if experiment.folder.exists():
        raise UserError(
            "experiment-exists",
            f"There is an experiment {name} already.",
            f"Choose another name, or edit {experiment.graph.folder}/experiment.yaml.",
        )
    workspace.places.write_schema()
    template = workspace.registry.get("execute-python-script").template
    return experiment.add("script", script=template).save()


def _nouns(facts: dict[str, Any]) -> dict[str, Any]:
    if isinstance(facts.get("limits"), Mapping):
        facts["limits"] = Limits(**facts["limits"])
    if "requirements" in facts:
        named = facts["requirements"]
        facts["requirements"] = (named,) if isinstance(named, str) else tuple(named)
    if isinstance(facts.get("grants"), Mapping):
        facts["grants"] = Grants(**{key: tuple(value) for key, value in facts["grants"].items()})
    return facts


def _split(text: str) -> tuple[str, str]:
    node, _, name = text.partition(".")
    return node, name


def _script_file(node: str, declaration: Declaration | None) -> str:
    """Give the file of a new script of a node."""
    held = declaration.parameter(declaration.script_parameter) if declaration is not None else None
    ending = "R" if held is not None and held.language == "r" else "py"
    name = re.sub(r"[^\w-]+", "_", node).strip("_") or "script"
    return f"scripts/{name}.{ending}"


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UserError(
            "wrong-name",
            f"{name!r} can't be the name of an experiment.",
            "Take letters, digits, spaces, -, _ and ., beginning with a letter or digit.",
        )
