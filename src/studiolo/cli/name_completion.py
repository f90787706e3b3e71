"""Completes names of experiments, nodes, ports, parameters, datasets, services and runs for the shell; never fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from studiolo.workspace import Workspace

Names = Callable[["Workspace", click.Context, str], Iterator[str]]
Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem[Any]]"]


def _completer(names: Names) -> Completer:
    """Make a completer of what gives all names: opens the workspace, keeps those that begin as typed."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:
        from click.shell_completion import CompletionItem

        from studiolo.cli.invocation import Invocation

        try:
            root = ctx.find_root()
            invocation = root.obj if isinstance(root.obj, Invocation) else Invocation()
            if root.params.get("workspace"):
                from pathlib import Path

                invocation.folder = Path(root.params["workspace"])
            with invocation.open() as workspace:
                found = list(names(workspace, ctx, incomplete))
        except Exception:  # a broken file must not spoil the line that is being typed
            return []
        return [CompletionItem(name) for name in found if name.startswith(incomplete)]

    return complete


def _experiments(workspace: Workspace, ctx: click.Context, incomplete: str) -> Iterator[str]:
    yield from workspace.experiment_names()


def _nodes(workspace: Workspace, ctx: click.Context, incomplete: str) -> Iterator[str]:
    yield from workspace.experiment(_experiment_of(workspace, ctx)).nodes


def _places(workspace: Workspace, ctx: click.Context, incomplete: str) -> Iterator[str]:
    """Names an experiment first, then its nodes, then the ports that a node has in the latest run."""
    experiment, colon, rest = incomplete.partition(":")
    if not colon:
        yield from workspace.experiment_names()
        return
    node, dot, _ = rest.partition(".")
    if not dot:
        yield from (f"{experiment}:{name}" for name in workspace.experiment(experiment).nodes)
        return
    yield from (f"{experiment}:{node}.{port}" for port in workspace.find_node(experiment, node).outputs)


def _assignments(workspace: Workspace, ctx: click.Context, incomplete: str) -> Iterator[str]:
    experiment = workspace.experiment(_experiment_of(workspace, ctx))
    name, dot, _ = incomplete.partition(".")
    if not dot:
        yield from (f"{node}." for node in experiment.nodes)
        return
    module = workspace.registry.get(experiment.nodes[name].module)
    yield from (f"{name}.{parameter.name}=" for parameter in module.parameters)


def _datasets(workspace: Workspace, ctx: click.Context, incomplete: str) -> Iterator[str]:
    yield from (dataset.name for dataset, _ in workspace.datasets.list())


def _modules(workspace: Workspace, ctx: click.Context, incomplete: str) -> Iterator[str]:
    yield from workspace.registry.ids()


def _services(workspace: Workspace, ctx: click.Context, incomplete: str) -> Iterator[str]:
    yield from (service.name for service in workspace.metadata.services() if service.retired is None)


def _runs(workspace: Workspace, ctx: click.Context, incomplete: str) -> Iterator[str]:
    yield from (str(run.number) for run in workspace.runs(limit=20))


def _running(workspace: Workspace, ctx: click.Context, incomplete: str) -> Iterator[str]:
    yield from (str(run.number) for run in workspace.runs() if run.state == "running")


def _runs_and_experiments(workspace: Workspace, ctx: click.Context, incomplete: str) -> Iterator[str]:
    yield from _places(workspace, ctx, incomplete)
    if incomplete:
        yield from _runs(workspace, ctx, incomplete)


def _experiment_of(workspace: Workspace, ctx: click.Context) -> str:
    """Give the experiment that stands on the line already: its name, or the number of one of its runs."""
    # Behind an option that still waits for its value click leaves the arguments unread.
    unread = next(iter(ctx.args), "")
    word = str(ctx.params.get("experiment") or ctx.params.get("what") or unread)
    if word.isdigit() and word not in workspace.experiment_names():
        return workspace.result(int(word)).experiment
    if not word and len(workspace.experiment_names()) == 1:
        return workspace.experiment_names()[0]
    return word


complete_experiment = _completer(_experiments)
complete_node = _completer(_nodes)
complete_place = _completer(_places)
complete_assignment = _completer(_assignments)
complete_dataset = _completer(_datasets)
complete_module = _completer(_modules)
complete_service = _completer(_services)
complete_run = _completer(_runs)
complete_running = _completer(_running)
complete_run_or_experiment = _completer(_runs_and_experiments)
