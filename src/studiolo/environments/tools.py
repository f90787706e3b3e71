"""The programs that make environments, uv, virtualenv and pip: where they are, and how they are run."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studiolo.environments.index_settings import uv_variables
from studiolo.errors import UserError

UV_OLDEST = (3, 8)
"""Older Pythons are made by virtualenv and pip: uv does not promise to work with them."""

VIRTUALENV = ("virtualenv==20.21.1", "distlib==0.3.9", "filelock==3.16.1", "platformdirs==3.11.0")
"""The last virtualenv that makes environments of Python 2.7 and 3.6."""

_KEPT_LINES = 400
_NOISE = re.compile(r"warning|deprecation|notice|looking in|you should consider|\[notice\]", re.IGNORECASE)


@dataclass(frozen=True)
class Done:
    """How a program ended.

    Attributes:
        code: its exit code.
        lines: the last lines it wrote, both streams together.
    """

    code: int
    lines: tuple[str, ...]

    def reason(self, limit: int = 6) -> str:
        """Give the last lines that say something, at most `limit`."""
        told = [line for line in self.lines if line.strip() and not _NOISE.match(line.strip())]
        return "\n".join(told[-limit:])


def data_folder() -> Path:
    """Give the folder `studiolo` in the user's data folder, which may not exist yet.

    Raises:
        UserError: `no-data-folder`.
    """
    root = os.environ.get("XDG_DATA_HOME") or ""
    if os.path.isabs(root):  # noqa: PTH117
        return Path(root) / "studiolo"
    try:
        return Path.home() / ".local/share/studiolo"
    except RuntimeError:
        raise UserError(
            "no-data-folder",
            "There is no place for environments: you have no home folder.",
            "Set XDG_DATA_HOME to a folder of yours.",
        ) from None


def uv() -> str:
    """Give the path of uv: from the PATH, else the one that studiolo was installed with.

    Raises:
        UserError: `missing-uv`.
    """
    beside = Path(sys.executable).with_name("uv")
    found = shutil.which("uv") or (str(beside) if os.access(beside, os.X_OK) else None)
    if found is None:
        with contextlib.suppress(ImportError, FileNotFoundError):
            from uv import find_uv_bin

            found = str(find_uv_bin())
    if found is None:
        raise UserError(
            "missing-uv",
            "uv, which makes environments, is not here.",
            "Install it beside studiolo: python -m pip install uv",
        )
    return found


def run(
    command: Sequence[str],
    *,
    told: Callable[[str], None] | None = None,
    folder: Path | None = None,
    held: tuple[int, ...] = (),
) -> Done:
    """Run a program to its end; when this process is interrupted, or `told` raises, it is killed with all it started.

    It has the user's variables, for the package index, less those that would lead Python elsewhere.

    Args:
        command: the program and its arguments.
        told: is given each line as it is written.
        folder: working directory; also for its temporary files.
        held: descriptors that it keeps open: what they lock stays locked should this process be killed.

    Raises:
        OSError: it cannot be started.
    """
    lines: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=_variables(os.environ, folder),
        start_new_session=True,
        pass_fds=held,
    ) as process:
        try:
            if process.stdout is not None:
                for raw in process.stdout:
                    line = raw[:4096].decode("utf-8", "replace").rstrip()
                    lines = [*lines[-_KEPT_LINES:], line]
                    if told is not None:
                        told(line)
            return Done(process.wait(), tuple(lines))
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise


def _variables(environment: Mapping[str, str], folder: Path | None) -> dict[str, str]:
    unwanted = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
    targets = (
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_USER",
        "PIP_REQUIRE_VIRTUALENV",
        "PIP_CONSTRAINT",
        "PIP_NO_DEPS",
    )
    made = {name: value for name, value in environment.items() if name not in (*unwanted, *targets)}
    made |= uv_variables(environment)
    made |= {"PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONNOUSERSITE": "1"}
    # uv would else link files of its cache, which the environment's write protection would then reach.
    made |= {"UV_LINK_MODE": "copy", "UV_NO_PROGRESS": "1"}
    made |= {"UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    # Facts for debuggers of C cost time to compile, and a tenth of the room that the ready-made environments take.
    made.setdefault("CFLAGS", "-g0")
    if folder is not None:
        made["TMPDIR"] = str(folder)
    return made
