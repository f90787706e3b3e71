"""Gives each node its environment: the one it names, or one of its own with the packages that it asks for (R-5.3)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from studiolo.domain.addresses import host_port, is_covered
from studiolo.domain.experiment import Experiment, Node
from studiolo.domain.requirements import host_of, python_fits
from studiolo.environments import Environment
from studiolo.environments.current import NAME as CURRENT
from studiolo.errors import Problems, StudioloError, UserError
from studiolo.graph.paths import inside
from studiolo.graph.script_header import WantedPackages, wanted_packages
from studiolo.graph.validation import in_experiment
from studiolo.scheduler.progress import EnvironmentProgress

if TYPE_CHECKING:
    from studiolo.environments.facts import EnvironmentFacts
    from studiolo.environments.interpreters import Interpreter
    from studiolo.environments.lock import Lock
    from studiolo.environments.packages_of_node import NodeRecipe, PackagesOfNodes
    from studiolo.environments.progress import BuildProgress
    from studiolo.workspace.workspace import Workspace

Told = Callable[[EnvironmentProgress], None]


def node_environments(
    workspace: Workspace, experiment: Experiment, nodes: Collection[Node], told: Told | None = None
) -> dict[str, Environment]:
    """Give the environments of nodes; those with packages of their own are locked and built first.

    Args:
        workspace: of the experiment.
        experiment: resolved.
        nodes: of it.
        told: is given each step of locking and building.

    Raises:
        Problems: what is wrong with the packages of all nodes.
        UserError: an environment that a node names is not there, or not built.
    """
    found: dict[str, Environment] = {}
    problems: list[StudioloError] = []
    packages: PackagesOfNodes | None = None
    teller = _Teller(told)
    for node in nodes:
        wanted = wanted_packages(node)
        if wanted is None:
            found[node.name] = _named_environment(workspace, node)
            continue
        packages = packages or packages_of_nodes(workspace, teller)
        teller.node = node.name
        try:
            found[node.name] = _environment(workspace, experiment, node, wanted, packages)
        except UserError as error:
            problems.append(_placed(error, experiment, node))
    if problems:
        raise Problems(problems)
    return found


def _named_environment(workspace: Workspace, node: Node) -> Environment:
    """Give the environment of a node without packages of its own.

    Only scripts are run everywhere: the function of a module needs studiolo beside it, so that it runs in `current`
    whatever the workspace's environment is, unless the node names another one that has studiolo.

    Raises:
        UserError: `missing-library`: the one it names has none.
    """
    declaration = workspace.registry.find(node.module)
    if declaration is None or declaration.runner == "script":
        return workspace.environment(node.environment)
    environment = workspace.environment(node.environment or CURRENT)
    if node.environment is not None and not _has_studiolo(environment):
        raise UserError(
            "missing-library",
            f"The environment {environment.name} of node {node.name} has no studiolo, which {declaration.name} needs.",
            f"Take `environment` away from the node: it then runs in {CURRENT}. Scripts run in every environment.",
        ).at(node=node.name)
    return environment


def _has_studiolo(environment: Environment) -> bool:
    return environment.name == CURRENT or any(
        Path(path, "studiolo", "sdk").is_dir() for path in environment.paths
    )


def packages_of_nodes(
    workspace: Workspace, told: Callable[[BuildProgress], None], *, sources: bool = False
) -> PackagesOfNodes:
    """Give what locks and builds the environments of nodes.

    Args:
        workspace: of the nodes.
        told: is given each step.
        sources: its user has asked for it, so packages may be compiled.
    """
    # Loaded here: most runs have no such node.
    from studiolo.environments.packages_of_node import PackagesOfNodes
    from studiolo.environments.registry import Environments

    def check_address(requirement: str) -> None:
        _check_address(requirement, workspace.settings.grants.network)

    is_weak = not sources and workspace.settings.allow_badge != "full" and not _is_jail_full()
    return PackagesOfNodes(
        Environments(workspace.path),
        told,
        sources=sources,
        needs_consent=is_weak,
        check_address=check_address,
    )


def build_node(
    workspace: Workspace,
    experiment: Experiment,
    node: Node,
    told: Callable[[BuildProgress], None],
    *,
    is_again: bool = False,
) -> Environment:
    """Lock and build the environment of a node because its user asks for it: packages may be compiled.

    Args:
        workspace: of the node.
        experiment: of the node.
        node: that asks for packages.
        told: is given each step.
        is_again: what is built is removed first.

    Raises:
        UserError: the node has no packages of its own, and as for `node_environments`.
    """
    recipe = node_recipe(workspace, experiment, node)
    packages = packages_of_nodes(workspace, told, sources=True)
    try:
        if is_again:
            packages.remove_built(recipe)
        return packages.get(recipe)
    except UserError as error:
        raise _placed(error, experiment, node) from None


def node_recipe(workspace: Workspace, experiment: Experiment, node: Node) -> NodeRecipe:
    """Give what the environment of a node is made of.

    Raises:
        UserError: `wrong-value` when it asks for no packages, `invalid-header`.
    """
    wanted = wanted_packages(node)
    if wanted is None or node.script is None:
        raise UserError(
            "wrong-value",
            f"Node {node.name} asks for no packages of its own.",
            "Name them in the header of its script, or under requirements in experiment.yaml.",
        ).at(node=node.name)
    return _recipe(workspace, experiment, node, wanted)


def _environment(
    workspace: Workspace,
    experiment: Experiment,
    node: Node,
    wanted: WantedPackages,
    packages: PackagesOfNodes,
) -> Environment:
    if not wanted.requirements:
        # Only a Python is asked for: what there is may do.
        there = workspace.environment(node.environment)
        if python_fits(wanted.requires_python, there.version):
            return there
        if there.name != CURRENT:
            raise UserError(
                "wrong-value",
                f'Node {node.name} needs Python {wanted.requires_python}, and the environment "{there.name}" '
                f"has {there.version}.",
                "Take another environment, or change requires-python in the script's header.",
            )
    return packages.get(_recipe(workspace, experiment, node, wanted))


def _recipe(workspace: Workspace, experiment: Experiment, node: Node, wanted: WantedPackages) -> NodeRecipe:
    from studiolo.environments.packages_of_node import NodeRecipe

    named = node.environment or workspace.settings.environment
    base = named if named != CURRENT else None
    shown = lock_name(node, has_own_base=named != workspace.settings.environment)
    path = inside(workspace.path / experiment.folder, shown)
    if path is None:
        raise UserError(
            "script-outside",
            f'The lock "{shown}" would lie outside the experiment\'s folder.',
            "Let no link lead out of it.",
        )
    return NodeRecipe(
        node.name, wanted.requirements, wanted.requires_python, base, path, f"{experiment.folder}/{shown}"
    )


def lock_name(node: Node, *, has_own_base: bool) -> str:
    """Give the path of a node's lock in the experiment's folder.

    It lies beside the script, with the script's name, when the script's header alone decides. Else several nodes with
    the same script may have different packages, and the node's name is in it.
    """
    file = PurePosixPath(node.script.file if node.script is not None else "script.py")
    if not node.requirements and not has_own_base:
        return str(file.with_suffix(".lock"))
    plain = re.sub(r"[^\w-]+", "_", node.name)[:80]
    if plain != node.name:
        plain += f"-{hashlib.sha256(node.name.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
    return str(file.with_name(f"{file.stem}.{plain}.lock"))


def kept_lock(
    workspace: Workspace, experiment: Experiment, node: Node
) -> tuple[Interpreter, Lock, Path] | None:
    """Give Python, lock and folder of a node's packages as far as they are locked here; None when they are not.

    Raises:
        UserError: `missing-interpreter`, `damaged-lock`, `environment-not-built` of a base.
    """
    recipe = node_recipe(workspace, experiment, node)
    return packages_of_nodes(workspace, lambda step: None, sources=True).kept(recipe)


def facts_of_node(workspace: Workspace, experiment: Experiment, node: Node) -> EnvironmentFacts:
    """Tell of the environment of a node without locking or building anything.

    Raises:
        UserError: it asks for no packages, `invalid-header`.
    """
    from studiolo.environments.building import size_of
    from studiolo.environments.environment import Package
    from studiolo.environments.facts import EnvironmentFacts
    from studiolo.environments.lock import split_pin

    recipe = node_recipe(workspace, experiment, node)
    words = f"Packages of node {node.name}: {', '.join(recipe.requirements)}"
    if recipe.base is not None:
        words += f"; with those of {recipe.base}"
    facts = EnvironmentFacts(f"{experiment.name}:{node.name}", "node", words, recipe.requires_python)
    try:
        found = kept_lock(workspace, experiment, node)
    except UserError as error:
        return replace(facts, missing=error)
    if found is None:
        return facts
    interpreter, lock, folder = found
    locked = tuple(Package(*split_pin(one)) for one in lock.requirements)
    return replace(
        facts, python=interpreter.version, packages=locked, folder=folder, size_bytes=size_of(folder)
    )


class _Teller:
    """Adds to each step of a build whose environment it is."""

    def __init__(self, told: Told | None) -> None:
        self._told = told
        self.node = ""

    def __call__(self, step: BuildProgress) -> None:
        if self._told is not None:
            self._told(EnvironmentProgress((self.node,), step))


def _placed(error: UserError, experiment: Experiment, node: Node) -> UserError:
    """Give an error with the node's place, and its way out with the node's name."""
    hint = error.hint.replace("EXPERIMENT:NODE", f"{experiment.name}:{node.name}")
    placed = UserError(error.code, error.summary, hint, error.where, **error.details)
    if placed.where.file is None and node.script is not None:
        return in_experiment(_in_file(placed, node.script.file), node, experiment.folder)
    placed.where = replace(placed.where, node=node.name)
    return placed


def _in_file(error: UserError, file: str) -> UserError:
    error.where = replace(error.where, file=file)
    return error


def _check_address(requirement: str, network: Collection[str]) -> None:
    """Refuse an address that the workspace does not name: what a run fetches, nobody has looked at."""
    host = host_of(requirement)
    if host is not None and not is_covered(*host, network):
        name = host_port(*host)
        raise UserError(
            "address-not-allowed",
            f'The package "{requirement[:200]}" would be fetched from "{name}".',
            f'To allow it, write in studiolo.toml under [grants]: network = ["{name}"]\n'
            "Or fetch it once yourself: studiolo env build EXPERIMENT:NODE",
        )


def _is_jail_full() -> bool:
    from studiolo.worker.walls_report import examine

    return examine().badge == "full"
