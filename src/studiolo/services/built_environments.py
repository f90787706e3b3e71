"""Remembers where the environments of published versions are built, so that they are found whatever a workspace says.

It is written in the user's data folder and not in the workspace: a workspace may come from a stranger, and what stands
here decides what a jail shows of the machine.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studiolo.environments import Environment
from studiolo.environments.failures import storage_error
from studiolo.environments.folders import is_finished
from studiolo.environments.tools import data_folder
from studiolo.errors import UserError
from studiolo.store.digest import is_digest
from studiolo.store.temporary import TemporaryFile

FOLDER = "published"


def remember(environment: Environment) -> None:
    """Write down where an environment is, if studiolo has built it; does nothing for others.

    Raises:
        UserError: `environments-unwritable` or `environment-disk-full`.
    """
    if not _is_built(environment):
        return
    path = _file(environment.lock_digest)
    text = json.dumps(asdict(environment)).encode("ascii")
    try:
        if path.exists() and path.read_bytes() == text:
            return
        with TemporaryFile(path.parent, 0o600) as file:
            file.write(text)
            os.fsync(file.descriptor)
            file.place(path)
    except OSError as error:
        raise storage_error(error, path.parent) from error


def remembered(digest: str) -> Environment | None:
    """Give the environment of that lock digest where it was built, if all of it is still there."""
    if not is_digest(digest):
        return None
    try:
        values: dict[str, Any] = json.loads(_file(digest).read_bytes())
        values |= {name: tuple(one) for name, one in values.items() if isinstance(one, list)}
        found = Environment(**values)
    except (OSError, ValueError, TypeError, AttributeError, UserError):
        return None
    is_whole = found.lock_digest == digest and _is_built(found)
    return found if is_whole and all(Path(path).exists() for path in found.read_only) else None


def _is_built(environment: Environment) -> bool:
    folder = Path(environment.prefix)
    return folder.parent == data_folder() / "environments" and is_finished(folder)


def _file(digest: str) -> Path:
    return data_folder() / "environments" / FOLDER / f"{digest}.json"
