"""`studiolo init` and `studiolo new`: a workspace and an experiment to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from studiolo.cli.invocation import Invocation
from studiolo.cli.outcome import quoted
from studiolo.cli.screen import Screen
from studiolo.cli.sections import StudioloCommand


@click.command(
    "init",
    cls=StudioloCommand,
    arguments=[("DIR", "The folder, made when it is missing; by default this one.")],
    examples=[("studiolo init", "this folder"), ("studiolo init study --name 'My study'", "a new one")],
)
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False))
@click.option("--name", metavar="NAME", help="What people call it; the folder's name when not given.")
@click.pass_obj
def init(invocation: Invocation, folder: str | None, name: str | None) -> None:
    """Make a folder a workspace. Files that are there stay as they are."""
    from studiolo.workspace import Workspace

    chosen = Path(folder) if folder is not None else invocation.folder or Path()
    with Workspace.create(chosen, name) as workspace:
        invocation.out.line(f"{workspace.path} is a workspace now.")
    lines = []
    if chosen.resolve() != Path.cwd():
        lines.append((f"cd {quoted(str(chosen))}", ""))
    lines.append(("studiolo new NAME", "makes an experiment with one script"))
    lines.append(("studiolo dataset add FILE", "keeps a table under a name"))
    _next(invocation.out, lines)


@click.command(
    "new",
    cls=StudioloCommand,
    arguments=[("NAME", "Name of the experiment and of its folder.")],
    examples=[("studiolo new churn", "makes experiments/churn")],
)
@click.argument("name")
@click.option("--title", metavar="TITLE", help="What people read; the name when not given.")
@click.pass_obj
def new(invocation: Invocation, name: str, title: str | None) -> None:
    """Make an experiment with one Execute Python Script node, whose script is a template with comments."""
    with invocation.open() as workspace:
        experiment = workspace.new_experiment(name, title)
        folder = experiment.graph.folder
        scripts = [node.script.file for node in experiment.nodes.values() if node.script is not None]
    invocation.out.line(f"Made the experiment {name} in {folder}.")
    lines = [(f"{folder}/experiment.yaml", "the nodes and what is connected to what")]
    lines += [(f"{folder}/{script}", "the script: edit it in any editor") for script in scripts]
    lines.append((f"studiolo run {quoted(name)}", "runs it"))
    _next(invocation.out, lines)


def _next(screen: Screen, lines: list[tuple[str, str]]) -> None:
    screen.line()
    screen.line("Next:", "bold")
    longest = max(len(line) for line, words in lines if words)
    for line, words in lines:
        is_wide = bool(words) and longest + len(words) + 5 < screen.width
        screen.line(
            f"  {line:<{longest}}  {screen.styled(words, 'dim')}".rstrip() if is_wide else f"  {line}"
        )
