"""Settles what the names in the section `web_service` stand for, and finds everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from studiolo.domain.experiment import Source
from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.domain.nearest import did_you_mean
from studiolo.domain.service import ParameterTarget
from studiolo.errors import StudioloError, UserError
from studiolo.graph.parameters import parameter_problems
from studiolo.graph.resolving import Resolution, default_output, find_named, input_ports, output_ports
from studiolo.graph.web_service_reading import SECTION, name_problem

_DATASET = Port("", "dataset")
_TABLES = ("dataset", "any")


def with_web_service(resolution: Resolution) -> Resolution:
    """Settle the section `web_service` of a resolved experiment; never raises, what is unknown stays as written.

    Its ports and parameters become the declared ones; a node without a port stands for its only dataset input,
    or for the dataset output that a connection would take. Problems are added to those of the resolution.
    """
    offered = resolution.experiment.web_service
    if offered is None:
        return resolution
    settler = _Settler(resolution)
    settled = replace(
        offered,
        inputs={name: settler.input(name, source) for name, source in offered.inputs.items()},
        outputs={name: settler.output(name, source) for name, source in offered.outputs.items()},
        parameters={name: settler.parameter(name, target) for name, target in offered.parameters.items()},
    )
    settler.find_shared("inputs", settled.inputs, "The input")
    settler.find_shared("parameters", settled.parameters, "The parameter")
    experiment = replace(resolution.experiment, web_service=settled)
    return replace(resolution, experiment=experiment, problems=(*resolution.problems, *settler.problems))


class _Settler:
    def __init__(self, resolution: Resolution) -> None:
        self.nodes = resolution.experiment.nodes
        self.declared = resolution.declared
        self.places = resolution.places
        self.problems: list[StudioloError] = []

    def input(self, name: str, source: Source) -> Source:
        """Give the input port of a node that requests fill."""
        declaration = self._declaration("inputs", name, source.node)
        if declaration is None:
            return source
        if not source.port:
            return self._only_input(name, source, declaration)
        ports = input_ports(self.nodes[source.node], self.nodes, self.declared)
        port = find_named(source.port, ports)
        if port is None:
            names = [one.name for one in ports]
            summary = f'The web-service input "{name}" names {source}, but {source.node} has no such input.'
            self._add("inputs", name, "unknown-port", summary, did_you_mean(source.port, names, "input"))
            return source
        self._check_type("inputs", name, source, port)
        return Source(source.node, port.name)

    def _only_input(self, name: str, source: Source, declaration: Declaration) -> Source:
        fitting = [port.name for port in declaration.inputs if port.type in _TABLES]
        if len(fitting) == 1:
            return Source(source.node, fitting[0])
        if fitting:
            summary = f'The web-service input "{name}" does not say which input of {source.node} it fills.'
            shown = " or ".join(f"{source.node}.{port}" for port in fitting)
            self._add("inputs", name, "ambiguous-input", summary, f"Write {name}: {shown}.")
        else:
            summary = f'The web-service input "{name}" names {source.node}, which takes no dataset.'
            self._add("inputs", name, "type-mismatch", summary, "Name a node that has a dataset input.")
        return source

    def output(self, name: str, source: Source) -> Source:
        """Give the output port of a node that requests get."""
        declaration = self._declaration("outputs", name, source.node)
        if declaration is None:
            return source
        node = self.nodes[source.node]
        ports = output_ports(node, declaration)
        if source.port:
            port = find_named(source.port, ports)
            names = [one.name for one in ports]
            summary = f'The web-service output "{name}" names {source}, but {source.node} has no such output.'
            code, hint = "unknown-port", did_you_mean(source.port, names, "output")
        else:
            port = default_output(node, declaration, _DATASET)
            fitting = [f"{source.node}.{one.name}" for one in ports if one.type in _TABLES]
            summary = f'The web-service output "{name}" does not say which output of {source.node} it gives.'
            code = "ambiguous-output"
            hint = (
                f"Write {name}: {' or '.join(fitting)}." if fitting else "Name a node that gives a dataset."
            )
        if port is None:
            self._add("outputs", name, code, summary, hint)
            return source
        self._check_type("outputs", name, source, port)
        return Source(source.node, port.name)

    def parameter(self, name: str, target: ParameterTarget) -> ParameterTarget:
        """Give the parameter of a node that requests set."""
        declaration = self._declaration("parameters", name, target.node)
        if declaration is None:
            return target
        declared = find_named(target.parameter, declaration.parameters)
        if declared is None:
            if declaration.runner != "script":
                names = [one.name for one in declaration.parameters]
                summary = f'The web-service parameter "{name}" sets {target}, but {target.node} has no such parameter.'
                hint = did_you_mean(target.parameter, names, "parameter")
                self._add("parameters", name, "unknown-parameter", summary, hint)
            return target
        settled = replace(target, parameter=declared.name)
        if target.has_default:
            self._check_default(name, settled, declared, declaration)
        return settled

    def find_shared(self, key: str, settled: Mapping[str, Any], what: str) -> None:
        """Note targets that have two names: a request could give them two values."""
        first: dict[str, str] = {}
        for name, target in settled.items():
            other = first.setdefault(str(target), name)
            if other != name:
                summary = f'{what} {target} has two names in web_service: "{other}" and "{name}".'
                self._add(key, name, "two-connections", summary, "Remove one of the two.")

    def _declaration(self, key: str, name: str, node: str) -> Declaration | None:
        if problem := name_problem(name):
            self._add(key, name, "wrong-name", problem, "Rename it; clients call it by this name.")
        if node in self.nodes:
            return self.declared.get(node)
        summary = f'"{name}" under {key} of web_service names "{node}", which is no node here.'
        self._add(key, name, "unknown-node", summary, did_you_mean(node, self.nodes, "node"))
        return None

    def _check_type(self, key: str, name: str, source: Source, port: Port) -> None:
        if port.type not in _TABLES:
            verb = "fills" if key == "inputs" else "gives"
            summary = f'The web-service {key[:-1]} "{name}" {verb} {source}, which is of type {port.type}.'
            hint = "Requests and answers are datasets: name a port of type dataset."
            self._add(key, name, "type-mismatch", summary, hint)

    def _check_default(
        self, name: str, target: ParameterTarget, declared: Parameter, declaration: Declaration
    ) -> None:
        given = {**self.nodes[target.node].parameters, declared.name: target.default}
        for parameter, code, summary, hint in parameter_problems(declaration, given, target.node):
            if parameter == declared.name:
                self._add("parameters", name, code, summary, hint, "default")

    def _add(self, key: str, name: str, code: str, summary: str, hint: str, *further: str) -> None:
        where = self.places.at(SECTION, key, name, *further)
        self.problems.append(UserError(code, summary, hint, where))


def renamed_targets(targets: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """Give ports or parameters of a section with a node renamed."""
    return {
        name: replace(target, node=new) if target.node == old else target for name, target in targets.items()
    }


def without_node(targets: Mapping[str, Any], nodes: Iterable[str]) -> dict[str, Any]:
    """Give those ports or parameters of a section whose node is among `nodes`."""
    known = set(nodes)
    return {name: target for name, target in targets.items() if target.node in known}
