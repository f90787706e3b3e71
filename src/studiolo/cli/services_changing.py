"""`studiolo services keys`, `rollback`, `split`, `configure`, `retire`: what changes a service without publishing."""

from __future__ import annotations

from typing import Any

import click

from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_service
from studiolo.cli.quantities import count_text, moment_text
from studiolo.cli.sections import StudioloCommand
from studiolo.cli.services import opened
from studiolo.domain.service import SLOTS


@click.command(
    "keys",
    cls=StudioloCommand,
    examples=[
        ("studiolo services keys churn", "which there are, and since when"),
        ("studiolo services keys churn --rotate secondary", "a new one; the primary key stays valid"),
    ],
)
@click.argument("name", shell_complete=complete_service)
@click.option(
    "--rotate", type=click.Choice(SLOTS), help="Make this key anew; the old one opens nothing any more."
)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def keys(invocation: Invocation, name: str, rotate: str | None, is_json: bool) -> None:
    """Show which keys a service has, by their last four characters, or make a new one, which is shown once.

    Either key opens the service. To change both without a gap: rotate the one that clients do not use, give them the
    new one, then rotate the other.
    """
    invocation.is_json = is_json
    with opened(invocation) as shelf:
        made = shelf.rotate_key(name, rotate) if rotate is not None else None
        found = shelf.keys(name)
    if is_json:
        listed = {slot: {"tail": key.tail, "created": key.created} for slot, key in found.items()}
        invocation.print_json({"keys": listed, **({"new": {rotate: made}} if rotate is not None else {})})
        return
    screen = invocation.out
    if made is not None:
        screen.line(f"The new {rotate} key of {name}, shown only this once:", "bold")
        screen.line(f"  {made}")
        return
    if not found:
        screen.line(f"{name} is retired and has no keys.")
    for slot, key in found.items():
        screen.line(f"{slot:<9}  ends in {key.tail}, made {moment_text(key.created)}")


@click.command(
    "rollback",
    cls=StudioloCommand,
    examples=[
        ("studiolo services rollback churn", "to the version before the live one"),
        ("studiolo services rollback churn --to 3", "to any version, also a later one"),
    ],
)
@click.argument("name", shell_complete=complete_service)
@click.option(
    "--to", "number", metavar="N", type=int, help="This version; the one before the live one otherwise."
)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def rollback(invocation: Invocation, name: str, number: int | None, is_json: bool) -> None:
    """Let another version answer, at once and without a gap. Addresses and keys stay."""
    with opened(invocation) as shelf:
        before = shelf.get(name).live
        after = shelf.rollback(name, number).live
        _finish(
            invocation,
            shelf,
            name,
            is_json,
            f"{name}: version {after} answers now, no more version {before}.",
        )


@click.command(
    "split",
    cls=StudioloCommand,
    arguments=[
        ("NAME", "The service."),
        ("SHARES", "VERSION=PERCENT, several; the live version has the rest."),
    ],
    examples=[
        ("studiolo services split churn 4=10", "version 4 answers one request of ten"),
        ("studiolo services split churn --end", "the live version alone again"),
    ],
)
@click.argument("name", shell_complete=complete_service)
@click.argument("shares", nargs=-1)
@click.option("--end", "is_end", is_flag=True, help="End the split: the live version answers all.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def split(invocation: Invocation, name: str, shares: tuple[str, ...], is_end: bool, is_json: bool) -> None:
    """Share the requests among versions, each by chance with its percent."""
    from studiolo.services.trying import shares_from_text

    if bool(shares) == is_end:
        context = click.get_current_context()
        raise click.UsageError("Give shares, such as 4=10, or --end.", context)
    with opened(invocation) as shelf:
        service = shelf.split(name, shares_from_text(shares))
        told = ", ".join(f"version {number} {share} %" for number, share in service.traffic.items())
        _finish(invocation, shelf, name, is_json, f"{name}: {told or f'version {service.live} answers all'}.")


@click.command(
    "configure",
    cls=StudioloCommand,
    examples=[
        ("studiolo services configure churn --children 4", "four processes in each server process"),
        ("studiolo services configure churn --rate 600 --max-rows 1000", "limits"),
        ("studiolo services configure churn --keep-data", "inputs and outputs into the request log"),
    ],
)
@click.argument("name", shell_complete=complete_service)
@click.option(
    "--children", metavar="N", type=int, help="Processes that answer at once, in each server process."
)
@click.option("--timeout", "timeout_seconds", metavar="SECONDS", type=int, help="Time of a request.")
@click.option("--max-rows", metavar="N", type=int, help="Rows of a request's inputs together.")
@click.option("--max-body", "max_body_mb", metavar="MIB", type=int, help="Size of a request's body.")
@click.option("--rate", metavar="N", help="Requests a minute for each key; none for any number.")
@click.option(
    "--keep-data/--no-keep-data", "keeps_data", default=None, help="Inputs and outputs into the log, or not."
)
@click.option("--description", metavar="TEXT", help="One line for people.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def configure(invocation: Invocation, /, name: str, rate: str | None, is_json: bool, **given: Any) -> None:
    """Change limits, processes and the log of a service; servers follow at once."""
    values = {key: value for key, value in given.items() if value is not None}
    if rate is not None:
        values["requests_per_minute"] = _rate(rate)
    if not values:
        raise click.UsageError("Say what to change.", click.get_current_context())
    with opened(invocation) as shelf:
        shelf.configure(name, **values)
        _finish(invocation, shelf, name, is_json, f"{name}: {count_text(len(values), 'value')} changed.")


@click.command(
    "retire", cls=StudioloCommand, examples=[("studiolo services retire churn", "it answers no more")]
)
@click.argument("name", shell_complete=complete_service)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def retire(invocation: Invocation, name: str, is_json: bool) -> None:
    """End a service: it answers no more, and its keys are forgotten. Publishing under its name brings it back."""
    with opened(invocation) as shelf:
        shelf.retire(name)
        _finish(invocation, shelf, name, is_json, f"{name} is retired.")


def _rate(text: str) -> int | None:
    if text.lower() == "none":
        return None
    if not text.isdecimal():
        raise click.UsageError("--rate takes a number or none.", click.get_current_context())
    return int(text)


def _finish(invocation: Invocation, shelf: Any, name: str, is_json: bool, told: str) -> None:
    """Tell what the service is now: in words, or as a document."""
    from studiolo.cli.service_text import service_json

    invocation.is_json = is_json
    if is_json:
        invocation.print_json(service_json(shelf.get(name), shelf))
    else:
        invocation.out.line(told)
