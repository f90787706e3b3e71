"""`studiolo env`: the environments that scripts run in, ready-made ones and those of the workspace."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studiolo.cli.build_lines import BuildLines
from studiolo.cli.invocation import Invocation
from studiolo.cli.plain_text import clean_line
from studiolo.cli.quantities import bytes_text, count_text
from studiolo.cli.sections import SectionedGroup, StudioloCommand
from studiolo.cli.tables import Cell, Heading, table_lines

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from studiolo.domain.experiment import Experiment, Node
    from studiolo.environments.facts import EnvironmentFacts
    from studiolo.environments.registry import Environments
    from studiolo.workspace import Workspace

COMMANDS = {
    "list": ("env:list_environments", "List them: Python, packages, built or not"),
    "show": ("env:show", "What is in one"),
    "create": ("env:create", "Write one of a Python and packages"),
    "build": ("env:build", "Build it now, not at the first run"),
    "adopt": ("env:adopt", "Use a Python that is there, as it is"),
    "export": ("env:export", "Recipe, lock and requirements.txt"),
    "remove": ("env:remove", "Remove one of the workspace, or what is built"),
}


def complete_environment(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[Any]]:
    """Give the names of environments that begin as typed, of the workspace there is; never fails."""
    from click.shell_completion import CompletionItem

    try:
        root = ctx.find_root()
        invocation = root.obj if isinstance(root.obj, Invocation) else Invocation()
        if root.params.get("workspace"):
            invocation.folder = Path(root.params["workspace"])
        names = _environments(invocation).names()
    except Exception:  # a broken file must not spoil the line that is being typed
        return []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command(
    "env",
    cls=SectionedGroup,
    sections={"Commands": COMMANDS},
    examples=[
        ("studiolo env list", "what there is"),
        ("studiolo env build designer-py36", "a ready-made one"),
        ("studiolo env create nlp --python 3.12 spacy", "one of your own"),
    ],
)
def env() -> None:
    """Environments: a Python with locked packages, for nodes to run in.

    A node uses one by `environment: NAME` in experiment.yaml.
    """


@click.command("list", cls=StudioloCommand, examples=[("studiolo env list --json", "for a program")])
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_environments(invocation: Invocation, is_json: bool) -> None:
    """List the environments, each with its Python and whether it is built."""
    invocation.is_json = is_json
    environments = _environments(invocation)
    found = [_facts(environments, name) for name in environments.names()]
    if is_json:
        documents = [
            one
            if isinstance(one, dict)
            else {key: facts for key, facts in facts_json(one).items() if key != "packages"}
            for one in found
        ]
        invocation.print_json({"environments": documents})
        return
    rows = []
    for one in found:
        if isinstance(one, dict):
            rows.append(
                [Cell(one["name"]), Cell(""), Cell(""), Cell("faulty", "red"), Cell(one["error"]["summary"])]
            )
            continue
        count = count_text(len(one.packages), "package") if one.packages else ""
        rows.append(
            [
                Cell(clean_line(one.name)),
                Cell(clean_line(one.python)),
                Cell(count, "dim"),
                Cell(*_state(one)),
                Cell(clean_line(one.missing.summary if one.missing else one.description), "dim"),
            ]
        )
    headings = [
        Heading("name", least=8),
        Heading("python"),
        Heading("packages"),
        Heading("state"),
        Heading("", least=8),
    ]
    for line in table_lines(headings, rows, invocation.out):
        invocation.out.line(line)


@click.command(
    "show",
    cls=StudioloCommand,
    arguments=[("NAME", "Of an environment, or EXPERIMENT:NODE for the packages of a node.")],
    examples=[
        ("studiolo env show classic-py27", "its packages"),
        ("studiolo env show churn:clean", "those of a node"),
    ],
)
@click.argument("name", shell_complete=complete_environment)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def show(invocation: Invocation, name: str, is_json: bool) -> None:
    """Show an environment: its Python, where it is built, and every package with its version."""
    invocation.is_json = is_json
    facts = _shown(invocation, name)
    if is_json:
        invocation.print_json(facts_json(facts))
        return
    screen = invocation.out
    state, style = _state(facts)
    screen.line(
        f"{screen.styled(clean_line(name), 'bold')}  Python {clean_line(facts.python)}, "
        f"{screen.styled(state, style)}"
    )
    if facts.description:
        screen.line(clean_line(facts.description), "dim")
    if facts.missing:
        screen.line(f"{facts.missing.summary}\n{facts.missing.hint}".strip(), "red")
    if facts.folder and facts.size_bytes is not None:
        screen.line(f"{bytes_text(facts.size_bytes)} in {facts.folder}", "dim")
    for line in facts.changed:
        screen.line(f"changed since it was adopted: {clean_line(line)}", "yellow")
    if facts.packages:
        screen.line()
        rows = [[Cell(clean_line(one.name)), Cell(clean_line(one.version))] for one in facts.packages]
        headings = [Heading("package", least=8), Heading("version", least=6)]
        for line in table_lines(headings, rows, screen):
            screen.line(line)


@click.command(
    "create",
    cls=StudioloCommand,
    arguments=[
        ("NAME", "What nodes call it."),
        ("PACKAGES", "As pip takes them; with what they need, their versions are locked."),
    ],
    examples=[
        ("studiolo env create nlp --python 3.12 spacy 'pandas>=2'", "two packages"),
        ("studiolo env create more --base designer-py36 textblob==0.15.3", "a ready-made one and more"),
    ],
)
@click.argument("name")
@click.argument("packages", nargs=-1)
@click.option("--python", metavar="VERSION", default="", help="As in 3.12, 3.6 or 2.7.")
@click.option("--base", metavar="NAME", help="Begin with this one.", shell_complete=complete_environment)
@click.option("--description", metavar="TEXT", default="", help="A line for people.")
@click.option("--json", "is_json", is_flag=True, help="Print the entry as one JSON document.")
@click.pass_obj
def create(
    invocation: Invocation,
    name: str,
    packages: tuple[str, ...],
    python: str,
    base: str | None,
    description: str,
    is_json: bool,
) -> None:
    """Write an environment into the workspace: environments/NAME.toml and its lock. It is built when first used."""
    invocation.is_json = is_json
    if not python and not base:
        raise click.UsageError(
            "Say which Python: --python 3.12, or --base NAME.", click.get_current_context()
        )
    environments = _environments(invocation)
    lock = environments.create(
        name,
        python=python,
        packages=packages,
        base=base,
        description=description,
        told=BuildLines(invocation.err),
    )
    if is_json:
        invocation.print_json(facts_json(environments.show(name)))
        return
    count = count_text(len(lock.requirements), "package")
    invocation.out.line(f"Environment {clean_line(name)}: Python {lock.python}, {count} locked.")
    invocation.out.line(
        f"Keep environments/{name}.toml and environments/{name}.lock with your experiments.", "dim"
    )


@click.command(
    "build",
    cls=StudioloCommand,
    arguments=[("NAME", "Of an environment, or EXPERIMENT:NODE for the packages of a node.")],
    examples=[
        ("studiolo env build classic-py27", "needs the network, later runs do not"),
        ("studiolo env build churn:clean", "packages of a node that have to be compiled"),
    ],
)
@click.argument("name", shell_complete=complete_environment)
@click.option("--again", is_flag=True, help="Remove what is built first.")
@click.option("--json", "is_json", is_flag=True, help="Print the entry as one JSON document.")
@click.pass_obj
def build(invocation: Invocation, name: str, again: bool, is_json: bool) -> None:
    """Build an environment, if it is not built yet. All workspaces of yours share it.

    Packages of a node are otherwise built by its first run, from wheels only. Here they may be compiled, which runs
    code of their authors as you.
    """
    invocation.is_json = is_json
    started = time.monotonic()
    if ":" in name:
        from studiolo.workspace.node_environments import build_node

        with invocation.open() as workspace:
            build_node(workspace, *_node(workspace, name), BuildLines(invocation.err), is_again=again)
    else:
        environments = _environments(invocation)
        if again:
            environments.remove_built(name)
        environments.get(name, BuildLines(invocation.err))
    facts = _shown(invocation, name)
    if is_json:
        invocation.print_json(facts_json(facts))
        return
    size = f", {bytes_text(facts.size_bytes)}" if facts.size_bytes is not None else ""
    seconds = time.monotonic() - started
    invocation.out.line(
        f"Environment {clean_line(name)} is ready: Python {facts.python}, "
        f"{count_text(len(facts.packages), 'package')}{size} ({seconds:.1f} s)."
    )


@click.command(
    "adopt",
    cls=StudioloCommand,
    arguments=[
        ("NAME", "What nodes call it."),
        ("PATH", "A Python, or the folder of a virtual or conda environment."),
    ],
    examples=[("studiolo env adopt torch ~/miniconda3/envs/torch", "a conda environment")],
)
@click.argument("name", shell_complete=complete_environment)
@click.argument("path", type=click.Path())
@click.option("--json", "is_json", is_flag=True, help="Print the entry as one JSON document.")
@click.pass_obj
def adopt(invocation: Invocation, name: str, path: str, is_json: bool) -> None:
    """Use a Python that is there, with its packages, as it is. What is installed is written down as its lock."""
    invocation.is_json = is_json
    environments = _environments(invocation)
    environments.adopt(name, path)
    facts = environments.show(name)
    if is_json:
        invocation.print_json(facts_json(facts))
        return
    count = count_text(len(facts.packages), "package")
    invocation.out.line(f"Environment {clean_line(name)}: Python {facts.python}, {count}.")


@click.command(
    "export",
    cls=StudioloCommand,
    examples=[("studiolo env export designer-py36 here", "files into the folder here")],
)
@click.argument("name", shell_complete=complete_environment)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.pass_obj
def export(invocation: Invocation, name: str, folder: Path) -> None:
    """Write an environment's recipe, lock and a requirements.txt for pip into a folder."""
    for path in _environments(invocation).export(name, folder, BuildLines(invocation.err)):
        invocation.out.line(clean_line(str(path)))


@click.command(
    "remove",
    cls=StudioloCommand,
    examples=[
        ("studiolo env remove nlp", "its recipe and lock"),
        ("studiolo env remove classic-py27 --built", "free its space"),
    ],
)
@click.argument("name", shell_complete=complete_environment)
@click.option(
    "--built", "is_built_too", is_flag=True, help="What is built too. Whoever needs it builds it again."
)
@click.pass_obj
def remove(invocation: Invocation, name: str, is_built_too: bool) -> None:
    """Remove an environment of the workspace. Of a ready-made one only what is built is removed."""
    was_built = _environments(invocation).remove(name, is_built_too=is_built_too)
    told = ", with what was built" if was_built else ", nothing was built" if is_built_too else ""
    invocation.out.line(f"Removed {clean_line(name)}{told}.")


def facts_json(facts: EnvironmentFacts) -> dict[str, Any]:
    """Give what is known of an environment for a program."""
    return {
        "name": facts.name,
        "kind": facts.kind,
        "description": facts.description,
        "python": facts.python,
        "is_usable": facts.is_usable,
        "package_count": len(facts.packages),
        "packages": [{"name": one.name, "version": one.version} for one in facts.packages],
        "folder": str(facts.folder) if facts.folder and facts.size_bytes is not None else None,
        "size_bytes": facts.size_bytes,
        "changed": list(facts.changed),
        "missing": facts.missing.to_json() if facts.missing else None,
    }


def _environments(invocation: Invocation) -> Environments:
    """Give the environments of the workspace there is; the ready-made ones where there is none."""
    from studiolo.cli.failing import workspace_folder
    from studiolo.environments.registry import Environments
    from studiolo.errors import UserError

    folder = workspace_folder(invocation)
    if folder is None and invocation.folder is not None:
        raise UserError(
            "no-workspace",
            f"{invocation.folder} is no workspace: it has no studiolo.toml.",
            "Make it one with studiolo init.",
        )
    return Environments(folder)


def _shown(invocation: Invocation, name: str) -> EnvironmentFacts:
    """Give what is known of an environment, or of that of a node, which `EXPERIMENT:NODE` names."""
    if ":" not in name:
        return _environments(invocation).show(name)
    from studiolo.workspace.node_environments import facts_of_node

    with invocation.open() as workspace:
        return facts_of_node(workspace, *_node(workspace, name))


def _node(workspace: Workspace, place: str) -> tuple[Experiment, Node]:
    from studiolo.cli.choosing import chosen_experiment
    from studiolo.graph.editing import known_node

    name, _, node = place.partition(":")
    experiment = workspace.experiment(chosen_experiment(workspace, name)).graph
    return experiment, known_node(experiment, node)


def _facts(environments: Environments, name: str) -> EnvironmentFacts | dict[str, Any]:
    """Give what is known of an environment, or its name with the error of a faulty file."""
    from studiolo.errors import Problems, StudioloError

    try:
        return environments.show(name)
    except StudioloError as error:
        told = error.problems[0] if isinstance(error, Problems) else error
        return {"name": name, "error": told.to_json()}


def _state(facts: EnvironmentFacts) -> tuple[str, str]:
    if facts.missing is not None:
        return "missing", "red"
    if facts.kind in ("current", "adopted"):
        return ("changed", "yellow") if facts.changed else ("ready", "green")
    if facts.size_bytes is not None:
        return f"built, {bytes_text(facts.size_bytes)}", "green"
    return ("not built" if facts.packages or facts.folder else "not locked"), "dim"
