"""Freezes what a run left into a version of a web service that needs nothing of the workspace's files any more."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from studiolo import __version__
from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Node, Source
from studiolo.domain.module import Declaration
from studiolo.domain.run import NodeRun
from studiolo.domain.service import FrozenEnvironment, FrozenNode, ServicePort, ServiceVersion
from studiolo.environments import Environment, packages
from studiolo.errors import Problems, StudioloError, UserError, Where
from studiolo.graph.fingerprint import fingerprint_parts
from studiolo.graph.parameters import effective_parameters
from studiolo.graph.resolving import Resolution, input_ports, output_ports
from studiolo.services.built_environments import remember
from studiolo.services.frozen_parameters import frozen_parameters
from studiolo.services.learning import learn_columns
from studiolo.services.pruning import Pruned
from studiolo.store.blobs import missing_content
from studiolo.workspace.node_environments import node_environments

if TYPE_CHECKING:
    from studiolo.workspace import RunResult, Workspace

ENDED_WELL = ("finished", "reused")


class Freezer:
    """Makes a version of what a run left.

    Everything is taken from the run's rows, not from the workspace's files: what changed since cannot get in.

    Args:
        workspace: whose store holds the contents.
        resolution: of the experiment as it was run.
        pruned: what the service needs of it.
        run: the run.
    """

    def __init__(self, workspace: Workspace, resolution: Resolution, pruned: Pruned, run: RunResult) -> None:
        self._workspace = workspace
        self._resolution = resolution
        self._pruned = pruned
        self._run = run
        self._problems: list[StudioloError] = []
        self._without_result: set[str] = set()
        self._environments: dict[str, FrozenEnvironment] = {}
        self._in: dict[str, Environment] = {}

    def version(self, service: str, *, state: str, has_sample: bool) -> ServiceVersion:
        """Give the version; its number is set when it is written.

        Raises:
            Problems: `missing-output` when the run has not all that is needed, `changed-since-run` when
                something that no row keeps is not any more as it was.
            UserError: `missing-content` when the store has lost something.
        """
        experiment, pruned = self._resolution.experiment, self._pruned
        offered = experiment.web_service
        assert offered is not None
        running = [experiment.nodes[name] for name in pruned.nodes]
        self._in = node_environments(self._workspace, experiment, running)
        nodes = tuple(self._node(experiment.nodes[name]) for name in pruned.nodes)
        constants = {name: self._needed(source) for name, source in pruned.constants.items()}
        inputs = {
            name: self._port(name, at, experiment.nodes[at.node].inputs.get(at.port), has_sample)
            for name, at in offered.inputs.items()
        }
        outputs = {name: self._port(name, at, at, has_sample) for name, at in offered.outputs.items()}
        rows = {name: run.node_run for name, run in self._run.nodes.items()}
        if self._problems:
            raise Problems(self._problems)
        parameters = frozen_parameters(offered.parameters, experiment, self._resolution.declared, rows)
        version = ServiceVersion(
            service=service,
            number=0,
            experiment=experiment.name,
            title=experiment.title,
            run=self._run.number,
            created=time.time(),
            nodes=nodes,
            inputs=inputs,
            outputs=outputs,
            constants={name: content for name, content in constants.items() if content is not None},
            parameters=parameters,
            environments=self._environments,
            state=state,
            description=experiment.title,
            studiolo=__version__,
        )
        self._keep(version)
        return version

    def _row(self, node: str) -> NodeRun | None:
        found = self._run.nodes.get(node)
        if found is not None and found.state in ENDED_WELL:
            return found.node_run
        state = f"is {found.state}" if found is not None else "did not run"
        if node in self._without_result:
            return None
        self._without_result.add(node)
        self._problems.append(
            UserError(
                "missing-output",
                f"Node {node} {state} in run {self._run.number}, so there is no result to publish.",
                "Publish without --run: what is missing is computed first.",
                Where(node=node),
            )
        )
        return None

    def _needed(self, source: Source) -> Content | None:
        """Give what an output port holds; None when the node left it empty, or has no result (a problem then)."""
        row = self._row(source.node)
        return row.outputs.get(source.port) if row is not None else None

    def _node(self, node: Node) -> FrozenNode:
        declaration = self._resolution.declared[node.name]
        static = {port: self._needed(source) for port, source in self._pruned.static[node.name].items()}
        row = self._row(node.name)
        parts = row.parts if row is not None else {}
        if row is not None:
            self._refuse_questions(node.name, row)
        return FrozenNode(
            node=replace(node, inputs=self._pruned.inputs[node.name]),
            declaration=json.loads(json.dumps(declaration.to_json())),
            environment=self._environment(node, parts),
            static={port: content for port, content in static.items() if content is not None},
            files=self._files(node, declaration, parts),
            bundle=self._stored("zip", parts["bundle"]) if "bundle" in parts else None,
            source=self._source(node, declaration, parts),
            further_inputs={
                port.name: port.type
                for port in input_ports(node, self._resolution.experiment.nodes, self._resolution.declared)
                if declaration.input(port.name) is None and port.name not in static
            },
        )

    def _files(
        self, node: Node, declaration: Declaration, parts: Mapping[str, str]
    ) -> dict[str, tuple[str, Content]]:
        values = effective_parameters(declaration, node.parameters)
        return {
            parameter.name: (
                str(values[parameter.name]),
                self._stored("file", parts[f"file:{parameter.name}"]),
            )
            for parameter in declaration.parameters
            if f"file:{parameter.name}" in parts
        }

    def _stored(self, kind: str, digest: str) -> Content:
        try:
            return Content(kind, digest, self._workspace.blobs.path(digest).stat().st_size)
        except FileNotFoundError:
            raise missing_content(digest) from None

    def _source(
        self, node: Node, declaration: Declaration, parts: Mapping[str, str]
    ) -> tuple[str, str] | None:
        source = self._workspace.registry.source(node.module)
        facts = fingerprint_parts(node, declaration, inputs={}, environment="", source=source)
        if parts and any(facts.get(part) != parts.get(part) for part in ("module", "source")):
            self._changed(node, f"the module {node.module}")
        return None if source is None else (source.file, source.text)

    def _environment(self, node: Node, parts: Mapping[str, str]) -> str:
        environment = self._in[node.name]
        if parts and environment.lock_digest != parts["environment"]:
            self._changed(node, f"the environment {environment.name}")
        key, others = environment.name, self._environments
        if key in others and others[key].digest != environment.lock_digest:
            key = f"{environment.name} {environment.lock_digest[:12]}"
        if key not in others:
            remember(environment)
            others[key] = FrozenEnvironment(
                name=environment.name,
                digest=environment.lock_digest,
                version=environment.version,
                lock=_pins(environment),
            )
        return key

    def _port(self, name: str, at: Source, source: Source | None, has_sample: bool) -> ServicePort:
        """Give what is known of an input or output from the data that was at its port in the run."""
        content = self._needed(source) if source is not None else None
        if content is None or content.kind != "dataset":
            if content is not None:
                self._not_a_dataset(name, at, content)
            return ServicePort(name, at)
        if not self._workspace.blobs.keep(content.digest, content.size):
            raise missing_content(content.digest)
        columns, sample = learn_columns(self._workspace.blobs.path(content.digest), has_sample)
        return ServicePort(name, at, columns or None, sample)

    def _not_a_dataset(self, name: str, at: Source, content: Content) -> None:
        node = self._resolution.experiment.nodes[at.node]
        ports = output_ports(node, self._resolution.declared[at.node])
        tables = [f"{at.node}.{port.name}" for port in ports if port.type == "dataset"]
        self._problems.append(
            UserError(
                "cannot-publish",
                f'"{name}" of web_service is at {at}, which holds no dataset but something of kind {content.kind}.',
                f"Name a port that holds a dataset: {' or '.join(tables)}."
                if tables
                else "Name another port.",
                Where(node=at.node, port=at.port),
            )
        )

    def _refuse_questions(self, node: str, row: NodeRun) -> None:
        """Refuse a script that asks for registered datasets: they may change, and requests are not answered such."""
        for asked in row.asked:
            what = f'the {asked.what} "{asked.name}"' if asked.name else f"the list of {asked.what}"
            self._problems.append(
                UserError(
                    "cannot-publish",
                    f"The script of node {node} asks for {what} by azureml.core; requests to a service cannot.",
                    "Add the dataset as a node of the experiment and connect it: a version keeps it then.",
                    Where(node=node),
                )
            )

    def _changed(self, node: Node, what: str) -> None:
        self._problems.append(
            UserError(
                "changed-since-run",
                f"Since run {self._run.number} {what} that node {node.name} uses has changed, and no run keeps it.",
                "Publish without --run: the node is run again first.",
                Where(node=node.name),
            )
        )

    def _keep(self, version: ServiceVersion) -> None:
        """Keep every content from being collected until the version's row refers to it."""
        for content in contents_of(version):
            if not self._workspace.blobs.keep(content.digest, content.size):
                raise missing_content(content.digest)


def contents_of(version: ServiceVersion) -> Iterator[Content]:
    """Give every content of the store that a version needs."""
    yield from version.constants.values()
    for frozen in version.nodes:
        yield from frozen.static.values()
        yield from (content for _, content in frozen.files.values())
        if frozen.bundle is not None:
            yield frozen.bundle


def _pins(environment: Environment) -> str:
    pins = (f"{one.name}=={one.version}" for one in packages(environment) if one.version)
    return "".join(f"{pin}\n" for pin in sorted(pins, key=str.casefold))
