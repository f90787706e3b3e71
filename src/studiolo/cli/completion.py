"""`studiolo completion`: the lines that teach a shell our commands and names, and the answers to its questions."""

from __future__ import annotations

import os
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    split_arg_string,
)

from studiolo.cli.invocation import Invocation
from studiolo.cli.sections import StudioloCommand

VARIABLE = "_STUDIOLO_COMPLETE"
# Bash breaks words at `:` and `=`, which stand inside EXPERIMENT:NODE.PORT and NODE.PARAMETER=VALUE. So we read the
# line itself, and answer only what follows the last break. A word that goes on (`churn:`) gets no space.
BASH = """\
_studiolo_completion() {
    local IFS=$'\\n' answer line kind value
    line="${COMP_LINE:0:COMP_POINT}"
    answer=$(env COMP_WORDS="$line" STUDIOLO_BREAKS="$COMP_WORDBREAKS" _STUDIOLO_COMPLETE=bash_complete "$1")
    COMPREPLY=()
    for line in $answer; do
        IFS=',' read -r kind value <<< "$line"
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                [[ $value == *[.=] ]] && compopt -o nospace ;;
        esac
    done
    return 0
}
complete -o nosort -F _studiolo_completion studiolo
"""
PLACES = {
    "bash": ('eval "$(studiolo completion bash)"', "~/.bashrc"),
    "zsh": ('eval "$(studiolo completion zsh)"', "~/.zshrc, below compinit"),
    "fish": ("studiolo completion fish | source", "~/.config/fish/config.fish"),
}


class _Bash(BashComplete):
    source_template = BASH.replace("%", "%%")

    def source(self) -> str:
        return BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)[1:]
        if line[-1:].isspace() or not words:
            return words, ""
        return words[:-1], words[-1]

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[Any]]:
        breaks = [letter for letter in ":=" if letter in os.environ.get("STUDIOLO_BREAKS", ":=")]
        start = max((incomplete.rfind(letter) + 1 for letter in breaks), default=0)
        items = super().get_completions(args, incomplete)
        for item in items:
            if item.type == "plain" and item.value.startswith(incomplete[:start]):
                item.value = item.value[start:]
        return items

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{item.type},{item.value.replace(' ', chr(92) + ' ')}"


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": ZshComplete, "fish": FishComplete}


def answer_shell(group: click.Command, instruction: str) -> int:
    """Answer what a shell asks through the environment, as in `bash_complete`; give the exit code.

    Args:
        group: the command `studiolo`.
        instruction: shell and question.
    """
    name, _, question = instruction.partition("_")
    shell = SHELLS.get(name)
    if shell is None:
        return 1
    machine = shell(group, {"obj": Invocation()}, "studiolo", VARIABLE)
    click.echo(machine.source() if question == "source" else machine.complete())
    return 0


@click.command(
    "completion",
    cls=StudioloCommand,
    arguments=[("SHELL", "bash, zsh or fish.")],
    examples=[(f"{line}", f"in {place}") for line, place in PLACES.values()],
)
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_obj
def completion(invocation: Invocation, shell: str) -> None:
    """Print the lines that let your shell complete commands, experiments, nodes, ports and parameters."""
    group = click.get_current_context().find_root().command
    invocation.out.write(SHELLS[shell](group, {}, "studiolo", VARIABLE).source())
