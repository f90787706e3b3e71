"""Small jobs for attacks on memory, disk, results, bundles and state: little is allowed, so bombs end early."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.jail.hosts import HostProcess, Reply

SMALL = {
    "memory_mb": 256,
    "cpu_seconds": 20,
    "wall_seconds": 10,
    "disk_mb": 32,
    "files": 2000,
    "processes": 32,
    "output_mb": 64,
}


def text(indented: str) -> str:
    """Give lines of a script that stand indented in a test."""
    return textwrap.dedent(indented).strip()


def body(code: str, top: str = "") -> str:
    """Give a script whose `azureml_main` runs `code`, below `top`."""
    inner = textwrap.indent(textwrap.dedent(code).strip(), "    ")
    return f"{textwrap.dedent(top)}\ndef azureml_main(dataframe1=None, dataframe2=None):\n{inner}\n"


def run(jail: HostProcess, code: str, top: str = "", bundle: bytes | None = None, **limits: int) -> Reply:
    """Run `code` in the jail with small limits; the aftermath is looked at when the test ends."""
    return run_script(jail, body(code, top), bundle, **limits)


def run_script(jail: HostProcess, script: str, bundle: bytes | None = None, **limits: int) -> Reply:
    """Run a whole script in the jail with small limits."""
    values: dict[str, object] = {"limits": {**SMALL, **limits}}
    if bundle is not None:
        values["bundle"] = base64.b64encode(bundle).decode()
    return jail.run(script, **values)


def attack(jail: HostProcess, code: str, top: str = "", **limits: int) -> Reply:
    """Run `code` and assert that it really tried and broke nothing: lines `TRIED: …`, none `BREACH: …`."""
    reply = run(jail, code, top, None, **limits)
    assert "TRIED:" in reply.log, (reply.code, reply.summary, reply.log)
    assert "BREACH" not in reply.log, reply.log
    return reply


def together(jail: HostProcess, codes: Iterable[str], top: str = "", **limits: int) -> list[Reply]:
    """Run several jobs at once; give their replies in order."""
    started = [jail.start(body(code, top), limits={**SMALL, **limits}) for code in codes]
    return [pending.reply() for pending in started]


class Peak:
    """How much the host's memory grew at most; set when the block ends."""

    megabytes = 0


@contextmanager
def host_peak(jail: HostProcess) -> Iterator[Peak]:
    """Measure the host's highest resident memory above what it had at the beginning, in MiB."""
    process = Path(f"/proc/{jail.facts['host']}")
    (process / "clear_refs").write_text("5")  # sets the peak back
    before, peak = _memory(process, "VmRSS"), Peak()
    yield peak
    peak.megabytes = (_memory(process, "VmHWM") - before) >> 10


def _memory(process: Path, name: str) -> int:
    """Give a figure of /proc/PID/status in KiB."""
    lines = (process / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))
