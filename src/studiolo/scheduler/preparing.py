"""Works out what a node's result depends on, and whether the store has it already."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from studiolo.connectors import FetchedFile, read_source
from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Node, Script
from studiolo.domain.module import Declaration
from studiolo.domain.run import NodeRun
from studiolo.environments import Environment
from studiolo.environments.programs import find_program
from studiolo.errors import UserError, Where
from studiolo.graph.fingerprint import fingerprint, fingerprint_parts, never_reused, reused, why
from studiolo.graph.parameters import effective_parameters, is_target
from studiolo.metadata import Metadata
from studiolo.scheduler.asked import Answering, first_changed
from studiolo.scheduler.bundles import read_bundle
from studiolo.scheduler.wishes import Reveal, reveal_nothing, wish_of
from studiolo.store.blobs import BlobStore

ENDED_BADLY = {"failed": "failed", "cancelled": "was cancelled", "waiting": "was interrupted"}


@dataclass(frozen=True)
class Prepared:
    """A node whose inputs are there.

    Attributes:
        node: resolved.
        declaration: of its module.
        parts: of its fingerprint.
        fingerprint: names the computation.
        reason: why it runs, or from which run it is reused.
        reuse: the earlier node run whose outputs serve, or None.
        bundle: the script bundle that the node's `bundle` names.
        files: `path` and `address` parameters to the bytes they name.
        source: file of a user's own module.
        network: patterns of the hosts that the workspace lets its nodes reach.
        answering: answers what its script asks, and notes what that was.
        reveal: gives the secrets that its addresses name.
        stopping: set when the run is cancelled.
    """

    node: Node
    declaration: Declaration
    parts: Mapping[str, str]
    fingerprint: str
    reason: str
    reuse: NodeRun | None = None
    bundle: Content | None = None
    files: Mapping[str, FetchedFile] = field(default_factory=dict)
    source: Script | None = None
    network: tuple[str, ...] = ()
    answering: Answering | None = None
    reveal: Reveal = reveal_nothing
    stopping: threading.Event | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the author should know of the files and addresses that it read."""
        return tuple(warning for fetched in self.files.values() for warning in fetched.warnings)


class Preparer:
    """Prepares the nodes of one run. Safe from several threads.

    Attributes:
        stopping: set from outside when the run is cancelled or over: what is read and written elsewhere ends.

    Args:
        workspace: its folder.
        blobs: the store.
        metadata: earlier runs.
        experiment: name of the experiment.
        run: number of the run.
        network: patterns of the hosts that the workspace lets its nodes reach.
        answering: gives what answers the questions of a node's script.
        reveal: gives the secrets that addresses name.
    """

    def __init__(
        self,
        workspace: Path,
        blobs: BlobStore,
        metadata: Metadata,
        experiment: str,
        run: int,
        network: tuple[str, ...] = (),
        answering: Callable[[Node], Answering] | None = None,
        reveal: Reveal = reveal_nothing,
    ) -> None:
        self._workspace = workspace
        self._blobs = blobs
        self._metadata = metadata
        self._experiment = experiment
        self._run = run
        self._network = network
        self._answering = answering
        self._reveal = reveal
        self.stopping = threading.Event()

    def prepare(
        self,
        node: Node,
        declaration: Declaration,
        environment: Environment,
        inputs: Mapping[str, Content],
        *,
        source: Script | None = None,
        is_forced: bool = False,
    ) -> Prepared:
        """Find out what a node's result depends on and look for an earlier one.

        Raises:
            UserError: a file or address that it reads is not there.
        """
        bundle = (
            read_bundle(node.bundle, self._workspace, self._blobs, self._metadata) if node.bundle else None
        )
        files = self._fetch(node, declaration)
        parts = fingerprint_parts(
            node,
            declaration,
            inputs=inputs,
            environment=environment.lock_digest,
            bundle=bundle.digest if bundle else None,
            files={name: fetched.digest for name, fetched in files.items()},
            source=source,
            programs=_versions(declaration),
        )
        named = fingerprint(parts)
        never = never_reused(node, declaration)
        earlier = None if never or is_forced else self._reusable(named)
        changed = first_changed(self._metadata, earlier.asked) if earlier is not None else None
        if earlier is not None and changed is None:
            number = earlier.reused_run or earlier.run
            reason = reused(number)
            made = Prepared(
                node, declaration, parts, named, reason, earlier, bundle, files, source, self._network
            )
            return replace(made, reveal=self._reveal, stopping=self.stopping)
        previous = self._metadata.last_node_run(self._experiment, node.name, before=self._run)
        reason = why(previous.parts if previous else None, parts, never=never, is_forced=is_forced)
        if (
            previous is not None
            and previous.state in ENDED_BADLY
            and dict(previous.parts) == parts
            and not is_forced
        ):
            reason = f"ran because it {ENDED_BADLY[previous.state]} in run {previous.run}"
        if changed is not None:
            reason = f"ran because {changed} changed"
        asks = self._answering if declaration.runner == "script" else None
        made = Prepared(node, declaration, parts, named, reason, None, bundle, files, source, self._network)
        answering = asks(node) if asks is not None else None
        return replace(made, answering=answering, reveal=self._reveal, stopping=self.stopping)

    def _reusable(self, named: str) -> NodeRun | None:
        """Give an earlier result whose contents are all still there."""
        earlier = self._metadata.find_reusable(named)
        if earlier is None:
            return None
        is_whole = all(self._blobs.keep(content.digest, content.size) for content in earlier.outputs.values())
        return earlier if is_whole else None

    def _fetch(self, node: Node, declaration: Declaration) -> dict[str, FetchedFile]:
        """Bring what `path` and `address` parameters name into the store; targets are written later instead."""
        if is_target(declaration):
            return {}
        files = {}
        values = effective_parameters(declaration, node.parameters)
        for parameter in declaration.parameters:
            value = values.get(parameter.name)
            if parameter.kind not in ("path", "address") or not value:
                continue
            try:
                wish = wish_of(declaration, parameter, values, self._reveal)
                files[parameter.name] = read_source(
                    str(value),
                    self._workspace,
                    self._blobs,
                    self._metadata,
                    network=self._network,
                    cancel=self.stopping,
                    wish=wish,
                )
            except UserError as error:
                raise error.at(**vars(Where(node=node.name, parameter=parameter.name))) from None
        return files


def _versions(declaration: Declaration) -> dict[str, str]:
    """Give the versions of the programs that the module's jobs start."""
    found = {name: find_program(name) for name in declaration.programs}
    return {name: program.version if program else "missing" for name, program in found.items()}


def reads_elsewhere(node: Node, declaration: Declaration) -> bool:
    """Say whether preparing the node may take long: it reads files or addresses, or packs a bundle."""
    kinds = {parameter.kind for parameter in declaration.parameters}
    return bool(kinds & {"path", "address"}) or node.bundle is not None
