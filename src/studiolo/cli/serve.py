"""`studiolo serve`: answer the requests of every published service."""

from __future__ import annotations

import os
from typing import Any

import click

from studiolo.cli import listening
from studiolo.cli.invocation import Invocation
from studiolo.cli.sections import StudioloCommand

MOST_WORKERS = 256


@click.command(
    "serve",
    cls=StudioloCommand,
    examples=[
        ("studiolo serve", "on this machine only, port 8765"),
        ("studiolo serve --port 9000 --workers 4", "four server processes"),
        ("studiolo serve --host 0.0.0.0 --address https://ml.example.org", "behind a proxy that adds TLS"),
    ],
)
@listening.host
@listening.port
@click.option(
    "--workers",
    metavar="NUMBER",
    default=None,
    type=click.IntRange(1, MOST_WORKERS),
    help="Server processes; by default one for each two cores.",
)
@click.option("--address", metavar="URL", help="Address that clients know it by, where it is another one.")
@listening.log_level("info")
@click.option("--json", "is_json", is_flag=True, help="Say where it serves as JSON.")
@click.pass_obj
def serve(
    invocation: Invocation,
    host: str,
    port: int,
    workers: int | None,
    address: str | None,
    level: str,
    is_json: bool,
) -> Any:
    """Answer the requests of every service published in the workspace, until Ctrl-C or SIGTERM.

    What is published, rolled back or retired meanwhile counts at once. At the end no new request is taken, and
    those that run are answered.
    """
    from studiolo.server.serve import ServeWish, Supervisor, check_address

    invocation.is_json = is_json
    with invocation.open() as workspace:  # its faults are told here, not by a process behind
        folder = workspace.path
    wish = ServeWish(
        workspace=folder,
        host=host,
        port=port,
        processes=workers or max((os.cpu_count() or 1) // 2, 1),
        address=check_address(address),
        level=level.upper(),
    )

    def say(found: str, services: list[str]) -> None:
        if invocation.is_json:
            invocation.print_json({"address": found, "services": services})
            return
        listed = (
            ", ".join(services) if services else "no service yet: studiolo publish EXPERIMENT --name NAME"
        )
        invocation.out.line(f"Serving at {found}: {listed}")
        if services:
            invocation.out.line(f"Help and a test form: {found}/services/{services[0]}")
        invocation.out.line("Ctrl-C ends it, when the requests that run are answered.")

    return Supervisor(wish, say).run()
