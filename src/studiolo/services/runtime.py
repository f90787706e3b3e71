"""Answers the requests of one published version in this process: carries frames from node to node."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Script, Source
from studiolo.domain.module import Declaration
from studiolo.domain.service import FRESH, FrozenNode, ServiceVersion
from studiolo.errors import StudioloError
from studiolo.scheduler.building import Ingredients, build_job
from studiolo.services.child_group import ChildGroup
from studiolo.services.environments import environment_of
from studiolo.services.failures import TimedOut
from studiolo.store.codec import empty_frame
from studiolo.worker.jobs import Job, JobInput, blob_input, path_in_store
from studiolo.worker.serving import Part, ServingChild, serving_job

if TYPE_CHECKING:
    from studiolo.workspace import Workspace

Frame = bytes | memoryview
Frames = Mapping[tuple[str, str], Frame]
"""Node and port to what stands there."""


@dataclass(frozen=True)
class Reply:
    """What a version answers.

    Attributes:
        outputs: by name of the web-service output: a checked frame.
        log: what its nodes printed.
        seconds: time it took.
    """

    outputs: Mapping[str, bytes | memoryview]
    log: bytes
    seconds: float


class Watcher(Protocol):
    """Is told how a request goes on; called in the event loop."""

    def on_node(self, name: str) -> None:
        """A node begins."""

    def on_log(self, name: str, log: bytes) -> None:
        """A node has ended, well or not, and printed this."""


@dataclass(frozen=True)
class _Port:
    """An input of a node that comes with each request.

    Attributes:
        node, name, kind: where and what it is.
        source: the output that it is connected to; None for one that only requests can fill.
    """

    node: str
    name: str
    kind: str
    source: Source | None

    def part(self, given: Frames, values: Frames) -> Part | None:
        """Give what the node gets: a table of the request, else the result of the node before it."""
        if (self.node, self.name) in given:
            return Part(self.name, "dataset", given[self.node, self.name])
        if self.source is None:
            return None
        value = values.get((self.source.node, self.source.port))
        return Part(self.name, self.kind, empty_frame() if value is None else value)


class Runtime:
    """One published version, loaded.

    Args:
        version: what answers.
        workspace: opened by this process: its workers and its store serve.
        children: processes for each node.
    """

    def __init__(self, version: ServiceVersion, workspace: Workspace, *, children: int = 2) -> None:
        self.version = version
        self.warnings: tuple[str, ...] = ()
        self._workspace, self._children = workspace, children
        self._ports = {frozen.node.name: _ports(frozen) for frozen in version.nodes}
        self._passed = {
            frozen.node.name: ends for frozen in version.nodes if (ends := _passing(frozen)) is not None
        }
        self._groups: dict[str, ChildGroup] = {}
        self._constants: dict[str, bytes] = {}
        self._running = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    async def start(self) -> None:
        """Load the nodes: afterwards a request is answered at once.

        Raises:
            StudioloError: a node can't be loaded, or its environment is not here.
        """
        for name, content in self.version.constants.items():
            self._constants[name] = await asyncio.to_thread(self._workspace.blobs.read, content.digest)
        warnings = []
        try:
            for frozen in self.version.nodes:
                if frozen.node.name in self._passed:
                    continue
                make, warning = await asyncio.to_thread(self._maker, frozen)
                warnings += [warning] if warning else []
                self._groups[frozen.node.name] = ChildGroup(make, self._children)
            await asyncio.gather(*(group.start() for group in self._groups.values()))
        except BaseException:
            self._end()
            raise
        self.warnings = tuple(dict.fromkeys(warnings))

    async def invoke(
        self,
        inputs: Mapping[str, bytes | memoryview],
        parameters: Mapping[str, Any],
        timeout_seconds: float,
        watcher: Watcher | None = None,
    ) -> Reply:
        """Answer one request.

        Args:
            inputs: a frame for each web-service input.
            parameters: values of web-service parameters; those left out have their default.
            timeout_seconds: for all of it, waiting included.
            watcher: is told of each node.

        Raises:
            Busy: too many wait.
            TimedOut: it took too long.
            StudioloError: what a node did wrong, with `where.node`.
        """
        self._running += 1
        self._is_idle.clear()
        try:
            return await self._invoke(inputs, parameters, timeout_seconds, watcher)
        finally:
            self._running -= 1
            if not self._running:
                self._is_idle.set()

    async def close(self, within_seconds: float = 30.0) -> None:
        """End the processes when the last request is answered, or the time is over."""
        try:
            await asyncio.wait_for(self._is_idle.wait(), within_seconds)
        except TimeoutError:
            pass
        self._end()

    def _end(self) -> None:
        for group in self._groups.values():
            group.close()

    async def _invoke(
        self,
        inputs: Mapping[str, bytes | memoryview],
        parameters: Mapping[str, Any],
        timeout_seconds: float,
        watcher: Watcher | None,
    ) -> Reply:
        began = time.monotonic()
        values: dict[tuple[str, str], bytes | memoryview] = {}
        given = {
            (port.at.node, port.at.port): inputs[name]
            for name, port in self.version.inputs.items()
            if name in inputs
        }
        set_on = self._parameters(parameters)
        logs = []
        for frozen in self.version.nodes:
            left = timeout_seconds - (time.monotonic() - began)
            name = frozen.node.name
            parts = [part for port in self._ports[name] if (part := port.part(given, values)) is not None]
            if watcher is not None:
                watcher.on_node(name)
            if name in self._passed:
                input, output = self._passed[name]
                values[name, output] = next(
                    (part.data for part in parts if part.name == input), empty_frame()
                )
                if watcher is not None:
                    watcher.on_log(name, b"")
                continue
            try:
                child = self._groups[name].take_free()
                if child is None:
                    async with asyncio.timeout(max(left, 0.001)):
                        child = await self._groups[name].take()
                left = timeout_seconds - (time.monotonic() - began)
                try:
                    called = await child.call(parts, set_on.get(name, {}), max(left, 0.001))
                finally:
                    if watcher is not None:
                        watcher.on_log(name, child.log)
            except TimeoutError:
                raise TimedOut(timeout_seconds) from None
            except StudioloError as error:
                raise error.at(node=name) from None
            logs.append(called.log)
            for port, data in called.outputs.items():
                values[name, port] = data
        return Reply(self._outputs(values), b"".join(logs), time.monotonic() - began)

    def _parameters(self, parameters: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Give node to parameter to value, defaults included."""
        found: dict[str, dict[str, Any]] = {}
        for name, parameter in self.version.parameters.items():
            if name in parameters or not parameter.is_required:
                value = parameters.get(name, parameter.default)
                found.setdefault(parameter.target.node, {})[parameter.target.parameter] = value
        return found

    def _outputs(self, values: Mapping[tuple[str, str], bytes | memoryview]) -> dict[str, bytes | memoryview]:
        found: dict[str, bytes | memoryview] = {}
        for name, port in self.version.outputs.items():
            value = self._constants.get(name) or values.get((port.at.node, port.at.port))
            found[name] = empty_frame() if value is None else value
        return found

    def _maker(
        self, frozen: FrozenNode
    ) -> tuple[Callable[[Callable[[ServingChild], None]], ServingChild], str]:
        """Give what starts a process for a node, and a warning about its environment."""
        environment, warning = environment_of(
            self._workspace.path, self.version.environments[frozen.environment]
        )
        declaration = Declaration.from_json(frozen.declaration)
        job = _job(frozen, declaration, environment.name)
        pool = self._workspace.pools.get(environment, declaration.preload)

        def make(on_change: Callable[[ServingChild], None]) -> ServingChild:
            state = self.version.state
            if state == FRESH and pool.facts().get("is_bare"):
                state = "once"
            return ServingChild(
                pool, serving_job(job, state, declaration.preload), frozen.node.limits, on_change
            )

        return make, warning


def _job(frozen: FrozenNode, declaration: Declaration, environment: str) -> Job:
    """Give the job of a node with the inputs that are the same for every request."""
    node = frozen.node
    inputs = [_input(name, content) for name, content in frozen.static.items()]
    if frozen.bundle is not None:
        inputs.append(_input("script_bundle", frozen.bundle))
    files = [
        blob_input(name, "file", content.size, path_in_store(content.digest))
        for name, (_, content) in frozen.files.items()
    ]
    source = Script(*frozen.source) if frozen.source is not None else None
    ingredients = Ingredients(node, declaration, tuple(inputs), tuple(files), source, environment)
    return build_job(ingredients)


def _input(name: str, content: Content) -> JobInput:
    return blob_input(name, content.kind, content.size, path_in_store(content.digest))


def _ports(frozen: FrozenNode) -> tuple[_Port, ...]:
    """Give the inputs of a node that come with each request: those of the service may be without a connection."""
    node = frozen.node
    types = {port["name"]: port["type"] for port in frozen.declaration["inputs"]} | dict(
        frozen.further_inputs
    )
    names = dict.fromkeys([*types, *node.inputs])
    return tuple(
        _Port(node.name, name, _kind(types.get(name)), node.inputs.get(name))
        for name in names
        if name not in frozen.static
    )


def _passing(frozen: FrozenNode) -> tuple[str, str] | None:
    """Give input and output between which a request's data go through a node unchanged, or None when it is run.

    It is run when only a parameter comes with requests: what it gives of the same data is then what counts.
    """
    if not frozen.declaration.get("passes_through"):
        return None
    ends = [
        next(port["name"] for port in frozen.declaration[side] if port["type"] == "dataset")
        for side in ("inputs", "outputs")
    ]
    return None if ends[0] in frozen.static else (ends[0], ends[1])


def _kind(type_: str | None) -> str:
    return type_ if type_ in ("dataset", "object", "zip") else "file"
