"""The command `studiolo`: its sections, and the wall that turns every error into a message and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import click

from studiolo import __version__
from studiolo.cli.exit_codes import CANCELLED, OK
from studiolo.cli.invocation import Invocation
from studiolo.cli.sections import SectionedGroup

COMPLETE_VARIABLE = "_STUDIOLO_COMPLETE"
SECTIONS = {
    "Begin": {
        "start": ("start:start", "Open the studio in the browser"),
        "init": ("beginning:init", "Make a folder a workspace"),
        "new": ("beginning:new", "Make an experiment with one script"),
    },
    "Run": {
        "check": ("checking:check", "Find what is wrong, without running"),
        "run": ("run:run", "Run an experiment: only what changed is computed"),
        "cancel": ("runs:cancel", "End a run that is going on"),
    },
    "Look": {
        "show": ("show:show", "Nodes, results, statistics, receipts, pictures"),
        "logs": ("logs:logs", "What nodes have printed"),
        "runs": ("runs:runs", "List what has been run"),
        "export": ("export:export", "Write a result to a file"),
        "pull": ("pull:pull", "Take a node with its inputs to a folder, to run it outside"),
    },
    "Serve": {
        "publish": ("publish:publish", "Make a web service of an experiment"),
        "services": ("services:services", "Test, roll back, keys, request log"),
        "serve": ("serve:serve", "Answer the requests of what is published"),
    },
    "Data": {
        "dataset": ("datasets:dataset", "Add, list, show and remove datasets"),
        "modules": ("modules:modules", "What experiments are made of, with help pages"),
        "secret": ("secrets:secret", "Passwords and keys that addresses name"),
    },
    "Machine": {
        "env": ("env:env", "Environments: Pythons with their packages"),
        "doctor": ("doctor:doctor", "Say which walls of the jail stand here"),
        "completion": ("completion:completion", "Completion of commands and names in your shell"),
    },
}
EXAMPLES = (
    ("studiolo start", "the studio in the browser"),
    ("studiolo init", "make this folder a workspace"),
    ("studiolo new churn", "an experiment with one script"),
    ("studiolo run churn", "run it"),
    ("studiolo show churn:script.result_dataset", "look at what came out"),
)


class StudioloGroup(SectionedGroup):
    """The group `studiolo`, with one way out for every error."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Carry out a command line and leave the process with its exit code."""
        instruction = os.environ.get(COMPLETE_VARIABLE)
        if instruction:
            from studiolo.cli.completion import answer_shell

            sys.exit(answer_shell(self, instruction))
        _open_missing_streams()
        for stream in (sys.stdout, sys.stderr):
            _accept_any_text(stream)
        sys.exit(self.carry_out(sys.argv[1:] if args is None else list(args)))

    def carry_out(self, args: list[str]) -> int:
        """Carry out a command line and give its exit code; nothing but a hard kill ends it otherwise."""
        invocation = Invocation()
        try:
            with self.make_context("studiolo", args, obj=invocation) as context:
                code = self.invoke(context)
            if invocation.out.fault is not None:
                raise _unwritable(invocation.out.fault)
            return code if isinstance(code, int) else OK
        except click.exceptions.Exit as done:
            return done.exit_code
        except BrokenPipeError:
            return OK
        except (KeyboardInterrupt, click.Abort):
            invocation.err.line("Cancelled.")
            return CANCELLED
        except Exception as error:
            from studiolo.cli.failing import tell

            return tell(error, invocation, args)


def _open_missing_streams() -> None:
    """Give a closed standard stream a place to go: else the next file that is opened would take its number."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(descriptor)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (it is the stream from now on)
            setattr(sys, name, stream)


def _unwritable(fault: OSError) -> Exception:
    from studiolo.errors import UserError

    return UserError(
        "output-unwritable",
        f"Standard output could not be written: {fault.strerror}.",
        "What the command did is done; only its words are lost. Send them somewhere else.",
    )


def _accept_any_text(stream: TextIO) -> None:
    """Let text that the stream's encoding lacks be written as escapes instead of raising."""
    with suppress(AttributeError, ValueError):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.obj.out.line(f"studiolo {__version__}")
        ctx.exit()


@click.command(
    "studiolo",
    cls=StudioloGroup,
    sections=SECTIONS,
    examples=EXAMPLES,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="COMMAND ...",
)
@click.option(
    "--workspace",
    metavar="DIR",
    type=click.Path(),
    envvar="STUDIOLO_WORKSPACE",
    help="The workspace; by default the folder you are in, or the nearest above it that is one.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Print the version.",
)
@click.pass_context
def main(ctx: click.Context, workspace: str | None) -> None:
    """studiolo: experiments of pandas scripts, each jailed, each result kept."""
    if workspace is not None:
        ctx.obj.folder = Path(workspace)
    if ctx.invoked_subcommand is None:
        ctx.obj.out.write(ctx.get_help() + "\n")


if __name__ == "__main__":
    main()
