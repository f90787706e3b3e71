"""Environments of single nodes: an interpreter, or an environment as base, with the packages that the node names.

They are made by the run itself, so from wheels only: nothing of a package runs outside the jail (see
docs/decisions/0017-packages-of-a-node.md). What has to be compiled is built when its user says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from studiolo.domain.requirements import python_fits, requirement_fault, requirement_key
from studiolo.environments import added
from studiolo.environments.building import environment_digest, remove_built
from studiolo.environments.closed import closed_environment
from studiolo.environments.environment import Environment
from studiolo.environments.failures import storage_error
from studiolo.environments.folders import finished, is_finished, locked, protect, remove_tree, sweep
from studiolo.environments.interpreters import Interpreter, find, fitting
from studiolo.environments.lock import Lock, make_lock, read_lock
from studiolo.environments.making import Maker
from studiolo.environments.progress import BuildProgress, Told, silent
from studiolo.environments.recipe import requirement_name
from studiolo.environments.registry import Environments
from studiolo.environments.tools import data_folder
from studiolo.errors import UserError, Where
from studiolo.store.temporary import TemporaryFile

NAME = "packages of the node"
"""Of every such environment: nodes with the same packages share one pool."""

_NEEDED = "pandas"


@dataclass(frozen=True)
class NodeRecipe:
    """What the environment of a node is made of.

    Attributes:
        node: its name, for errors.
        requirements: checked by `domain.requirements`; pandas need not be named.
        requires_python: checked too; empty for any.
        base: environment that it begins with; None for a Python alone.
        lock_file: where its lock is kept.
        shown: the same as people know it.
    """

    node: str
    requirements: tuple[str, ...]
    requires_python: str
    base: str | None
    lock_file: Path
    shown: str


class PackagesOfNodes:
    """Locks and builds the environments of nodes.

    Args:
        environments: those of the workspace.
        told: is given each step.
        sources: packages may be compiled, which runs code of their authors outside the jail.
        needs_consent: only what its user has built is used: the jail here is too weak for start-up files of packages.
        check_address: raises for an https address that must not be fetched unasked.
        cache_folder: see `current_environment`.
    """

    def __init__(
        self,
        environments: Environments,
        told: Told = silent,
        *,
        sources: bool = False,
        needs_consent: bool = False,
        check_address: Callable[[str], None] = lambda requirement: None,
        cache_folder: Path | None = None,
    ) -> None:
        self._environments = environments
        self._told = told
        self._sources = sources
        self._needs_consent = needs_consent
        self._check_address = check_address
        self._cache = cache_folder
        self._made: dict[tuple[str, str], Lock] = {}

    def get(self, recipe: NodeRecipe) -> Environment:
        """Give the environment of a node; locks and builds it first where that is needed.

        A kept lock that fits needs no network. Without one, or with one of other requirements, versions are
        chosen and written.

        Raises:
            UserError: `cannot-resolve`, `needs-building`, `cannot-build`, `missing-interpreter`, `wrong-value`,
                `damaged-lock`, `environment-not-built` for its base, and those of a full disk and the like.
        """
        base = self._base(recipe)
        kept = self._kept(recipe, base)
        interpreter = self._interpreter(recipe, kept, base)
        lock = kept if kept is not None and _minor(kept.python) == _minor(interpreter.version) else None
        if lock is None:
            lock = self._lock(recipe, interpreter, base)
        return self._built(recipe, interpreter, lock, base)

    def kept(self, recipe: NodeRecipe) -> tuple[Interpreter, Lock, Path] | None:
        """Give interpreter, lock and folder of an environment as far as it is locked; locks and builds nothing.

        Raises:
            UserError: `missing-interpreter`, `damaged-lock` and what the base raises.
        """
        base = self._base(recipe)
        lock = self._kept(recipe, base)
        if lock is None:
            return None
        interpreter = self._interpreter(recipe, lock, base)
        return interpreter, lock, built_folder(interpreter, lock)

    def remove_built(self, recipe: NodeRecipe) -> None:
        """Remove what is built of the environment of a node.

        Raises:
            UserError: as for `kept`, `environments-unwritable`.
        """
        found = self.kept(recipe)
        if found is not None:
            remove_built(found[2])

    def _base(self, recipe: NodeRecipe) -> tuple[Environment, Lock] | None:
        if recipe.base is None:
            return None
        known = self._environments.recipe(recipe.base)
        if known.adopted:
            raise UserError(
                "wrong-value",
                f'Node {recipe.node} adds packages to "{recipe.base}", which studiolo did not build.',
                "Name an environment that is built, or install them into the adopted one.",
            )
        base = self._environments.ready(recipe.base), self._environments.lock(recipe.base)
        if not python_fits(recipe.requires_python, base[0].version):
            raise UserError(
                "wrong-value",
                f'Node {recipe.node} needs Python {recipe.requires_python}, and the environment "{recipe.base}"'
                f" has {base[0].version}.",
                "Take another environment, or change requires-python in the script's header.",
            )
        return base

    def _kept(self, recipe: NodeRecipe, base: tuple[Environment, Lock] | None) -> Lock | None:
        lock = read_lock(recipe.lock_file, recipe.shown)
        return lock if lock is not None and lock.recipe_digest == _digest(recipe, base) else None

    def _interpreter(
        self, recipe: NodeRecipe, kept: Lock | None, base: tuple[Environment, Lock] | None
    ) -> Interpreter:
        """Give the Python of the base, else that of the kept lock, else studiolo's own, else the newest that fits."""
        if base is not None:
            return self._environments.python_of(recipe.base or "")
        own = f"{sys.version_info[0]}.{sys.version_info[1]}"
        for minor in (_minor(kept.python) if kept is not None else "", own):
            with suppress(UserError):
                found = find(minor) if minor else None
                if found is not None and python_fits(recipe.requires_python, found.version):
                    return found
        return fitting(recipe.requires_python)

    def _lock(
        self, recipe: NodeRecipe, interpreter: Interpreter, base: tuple[Environment, Lock] | None
    ) -> Lock:
        digest = _digest(recipe, base)
        lock = self._made.get((digest, interpreter.version))
        if lock is None:
            self._told(BuildProgress("resolving", f"for Python {interpreter.version}"))
            lines = self._choose(recipe, interpreter, base)
            given = base[1] if base else Lock(())
            lock = make_lock(
                [*lines, *given.requirements],
                python=interpreter.version,
                recipe_digest=digest,
                build_last=[requirement_name(one) or "" for one in given.last],
            )
            self._check(recipe, _beside(lock, base))
            self._made[digest, interpreter.version] = lock
        try:
            with TemporaryFile(recipe.lock_file.parent, None) as file:
                file.write(lock.text.encode())
                os.fsync(file.descriptor)
                file.place(recipe.lock_file)
        except OSError as error:
            raise storage_error(error, recipe.lock_file.parent) from error
        return lock

    def _choose(
        self, recipe: NodeRecipe, interpreter: Interpreter, base: tuple[Environment, Lock] | None
    ) -> list[str]:
        asked = _asked(recipe)
        if not self._sources:
            for one in asked:
                self._check_address(one)
        try:
            scratch = Path(tempfile.mkdtemp(prefix="studiolo-lock-"))
        except OSError as error:
            raise storage_error(error, Path(tempfile.gettempdir())) from error
        try:
            maker = Maker(
                scratch / "environment",
                interpreter,
                scratch,
                lambda word: self._told(BuildProgress("resolving", word)),
            )
            return added.choose(maker, asked, base, f"node {recipe.node}", self._sources)
        except OSError as error:
            raise storage_error(error, scratch) from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _check(self, recipe: NodeRecipe, pins: list[str]) -> None:
        """Check what a lock says: the file may come from a stranger, and packages name what they need."""
        for pin in pins:
            fault = requirement_fault(pin)
            if fault is None and not ("==" in pin or "@" in pin):
                fault = ("has no version", "")
            if fault is not None:
                raise UserError(
                    "damaged-lock",
                    f'The lock {recipe.shown} cannot be used: "{pin[:100]}" {fault[0]}.',
                    "Remove the file: it is made again.",
                    Where(file=recipe.shown),
                )
            if not self._sources:
                self._check_address(pin)

    def _built(
        self,
        recipe: NodeRecipe,
        interpreter: Interpreter,
        lock: Lock,
        base: tuple[Environment, Lock] | None,
    ) -> Environment:
        folder = built_folder(interpreter, lock)
        if self._needs_consent and not _consent(folder).is_file():
            raise UserError(
                "environment-not-built",
                f"The packages of node {recipe.node} are used in a weak jail only when you have built them.",
                "Their start-up files would run outside it. Build them: studiolo env build EXPERIMENT:NODE",
            )
        try:
            if self._sources:
                _consent(folder).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _consent(folder).touch(0o600)
            if not is_finished(folder):
                pins = _beside(lock, base)
                self._check(recipe, pins)
                waiting = BuildProgress("waiting", "another studiolo builds the same environment")
                with locked(folder, lambda: self._told(waiting)) as descriptor:
                    if not is_finished(folder):
                        sweep(folder.parent)
                        self._build(recipe, folder, interpreter, pins, base, descriptor)
        except OSError as error:
            raise storage_error(error, folder) from error
        found = closed_environment(
            NAME, folder, interpreter, base[0] if base else None, "Remove it and run again.", self._cache
        )
        return replace(found, lock_digest=environment_digest(interpreter, lock))

    def _build(
        self,
        recipe: NodeRecipe,
        folder: Path,
        interpreter: Interpreter,
        pins: list[str],
        base: tuple[Environment, Lock] | None,
        descriptor: int,
    ) -> None:
        started = time.monotonic()
        scratch = folder.with_name(f"{folder.name}.part")
        remove_tree(folder)
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            scratch.mkdir(mode=0o700)
            seen: set[str] = set()

            def told(name: str) -> None:
                seen.add(name)
                share = 0.05 + 0.8 * min(len(seen) / max(len(pins), 1), 1.0)
                self._told(BuildProgress("installing", name, share))

            maker = Maker(folder, interpreter, scratch, told, (descriptor,))
            self._told(BuildProgress("creating", f"Python {interpreter.version}", 0.0))
            added.install(maker, pins, self._sources, f"node {recipe.node}")
            self._told(BuildProgress("compiling", "", 0.9))
            # By the interpreter below and without `site`: the packages' own start-up files do not run.
            compiling = [interpreter.path, *maker.flags, "-S", "-m", "compileall", "-q"]
            compiling += ["-j", "0"] if not interpreter.version.startswith("2.") else []
            maker.run([*compiling, str(folder / "lib"), str(folder / added.FOLDER)])
            paths = _start_up(folder, interpreter, base[0] if base else None)
            paths.write_text(_start_up_text(interpreter, base[0] if base else None), encoding="ascii")
            size = protect(folder)
            finished(
                folder,
                {
                    "version": interpreter.version,
                    "machine": interpreter.machine,
                    "packages": pins,
                    "base": recipe.base,
                    "size_bytes": size,
                    "seconds": round(time.monotonic() - started, 1),
                    "built": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                },
            )
            folder.chmod(0o555)
            self._told(BuildProgress("built", "", 1.0))
        except BaseException:
            remove_tree(folder)
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def built_folder(interpreter: Interpreter, lock: Lock) -> Path:
    """Give the folder where the environment of a node is, or would be, built."""
    return data_folder() / "environments" / f"packages-{environment_digest(interpreter, lock)}"


def _consent(folder: Path) -> Path:
    """Give the file that says that the user has built an environment, or would have."""
    return folder.parent / "built-by-user" / folder.name


def _start_up(folder: Path, interpreter: Interpreter, base: Environment | None) -> Path:
    return added.site_folder(folder, interpreter.version) / "studiolo_packages.pth"


def _start_up_text(interpreter: Interpreter, base: Environment | None) -> str:
    """Give the path file that makes an environment see its packages, then its base; their own path files count too."""
    lines = [f"import os, site, sys; site.addsitedir(os.path.join(sys.prefix, {added.FOLDER!r}))"]
    if base is not None:
        path = os.fsencode(added.site_folder(Path(base.prefix), base.version))
        # A path file is read in the encoding of whoever starts it, so nothing but ASCII stands in it.
        literal = repr(path) if interpreter.version.startswith("2.") else f"os.fsdecode({path!r})"
        lines.append(f"import os, site; site.addsitedir({literal})")
    return "".join(f"{line}\n" for line in lines)


def _asked(recipe: NodeRecipe) -> tuple[str, ...]:
    """Give the requirements with pandas, which hands a script its data; a base has its own."""
    named = {requirement_key(one) for one in recipe.requirements}
    has_pandas = recipe.base is not None or _NEEDED in named
    return recipe.requirements if has_pandas else (*recipe.requirements, _NEEDED)


def _beside(lock: Lock, base: tuple[Environment, Lock] | None) -> list[str]:
    """Give what a lock has beside its base."""
    there = set(base[1].requirements) if base else set()
    return [one for one in lock.requirements if one not in there]


def _digest(recipe: NodeRecipe, base: tuple[Environment, Lock] | None) -> str:
    """Give the digest of all that the versions follow from; the Python is chosen with them."""
    below = [_minor(base[0].version), *base[1].requirements] if base else None
    parts = ["packages of a node", sorted(_asked(recipe)), recipe.requires_python, below]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
