"""Facts about the connections of an experiment: cycles, nodes without any, order, two into one input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studiolo.domain.experiment import Experiment
from studiolo.errors import UserError, Where


def two_connections(node: str, port: str, where: Where) -> UserError:
    """Give the error for a second connection into an input."""
    return UserError(
        "two-connections",
        f'The input "{port}" of node {node} has two connections; an input takes one.',
        "Connect the second one to another input, or join the two in a node before.",
        where,
    )


def in_order(experiment: Experiment) -> list[str]:
    """Give the names of the nodes, each after all nodes whose outputs it uses, else in the file's order.

    Nodes on a cycle and those behind one are absent.
    """
    waiting = {name: set(_upstream(experiment, name)) for name in experiment.nodes}
    users: dict[str, list[str]] = {name: [] for name in experiment.nodes}
    for name, sources in waiting.items():
        for source in sources:
            users[source].append(name)
    order = [name for name, sources in waiting.items() if not sources]
    for name in order:
        for user in users[name]:
            waiting[user].discard(name)
            if not waiting[user]:
                order.append(user)
    return order


def reached(start: Iterable[str], neighbours: Mapping[str, Iterable[str]]) -> set[str]:
    """Give `start` and every node that is reached from it.

    Args:
        start: names of nodes.
        neighbours: node to the nodes that one gets to from it.
    """
    found = set(start)
    waiting = list(found)
    while waiting:
        new = set(neighbours[waiting.pop()]) - found
        found |= new
        waiting += new
    return found


def users(upstream: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Turn connections round: node to the nodes that use its outputs, from node to those whose outputs it uses."""
    found: dict[str, set[str]] = {name: set() for name in upstream}
    for name, sources in upstream.items():
        for source in sources:
            found[source].add(name)
    return found


def cycles(experiment: Experiment) -> list[list[str]]:
    """Give cycles, each as node names in the direction of the data, beginning with the first in the file.

    Each node is in at most one of them; removing one connection of each and asking again finds the rest.
    """
    sound = set(in_order(experiment))
    left = {name: None for name in experiment.nodes if name not in sound}
    found = []
    while left:
        trail: dict[str, None] = {}
        name = next(iter(left))
        while name not in trail:
            trail[name] = None
            upstream = [source for source in _upstream(experiment, name) if source in left]
            if not upstream:
                break
            name = upstream[0]
        else:
            walked = list(trail)
            cycle = walked[walked.index(name) :][::-1]
            first = min(cycle, key=list(experiment.nodes).index)
            start = cycle.index(first)
            found.append(cycle[start:] + cycle[:start])
        for name in trail:
            del left[name]
    return found


def isolated_nodes(experiment: Experiment) -> tuple[str, ...]:
    """Give the nodes that no connection joins to another, when there are others; they run all the same."""
    if len(experiment.nodes) < 2:
        return ()
    joined: set[str] = set()
    for name in experiment.nodes:
        upstream = _upstream(experiment, name)
        joined.update(upstream, (name,) if upstream else ())
    return tuple(name for name in experiment.nodes if name not in joined)


def _upstream(experiment: Experiment, name: str) -> list[str]:
    return [source for source in experiment.upstream(name) if source in experiment.nodes]
