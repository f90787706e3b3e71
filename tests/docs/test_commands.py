"""Commands that the docs tell people to type exist, with those options and that many arguments."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click


def shell_lines(text: str) -> Iterator[list[str]]:
    """Give the words of each command line of a shell block."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words


def problem_with(words: list[str]) -> str | None:
    """Say what is wrong with a `studiolo` command line, or None; runs nothing."""
    from studiolo.cli.main import main

    command: click.Command = main
    context = click.Context(command, info_name="studiolo")
    rest = words[1:]
    while True:
        try:
            values, rest, _ = command.make_parser(context).parse_args(args=rest)
        except click.UsageError as error:
            return error.format_message()
        if not isinstance(command, click.Group):
            break
        if not rest:
            return None
        name, *rest = rest
        inner = command.get_command(context, name)
        if inner is None:
            return f"no command {name!r} in {context.command_path!r}"
        command, context = inner, click.Context(inner, info_name=name, parent=context)
    given = {name for name, value in values.items() if isinstance(value, str | tuple | list) and value}
    missing = [
        parameter.name for parameter in command.params if parameter.required and parameter.name not in given
    ]
    if missing:
        return f"missing {missing}"
    return f"too many arguments: {rest}" if rest else None


def test_every_studiolo_command_in_the_docs_exists(pages: list[Path], root: Path, blocks_of) -> None:
    """A command that does not exist is the first thing a newcomer would meet."""
    found, wrong = 0, []
    for page in pages:
        for block in blocks_of(page):
            if block.language not in ("sh", "bash", "console"):
                continue
            for words in shell_lines(block.text):
                if words[0] == "studiolo":
                    found += 1
                    problem = problem_with(words)
                    if problem:
                        wrong.append(f"{page.relative_to(root)}: {shlex.join(words)}: {problem}")
    assert wrong == []
    assert found > 10


def test_every_studiolo_command_in_the_makefile_exists(root: Path) -> None:
    """`make demo` is the first command of the README."""
    recipe = re.findall(r"^\t@?\$\(STUDIOLO\) (.*)$", (root / "Makefile").read_text(encoding="utf-8"), re.M)
    assert recipe
    lines = [["studiolo", *shlex.split(line.replace("$(DEMO)", "examples/diabetes"))] for line in recipe]
    assert [problem for problem in map(problem_with, lines) if problem] == []


def test_every_command_named_in_a_sentence_exists(pages: list[Path], root: Path) -> None:
    """A command in running text is as much a promise as one in a block."""
    wrong = []
    for page in pages:
        for words in re.findall(r"`studiolo ((?:[a-z]+ ?)+)", page.read_text(encoding="utf-8")):
            problem = problem_with_path(words.split())
            if problem:
                wrong.append(f"{page.relative_to(root)}: studiolo {words}: {problem}")
    assert wrong == []


def problem_with_path(words: list[str]) -> str | None:
    """Say which of these words is no command where a command is due, or None."""
    from studiolo.cli.main import main

    command: click.Command = main
    for name in words:
        if not isinstance(command, click.Group):
            return None
        inner = command.get_command(click.Context(command), name)
        if inner is None:
            return f"no command {name!r}"
        command = inner
    return None


def test_every_make_target_in_the_docs_exists(pages: list[Path], root: Path, blocks_of) -> None:
    """`make` with a target that is not there says nothing helpful."""
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    told = {
        words[1]
        for page in pages
        for block in blocks_of(page)
        if block.language in ("sh", "bash")
        for words in shell_lines(block.text)
        if words[0] == "make" and len(words) > 1
    }
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    told |= set(re.findall(r"`make ([a-z]+)`", text))
    assert told - targets == set()
