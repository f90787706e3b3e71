"""Says which walls this machine can build, what jail they make, and what would make it a better one.

The walls are tried by `walls_probes.py`; a report costs about 50 ms. Why a wall is missing is told by the kernel's
error, and by what is known to cause it on this kind of machine. What jail there is, is told by a badge:

    full      namespaces, seccomp and Landlock
    reduced   namespaces and seccomp; or, without namespaces, seccomp and a Landlock that can stand alone
    none      limits, a clean environment and a private folder: nothing that holds against an attack
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from studiolo.worker import wall_causes

PROGRAM = Path(__file__).with_name("walls_probes.py")
PROGRAM_SECONDS = 30
LANDLOCK_ALONE = (
    3  # from this version on it also confines truncating, so that it can be the only wall for files
)
OTHER_SYSTEM = "Linux namespaces, seccomp and Landlock"

# Name, what it stops, and which part of the jail it belongs to.
_WALLS = (
    (
        "user namespace",
        "rights over the machine; it makes the other walls possible without root",
        "namespaces",
    ),
    ("mount namespace", "seeing the machine's files, sockets and secrets", "namespaces"),
    ("read-only mounts", "changing libraries", "namespaces"),
    ("detached mounts", "changing the store through an open file", "namespaces"),
    ("process namespace", "seeing, signalling or outliving other processes", "namespaces"),
    ("network namespace", "every network", "namespaces"),
    ("user namespace of the job", "rights over its own walls; fork bombs", "namespaces"),
    ("seccomp", "system calls that namespaces do not confine", "filter"),
    ("Landlock", "files, signals and sockets once more, as a second wall", "landlock"),
    ("sealed memory files", "changing a result after it was given back", "base"),
    ("process descriptors", "killing the wrong process", "base"),
)


@dataclass(frozen=True)
class Wall:
    """One wall of the jail.

    Attributes:
        name: what people read.
        stops: what it keeps a script from.
        problem: why it can't be built here, as the system said it; empty when it can.
        part: `namespaces`, `filter`, `landlock`, or `base`, without which nothing can run.
        cause: the usual cause of the problem, as far as it can be told; one sentence, or empty.
        remedy: what to do about it; a command or a sentence, or empty.
    """

    name: str
    stops: str
    problem: str = ""
    part: str = "base"
    cause: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class WallsReport:
    """All walls, and what follows.

    Attributes:
        walls: in the order in which they are shown.
        landlock: version of Landlock, 0 without it.
    """

    walls: tuple[Wall, ...]
    landlock: int = 0

    @property
    def missing(self) -> tuple[Wall, ...]:
        """The walls that can't be built."""
        return tuple(wall for wall in self.walls if wall.problem)

    @property
    def has_namespaces(self) -> bool:
        """Jobs can get namespaces of their own; otherwise they run in a bare jail."""
        return self._has("namespaces")

    @property
    def has_filter(self) -> bool:
        """System calls can be filtered."""
        return self._has("filter")

    @property
    def can_run(self) -> bool:
        """Something can run here, if the workspace allows the badge."""
        return self._has("base")

    @property
    def badge(self) -> str:
        """`full`, `reduced` or `none`."""
        if not (self.can_run and self.has_filter):
            return "none"
        if self.has_namespaces:
            return "full" if self._has("landlock") else "reduced"
        return "reduced" if self._has("landlock") and self.landlock >= LANDLOCK_ALONE else "none"

    @property
    def remedies(self) -> tuple[str, ...]:
        """What would make the jail full, each once."""
        found = [wall.remedy for wall in self.missing if wall.remedy]
        if not self.has_namespaces and self._has("landlock") and self.landlock < LANDLOCK_ALONE:
            found.append(wall_causes.OLD_LANDLOCK)
        return tuple(dict.fromkeys(found))

    def _has(self, part: str) -> bool:
        walls = [wall for wall in self.walls if wall.part == part]
        return bool(walls) and not any(wall.problem for wall in walls)


def examine() -> WallsReport:
    """Try every wall and say what holds. May be called in a process with several threads."""
    if sys.platform != "linux":
        return _none_at_all(
            f"needs Linux; this is {platform.system() or sys.platform}", wall_causes.NOT_LINUX
        )
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(PROGRAM)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROGRAM_SECONDS,
            check=True,
        )
        found = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        return _none_at_all(f"the walls could not be tried: {error}", "")
    facts = wall_causes.Facts.of_this_machine()
    walls = []
    for name, stops, part in _WALLS:
        problem = found["problems"][name]
        if problem is None:
            walls.append(Wall(name, stops, part=part))
        else:
            cause, remedy = wall_causes.explain(name, part, problem[0], facts)
            walls.append(Wall(name, stops, problem[1] or "no reason given", part, cause, remedy))
    return WallsReport(tuple(walls), found["landlock"])


def _none_at_all(problem: str, cause: str) -> WallsReport:
    return WallsReport((Wall(OTHER_SYSTEM, "everything", problem, "base", cause, wall_causes.USE_LINUX),))
