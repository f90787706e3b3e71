"""What the commands that serve are told alike: where to listen, and how much goes to the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

LEVELS = ("debug", "info", "warning", "error")

Function = Callable[..., Any]

host = click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    help="Address to listen on; by default this machine's own.",
)
port = click.option(
    "--port",
    metavar="NUMBER",
    default=8765,
    type=click.IntRange(0, 65535),
    help="TCP port; 0 for a free one.",
)


def log_level(default: str) -> Callable[[Function], Function]:
    """Give the option `--log` with its default."""
    return click.option(
        "--log", "level", default=default, type=click.Choice(LEVELS), help="How much goes to standard error."
    )
