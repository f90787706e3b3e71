"""Finds out for which environment a node's script is written, and where its language server can run (R-1.9)."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Node
from studiolo.domain.nearest import did_you_mean
from studiolo.environments import Environment, current_environment
from studiolo.environments.folders import is_finished
from studiolo.errors import StudioloError, UserError, Where
from studiolo.graph.script_header import wanted_packages
from studiolo.scheduler.bundles import read_bundle
from studiolo.workspace import Workspace
from studiolo.workspace.node_environments import kept_lock, node_environments

SERVER = "jedi-language-server"
SERVER_MODULE = "jedi_language_server"
OLDEST = (3, 10)  # that jedi-language-server runs on


@dataclass(frozen=True)
class LanguagePlace:
    """What a language server for a node's script needs.

    Attributes:
        environment: whose libraries the script can import.
        runs_in: where the server itself runs; another one where that is too old.
        bundle: the node's script bundle, whose files it can import too.
        note: what is missing, for people; empty when nothing is.
    """

    environment: Environment
    runs_in: Environment
    bundle: Content | None = None
    note: str = ""

    @property
    def is_read_only(self) -> bool:
        """The environment's files are read by another Python: compiled libraries are not known."""
        return self.runs_in != self.environment


def place_of(workspace: Workspace, experiment: str, node: str) -> LanguagePlace:
    """Give what a language server for a node's script needs; nothing is locked, built or run.

    Raises:
        Problems: the experiment's file can't be read.
        UserError: `unknown-experiment`, `unknown-node`, or the environment can't be used.
    """
    graph = workspace.experiment(experiment).graph
    if node not in graph.nodes:
        raise UserError(
            "unknown-node",
            f'{experiment} has no node "{node}".',
            did_you_mean(node, graph.nodes, "node"),
            Where(node=node),
        )
    found = graph.nodes[node]
    environment, note = _environment(workspace, experiment, found)
    bundle = None
    if found.bundle is not None:
        try:
            bundle = read_bundle(found.bundle, workspace.places.root, workspace.blobs, workspace.metadata)
        except StudioloError as error:  # the editor must open all the same: it is where that is mended
            note = f"{note} {error.summary}".strip()
    return in_environment(environment, bundle, note)


def in_environment(
    environment: Environment, bundle: Content | None = None, note: str = "", *, can_run: bool = True
) -> LanguagePlace:
    """Give where a server for an environment runs: in itself, or where its Python is too old, in `current`.

    Args:
        environment: of the script.
        bundle: of the node.
        note: what is missing already.
        can_run: the server's libraries fit into it.
    """
    if _version(environment) >= OLDEST and can_run:
        return LanguagePlace(environment, environment, bundle, note)
    less = (
        f"Completion reads the libraries of Python {environment.version} from outside: names that only compiled "
        "files define are missing."
    )
    return LanguagePlace(environment, current_environment(), bundle, f"{less} {note}".strip())


def server_files() -> tuple[Path, ...]:
    """Give the files and folders of the language server and of all that it needs, as they are installed here."""
    found: dict[str, None] = {}
    waiting = [SERVER]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = None
        for line in importlib.metadata.requires(name) or ():
            needed, _, condition = line.partition(";")
            plain = re.match(r"[\w.-]+", needed)
            if plain and "extra" not in condition and _is_installed(plain.group()):
                waiting.append(plain.group())
    files: set[Path] = set()
    for name in found:
        distribution = importlib.metadata.distribution(name)
        for file in distribution.files or ():
            if file.parts[0] not in ("..", "__pycache__"):
                files.add(Path(str(distribution.locate_file(file.parts[0]))))
    return tuple(sorted(files))


def _environment(workspace: Workspace, experiment: str, node: Node) -> tuple[Environment, str]:
    """Give the node's environment as far as it is built, and what is missing."""
    try:
        if wanted_packages(node) is None:
            return workspace.environment(node.environment), ""
        graph = workspace.experiment(experiment).graph
        kept = kept_lock(workspace, graph, node)
        if kept is not None and is_finished(kept[2]):
            return node_environments(workspace, graph, [node])[node.name], ""
    except StudioloError as error:
        return current_environment(), f"{error.summary} Completion knows the libraries of current instead."
    environment = workspace.environment(node.environment)
    return (
        environment,
        f"This node's own packages come with its first run; until then these are {environment.name}'s.",
    )


def _version(environment: Environment) -> tuple[int, int]:
    major, minor = environment.version.split(".")[:2]
    return int(major), int(minor)


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
