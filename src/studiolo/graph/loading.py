"""Takes an experiment from its folder to a checked one in a single call, with all problems in one error."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from studiolo.domain.experiment import Experiment
from studiolo.errors import Problems
from studiolo.graph.places import by_line
from studiolo.graph.reading import parse_experiment
from studiolo.graph.resolving import Declarations, Resolution, resolve
from studiolo.graph.validation import Surroundings, validate
from studiolo.graph.web_service_names import with_web_service


def load_experiment(
    folder: Path,
    workspace: Path,
    declarations: Declarations,
    around: Surroundings | None = None,
    nodes: Collection[str] | None = None,
) -> Resolution:
    """Read, resolve and check the experiment in `folder`.

    Args:
        folder: the folder that holds `experiment.yaml`.
        workspace: the workspace's folder.
        declarations: the modules that exist, such as a `Registry`.
        around: what it is checked against; the workspace is filled in when absent.
        nodes: as in `validate`.

    Raises:
        Problems: everything wrong in the file and in the graph, by line.
    """
    around = around or Surroundings(workspace=workspace)
    reading = parse_experiment(folder, workspace)
    resolution = with_web_service(resolve(reading.experiment, declarations, reading.places))
    problems = [*reading.problems, *validate(resolution, around, nodes)]
    if problems:
        raise Problems(by_line(problems))
    return resolution


def check_experiment(
    experiment: Experiment,
    declarations: Declarations,
    around: Surroundings | None = None,
    nodes: Collection[str] | None = None,
) -> Resolution:
    """Resolve and check an experiment that was built in Python, as `load_experiment` does with files.

    Raises:
        Problems: everything wrong in the graph.
    """
    resolution = with_web_service(resolve(experiment, declarations))
    problems = validate(resolution, around, nodes)
    if problems:
        raise Problems(problems)
    return resolution
