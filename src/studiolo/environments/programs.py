"""Finds programs of this machine that modules start inside their jobs, such as R; does not start jobs.

A program is asked for its version once as long as its file stays the same. What the jail must show for it
beyond the system's library folders is given here too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

R = "Rscript"
HOME_VARIABLE = "STUDIOLO_R_HOME"
FOLDERS_VARIABLE = "STUDIOLO_R_LIBRARY_FOLDERS"
_INSTALLING = {R: "apt-get install r-base-core"}
_SHOWN = ("/usr/lib/", "/usr/lib64/")  # what every jail shows
# On Debian: what is for all machines, for this one; what the links in /etc/fonts lead to, and what is known of fonts.
_OF_R = (
    "/usr/share/R",
    "/usr/local/lib/R/site-library",
    "/usr/share/fontconfig",
    "/var/cache/fontconfig",
)
_CHOSEN = ("libblas.so.3", "liblapack.so.3")  # Debian: links through /etc/alternatives, which no jail shows
_ANSWER_SECONDS = 20


@dataclass(frozen=True)
class Program:
    """A program that is there.

    Attributes:
        name: as modules declare it.
        path: its file.
        version: the first line that it says of itself, or that its file has changed where it says nothing.
    """

    name: str
    path: str
    version: str


def has_program(name: str) -> bool:
    """Say whether a program is there; looks along PATH only."""
    return shutil.which(name) is not None


def find_program(name: str) -> Program | None:
    """Give a program of this machine, or None when it is not there."""
    path = shutil.which(name)
    if path is None:
        return None
    path = os.path.realpath(path)
    facts = Path(path).stat()
    return Program(name, path, _version(path, facts.st_mtime_ns, facts.st_size))


def how_to_install(name: str) -> str:
    """Give what a person does to get a program."""
    return (
        f"Install it: {_INSTALLING[name]}." if name in _INSTALLING else "Install it, so that PATH finds it."
    )


def home_of_r() -> str | None:
    """Give the folder of the R that PATH finds, which holds bin/exec/R and its library; None without one."""
    path = shutil.which(R)
    if path is None:
        return None
    real = Path(os.path.realpath(path))
    prefix = real.parent.parent
    homes = (prefix, prefix / "lib" / "R", prefix / "lib64" / "R")  # real, or beside the link that PATH has
    return next((str(home) for home in homes if os.access(home / "bin/exec/R", os.X_OK)), None)


def shown_for_programs() -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Give the files and folders that jails show so that programs work, and the variables that say where they are."""
    home = home_of_r()
    if home is None:
        return (), ()
    paths = [path for path in _OF_R if Path(path).is_dir()]
    if not home.startswith(_SHOWN):
        paths.append(home)
    folders = {
        str(link.resolve().parent) for name in _CHOSEN for link in Path("/usr/lib").glob(f"*-linux-*/{name}")
    }
    return tuple(paths), ((HOME_VARIABLE, home), (FOLDERS_VARIABLE, ":".join(sorted(folders))))


@lru_cache(maxsize=32)
def _version(path: str, changed: int, size: int) -> str:
    try:
        answer = subprocess.run(
            [path, "--version"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return f"{changed} {size}"
    lines = (answer.stdout + answer.stderr).decode("utf-8", "replace").splitlines()
    return next((line.strip()[:200] for line in lines if line.strip()), f"{changed} {size}")
