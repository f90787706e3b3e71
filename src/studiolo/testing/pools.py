"""The pools of a test process: one for each environment, in a folder of their own, ended with the process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
from pathlib import Path

from studiolo.environments import Environment, current_environment
from studiolo.errors import UserError
from studiolo.worker.pools import Pools
from studiolo.workspace import Workspace

_lock = threading.Lock()
_made: dict[tuple[int, str], Pools] = {}


def pools(badge: str) -> Pools:
    """Give the pools of this process.

    Args:
        badge: of the weakest jail that is allowed.
    """
    process = os.getpid()  # a forked copy needs its own
    with _lock:
        if (process, badge) not in _made:
            folder = Path(tempfile.mkdtemp(prefix="studiolo-testing-"))
            _made[process, badge] = Pools(folder / "blobs", folder / "cache", badge)
            atexit.register(_end, process, badge, folder)
        return _made[process, badge]


def chosen_environment(environment: str | Environment | None) -> tuple[Environment, str]:
    """Give the environment that is meant, and the weakest jail that the workspace around allows.

    Raises:
        UserError: `unknown-environment`, `environment-not-built` or `broken-environment`.
        Problems: the file of the workspace has faults.
    """
    try:
        with Workspace.find() as workspace:
            named = (
                environment if isinstance(environment, Environment) else workspace.environment(environment)
            )
            return named, workspace.settings.allow_badge
    except UserError as error:
        if error.code != "no-workspace":
            raise
    if isinstance(environment, Environment):
        return environment, "full"
    if environment is None:
        return current_environment(), "full"
    from studiolo.environments.registry import Environments

    return Environments().ready(environment), "full"


def _end(process: int, badge: str, folder: Path) -> None:
    if os.getpid() == process:
        _made.pop((process, badge)).close()
        shutil.rmtree(folder, ignore_errors=True)
