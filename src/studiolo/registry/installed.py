"""Finds the modules that installed packages offer through the entry point group `studiolo.modules`.

It reads the packages' own text files and imports nothing: `importlib.metadata` would cost more than all
the rest of loading the registry.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

GROUP = "studiolo.modules"


@dataclass(frozen=True)
class InstalledEntry:
    """One line of a package's entry points.

    Attributes:
        name: what the package calls it.
        entry: `package.file` or `package.file:function`.
        package: name and version of the package, as its metadata folder is called.
        digest: changes when the package is installed anew or the named file is edited.
    """

    name: str
    entry: str
    package: str
    digest: str


def installed_entries(folders: Iterable[str] | None = None) -> list[InstalledEntry]:
    """Give the entries of all packages in `folders` (`sys.path`); the first of two equal ones counts."""
    folders = [folder for folder in (sys.path if folders is None else folders) if folder]
    found: dict[tuple[str, str], InstalledEntry] = {}
    for folder in folders:
        for metadata in _metadata_folders(folder):
            for name, entry in _entries(metadata / "entry_points.txt"):
                found.setdefault((name, entry), _installed(name, entry, metadata, folders))
    return list(found.values())


def _metadata_folders(folder: str) -> list[Path]:
    try:
        with os.scandir(folder) as listing:
            names = [item.name for item in listing if item.name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return []
    return [Path(folder, name) for name in sorted(names)]


def _entries(file: Path) -> Iterator[tuple[str, str]]:
    try:
        data = file.read_bytes()
    except OSError:
        return
    if GROUP.encode() not in data:
        return
    section = ""
    for line in data.decode("utf-8", "replace").splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line.strip("[] ")
        elif section == GROUP and "=" in line and not line.startswith(("#", ";")):
            name, _, entry = line.partition("=")
            yield name.strip(), entry.partition("[")[0].replace(" ", "")


def _installed(name: str, entry: str, metadata: Path, folders: list[str]) -> InstalledEntry:
    facts = [metadata.name, entry, str(metadata.stat().st_mtime_ns)]
    inner = entry.partition(":")[0].replace(".", "/")
    for folder in folders:
        for candidate in (Path(folder, inner + ".py"), Path(folder, inner, "__init__.py")):
            if candidate.is_file():
                facts.append(hashlib.sha256(candidate.read_bytes()).hexdigest())
                break
    package = metadata.name.rpartition(".")[0].replace("-", " ", 1)
    return InstalledEntry(name, entry, package, hashlib.sha256("\0".join(facts).encode()).hexdigest())
