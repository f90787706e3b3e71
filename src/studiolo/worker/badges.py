"""The badge of a jail that runs: `full`, `reduced` or `none`, and whether a workspace allows it (R-6.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studiolo.errors import WorkerError
from studiolo.worker.walls_report import LANDLOCK_ALONE, WallsReport, examine

BADGES = ("full", "reduced", "none")
"""Strongest first."""


def badge_of(facts: Mapping[str, Any]) -> str:
    """Give the badge of a pool from what its zygote says of the walls it has built."""
    if not facts.get("seccomp"):
        return "none"
    if facts.get("is_bare"):
        return "reduced" if facts.get("landlock", 0) >= LANDLOCK_ALONE else "none"
    return "full" if facts.get("landlock", 0) else "reduced"


def is_allowed(badge: str, weakest: str) -> bool:
    """Say whether a jail with `badge` is at least as strong as `weakest`."""
    return BADGES.index(badge) <= BADGES.index(weakest)


def refusal(badge: str, reason: str, report: WallsReport | None = None) -> WorkerError:
    """Give the error for a jail that is weaker than the workspace allows.

    Args:
        badge: of the strongest jail that this machine can build.
        reason: what the launcher said, may be empty.
        report: what was examined; done here by default.
    """
    report = report or examine()
    problems: dict[str, list[str]] = {}
    for wall in report.missing:
        problems.setdefault(wall.problem, []).append(wall.name)
    told = "; ".join(f"{', '.join(names)} ({problem})" for problem, names in problems.items()) or reason
    if not report.can_run:
        hint = "Nothing can run here, whatever a workspace allows."
    else:
        hint = f'To run in the weaker jail all the same, write in studiolo.toml: allow_badge = "{badge}"'
    better = "`studiolo doctor` shows the walls."
    if report.remedies:
        better = f"To make it full: {report.remedies[0].rstrip('.')} (`studiolo doctor` says more)."
    return WorkerError(
        "jail-refused",
        f"This machine can build {_WEAKER[badge]}. Missing: {told}.",
        f"{better} {hint}",
        badge=badge,
        missing=[wall.name for wall in report.missing],
        log=reason,
    )


_WEAKER = {"reduced": "only a reduced jail", "none": "no jail that is a boundary", "full": "a full jail"}
