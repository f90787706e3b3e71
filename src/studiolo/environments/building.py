"""Builds environments from their locks, each once for all workspaces of the user, in the user's data folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

from studiolo.environments.current import described
from studiolo.environments.environment import Environment
from studiolo.environments.failures import storage_error
from studiolo.environments.folders import facts_of, finished, is_finished, locked, protect, remove_tree, sweep
from studiolo.environments.interpreters import Interpreter
from studiolo.environments.lock import Lock
from studiolo.environments.making import Maker
from studiolo.environments.progress import BuildProgress, Told, silent
from studiolo.environments.tools import data_folder
from studiolo.store.digest import is_digest

_HINT = "Build it again: studiolo env build --again NAME"


def environment_digest(interpreter: Interpreter, lock: Lock) -> str:
    """Give the digest of an environment: interpreter, kind of machine, and packages with their versions."""
    parts = [interpreter.implementation, interpreter.version, interpreter.machine, *lock.requirements]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def built_folder(interpreter: Interpreter, lock: Lock) -> Path:
    """Give the folder where an environment is, or would be, built."""
    return data_folder() / "environments" / environment_digest(interpreter, lock)


def build(
    name: str, interpreter: Interpreter, lock: Lock, told: Told = silent, cache_folder: Path | None = None
) -> Environment:
    """Give a built environment; build it first when it is not there.

    Needs the package index only while building. Two processes that build the same one: the second waits and
    uses what the first has made. What was left half-built by a crash is removed and built anew. A failure, an
    interruption or a full disk leaves nothing that would be used later.

    Args:
        name: of the environment.
        interpreter: to build it on.
        lock: exactly what is installed.
        told: is given each step.
        cache_folder: see `current_environment`.

    Raises:
        UserError: `cannot-build`, `environment-disk-full`, `environments-unwritable`, `missing-uv`,
            `broken-environment`.
    """
    folder = built_folder(interpreter, lock)
    try:
        if not is_finished(folder):
            waiting = BuildProgress("waiting", "another studiolo builds the same environment")
            with locked(folder, lambda: told(waiting)) as descriptor:
                if not is_finished(folder):
                    sweep(folder.parent)
                    _build(folder, interpreter, lock, told, descriptor)
    except OSError as error:
        raise storage_error(error, folder) from error
    return _described(name, folder, interpreter, lock, cache_folder)


def built_environment(name: str, digest: str, cache_folder: Path | None = None) -> Environment | None:
    """Give an environment that is built here, by its digest; None when it is not.

    Args:
        name: to show.
        digest: of `environment_digest`.
        cache_folder: see `current_environment`.

    Raises:
        UserError: `broken-environment`.
    """
    if not is_digest(digest):
        return None
    folder = data_folder() / "environments" / digest
    if not is_finished(folder):
        return None
    return replace(described(name, str(folder / "bin/python"), _HINT, cache_folder), lock_digest=digest)


def size_of(folder: Path) -> int | None:
    """Give the bytes that a built environment takes; None when it is not built."""
    facts = facts_of(folder)
    size = facts.get("size_bytes") if facts else None
    return size if isinstance(size, int) else None


def remove_built(folder: Path) -> None:
    """Remove a built environment; waits for a process that builds it.

    Raises:
        UserError: `environments-unwritable`.
    """
    try:
        with locked(folder, lambda: None):
            remove_tree(folder)
    except OSError as error:
        raise storage_error(error, folder) from error


def _described(
    name: str, folder: Path, interpreter: Interpreter, lock: Lock, cache_folder: Path | None
) -> Environment:
    found = described(name, str(folder / "bin/python"), _HINT, cache_folder)
    return replace(found, lock_digest=environment_digest(interpreter, lock))


def _build(folder: Path, interpreter: Interpreter, lock: Lock, told: Told, descriptor: int) -> None:
    started = time.monotonic()
    # Beside the environment: on the same disk, and nothing of it stays when it is removed.
    scratch = folder.with_name(f"{folder.name}.part")
    remove_tree(folder)
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        scratch.mkdir(mode=0o700)
        made = _Progress(told, len(lock.requirements))
        maker = Maker(folder, interpreter, scratch, made.package, (descriptor,))
        told(BuildProgress("creating", f"Python {interpreter.version}", 0.0))
        maker.create()
        told(BuildProgress("installing", "", 0.05))
        maker.install(lock.pins, last=lock.last)
        told(BuildProgress("compiling", "", 0.9))
        # Files that no Python of this version can compile are of no concern: some packages bring them.
        maker.run([maker.python, *maker.flags, "-m", "compileall", "-q", str(folder / "lib")])
        told(BuildProgress("checking", "", 0.97))
        described("", maker.python, _HINT)
        size = protect(folder)
        finished(
            folder,
            {
                "version": interpreter.version,
                "machine": interpreter.machine,
                "packages": list(lock.requirements),
                "size_bytes": size,
                "seconds": round(time.monotonic() - started, 1),
                "built": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            },
        )
        folder.chmod(0o555)
        told(BuildProgress("built", "", 1.0))
    except BaseException:
        remove_tree(folder)
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


class _Progress:
    """Turns the packages that pip and uv speak of into steps."""

    def __init__(self, told: Told, count: int) -> None:
        self._told = told
        self._count = max(count, 1)
        self._seen: set[str] = set()

    def package(self, name: str) -> None:
        self._seen.add(name)
        done = min(len(self._seen) / self._count, 1.0)
        self._told(BuildProgress("installing", name, 0.05 + 0.8 * done))
