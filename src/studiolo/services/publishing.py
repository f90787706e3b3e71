"""Publishes an experiment: runs what is not known yet, and freezes what the run left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studiolo.domain.service import ServiceVersion, WebService
from studiolo.errors import Problems, UserError
from studiolo.graph.experiment_json import experiment_from_json
from studiolo.graph.loading import load_experiment
from studiolo.graph.reading import experiment_folder, parse_experiment
from studiolo.graph.resolving import Resolution, resolve
from studiolo.graph.web_service_names import with_web_service
from studiolo.services.freezing import Freezer
from studiolo.services.frozen_parameters import lacking_keywords
from studiolo.services.pruning import prune

if TYPE_CHECKING:
    from studiolo.scheduler.leaving import Leash
    from studiolo.scheduler.progress import Listener
    from studiolo.workspace import RunResult, Workspace


def run_to_publish(
    workspace: Workspace, name: str, listener: Listener | None = None, leash: Leash | None = None
) -> RunResult:
    """Run what the web service of an experiment needs; what is known already is reused. A failed node does not raise.

    Args:
        workspace: opened.
        name: of the experiment.
        listener: is told of the run.
        leash: lets another thread leave it unfinished.

    Raises:
        UserError: `no-web-service`, `unknown-experiment`.
        Problems: everything that keeps it from being run or published; nothing has run then.
    """
    folder = experiment_folder(workspace.path, name)
    resolution = load_experiment(folder, workspace.path, workspace.registry, workspace.surroundings())
    prune(resolution)
    offered = resolution.experiment.web_service
    assert offered is not None
    ends = {source.node for source in offered.outputs.values()}
    result = workspace.run(name, to=ends, listener=listener, leash=leash)
    if not result.is_ok:
        return result
    rows = {node: one.node_run for node, one in result.nodes.items()}
    lacking = lacking_keywords(offered.parameters, resolution.experiment, resolution.declared, rows)
    if not lacking:
        return result
    return workspace.run(name, to=ends, force=lacking, listener=listener, leash=leash)


def freeze(
    workspace: Workspace, name: str, run: int, service: str, state: str, has_sample: bool
) -> ServiceVersion:
    """Give what a run left as a version of a service, without a number yet.

    Args:
        workspace: opened.
        name: of the experiment.
        run: number of one of its runs.
        service: name of the service.
        state: `fresh` or `kept`.
        has_sample: take rows and categories of inputs and outputs into the version.

    Raises:
        UserError: `unknown-run`, `wrong-run`, `no-web-service`, `missing-content`.
        Problems: `missing-output`, `changed-since-run`, `cannot-publish` and what is wrong with the section.
    """
    result = workspace.result(run)
    if result.experiment != name and result.experiment != experiment_folder(workspace.path, name).name:
        raise UserError(
            "wrong-run",
            f"Run {run} is one of the experiment {result.experiment}, not of {name}.",
            f"studiolo runs {name} lists its runs.",
        )
    resolution = _as_it_ran(workspace, result)
    pruned = prune(resolution)
    freezer = Freezer(workspace, resolution, pruned, result)
    return freezer.version(service, state=state, has_sample=has_sample)


def _as_it_ran(workspace: Workspace, result: RunResult) -> Resolution:
    """Give the experiment of a run, with the section `web_service` of its file now.

    An experiment often gets its section after the run that is to be published.
    """
    experiment = experiment_from_json(result.run.snapshot["experiment"])
    offered = _section_now(workspace, result.experiment) or experiment.web_service
    experiment = replace(experiment, web_service=offered)
    resolution = with_web_service(resolve(experiment, workspace.registry))
    if resolution.problems:
        raise Problems(resolution.problems)
    return resolution


def _section_now(workspace: Workspace, name: str) -> WebService | None:
    try:
        folder = experiment_folder(workspace.path, name)
    except UserError:
        return None
    return parse_experiment(folder, workspace.path).experiment.web_service
