"""Which files of a workspace an experiment may read and write by their names; looks at no file."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fnmatch import fnmatchcase

WORKSPACE_FILE = "studiolo.toml"
STATE_FOLDER = ".studiolo"
RESERVED_FOLDERS = ("experiments", "modules", "bundles", "environments")
"""What lies there decides what runs."""

WRITTEN_ENDINGS = (
    ".csv",
    ".tsv",
    ".tab",
    ".arff",
    ".parquet",
    ".pq",
    ".arrow",
    ".arrows",
    ".feather",
    ".ipc",
    ".jsonl",
    ".ndjson",
    ".json",
    ".svmlight",
    ".svm",
    ".libsvm",
    ".txt",
    ".text",
    ".log",
)
"""Those of the formats that `studiolo.formats.choosing` writes; each may be followed by `.gz`."""

DATABASE_ENDINGS = (".sqlite", ".sqlite3", ".db")
"""Files that are written in as databases."""

PACKED_ENDING = ".gz"
_ACTED_ON = (
    "requirements*.txt",
    "constraints*.txt",
    "cmakelists.txt",
    "package.json",
    "package-lock.json",
    "composer.json",
    "composer.lock.json",
    "deno.json",
    "tsconfig*.json",
    "jsconfig.json",
    "pyrightconfig.json",
)
"""Files with the ending of data that other programs run or obey."""

Refusal = tuple[str, str, str]
"""Code, what is wrong as the end of a sentence, and hint."""

_ELSEWHERE = "Take another folder, for example data/."


def reading_problem(parts: Sequence[str]) -> Refusal | None:
    """Say what is wrong with reading a file for an experiment, or None.

    Args:
        parts: of its path relative to the workspace, links followed.
    """
    hidden = next((part for part in parts if plain_part(part).startswith(".")), None)
    if hidden is None:
        return None
    return (
        "reserved-path",
        f'has the part "{_short(hidden)}" in it: what begins with a dot is for studiolo and other programs',
        "Copy what you need to a file without it, for example in data/.",
    )


def writing_problem(parts: Sequence[str], endings: tuple[str, ...] = WRITTEN_ENDINGS) -> Refusal | None:
    """Say what is wrong with writing a file for an experiment, or None.

    What decides what runs can't be written: studiolo's own files and folders, hidden files, and whatever has
    no ending of a data file, such as a Makefile or a Python file.

    Args:
        parts: of its path relative to the workspace, links followed.
        endings: that its name may have.
    """
    plain = [plain_part(part) for part in parts]
    if any(part.startswith(".") for part in plain):
        code, what, _ = reading_problem(parts) or ("", "", "")
        return code, what, _ELSEWHERE
    if plain and plain[0] in (WORKSPACE_FILE, *RESERVED_FOLDERS):
        where = f'lies in "{_short(parts[0])}"' if len(parts) > 1 else f'is "{_short(parts[0])}"'
        return "reserved-path", f"{where}, which decides what runs and how", _ELSEWHERE
    name = plain[-1] if plain else ""
    if any(fnmatchcase(name, pattern) for pattern in _ACTED_ON):
        return "wrong-name", "is the name of a file that other programs obey", "Take another name."
    stem = name.removesuffix(PACKED_ENDING)
    if endings is not WRITTEN_ENDINGS and not name.endswith(endings):
        return "wrong-name", "is no name of a database file", f"Such names end in {', '.join(endings)}."
    if not stem.endswith(endings) or stem in endings:
        hint = f"Names of data files end in {', '.join(endings)}; {PACKED_ENDING} may follow."
        return "wrong-name", "is no name of a data file", hint
    return None


def plain_part(part: str) -> str:
    """Give a part of a path as a file system compares it that takes case and the like to be the same.

    >>> plain_part("Experiments. "), plain_part(".G\u200cIT")
    ('experiments', '.git')
    """
    kept = "".join(letter for letter in part if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", kept).casefold().rstrip(". ") or part


def _short(part: str) -> str:
    return part if len(part) <= 80 else part[:80] + "…"
