"""Chooses which nodes of an experiment run, and lays down what the state machine needs to know of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Experiment, Source
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import Problems, UserError, Where
from studiolo.graph.connections import reached, users


@dataclass(frozen=True)
class PlannedNode:
    """A node of a run as the state machine sees it.

    Attributes:
        name: its name.
        upstream: the nodes of the same plan whose outputs it uses, each once.
        memory_mb: memory that its job declares, MiB.
        is_safe: its job may run twice: it changes nothing outside its outputs.
    """

    name: str
    upstream: tuple[str, ...] = ()
    memory_mb: int = 0
    is_safe: bool = True


@dataclass(frozen=True)
class Plan:
    """The nodes of a run and what may run at once.

    Attributes:
        nodes: in the experiment's order; without cycles.
        slots: jobs at once, at least 1.
        memory_mb: memory that the jobs at once may declare together, MiB; a larger one runs alone.
        done: nodes that ended well before the host was killed; they are not run again.
    """

    nodes: tuple[PlannedNode, ...]
    slots: int = 1
    memory_mb: int = 1_000_000
    done: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Selection:
    """The part of an experiment that runs.

    Attributes:
        run: names of the nodes that run, in the experiment's order.
        needed: outputs of other nodes that they use; earlier runs must have left them.
        forced: names of the nodes that run although their result could be reused.
    """

    run: tuple[str, ...]
    needed: tuple[Source, ...] = ()
    forced: frozenset[str] = frozenset()


def select(
    experiment: Experiment,
    *,
    to: Collection[str] = (),
    start: Collection[str] = (),
    only: Collection[str] = (),
    force: bool | Collection[str] = False,
) -> Selection:
    """Choose the nodes that run.

    Args:
        experiment: resolved.
        to: these nodes and all before them.
        start: these nodes and all behind them (`--from`); together with `to` those on the way between.
        only: these nodes alone; `to` and `start` must be empty then.
        force: True for all nodes that run, or the names of some.

    Raises:
        UserError: `unknown-node`; `nothing-to-run` when the experiment is empty or no way leads from `start`
            to `to`; `wrong-selection` when `only` is given with one of these.
    """
    forced = () if isinstance(force, bool) else tuple(force)
    for name in (*to, *start, *only, *forced):
        if name not in experiment.nodes:
            hint = did_you_mean(name, experiment.nodes, "node")
            raise UserError("unknown-node", f'The experiment {experiment.name} has no node "{name}".', hint)
    if only and (to or start):
        raise UserError("wrong-selection", "--only stands with --to or --from.", "Use --only alone.")
    chosen = set(only or experiment.nodes)
    if to:
        chosen &= reached(to, _upstream(experiment))
    if start:
        chosen &= reached(start, users(_upstream(experiment)))
    if not chosen:
        raise _nothing(experiment, to, start)
    run = tuple(name for name in experiment.nodes if name in chosen)
    sources = (source for name in run for source in experiment.nodes[name].inputs.values())
    needed = tuple(dict.fromkeys(source for source in sources if source.node not in chosen))
    return Selection(run, needed, frozenset(run if force is True else forced))


def given_outputs(
    experiment: Experiment, selection: Selection, earlier: Mapping[str, Mapping[str, Content]]
) -> dict[Source, Content]:
    """Give the content of the outputs that a selection needs from earlier runs.

    Args:
        experiment: the same as for `select`.
        selection: what `select` gave.
        earlier: node to its latest outputs by port; nodes without a finished run are absent.

    Raises:
        Problems: `missing-output` for each that is not there, with the command that makes it.
    """
    problems, given = [], {}
    for source in selection.needed:
        content = earlier.get(source.node, {}).get(source.port)
        if content is not None:
            given[source] = content
            continue
        if source.node in earlier:
            summary = f'The latest run of node {source.node} left no output "{source.port}".'
        else:
            summary = f"Node {source.node} does not run and has no earlier output to use."
        command = f"studiolo run {_quoted(experiment.name)} --to {_quoted(source.node)}"
        where = Where(node=source.node, port=source.port)
        problems.append(UserError("missing-output", summary, f"Make it first: {command}", where))
    if problems:
        raise Problems(problems)
    return given


def make_plan(
    experiment: Experiment,
    selection: Selection,
    *,
    slots: int,
    memory_mb: int,
    unsafe: Collection[str] = (),
    done: Iterable[str] = (),
) -> Plan:
    """Lay down a selection for the state machine.

    Args:
        experiment: the same as for `select`.
        selection: what `select` gave.
        slots: jobs at once.
        memory_mb: memory that jobs at once may declare together, MiB.
        unsafe: nodes whose job must not run twice.
        done: nodes that ended well in this run before the host was killed. One counts only when all the
            nodes before it do: the others may give something else now.
    """
    chosen = set(selection.run)
    ended = chosen.intersection(done)
    waiting = reached(chosen - ended, users(_upstream(experiment)))
    nodes = []
    for name in selection.run:
        upstream = tuple(source for source in experiment.upstream(name) if source in chosen)
        memory = experiment.nodes[name].limits.memory_mb
        nodes.append(PlannedNode(name, upstream, memory, name not in unsafe))
    return Plan(tuple(nodes), max(1, slots), memory_mb, frozenset(ended - waiting))


def _upstream(experiment: Experiment) -> dict[str, list[str]]:
    return {name: list(experiment.upstream(name)) for name in experiment.nodes}


def _nothing(experiment: Experiment, to: Collection[str], start: Collection[str]) -> UserError:
    if not experiment.nodes:
        return UserError(
            "nothing-to-run", f"The experiment {experiment.name} has no nodes.", "Add one under nodes:."
        )
    summary = f"No connections lead from {', '.join(start)} to {', '.join(to)}."
    return UserError("nothing-to-run", summary, "Turn the two around, or give only one of --from and --to.")


def _quoted(name: str) -> str:
    return (
        name if name.replace("-", "").replace("_", "").isalnum() else "'" + name.replace("'", "'\\''") + "'"
    )
