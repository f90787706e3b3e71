"""Runs the chain in other tools, each in a process of its own, in `.bench-venv`, without outgoing requests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.places import HERE, own_folder, plain_environment, run_command

REQUIREMENTS = HERE / "peers.txt"
SILENT = {
    "DO_NOT_TRACK": "1",
    "KEDRO_DISABLE_TELEMETRY": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "60",
    "PREFECT_LOGGING_LEVEL": "ERROR",
    # Whatever wants to leave this machine all the same meets a closed door.
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1,localhost",
}


@dataclass(frozen=True)
class Peer:
    """A tool, and how the chain is run in it.

    Attributes:
        name: what the table says, with what it keeps between steps.
        program: file in `benchmarks/peers`.
        mode: last argument of the program.
    """

    name: str
    program: str
    mode: str = ""


PEERS = (
    Peer("plain function calls", "direct_chain.py"),
    Peer("Kedro, in memory", "kedro_chain.py"),
    Peer("Kedro, in memory, its log on", "kedro_chain.py", "log"),
    Peer("Kedro, Parquet", "kedro_chain.py", "parquet"),
    Peer("Dagster, pickles", "dagster_chain.py"),
    Peer("Prefect, in memory", "prefect_chain.py"),
)


def install_peers() -> str:
    """Make `.bench-venv` when it is not as `peers.txt` says; give its interpreter."""
    folder = own_folder()
    python, stamp = folder / "bin" / "python", folder / ".stamp"
    if stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return str(python)
    print(
        "  installing Kedro, Dagster and Prefect into .bench-venv (once, a minute or two) ...",
        file=sys.stderr,
    )
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(REQUIREMENTS)]
    subprocess.run(install, check=True)
    stamp.write_text(REQUIREMENTS.read_text())
    return str(python)


def run_peer(python: str, peer: Peer, nodes: int, repeats: int, folder: Path) -> tuple[float, list[float]]:
    """Run the chain in a tool `repeats` times in one process.

    Returns:
        The wall time of the whole process in seconds, and the seconds of each run inside it.

    Raises:
        RuntimeError: it failed, or did not compute what it should.
    """
    folder.mkdir(parents=True, exist_ok=True)
    program = HERE / "peers" / peer.program
    command = [python, str(program), str(nodes), str(repeats), str(folder), peer.mode]
    wall, said = run_command(command, _environment(folder))
    answer = json.loads(said.splitlines()[-1])
    if answer["value"] != nodes - 0.5:
        raise RuntimeError(f"{peer.name} computed {answer['value']} instead of {nodes - 0.5}")
    return wall, answer["seconds"]


def _environment(folder: Path) -> Mapping[str, str]:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    return plain_environment(
        home, {**SILENT, "DAGSTER_HOME": str(home), "PREFECT_HOME": str(home / "prefect")}
    )
