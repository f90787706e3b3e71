"""Checks a whole experiment before it runs (R-3.2): everything wrong at once, each with its place and a hint.

It reads no data and no script; what a script does wrong is found by a `check` job.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from studiolo.domain.column_rules import input_of, is_rules, names_in_rules, rules_problem
from studiolo.domain.experiment import Node
from studiolo.domain.module import PORT_TYPES
from studiolo.domain.nearest import did_you_mean
from studiolo.domain.requirements import requirement_fault
from studiolo.domain.reserved import reading_problem
from studiolo.errors import StudioloError, UserError
from studiolo.graph.connections import cycles
from studiolo.graph.input_checks import bundle_port as bundle_port
from studiolo.graph.input_checks import connection_problems, input_problems
from studiolo.graph.node_check import NodeCheck
from studiolo.graph.node_check import Surroundings as Surroundings
from studiolo.graph.parameters import parameter_problems
from studiolo.graph.paths import inside, names_in, parts_of, what_is
from studiolo.graph.permissions import grant_problems, limit_problems
from studiolo.graph.places import by_line
from studiolo.graph.resolving import Resolution, find_named
from studiolo.graph.script_header import read_header

EXTRA_OUTPUT_TYPES = ("dataset", "object", "file", "zip")


def validate(
    resolution: Resolution, around: Surroundings | None = None, nodes: Collection[str] | None = None
) -> list[StudioloError]:
    """Give everything wrong in an experiment, sorted by line; an empty list when it may run.

    Args:
        resolution: what `resolve` gave; its own problems are among the result.
        around: what it is checked against.
        nodes: the nodes that are to run; problems of others are left out. None means all.
    """
    around = around or Surroundings()
    problems = [*resolution.problems, *_cycle_problems(resolution)]
    for node in resolution.experiment.nodes.values():
        check = NodeCheck(resolution, node, around)
        for examine in _EXAMINATIONS:
            problems += examine(check)
    chosen = [one for one in problems if nodes is None or one.where.node is None or one.where.node in nodes]
    return by_line(chosen)


def _cycle_problems(resolution: Resolution) -> Iterator[UserError]:
    for cycle in cycles(resolution.experiment):
        first, last = cycle[0], cycle[-1]
        inputs = resolution.experiment.nodes[first].inputs.items()
        port = next(name for name, source in inputs if source.node == last)
        yield UserError(
            "cycle",
            "The nodes form a cycle: " + " -> ".join([*cycle, first]) + ".",
            f"Remove one of these connections, such as the input {port} of {first}.",
            resolution.places.in_node(first, "inputs", port, port=port),
        )


def _script(check: NodeCheck) -> Iterator[UserError]:
    declaration, node = check.declaration, check.node
    if declaration is None:
        return
    if declaration.runner == "script" and node.script is None:
        if ("nodes", node.name, "script") not in check.resolution.places.marks:
            yield check.problem(
                "missing-script",
                f"Node {node.name} has no script.",
                f"Add script: scripts/NAME.py; the module {declaration.id} runs it.",
            )
    elif declaration.script_parameter and node.script is not None:
        if node.parameters.get(declaration.script_parameter) is not None:
            yield check.problem(
                "unexpected-value",
                f'Node {node.name} has a script and the parameter "{declaration.script_parameter}".',
                "Remove one of the two.",
                "script",
            )
    elif not declaration.takes_script and node.script is not None:
        yield check.problem(
            "unexpected-value",
            f"Node {node.name} has a script, which the module {declaration.id} does not take.",
            "Remove it, or use the module execute-python-script.",
            "script",
        )


def _programs(check: NodeCheck) -> Iterator[UserError]:
    declaration, programs = check.declaration, check.around.programs
    if declaration is None or programs is None:
        return
    is_there, how_to_install = programs
    for name in declaration.programs:
        if not is_there(name):
            yield check.problem(
                "missing-program",
                f"Node {check.name} needs the program {name}, which is not on this machine.",
                how_to_install(name),
                "module",
            )


def _bundle(check: NodeCheck) -> Iterator[UserError]:
    declaration, node, workspace = check.declaration, check.node, check.around.workspace
    if node.bundle is None:
        return
    if declaration is not None:
        port = bundle_port(declaration)
        if port is None:
            yield check.problem(
                "unexpected-value",
                f"Node {node.name} has a bundle, which the module {declaration.id} does not take.",
                "Remove it, or use the module execute-python-script.",
                "bundle",
            )
        elif port.name in node.inputs:
            yield check.problem(
                "two-connections",
                f'The input "{port.name}" of node {node.name} has a connection and a bundle.',
                "Remove one of the two.",
                "bundle",
                port=port.name,
            )
    if workspace is None:
        return
    path = inside(workspace, node.bundle)
    if path is None:
        yield check.problem(
            "missing-file",
            f'The bundle "{node.bundle}" of node {node.name} lies outside the workspace.',
            "Copy it to bundles/ and name it as bundles/NAME.zip.",
            "bundle",
        )
    elif problem := reading_problem(parts_of(path, workspace)):
        code, is_wrong, hint = problem
        yield check.problem(
            code, f'The bundle "{node.bundle}" of node {node.name} {is_wrong}.', hint, "bundle"
        )
    elif what_is(path) is None:
        known = [f"bundles/{name}" for name in names_in(workspace / "bundles")]
        yield check.problem(
            "missing-file",
            f'The bundle "{node.bundle}" of node {node.name} does not exist.',
            did_you_mean(node.bundle, known, "bundle"),
            "bundle",
        )


def _packages(check: NodeCheck) -> Iterator[UserError]:
    declaration, node = check.declaration, check.node
    if node.requirements and declaration is not None and declaration.runner != "script":
        yield check.problem(
            "wrong-value",
            f"Node {node.name} has requirements, which the module {declaration.id} does not take.",
            "Remove them, or use the module execute-python-script.",
            "requirements",
        )
    for number, requirement in enumerate(node.requirements):
        fault = requirement_fault(requirement)
        if fault is not None:
            summary = f'The requirement "{requirement[:200]}" of node {node.name} {fault[0]}.'
            yield check.problem("wrong-value", summary, fault[1], "requirements", str(number))
    if node.script is not None:
        try:
            read_header(node.script)
        except UserError as problem:
            yield in_experiment(problem, node, check.resolution.experiment.folder)


def in_experiment(problem: UserError, node: Node, folder: str) -> UserError:
    """Give a problem of a node's script with the file's path as seen from the workspace."""
    file = problem.where.file
    where = replace(problem.where, node=node.name, file=f"{folder}/{file}" if folder and file else file)
    return UserError(problem.code, problem.summary, problem.hint, where)


def _outputs(check: NodeCheck) -> Iterator[UserError]:
    declaration, node = check.declaration, check.node
    if not node.outputs:
        return
    if declaration is not None and declaration.runner != "script":
        yield check.problem(
            "unexpected-value",
            f"Node {node.name} declares outputs, which the module {declaration.id} does not take.",
            "Remove them, or use the module execute-python-script.",
            "outputs",
        )
        return
    declared = declaration.outputs if declaration else ()
    for name, kind in node.outputs.items():
        place = ("outputs", name)
        if not name.isidentifier():
            yield check.problem(
                "wrong-output",
                f'The output "{name}" of node {node.name} is not a name of letters, digits and _.',
                "Rename it, as in third_result.",
                *place,
                port=name,
            )
        elif find_named(name, declared) is not None:
            yield check.problem(
                "wrong-output",
                f'The output "{name}" of node {node.name} is one that the module has already.',
                "Remove it; only further outputs are declared.",
                *place,
                port=name,
            )
        if kind not in EXTRA_OUTPUT_TYPES:
            hint = did_you_mean(kind, EXTRA_OUTPUT_TYPES, "type")
            if kind in PORT_TYPES:
                hint = f"A node can declare outputs of type {', '.join(EXTRA_OUTPUT_TYPES)}."
            yield check.problem(
                "wrong-output",
                f'The output "{name}" of node {node.name} has the type "{kind}".',
                hint,
                *place,
                port=name,
            )


def _parameters(check: NodeCheck) -> Iterator[UserError]:
    if check.declaration is None:
        return
    for name, code, summary, hint in parameter_problems(
        check.declaration,
        check.node.parameters,
        check.name,
        keywords=check.around.keywords.get(check.name),
        workspace=check.around.workspace,
        network=check.around.ceiling.network if check.around.ceiling is not None else None,
        secrets=check.around.secrets,
    ):
        yield check.problem(code, summary, hint, "parameters", name, parameter=name)


def _columns(check: NodeCheck) -> Iterator[UserError]:
    """Check column names against the schemas of all connected datasets, where all of these are known."""
    declaration, node = check.declaration, check.node
    if declaration is None or not node.inputs:
        return
    for parameter in declaration.parameters:
        value = node.parameters.get(parameter.name)
        if parameter.kind != "columns" or value is None:
            continue
        only = input_of(declaration, parameter) if parameter.input or is_rules(value) else None
        known = _known_columns(check, only)
        for place, column in _named_columns(value):
            if known is not None and column not in known:
                yield check.problem(
                    "missing-column",
                    f'The input of node {node.name} has no column "{column}".',
                    did_you_mean(column, known, "column"),
                    "parameters",
                    parameter.name,
                    *place,
                    parameter=parameter.name,
                )


def _known_columns(check: NodeCheck, only: str | None) -> list[str] | None:
    """Give the columns of one connected dataset, or of all; None where a schema is not known."""
    schemas = []
    for name, source in check.node.inputs.items():
        port = check.declaration.input(name) if check.declaration is not None else None
        if port is not None and port.type in ("dataset", "any") and only in (None, name):
            schemas.append(check.around.schemas.get((source.node, source.port)))
    if not schemas or None in schemas:
        return None
    return list(dict.fromkeys(name for schema in schemas if schema for name in schema.names))


def _named_columns(value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give the names in a list of columns, or in sound rules, with the place of each."""
    if is_rules(value):
        yield from names_in_rules(value) if rules_problem(value) is None else ()
    elif isinstance(value, list | tuple):
        yield from (((str(at),), name) for at, name in enumerate(value) if isinstance(name, str))


def _permissions(check: NodeCheck) -> Iterator[UserError]:
    node, around = check.node, check.around
    for path, code, summary, hint in (
        *limit_problems(node.limits, node.name),
        *grant_problems(node.grants, around.ceiling, node.name, around.workspace),
    ):
        yield check.problem(code, summary, hint, *path)
    known = around.environments
    if known is not None and node.environment is not None and node.environment not in known:
        yield check.problem(
            "unknown-environment",
            f'Node {node.name} wants the unknown environment "{node.environment}".',
            did_you_mean(node.environment, known, "environment"),
            "environment",
        )


_EXAMINATIONS: tuple[Callable[[NodeCheck], Iterator[UserError]], ...] = (
    input_problems,
    connection_problems,
    _script,
    _programs,
    _bundle,
    _packages,
    _outputs,
    _parameters,
    _columns,
    _permissions,
)
