"""Nothing of the machine it was written on, and nothing produced, stands in the repository's files."""

from __future__ import annotations

import re
from pathlib import Path

# Put together here, so that this file does not contain what it looks for.
FOLDERS = [
    "/ro" + "ot/",
    "/wo" + "rk/main",
    "/wo" + "rk/shared",
    "/opt/wh" + "eels",
    "/opt/py" + "pi",
    "/home/" + "[a-z]",
]
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "registry.npm" + "js", "proxy.gol" + "ang"]
LARGEST_BYTES = 500_000


def texts(files: list[Path]) -> list[tuple[Path, str]]:
    """Give the files that are text, with it."""
    found = []
    for path in files:
        data = path.read_bytes()
        if b"\0" not in data:
            found.append((path, data.decode("utf-8")))
    return found


def test_no_file_names_a_path_of_the_machine_it_was_written_on(files: list[Path], root: Path) -> None:
    """Such a path works for one person and misleads everybody else."""
    pattern = re.compile("|".join(rf"(?<![\w.~-]){folder}" for folder in FOLDERS))
    hits = [
        f"{path.relative_to(root)}:{number}: {line.strip()[:100]}"
        for path, text in texts(files)
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert hits == []


def test_no_file_names_the_host_of_a_package_index(files: list[Path], root: Path) -> None:
    """Where packages come from is the reader's own configuration."""
    pattern = re.compile("|".join(map(re.escape, HOSTS)))
    hits = [str(path.relative_to(root)) for path, text in texts(files) if pattern.search(text)]
    assert hits == []


def test_no_produced_file_is_committed(files: list[Path], root: Path) -> None:
    """What a command produces is not kept in git, and no file is larger than a reader expects."""
    produced = re.compile(r"(^|/)(\.studiolo|\.venv|__pycache__|[^/]*\.egg-info|dist|build)/|\.pyc$")
    names = [(path, path.relative_to(root).as_posix()) for path in files]
    assert [name for _, name in names if produced.search(name)] == []
    assert [name for path, name in names if path.stat().st_size > LARGEST_BYTES] == []


def test_every_text_file_ends_with_a_newline_and_has_no_trailing_space(files: list[Path], root: Path) -> None:
    """Otherwise editors change lines that nobody meant to change."""
    wrong = []
    for path, text in texts(files):
        if path.name == "LICENSE" or not text:
            continue
        if not text.endswith("\n") or re.search(r"[ \t]+$", text, re.M):
            wrong.append(str(path.relative_to(root)))
    assert wrong == []
