"""`studiolo start`: open the studio in the browser."""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studiolo.cli import listening
from studiolo.cli.invocation import Invocation
from studiolo.cli.sections import StudioloCommand
from studiolo.errors import UserError

if TYPE_CHECKING:
    from studiolo.server.start import Opened
    from studiolo.workspace import Workspace

SAMPLE_FOLDER = "studio"
WILDCARDS = ("0.0.0.0", "::")


@click.command(
    "start",
    cls=StudioloCommand,
    examples=[
        ("studiolo start", "this workspace, in the browser"),
        ("studiolo start --new study --sample", "a new workspace with the sample experiment"),
        ("studiolo start --port 0 --no-browser", "any free port; the link is printed"),
        ("studiolo start --address https://ml.example.org", "behind a proxy that adds TLS"),
    ],
)
@click.option("--new", "folder", metavar="DIR", help="Make this folder a workspace first, if it is none.")
@click.option("--sample", is_flag=True, help="With the sample experiment, in a workspace made now.")
@listening.host
@listening.port
@click.option("--address", metavar="URL", help="Address that people know it by, where it is another one.")
@click.option("--no-browser", is_flag=True, help="Only print the link.")
@listening.log_level("warning")
@click.option("--json", "is_json", is_flag=True, help="Say where it answers as JSON; opens no browser.")
@click.pass_obj
def start(
    invocation: Invocation,
    folder: str | None,
    sample: bool,
    host: str,
    port: int,
    address: str | None,
    no_browser: bool,
    level: str,
    is_json: bool,
) -> Any:
    """Open the studio in the browser: experiments, datasets, results, services of the workspace, until Ctrl-C.

    The printed link holds a token, which signs in; others can't. Published services answer at the same port.
    """
    from studiolo.server.serve import check_address
    from studiolo.server.start import StartWish, serve_studio

    invocation.is_json = is_json
    wish = StartWish(host, port, check_address(address), level.upper())
    workspace = _workspace(invocation, folder, sample)
    wants_browser = not (no_browser or is_json)

    def say(opened: Opened) -> None:
        _say(invocation, workspace, opened, host)
        if wants_browser and _has_display():
            threading.Thread(target=_open_browser, args=(opened.make_once(),), daemon=True).start()

    def say_end(running: list[str]) -> None:
        for name in running:
            invocation.err.line(f"A run of {name} is going on. It is left here; the next run continues it.")

    return serve_studio(workspace, wish, say, say_end)


def _workspace(invocation: Invocation, folder: str | None, sample: bool) -> Workspace:
    """Open the workspace that was named or found; make one where that was asked for, or is wished when asked."""
    from studiolo.graph.workspace_file import FILE
    from studiolo.workspace import Workspace

    if folder is not None or sample:
        root = Path(folder if folder is not None else SAMPLE_FOLDER).expanduser()
        if not (root / FILE).is_file():
            _make(root, sample)
            invocation.err.line(f"{root.resolve()} is a workspace now.")
        return Workspace(root)
    try:
        return invocation.open()
    except UserError as error:
        if error.code != "no-workspace":
            raise
        here = Path.cwd()
        root = invocation.folder or (here if not any(here.iterdir()) else here / SAMPLE_FOLDER)
        if not _agrees(invocation, root):
            hint = f"Make one with the sample experiment: studiolo start --new {root.name or root} --sample"
            raise UserError(error.code, error.summary, hint) from None
        if not (root / FILE).is_file():
            _make(root, sample=True)
        return Workspace(root)


def _make(root: Path, sample: bool) -> None:
    if sample:
        from studiolo.workspace.sample import make_sample_workspace

        make_sample_workspace(root)
    else:
        from studiolo.workspace.places import create_workspace

        create_workspace(root)


def _agrees(invocation: Invocation, root: Path) -> bool:
    """Ask a person at a terminal whether to make a workspace; a program is not asked."""
    if invocation.is_json or not (
        sys.stdin is not None and sys.stdin.isatty() and invocation.err.is_terminal
    ):
        return False
    question = f"There is no workspace here. Make one with the sample experiment in {root}?"
    return bool(click.confirm(question, default=True, err=True))


def _say(invocation: Invocation, workspace: Workspace, opened: Opened, host: str) -> None:
    if invocation.is_json:
        said = {"address": opened.address, "link": opened.link, "token": opened.token, "pid": os.getpid()}
        invocation.print_json({**said, "workspace": str(workspace.path)})
        return
    out = invocation.out
    out.line(f"The studio of {workspace.name} is open. Its link signs you in; keep it to yourself:")
    out.line()
    out.line(f"    {opened.link}")
    if host in WILDCARDS and "://127." in opened.address:
        out.line()
        out.line(
            f"From other machines, unencrypted: {opened.link.replace('127.0.0.1', socket.gethostname())}"
        )
    out.line()
    out.line("Ctrl-C ends it.")


def _has_display() -> bool:
    """Tell whether a browser could show on this machine to whoever started it."""
    if sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER"))


def _open_browser(link: str) -> None:
    import webbrowser

    try:
        webbrowser.open(link)
    except (OSError, webbrowser.Error):  # the link is printed
        pass
