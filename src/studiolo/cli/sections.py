"""How `studiolo` finds its commands and shows help: in sections, loaded when called, with examples.

Naming a command or printing the overview imports no other command's file.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import click

from studiolo.cli.screen import standard_output

Sections = Mapping[str, Mapping[str, tuple[str, str]]]
"""Section to command to (`file:name`, what it does in a few words)."""

USED_BEFORE = {
    "ls": "show",
    "list": "show",
    "cat": "show",
    "status": "show",
    "create": "new",
    "studio": "start",
    "open": "start",
    "ui": "start",
    "web": "start",
    "execute": "run",
    "history": "runs",
    "log": "logs",
    "save": "export",
    "download": "export",
    "datasets": "dataset",
    "module": "modules",
    "palette": "modules",
    "service": "services",
    "deploy": "publish",
    "endpoint": "services",
    "endpoints": "services",
    "environment": "env",
    "environments": "env",
    "venv": "env",
    "data": "dataset",
    "validate": "check",
    "lint": "check",
    "stop": "cancel",
    "kill": "cancel",
    "version": "--version",
    "help": "--help",
}


class StudioloCommand(click.Command):
    """A command with examples in its help that takes `--workspace` in its own place too.

    Args:
        examples: command lines, each with a few words that stand behind it.
        arguments: what each argument means, as it is written in the usage line.
    """

    def __init__(
        self,
        *args: Any,
        examples: Sequence[tuple[str, str]] = (),
        arguments: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.arguments = arguments
        self.params.append(
            click.Option(
                ["--workspace"],
                type=click.Path(),
                hidden=True,
                expose_value=False,
                callback=_choose_workspace,
            )
        )

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what it does, how it is called, its arguments, options and examples."""
        self.format_help_text(ctx, formatter)
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        if self.arguments:
            with formatter.section(heading("Arguments")):
                formatter.write_dl(list(self.arguments))
        self.format_options(ctx, formatter)
        write_examples(formatter, self.examples)


class SectionedGroup(click.Group):
    """A group whose commands are loaded when called.

    Args:
        sections: see `Sections`.
        examples: as for `StudioloCommand`.
    """

    def __init__(
        self, *args: Any, sections: Sections, examples: Sequence[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections
        self.examples = examples
        self._places = {
            name: place for commands in sections.values() for name, (place, _) in commands.items()
        }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of the commands in the order of the help."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        file, _, name = place.partition(":")
        command: click.Command = getattr(importlib.import_module(f"studiolo.cli.{file}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with.

        Raises:
            UserError: `unknown-command`, with the nearest name.
        """
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None and not ctx.resilient_parsing and not name.startswith("-"):
            raise _unknown_command(name, ctx.command_path, self._places)
        if command is None:
            return super().resolve_command(ctx, args)
        return name, command, args[1:]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what it is, the commands by section, options and examples."""
        self.format_help_text(ctx, formatter)
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        longest = max(len(name) for name in self._places)
        for title, commands in self.sections.items():
            with formatter.section(heading(title)):
                formatter.write_dl([(name.ljust(longest), told) for name, (_, told) in commands.items()])
        options = [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx))]
        with formatter.section(heading("Options")):
            formatter.write_dl(options)
        write_examples(formatter, self.examples)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Give the commands that begin with `incomplete`, without loading them."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=told)
            for commands in self.sections.values()
            for name, (_, told) in commands.items()
            if name.startswith(incomplete)
        ]
        return (
            found
            if found or not incomplete.startswith("-")
            else click.Command.shell_complete(self, ctx, incomplete)
        )


def heading(text: str) -> str:
    """Give a heading of the help, bold on a terminal."""
    return standard_output().styled(text, "bold")


def write_examples(formatter: click.HelpFormatter, examples: Sequence[tuple[str, str]]) -> None:
    """Write example command lines, their words below them where they do not fit beside them."""
    if not examples:
        return
    longest = max(len(line) for line, _ in examples)
    is_wide = longest + max(len(words) for _, words in examples) + 6 <= formatter.width
    screen = standard_output()
    with formatter.section(heading("Examples")):
        for line, words in examples:
            space = " " * (longest - len(line)) if is_wide else "\n      "
            told = screen.styled(words, "dim")
            formatter.write(f"  {line}{space}  {told}".rstrip() + "\n" if words else f"  {line}\n")


def _unknown_command(name: str, path: str, known: Mapping[str, Any]) -> Exception:
    from studiolo.domain.nearest import nearest
    from studiolo.errors import UserError

    match = nearest(name, known) or USED_BEFORE.get(name.lower())
    hint = f"Did you mean {path} {match}? " if match and (match in known or match.startswith("-")) else ""
    return UserError(
        "unknown-command", f'There is no command "{name}".', f"{hint}{path} --help lists the commands."
    )


def _choose_workspace(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    from pathlib import Path

    if value is not None and ctx.obj is not None:
        ctx.obj.folder = Path(value)
