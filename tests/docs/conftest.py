"""What the tests of the docs share: the repository's folder, its files and their fenced blocks."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCED = {".git", ".venv", ".node", ".studiolo", "__pycache__", "node_modules", "webapp", "dist", "build"}


@dataclass(frozen=True)
class Block:
    """A fenced block of a Markdown file.

    Attributes:
        language: the word after the fence.
        text: what stands between the fences.
        path: the path named in backticks on the line above, or "".
        heading: the heading it stands under.
    """

    language: str
    text: str
    path: str
    heading: str


def fenced_blocks(markdown: str) -> list[Block]:
    """Give the fenced blocks of a Markdown text in order."""
    blocks: list[Block] = []
    heading = path = ""
    lines = iter(markdown.splitlines())
    for line in lines:
        fence = re.match(r"( *)```(\w*)", line)
        if fence:
            inside = []
            for text in lines:
                if text.strip() == "```":
                    break
                inside.append(text[len(fence[1]) :])
            blocks.append(Block(fence[2], "\n".join(inside) + "\n", path, heading))
            path = ""
        elif line.startswith("#"):
            heading = line.lstrip("# ").strip()
        elif line.strip():
            named = re.fullmatch(r"`([\w./-]+)`", line.strip())
            path = named[1] if named else ""
    return blocks


def list_files(root: Path) -> list[Path]:
    """Give the files that are committed or could be: what git does not ignore."""
    if (root / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
        return sorted(root / name for name in done.stdout.split("\0") if name and (root / name).is_file())
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in PRODUCED and not name.endswith("_cache")]
        found += [Path(folder) / name for name in names if not name.endswith(".pyc")]
    return sorted(found)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """The repository's own files."""
    return list_files(ROOT)


@pytest.fixture(scope="session")
def pages(files: list[Path]) -> list[Path]:
    """The repository's Markdown files."""
    return [path for path in files if path.suffix == ".md"]


@pytest.fixture(scope="session")
def blocks_of():
    """A function that gives the fenced blocks of a Markdown file."""
    return lambda path: fenced_blocks(path.read_text(encoding="utf-8"))
