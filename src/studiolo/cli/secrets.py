"""`studiolo secret`: passwords and keys of the workspace by name; their values are never shown."""

from __future__ import annotations

import sys

import click

from studiolo.cli.invocation import Invocation
from studiolo.cli.plain_text import clean_line
from studiolo.cli.quantities import moment_text
from studiolo.cli.sections import SectionedGroup, StudioloCommand
from studiolo.cli.tables import Cell, Heading, table_lines

COMMANDS = {
    "set": ("secrets:set_secret", "Keep a value under a name"),
    "list": ("secrets:list_secrets", "List the names"),
    "remove": ("secrets:remove", "Forget one"),
}


@click.command(
    "secret",
    cls=SectionedGroup,
    sections={"Commands": COMMANDS},
    examples=[
        ("studiolo secret set warehouse", "asks for the value"),
        ("studiolo secret list", "names, never values"),
    ],
)
def secret() -> None:
    """Passwords and keys that addresses name, as in postgresql://ada:{secret:warehouse}@db.example/sales.

    They are encrypted in the workspace's own folder, with a key outside of it, and go only to hosts that [grants]
    network of studiolo.toml covers.
    """


@click.command(
    "set",
    cls=StudioloCommand,
    arguments=[("NAME", "Letters, digits, _, . and -.")],
    examples=[
        ("studiolo secret set warehouse", "asks for the value, unseen"),
        ("studiolo secret set warehouse < password.txt", "from a file or another program"),
        ("studiolo secret set warehouse --host db.example:5432", "for no other server"),
    ],
)
@click.argument("name")
@click.option(
    "--host",
    "hosts",
    metavar="HOST:PORT",
    multiple=True,
    help="The only server it may go to; several. Else all that the workspace allows.",
)
@click.pass_obj
def set_secret(invocation: Invocation, name: str, hosts: tuple[str, ...]) -> None:
    """Keep a value under a name; an earlier value is forgotten.

    The value is asked for, or read from standard input. A line break at its end is left out. It is never taken from
    the command line, which other users of the machine can see.
    """
    with invocation.open() as workspace:
        if sys.stdin.isatty():
            value = click.prompt(f"Value of {clean_line(name)}", hide_input=True, err=True)
        else:
            value = sys.stdin.read()
            value = value.removesuffix("\n").removesuffix("\r")
        workspace.secrets.set(name, value, hosts)
    invocation.out.line(f"Secret {name} is set. Write {{secret:{name}}} where an address needs it.")


@click.command("list", cls=StudioloCommand, examples=[("studiolo secret list --json", "for a program")])
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_secrets(invocation: Invocation, is_json: bool) -> None:
    """List the secrets of the workspace: their names, and when they were set."""
    invocation.is_json = is_json
    with invocation.open() as workspace:
        found = workspace.secrets.facts()
    if is_json:
        invocation.print_json(
            {
                "secrets": [
                    {"name": one.name, "changed": one.changed, "hosts": list(one.hosts)} for one in found
                ]
            }
        )
        return
    if not found:
        invocation.out.line("There is no secret yet. Set one: studiolo secret set NAME")
        return
    rows = [
        [
            Cell(clean_line(one.name)),
            Cell(clean_line(", ".join(one.hosts) or "all that the workspace allows")),
            Cell(moment_text(one.changed), "dim"),
        ]
        for one in found
    ]
    headings = [Heading("name", least=8), Heading("for", least=8), Heading("set", least=10)]
    for line in table_lines(headings, rows, invocation.out):
        invocation.out.line(line)


@click.command("remove", cls=StudioloCommand, examples=[("studiolo secret remove warehouse", "forget it")])
@click.argument("name")
@click.pass_obj
def remove(invocation: Invocation, name: str) -> None:
    """Forget a secret. Nodes that name it do not run any more."""
    with invocation.open() as workspace:
        workspace.secrets.remove(name)
    invocation.out.line(f"Removed the secret {clean_line(name)}.")
