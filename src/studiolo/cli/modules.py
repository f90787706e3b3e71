"""`studiolo modules`: what experiments are made of, by category, and the help page of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from studiolo.cli.exit_codes import USER_ERROR
from studiolo.cli.failing import workspace_folder
from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_module
from studiolo.cli.sections import SectionedGroup, StudioloCommand

if TYPE_CHECKING:
    from studiolo.domain.module import Declaration
    from studiolo.registry.registry import Registry

SECTIONS = {
    "Look": {
        "list": ("modules:list_modules", "List them by category"),
        "show": ("modules:show", "The help page of a module, with an example that runs"),
    },
}


@contextmanager
def opened(invocation: Invocation) -> Iterator[Registry]:
    """Load the modules of the workspace; outside of one the built-in ones."""
    if workspace_folder(invocation) is None and invocation.folder is None:
        from studiolo.registry.registry import Registry

        yield Registry.load()
        return
    with invocation.open() as workspace:
        yield workspace.registry


@click.command(
    "modules",
    cls=SectionedGroup,
    sections=SECTIONS,
    examples=[
        ("studiolo modules", "all of them"),
        ("studiolo modules list regression", "those that speak of regression"),
        ("studiolo modules show clean-missing-data", "ports, parameters, an example"),
    ],
    invoke_without_command=True,
)
@click.pass_context
def modules(ctx: click.Context) -> int | None:
    """List the modules that experiments are made of: built-in ones, your own, those of packages."""
    if ctx.invoked_subcommand is not None:
        return None
    code: int = ctx.invoke(list_modules)
    return code


@click.command(
    "list",
    cls=StudioloCommand,
    arguments=[("WORD", "Only modules whose name, category or summary has it.")],
    examples=[("studiolo modules list join", ""), ("studiolo modules list --json", "for a program")],
)
@click.argument("word", required=False, default="")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_modules(invocation: Invocation, word: str = "", is_json: bool = False) -> int:
    """List the modules by category.

    Files of your own in `modules/` that could not be read are told below the list, with their line.
    """
    from studiolo.cli.error_text import problem_lines
    from studiolo.cli.module_text import list_lines

    invocation.is_json = is_json
    with opened(invocation) as registry:
        found = [one for one in registry if word.casefold() in _searched(one)]
        problems = list(registry.problems)
        if is_json:
            rows = [{**_facts(one), "origin": registry.origin(one.id)} for one in found]
            invocation.print_json({"modules": rows, "problems": [one.to_json() for one in problems]})
        else:
            for line in list_lines(found, registry, invocation.out):
                invocation.out.line(line)
            if not found:
                invocation.out.line(f'No module speaks of "{word}". studiolo modules lists all.')
    for problem in [] if is_json else problems:
        invocation.err.line()
        for line in problem_lines(problem, workspace_folder(invocation), invocation.err):
            invocation.err.line(line)
    return USER_ERROR if problems else 0


@click.command(
    "show",
    cls=StudioloCommand,
    arguments=[("MODULE", "Its id or name, or the name or id that it had in the retired products.")],
    examples=[
        ("studiolo modules show split-data", ""),
        ('studiolo modules show "Split Data" --example', "only the example, as nodes of an experiment"),
    ],
)
@click.argument("module", shell_complete=complete_module)
@click.option("--example", "is_example", is_flag=True, help="Print the example alone, ready for a file.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def show(invocation: Invocation, module: str, is_example: bool, is_json: bool) -> None:
    """Show the help page of a module: ports, parameters, what it does, an example that runs."""
    from studiolo.cli.module_text import page_lines
    from studiolo.domain.module_page import module_page

    invocation.is_json = is_json
    with opened(invocation) as registry:
        declaration = registry.get(module)
        page, origin = module_page(declaration), registry.origin(declaration.id)
    if is_json:
        invocation.print_json({**page.to_json(), "origin": origin})
    elif is_example:
        invocation.out.write(page.example_document())
    else:
        for line in page_lines(page, origin, invocation.out):
            invocation.out.line(line)


def _facts(declaration: Declaration) -> dict[str, object]:
    names = ("id", "name", "category", "summary", "version", "aliases")
    return {name: getattr(declaration, name) for name in names}


def _searched(declaration: Declaration) -> str:
    texts = (
        declaration.id,
        declaration.name,
        declaration.category,
        declaration.summary,
        *declaration.aliases,
    )
    return "\n".join(texts).casefold()
