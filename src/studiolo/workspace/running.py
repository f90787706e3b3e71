"""Runs an experiment from its files to its rows: check, choose, continue what was interrupted, dispatch."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Experiment, Node, Source
from studiolo.domain.run import NodeRun, Run
from studiolo.environments import Environment
from studiolo.errors import Problems, StudioloError, UserError
from studiolo.graph.editing import set_from_text
from studiolo.graph.loading import check_experiment
from studiolo.graph.parameters import is_target
from studiolo.graph.resolving import Resolution, further_inputs
from studiolo.graph.validation import bundle_port
from studiolo.scheduler.bundles import read_bundle
from studiolo.scheduler.checking import ScriptToCheck, check_scripts
from studiolo.scheduler.dispatcher import Dispatcher, RunOrder
from studiolo.scheduler.executors.local import LocalExecutor
from studiolo.scheduler.leaving import Leash
from studiolo.scheduler.outputs import HeldOutput
from studiolo.scheduler.plan import Selection, given_outputs, make_plan, select
from studiolo.scheduler.preloading import wanted_libraries
from studiolo.scheduler.progress import Listener, NodeEnded, RunEnded, RunStarted
from studiolo.scheduler.telling import Telling
from studiolo.workspace.answering import answering
from studiolo.workspace.locks import LifeLock, numbering
from studiolo.workspace.node_environments import node_environments

if TYPE_CHECKING:
    from studiolo.workspace.workspace import Workspace

ENDED_WELL = ("finished", "reused")
LOOK_BACK = 200  # runs searched for the outputs of nodes that do not run


@dataclass(frozen=True)
class Wish:
    """What somebody asked to run.

    Attributes:
        to: these nodes and all before them.
        start: these nodes and all behind them.
        only: these nodes alone.
        settings: `node.parameter=value`, as texts.
        force: run all, or these, although their results could be reused.
    """

    to: Collection[str] = ()
    start: Collection[str] = ()
    only: Collection[str] = ()
    settings: Collection[str] = ()
    force: bool | Collection[str] = False


def run_experiment(
    workspace: Workspace,
    resolution: Resolution,
    wish: Wish,
    listener: Listener,
    leash: Leash | None = None,
) -> int:
    """Run an experiment and give the number of the run. A failed node does not raise.

    What `listener` raises is raised again when the run is over; it is not told of later steps.

    Raises:
        Problems: what is wrong with the experiment or its scripts; nothing has run then.
        UserError: the wish can't be met.
        WorkerError: `jail-refused`.
        RunLeftError: `leash` was let go; the run stays unfinished.
    """
    resolution = _with_settings(workspace, resolution, wish.settings)
    experiment, declared = resolution.experiment, resolution.declared
    selection = select(experiment, to=wish.to, start=wish.start, only=wish.only, force=wish.force)
    nodes = [experiment.nodes[name] for name in selection.run]
    told = Telling(listener)
    environments = node_environments(workspace, experiment, nodes, told)
    preload = wanted_libraries((node, declared[node.name]) for node in nodes)
    executor = LocalExecutor(workspace.pools, preload)
    problems = missing_datasets(workspace, nodes)
    problems += script_problems(workspace, resolution, nodes, environments, executor)
    if problems:
        raise Problems(problems)
    given = _given(workspace, experiment, selection)
    snapshot = {
        "experiment": asdict(experiment),
        "nodes": list(selection.run),
        "forced": sorted(selection.forced),
    }
    with _numbered_run(workspace, experiment.name, snapshot, selection.run) as (run, done):
        order = _order(workspace, resolution, selection, run, done, environments, given)
        told(RunStarted(run.number, experiment.name, selection.run, len(done) or None))
        for node_run in done:
            told(NodeEnded(node_run))
        places = workspace.places
        dispatcher = Dispatcher(
            order, places.root, places.runs, workspace.blobs, workspace.metadata, executor, told
        )
        if leash is not None:
            leash.take(dispatcher.leave)
        began = time.monotonic()
        with _cancelling(dispatcher.cancel):
            state = dispatcher.run()
        workspace.metadata.finish_run(run.number, state, time.time())
        told(RunEnded(run.number, state, time.monotonic() - began))
    told.raise_fault()
    return run.number


def _order(
    workspace: Workspace,
    resolution: Resolution,
    selection: Selection,
    run: Run,
    done: list[NodeRun],
    environments: Mapping[str, Environment],
    given: dict[Source, HeldOutput],
) -> RunOrder:
    """Lay down a run for the dispatcher; what an interrupted attempt has finished is given, not run again."""
    for node_run in done:
        for port, content in node_run.outputs.items():
            given[Source(node_run.node, port)] = HeldOutput(content, node_run.shapes.get(port))
    experiment, declared = resolution.experiment, resolution.declared
    sources = {name: workspace.registry.source(experiment.nodes[name].module) for name in selection.run}
    plan = make_plan(
        experiment,
        selection,
        slots=workspace.settings.slots or workspace.processors,
        memory_mb=workspace.settings.memory_mb or workspace.memory_mb,
        unsafe=[name for name in selection.run if is_target(declared[name])],
        done=[node_run.node for node_run in done],
    )
    known = {name: source for name, source in sources.items() if source is not None}
    forced, network = selection.forced, workspace.settings.grants.network
    asks = answering(workspace, experiment.name, run.number)
    facts = (run.number, experiment, plan, declared, environments, known, given, forced, asks, network)
    return RunOrder(*facts, workspace.secrets.values)


def missing_datasets(workspace: Workspace, nodes: Collection[Node]) -> list[StudioloError]:
    """Give an error for each node that names a registered dataset which is not there."""
    problems: list[StudioloError] = []
    for node in nodes:
        name, version = node.parameters.get("name"), node.parameters.get("version")
        if node.module == "dataset" and name and workspace.metadata.dataset(str(name), version) is None:
            problem = workspace.metadata.missing_dataset(str(name), version)
            problems.append(problem.at(node=node.name, parameter="name"))
    return problems


def script_problems(
    workspace: Workspace,
    resolution: Resolution,
    nodes: Collection[Node],
    environments: Mapping[str, Environment],
    executor: LocalExecutor,
) -> list[StudioloError]:
    """Give what is wrong with the scripts of `nodes`, found in the jail without running them (R-1.8)."""
    scripts = []
    for node in nodes:
        declaration = resolution.declared[node.name]
        if node.script is None or declaration.runner != "script":  # others are not in Python
            continue
        port = bundle_port(declaration)
        bundle = None
        if node.bundle is not None:
            try:
                bundle = read_bundle(node.bundle, workspace.places.root, workspace.blobs, workspace.metadata)
            except UserError as error:
                return [error.at(node=node.name)]
        is_connected = port is not None and port.name in node.inputs
        declared = {parameter.name for parameter in declaration.parameters}
        own = tuple(sorted({*node.parameters, *_set_by_requests(resolution, node)} - declared))
        further, ports = further_inputs(node, declaration), tuple(port.name for port in declaration.inputs)
        scripts.append(
            ScriptToCheck(node, environments[node.name], bundle, is_connected, own, further, ports)
        )
    return check_scripts(scripts, workspace.metadata, executor.run, resolution.experiment.folder)


def _set_by_requests(resolution: Resolution, node: Node) -> set[str]:
    """Give the parameters of a node that requests to a web service may set: its script has to take them."""
    offered = resolution.experiment.web_service
    targets = offered.parameters.values() if offered is not None else ()
    return {target.parameter for target in targets if target.node == node.name}


def _with_settings(workspace: Workspace, resolution: Resolution, settings: Collection[str]) -> Resolution:
    if not settings:
        return resolution
    experiment = resolution.experiment
    for setting in settings:
        experiment = set_from_text(experiment, setting, resolution.declared)
    return check_experiment(experiment, workspace.registry, workspace.surroundings())


def _given(workspace: Workspace, experiment: Experiment, selection: Selection) -> dict[Source, HeldOutput]:
    """Find the outputs of nodes that do not run in their newest finished runs."""
    wanted = {source.node for source in selection.needed}
    found: dict[str, NodeRun] = {}
    if wanted:
        for run in workspace.metadata.runs(experiment.name, limit=LOOK_BACK):
            for node in wanted - set(found):
                node_run = workspace.metadata.node_run(run.number, node)
                if node_run is not None and node_run.state in ENDED_WELL and _is_kept(workspace, node_run):
                    found[node] = node_run
            if len(found) == len(wanted):
                break
    earlier: dict[str, Mapping[str, Content]] = {name: node_run.outputs for name, node_run in found.items()}
    contents = given_outputs(experiment, selection, earlier)
    return {
        source: HeldOutput(content, found[source.node].shapes.get(source.port))
        for source, content in contents.items()
    }


def _is_kept(workspace: Workspace, node_run: NodeRun) -> bool:
    return all(workspace.blobs.keep(content.digest, content.size) for content in node_run.outputs.values())


@contextmanager
def _numbered_run(
    workspace: Workspace, experiment: str, snapshot: dict[str, Any], names: Collection[str]
) -> Iterator[tuple[Run, list[NodeRun]]]:
    """Give the run's row, locked: a new one, or an interrupted one of the same work with what it has finished."""
    metadata, runs = workspace.metadata, workspace.places.runs
    with numbering(runs):
        _bury(workspace, experiment)
        run = metadata.latest_run(experiment)
        done: list[NodeRun] = []
        if run is not None and run.state == "interrupted" and _same_work(run.snapshot, snapshot):
            metadata.resume_run(run.number)
            run = replace(run, state="running", ended=None)
            done = [
                node_run
                for node_run in metadata.node_runs(run.number)
                if node_run.state in ENDED_WELL and _is_kept(workspace, node_run)
            ]
        else:
            started = time.time()
            number = metadata.create_run(experiment, snapshot, started)
            metadata.put_node_runs([NodeRun(number, name, "waiting") for name in names])
            run = Run(number, experiment, "running", started, None, snapshot)
        lock = LifeLock(runs, run.number)
        lock.take()
    try:
        yield run, done
    finally:
        lock.release()


def _same_work(before: Mapping[str, Any], now: dict[str, Any]) -> bool:
    def plain(value: Any) -> str:
        return json.dumps(value, sort_keys=True)

    return plain(before) == plain(now)


def bury_dead_runs(workspace: Workspace, experiment: str | None = None) -> None:
    """Mark runs as interrupted whose host has died without ending them."""
    if workspace.metadata.running_runs(experiment):
        with numbering(
            workspace.places.runs
        ):  # a run that begins this moment has a row, and not yet its lock
            _bury(workspace, experiment)


def _bury(workspace: Workspace, experiment: str | None) -> None:
    for run in workspace.metadata.running_runs(experiment):
        lock = LifeLock(workspace.places.runs, run.number)
        if lock.take():
            workspace.metadata.mark_interrupted(run.number)
            lock.release()


@contextmanager
def _cancelling(cancel: Callable[[], None]) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM cancel the run and the second one end the program as usual."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    def on_signal(number: int, frame: object) -> None:
        restore()
        cancel()

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        restore()
