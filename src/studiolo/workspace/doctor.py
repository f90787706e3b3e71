"""Examines a machine and a workspace: which walls stand, which environments work, whether the store is whole."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studiolo.environments import packages
from studiolo.environments.current import NAME as CURRENT
from studiolo.environments.programs import R, find_program
from studiolo.errors import StudioloError
from studiolo.worker.badges import is_allowed
from studiolo.worker.walls_report import WallsReport, examine

if TYPE_CHECKING:
    from studiolo.workspace.workspace import Workspace


@dataclass(frozen=True)
class EnvironmentReport:
    """An environment: `problem` is empty when a job can run in it, or could when it is built."""

    name: str
    version: str
    python: str
    packages: tuple[tuple[str, str], ...]
    problem: str = ""
    is_built: bool = True


@dataclass(frozen=True)
class Check:
    """Something else that was looked at: `problem` is empty when it is well."""

    name: str
    finding: str
    problem: str = ""


@dataclass(frozen=True)
class DoctorReport:
    """What `studiolo doctor` shows.

    Attributes:
        machine: system, kernel and architecture.
        jail: the walls, the badge, and what would make it better.
        allowed: the weakest badge that the workspace allows; nothing without a workspace.
        environments: `current`, those of the workspace, and ready-made ones that are built or the workspace's usual.
        checks: of the workspace's store; empty without a workspace.
    """

    machine: str
    jail: WallsReport
    allowed: str = ""
    environments: tuple[EnvironmentReport, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def are_runs_allowed(self) -> bool:
        """Runs go on here, in the jail that there is; without a workspace as in a new one."""
        return self.jail.can_run and is_allowed(self.jail.badge, self.allowed or "full")

    @property
    def is_well(self) -> bool:
        """Jobs can run in a full jail, and nothing is broken."""
        problems = [one.problem for one in self.environments] + [one.problem for one in self.checks]
        return self.jail.badge == "full" and not any(problems)


def examine_machine() -> DoctorReport:
    """Examine the walls only; needs no workspace."""
    return DoctorReport(f"{platform.system()} {platform.release()} {platform.machine()}", examine())


def examine_workspace(workspace: Workspace) -> DoctorReport:
    """Examine the walls, start a jail in each environment, and look through the store."""
    report = replace(examine_machine(), allowed=workspace.settings.allow_badge)
    return replace(report, environments=tuple(_environments(workspace, report)), checks=_checks(workspace))


def _environments(workspace: Workspace, report: DoctorReport) -> Iterator[EnvironmentReport]:
    from studiolo.environments.registry import Environments

    known = Environments(workspace.path)
    for name in known.names():
        if name not in (CURRENT, workspace.settings.environment):
            try:
                facts = known.show(name)
            except StudioloError as error:
                yield EnvironmentReport(name, "", "", (), error.summary)
                continue
            if not facts.is_usable and facts.missing is None:
                if facts.kind != "ready-made":
                    listed = tuple((one.name, one.version) for one in facts.packages)
                    yield EnvironmentReport(name, facts.python, "", listed, is_built=False)
                continue
            if facts.kind == "ready-made" and facts.missing is not None:
                continue
        yield _environment(workspace, name, report)


def _environment(workspace: Workspace, name: str, report: DoctorReport) -> EnvironmentReport:
    try:
        found = workspace.environment(name)
    except StudioloError as error:
        return EnvironmentReport(name, "", "", (), error.summary)
    listed = tuple((package.name, package.version) for package in packages(found))
    if not report.are_runs_allowed:
        problem = "not tried: runs are refused here"
        return EnvironmentReport(name, found.version, found.python, listed, problem)
    try:
        workspace.pools.get(found).facts()
    except StudioloError as error:
        return EnvironmentReport(name, found.version, found.python, listed, error.summary)
    return EnvironmentReport(name, found.version, found.python, listed)


def _checks(workspace: Workspace) -> tuple[Check, ...]:
    blobs = list(workspace.blobs.blobs())
    size = sum(blob.size for blob in blobs)
    swept = workspace.blobs.sweep()
    checks = [
        Check("store", f"{len(blobs)} contents, {size / 1e6:.1f} MB"),
        Check("half-written files of dead processes", f"{swept} removed" if swept else "none"),
    ]
    found = find_program(R)
    checks.append(
        Check("R", f"{found.version}, {found.path}" if found else "none; Execute R Script needs it")
    )
    for problem in workspace.registry.problems:
        checks.append(Check("modules", str(problem.where), problem.summary))
    return tuple(checks)
