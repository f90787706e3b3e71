"""Benchmark `chain`: 50 trivial nodes in a row, per node, in process and as a whole command, beside other tools."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.chain_workspace import NODES, ChainWorkspace
from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.peer_chains import PEERS, Peer, install_peers, run_peer
from benchmarks.places import HERE, plain_environment, run_command, scratch_folder
from benchmarks.samples import Samples, round_robin

FRESH_NODES = 5
FRESH = "fresh Python a node, Parquet"


def measure(options: Options) -> list[Figure]:
    """Time the chain after an edit of its first script, so that every node runs, is stored and recorded."""
    with scratch_folder("chain") as folder:
        warm = ChainWorkspace(folder / "warm")
        cold = ChainWorkspace(folder / "cold")
        contestants: dict[str, Callable[[], float]] = {
            "run": partial(_run, warm),
            "command": partial(_command, cold),
            FRESH: partial(_fresh_nodes, folder),
        }
        if options.has_peers:
            python = install_peers()
            for peer in PEERS:
                place = folder / f"{peer.program}-{peer.mode}"
                contestants[f"{peer.name}: run"] = partial(_peer_run, python, peer, place)
                contestants[f"{peer.name}: command"] = partial(_peer_command, python, peer, place)
        with warm.workspace, cold.workspace:
            samples = round_robin(contestants, options.rounds(4), label="chain")
    names = [peer.name for peer in PEERS] if options.has_peers else []
    return _figures(samples, names)


def _figures(samples: dict[str, Samples], peers: list[str]) -> list[Figure]:
    a_node = {name: values.scaled(1000 / NODES) for name, values in samples.items()}
    a_node[FRESH] = samples[FRESH].scaled(1000 / FRESH_NODES)
    figures = [Figure("chain", "a node, warm in process", "ms", a_node["run"], FRESH, a_node[FRESH], 8)]
    for name in peers:
        figures.append(
            Figure("chain", "a node, warm in process", "ms", a_node["run"], name, a_node[f"{name}: run"])
        )
    if not peers:
        return [*figures, Figure("chain", "the whole command", "s", samples["command"])]
    for name in peers:
        theirs = samples[f"{name}: command"]
        figures.append(Figure("chain", "the whole command", "s", samples["command"], name, theirs))
    return figures


def _run(chain: ChainWorkspace) -> float:
    expected = chain.edit()
    seconds = chain.run("finished")
    _expect(chain, expected)
    return seconds


def _command(chain: ChainWorkspace) -> float:
    expected = chain.edit()
    seconds = chain.run_command()
    _expect(chain, expected)
    return seconds


def _expect(chain: ChainWorkspace, expected: float) -> None:
    value = chain.last_value()
    if value != expected:
        raise RuntimeError(f"the chain computed {value} instead of {expected}")


def _fresh_nodes(folder: Path) -> float:
    """Run a few nodes as programs of their own; give their seconds."""
    program, table = str(HERE / "fresh_python.py"), str(folder / "fresh.parquet")
    first, step = str(HERE / "steps" / "first.py"), str(HERE / "steps" / "step.py")
    environment = plain_environment(folder)
    seconds = run_command([sys.executable, program, first, table], environment)[0]
    for _ in range(FRESH_NODES - 1):
        seconds += run_command([sys.executable, program, step, table, table], environment)[0]
    return seconds


def _peer_run(python: str, peer: Peer, folder: Path) -> float:
    """Give the seconds of the second run in one process: the first one still imports."""
    return run_peer(python, peer, NODES, 2, folder)[1][1]


def _peer_command(python: str, peer: Peer, folder: Path) -> float:
    return run_peer(python, peer, NODES, 1, folder)[0]
