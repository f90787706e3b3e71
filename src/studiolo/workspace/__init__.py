"""The public face of studiolo for programs: `Workspace`, `Experiment`, runs and their results."""

from studiolo.workspace.experiment import Experiment
from studiolo.workspace.output import Output
from studiolo.workspace.results import NodeResult, RunResult
from studiolo.workspace.workspace import Workspace

__all__ = ["Experiment", "NodeResult", "Output", "RunResult", "Workspace"]
