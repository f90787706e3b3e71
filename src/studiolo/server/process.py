"""One server process: serves on a socket that it was given until it is told to stop, then ends what it began.

Run by `serve.py` as `python -m studiolo.server.process`, with its settings as JSON on standard input.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn

from studiolo.server.app import ServerSettings, make_app
from studiolo.workspace import Workspace

DRAIN_SECONDS = 100
KEEP_ALIVE_SECONDS = 75
WAITING_CONNECTIONS = 2048


def run(settings: dict[str, Any]) -> None:
    """Serve until SIGTERM or SIGINT; then no new connection is taken and running requests are answered.

    Args:
        settings: `workspace`: its folder, `socket`: descriptor that listens, `processes`, `address`, `level`.
    """
    logging.basicConfig(
        format="%(asctime)s %(levelname)s %(message)s", level=settings["level"], stream=sys.stderr
    )
    listening = socket.socket(fileno=settings["socket"])
    workspace = Workspace(Path(settings["workspace"]))
    app = make_app(workspace, ServerSettings(settings["processes"], settings["address"]))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        backlog=WAITING_CONNECTIONS,
        ws="none",
        proxy_headers=False,
    )
    gc.collect()
    gc.freeze()  # what is loaded stays: no collection needs to look at it again
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    run(json.loads(sys.stdin.read()))
