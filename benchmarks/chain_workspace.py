"""The chain as a workspace: 50 script nodes, one after the other, on a table of 100 rows."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from benchmarks.places import HERE, STUDIOLO, plain_environment, run_command
from studiolo import Experiment, Workspace

NODES = 50
NAME = "chain"
FIRST = (HERE / "steps" / "first.py").read_text()
STEP = (HERE / "steps" / "step.py").read_text()


class ChainWorkspace:
    """A workspace with the chain in it. Its first script can be edited, so that all nodes have to run anew.

    Args:
        folder: of the new workspace.
        nodes: length of the chain.
    """

    def __init__(self, folder: Path, nodes: int = NODES) -> None:
        self.workspace = Workspace.create(folder)
        self.nodes = nodes
        self.home = folder
        self._starts = itertools.count(1)
        self._experiment = Experiment(self.workspace, NAME)
        self._experiment.add("node01", script=FIRST)
        for number in range(2, nodes + 1):
            source = f"node{number - 1:02d}.result_dataset"
            self._experiment.add(f"node{number:02d}", script=STEP, dataset1=source)
        self._experiment.save()

    def edit(self) -> float:
        """Change a number in the first script; give what the last node's column `b` must be then.

        The numbers lie far apart: a node that adds one to a table seen before would be reused, wherever it stands.
        """
        start = next(self._starts) * 1000
        self._experiment.set_script("node01", FIRST.replace("START = 0", f"START = {start}")).save()
        return start + 0.5 + self.nodes - 1

    def run(self, state: str) -> float:
        """Run the chain in this process; give its wall time in seconds.

        Raises:
            RuntimeError: a node's state is not `state`.
        """
        began = time.perf_counter()
        result = self.workspace.run(NAME)
        seconds = time.perf_counter() - began
        states = {node.state for node in result.nodes.values()}
        if states != {state}:
            raise RuntimeError(f"the nodes of the chain are {', '.join(sorted(states))}, not {state}")
        return seconds

    def last_value(self) -> float:
        """Give column `b` of the last node in its newest run."""
        result = self.workspace.latest(NAME)
        assert result is not None
        return float(result[f"node{self.nodes:02d}"].result_dataset.head(1)[0]["b"])

    def run_command(self) -> float:
        """Run `studiolo run chain`; give its wall time in seconds."""
        command = [STUDIOLO, "--workspace", str(self.workspace.path), "run", NAME]
        return run_command(command, plain_environment(self.home))[0]
