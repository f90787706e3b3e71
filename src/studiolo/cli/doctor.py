"""`studiolo doctor`: says which walls of the jail stand on this machine, and whether the workspace is well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from studiolo.cli.exit_codes import OK, USER_ERROR, WORKER_REFUSED
from studiolo.cli.invocation import Invocation
from studiolo.cli.plain_text import clean_line, wrap
from studiolo.cli.quantities import count_text, listing
from studiolo.cli.screen import Screen
from studiolo.cli.sections import StudioloCommand
from studiolo.cli.tables import Cell, Heading, table_lines
from studiolo.errors import UserError

if TYPE_CHECKING:
    from studiolo.worker.walls_report import WallsReport
    from studiolo.workspace.doctor import DoctorReport, EnvironmentReport

STYLES = {"full": "green", "reduced": "yellow", "none": "red"}
FIRST_PACKAGES = ("pandas", "numpy", "pyarrow", "scikit-learn", "matplotlib")


@click.command(
    "doctor",
    cls=StudioloCommand,
    examples=[("studiolo doctor", "this machine, and the workspace if you are in one")],
)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def doctor(invocation: Invocation, is_json: bool) -> int:
    """Say which walls of the jail stand here, which environments work, and whether the store is whole.

    The exit code is 0 when all is well, 3 when a wall is missing, 2 when something else is wrong.
    """
    invocation.is_json = is_json
    report = _examine(invocation)
    if is_json:
        invocation.print_json(_json(report))
    else:
        for line in _lines(report, invocation.out):
            invocation.out.line(line)
    if report.jail.badge != "full":
        return WORKER_REFUSED
    return OK if report.is_well else USER_ERROR


def _examine(invocation: Invocation) -> DoctorReport:
    """Examine the workspace too when there is one; a workspace that was named must be there."""
    from studiolo.workspace.doctor import examine_machine

    try:
        workspace = invocation.open()
    except UserError as error:
        if invocation.folder is not None or error.code != "no-workspace":
            raise
        return examine_machine()
    with workspace:
        return workspace.doctor()


def _lines(report: DoctorReport, screen: Screen) -> Iterator[str]:
    jail = report.jail
    head = f"jail: {jail.badge}"
    first, *rest = _wrapped(f"{head}  {_meaning(jail)}", screen, 0)
    yield screen.styled(head, STYLES[jail.badge]) + first.removeprefix(head)
    yield from rest
    yield from _wrapped(_runs_text(report), screen, 0)
    yield screen.styled(report.machine, "dim")
    yield ""
    yield screen.styled("walls", "bold")
    headings = [Heading(""), Heading("", least=10), Heading("", wraps=True)]
    rows = [
        [
            *_marked(not wall.problem, screen),
            Cell(wall.name),
            Cell(_wall_text(wall.stops, wall.problem), "dim"),
        ]
        for wall in jail.walls
    ]
    yield from table_lines(headings, rows, screen, has_head=False)
    yield from _section("why", _causes(jail), screen)
    yield from _section("what would make it full", jail.remedies, screen)
    if report.environments:
        yield ""
        yield screen.styled("environments", "bold")
        rows = [
            [
                *_marked(not one.problem, screen),
                Cell(clean_line(one.name)),
                Cell(clean_line(one.problem or _environment_text(one)), "dim"),
            ]
            for one in report.environments
        ]
        yield from table_lines(headings, rows, screen, has_head=False)
    if report.checks:
        yield ""
        yield screen.styled("workspace", "bold")
        rows = [
            [
                *_marked(not one.problem, screen),
                Cell(one.name),
                Cell(clean_line(": ".join(text for text in (one.finding, one.problem) if text)), "dim"),
            ]
            for one in report.checks
        ]
        yield from table_lines(headings, rows, screen, has_head=False)


def _meaning(jail: WallsReport) -> str:
    """Say what a badge stands for on this machine."""
    if not jail.can_run:
        return "Scripts can't run here at all."
    if jail.badge == "full":
        return "Every wall stands."
    if jail.badge == "none" and jail.has_namespaces:
        return "Without seccomp the other walls do not hold against an attack."
    if jail.badge == "none":
        return "Only limits and a private folder: that stops no attack."
    if jail.has_namespaces:
        return "The first walls stand; the second one for files is missing."
    return (
        "No namespaces: seccomp and Landlock stand alone. Scripts can't start processes, and get no grants."
    )


def _runs_text(report: DoctorReport) -> str:
    """Say whether runs go on, and by whose word."""
    if report.jail.badge == "full":
        return "Scripts run jailed."
    if not report.jail.can_run:
        return "Runs are refused, whatever a workspace allows."
    asked = f'allow_badge = "{report.jail.badge}" in studiolo.toml'
    if report.are_runs_allowed:
        return f'Scripts run in this jail: allow_badge = "{report.allowed}" in studiolo.toml allows it.'
    return f"Runs are refused, unless a workspace allows this jail by name: {asked}."


def _causes(jail: WallsReport) -> list[str]:
    """Give each cause once, with the walls that are missing by it."""
    walls: dict[str, list[str]] = {}
    for wall in jail.missing:
        if wall.cause:
            walls.setdefault(wall.cause, []).append(wall.name)
    several = len(walls) > 1
    return [f"{cause} ({listing(names)})" if several else cause for cause, names in walls.items()]


def _section(title: str, sentences: Sequence[str], screen: Screen) -> Iterator[str]:
    if sentences:
        yield ""
        yield screen.styled(title, "bold")
        for sentence in sentences:
            yield from _wrapped(sentence, screen, 2)


def _wrapped(text: str, screen: Screen, indent: int) -> Iterator[str]:
    lines = wrap(clean_line(text), screen.width - 1 - indent) if screen.is_terminal else [clean_line(text)]
    for line in lines:
        yield " " * indent + line


def _marked(is_well: bool, screen: Screen) -> list[Cell]:
    return [Cell(screen.sign("finished"), "green") if is_well else Cell(screen.sign("failed"), "red")]


def _wall_text(stops: str, problem: str) -> str:
    return f"missing: {clean_line(problem)}" if problem else f"stops {stops}"


def _environment_text(one: EnvironmentReport) -> str:
    if not one.is_built:
        return f"Python {one.version}: not built yet; studiolo env build {one.name}"
    known = dict(one.packages)
    first = [f"{name} {known[name]}" for name in FIRST_PACKAGES if name in known]
    rest = len(known) - len(first)
    return f"Python {one.version}: {listing(first) or 'no pandas'}" + (
        f" and {count_text(rest, 'more package')}" if rest > 0 else ""
    )


def _json(report: DoctorReport) -> dict[str, Any]:
    return {
        "badge": report.jail.badge,
        "can_run": report.jail.can_run,
        "are_runs_allowed": report.are_runs_allowed,
        "is_well": report.is_well,
        "machine": report.machine,
        "walls": [
            {
                "name": wall.name,
                "stops": wall.stops,
                "problem": wall.problem,
                "cause": wall.cause,
                "needed": wall.part != "landlock",
            }
            for wall in report.jail.walls
        ],
        "remedies": list(report.jail.remedies),
        "environments": [
            {
                "name": one.name,
                "version": one.version,
                "python": one.python,
                "packages": dict(one.packages),
                "problem": one.problem,
                "is_built": one.is_built,
            }
            for one in report.environments
        ],
        "checks": [
            {"name": one.name, "finding": one.finding, "problem": one.problem} for one in report.checks
        ],
    }
