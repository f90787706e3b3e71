"""The chain as a workspace: 50 script nodes, one after the other, on a table of 100 rows."""

from __future__ import annotations

import itertools
from pathlib import Path

from benchmarks.places import HERE
from studiolo.workspace import Workspace

NODES = 50
NAME = "chain"
FIRST = (HERE / "steps" / "first.py").read_text()
STEP = (HERE / "steps" / "step.py").read_text()


class ChainWorkspace:
    """A workspace with the chain in it, and a way to make all of its nodes run anew."""

    def __init__(self, folder: Path, nodes: int = NODES) -> None:
        self.workspace = Workspace.create(folder)
        self._starts = itertools.count(1)
        experiment = self.workspace.experiment_class(NAME) if False else _experiment(self.workspace)
        experiment.add("node01", script=FIRST)
        for number in range(2, nodes + 1):
            source = f"node{number - 1:02d}.result_dataset"
            experiment.add(f"node{number:02d}", script=STEP, dataset1=source)
        experiment.save()
