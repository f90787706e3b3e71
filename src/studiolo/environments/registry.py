"""The environments that a workspace can use: `current`, ready-made ones, and those of its own files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from studiolo.domain.nearest import did_you_mean
from studiolo.environments.adopting import (
    adopted_environment,
    changes,
    interpreter_at,
    lock_installed,
    trust,
)
from studiolo.environments.building import (
    build,
    built_folder,
    environment_digest,
    remove_built,
    size_of,
)
from studiolo.environments.current import NAME, current_environment, packages
from studiolo.environments.environment import Environment, Package
from studiolo.environments.facts import EnvironmentFacts
from studiolo.environments.failures import storage_error
from studiolo.environments.folders import is_finished
from studiolo.environments.interpreters import Interpreter, find
from studiolo.environments.lock import Lock, read_lock, split_pin
from studiolo.environments.locking import lock_recipe
from studiolo.environments.names import FOLDER, READY_MADE, environment_names
from studiolo.environments.progress import Told, silent
from studiolo.environments.recipe import Recipe, check_name, read_recipe, recipe_text
from studiolo.errors import UserError, Where
from studiolo.store.temporary import TemporaryFile


class Environments:
    """The environments of a workspace, or the ready-made ones where there is none.

    Args:
        workspace: folder of the workspace; None for none.
        cache_folder: see `current_environment`.
    """

    def __init__(self, workspace: Path | None = None, cache_folder: Path | None = None) -> None:
        self._own = workspace / FOLDER if workspace is not None else None
        self._cache = cache_folder

    def names(self) -> tuple[str, ...]:
        """Give all names: `current`, the ready-made, then the workspace's own in order."""
        return environment_names(self._own)

    def get(self, name: str, told: Told = silent) -> Environment:
        """Give an environment, ready to be used; locks and builds it first where that is needed.

        Raises:
            UserError: `unknown-environment`, `environment-exists`, `missing-interpreter`, `not-adopted`, and
                what `lock_recipe` and `build` raise.
            Problems: its recipe has faults.
        """
        if name == NAME:
            return current_environment(self._cache)
        recipe = self.recipe(name)
        if recipe.adopted:
            return adopted_environment(recipe, self._cache)
        interpreter = find(self._python(recipe))
        return build(name, interpreter, self.lock(name, told), told, self._cache)

    def ready(self, name: str) -> Environment:
        """Give an environment for a run; never builds one.

        Building runs code of packages outside a jail, and a workspace may come from a stranger: whoever runs it
        says once `studiolo env build NAME`.

        Raises:
            UserError: `environment-not-built`, and as for `get`.
            Problems: its recipe has faults.
        """
        if name != NAME and not self.recipe(name).adopted and not self._is_built(name):
            raise UserError(
                "environment-not-built",
                f'The environment "{name}" is not built on this machine yet.',
                f"Build it once: studiolo env build {name}",
            )
        return self.get(name)

    def _is_built(self, name: str) -> bool:
        recipe = self.recipe(name)
        lock = self._kept_lock(recipe)
        if lock is None or not self._is_fresh(recipe, lock):
            return False
        return is_finished(built_folder(find(self._python(recipe)), lock))

    def digest(self, name: str, told: Told = silent) -> str:
        """Give the `lock_digest` that `get` would give, without building; chooses versions where that is needed.

        Raises:
            UserError: as for `get`.
            Problems: its recipe has faults.
        """
        if name == NAME or self.recipe(name).adopted:
            return self.get(name).lock_digest
        return environment_digest(self.python_of(name), self.lock(name, told))

    def lock(self, name: str, told: Told = silent) -> Lock:
        """Give the lock of an environment; chooses versions first, and writes them, where it is out of date.

        Raises:
            UserError: as for `get`.
            Problems: its recipe has faults.
        """
        if name == NAME:
            return lock_installed(Recipe(NAME), current_environment(self._cache))
        recipe = self.recipe(name)
        kept = self._kept_lock(recipe)
        if recipe.adopted:
            return kept or lock_installed(recipe, adopted_environment(recipe, self._cache))
        python = self._python(recipe)
        base = self.lock(recipe.base, told) if recipe.base else None
        if kept is not None and kept.recipe_digest == _digest(recipe, base):
            return kept
        made = lock_recipe(recipe, find(python), base, told)
        made = replace(made, recipe_digest=_digest(recipe, base))
        self._write(self._files(name)[1], made.text)
        return made

    def built_lock(self, name: str) -> Lock | None:
        """Give the lock of an environment that studiolo builds; None for one that is used as it is.

        Raises:
            UserError: as for `get`.
            Problems: its recipe has faults.
        """
        return None if name == NAME or self.recipe(name).adopted else self.lock(name)

    def recipe(self, name: str) -> Recipe:
        """Give the recipe of an environment.

        Raises:
            UserError: `unknown-environment`, `environment-exists` when a file has the name of a ready-made
                one, `invalid-toml`, `unreadable-file`.
            Problems: unknown keys and wrong values.
        """
        path, _ = self._files(name)
        is_own = path.parent != READY_MADE
        if is_own and (name == NAME or (READY_MADE / path.name).is_file()):
            raise UserError(
                "environment-exists",
                f'{FOLDER}/{name}.toml has the name of the ready-made environment "{name}".',
                "Give the file another name.",
                Where(file=f"{FOLDER}/{name}.toml"),
            )
        if name not in self.names():
            hint = did_you_mean(name, self.names(), "environment")
            raise UserError("unknown-environment", f'There is no environment "{name}".', hint)
        return read_recipe(path, f"{FOLDER}/{path.name}" if is_own else f"ready-made {name}")

    def show(self, name: str) -> EnvironmentFacts:
        """Tell of an environment without locking or building anything.

        Raises:
            UserError: `unknown-environment` and what reading its recipe raises.
            Problems: its recipe has faults.
        """
        if name == NAME:
            here = current_environment(self._cache)
            words = "The Python that studiolo runs on"
            return EnvironmentFacts(name, NAME, words, here.version, tuple(packages(here)))
        recipe = self.recipe(name)
        lock = self._kept_lock(recipe)
        if recipe.adopted:
            return self._show_adopted(recipe, lock)
        is_ready = self._files(name)[0].parent == READY_MADE
        locked = tuple(Package(*split_pin(one)) for one in lock.requirements) if lock else ()
        facts = EnvironmentFacts(
            name, "ready-made" if is_ready else "own", recipe.description, recipe.python, locked
        )
        try:
            python = self._python(recipe)
            interpreter = find(python)
        except UserError as error:
            return replace(facts, python=recipe.python or "unknown", missing=error)
        facts = replace(facts, python=interpreter.version)
        if lock is None or not self._is_fresh(recipe, lock):
            return replace(facts, packages=())
        folder = built_folder(interpreter, lock)
        return replace(facts, folder=folder, size_bytes=size_of(folder))

    def create(
        self,
        name: str,
        *,
        python: str = "",
        packages: Sequence[str] = (),
        base: str | None = None,
        description: str = "",
        told: Told = silent,
    ) -> Lock:
        """Write a recipe and its lock into the workspace; builds nothing.

        Args:
            name: of the environment.
            python: version; that of `base` when there is one.
            packages: requirements as pip writes them.
            base: environment that it begins with.
            description: one line for people.
            told: is given each step.

        Raises:
            UserError: `wrong-name`, `environment-exists`, `no-workspace`, `missing-interpreter`,
                `cannot-resolve` and others of `lock`; then nothing stays written.
            Problems: the values make no recipe.
        """
        path, lock_path = self._new(name)
        recipe = Recipe(name, python, tuple(packages), description, base)
        if base == NAME or (base and self.recipe(base).adopted):
            raise UserError(
                "wrong-value",
                f'"{base}" cannot be a base: studiolo did not build it.',
                "Name a ready-made environment or one of the workspace that is built.",
            )
        self._write(path, recipe_text(recipe))
        try:
            return self.lock(name, told)
        except BaseException:
            path.unlink(missing_ok=True)
            lock_path.unlink(missing_ok=True)
            raise

    def adopt(self, name: str, path: str) -> Environment:
        """Take an interpreter, or virtual or conda environment, as an environment of the workspace, as it is.

        Raises:
            UserError: `wrong-name`, `environment-exists`, `no-workspace`, `missing-interpreter`,
                `broken-environment`.
        """
        python = interpreter_at(path)
        recipe = Recipe(name, adopted=python, file=f"{FOLDER}/{name}.toml")
        own, lock_path = self._adoptable(name, python)
        trust(python)
        found = adopted_environment(recipe, self._cache)
        self._write(own, recipe_text(recipe))
        self._write(lock_path, lock_installed(recipe, found).text)
        return found

    def remove(self, name: str, *, is_built_too: bool = False) -> bool:
        """Remove the recipe and lock of an environment of the workspace; tell whether a built one went too.

        Args:
            name: of the environment. Of a ready-made one only what is built can be removed.
            is_built_too: also the built environment, which other workspaces may use; they build it again.

        Raises:
            UserError: `unknown-environment`, `environment-exists`, `environments-unwritable`.
        """
        path, lock_path = self._files(name)
        if name == NAME or (path.parent == READY_MADE and path.is_file() and not is_built_too):
            raise UserError(
                "environment-exists",
                f'"{name}" belongs to studiolo and cannot be removed.',
                "What is built of it can: studiolo env remove --built NAME" if name != NAME else "",
            )
        if name not in self.names():
            self.recipe(name)
        was_built = is_built_too and self.remove_built(name)
        if path.parent != READY_MADE:
            path.unlink(missing_ok=True)
            lock_path.unlink(missing_ok=True)
        return was_built

    def remove_built(self, name: str) -> bool:
        """Remove what is built of an environment, and tell whether there was something.

        Raises:
            UserError: what reading its recipe raises, `environments-unwritable`.
        """
        folder = self._built(name) if name != NAME else None
        was_built = folder is not None and size_of(folder) is not None
        if folder is not None:
            remove_built(folder)
        return was_built

    def export(self, name: str, folder: Path, told: Told = silent) -> list[Path]:
        """Write recipe, lock and a requirements.txt for pip into a folder, and give the files.

        Raises:
            UserError: as for `get`; `environments-unwritable`.
        """
        lock = self.lock(name, told)
        files = {"requirements.txt": "\n".join(lock.requirements) + "\n", f"{name}.lock": lock.text}
        if name != NAME:
            files[f"{name}.toml"] = self._files(name)[0].read_text(encoding="utf-8")
        written = []
        for file, text in sorted(files.items()):
            self._write(folder / file, text)
            written.append(folder / file)
        return written

    def python_of(self, name: str) -> Interpreter:
        """Give the interpreter that an environment is built on.

        Raises:
            UserError: `missing-interpreter` and what reading its recipe raises.
        """
        return find(self._python(self.recipe(name)))

    def _python(self, recipe: Recipe, below: tuple[str, ...] = ()) -> str:
        if not recipe.base:
            return recipe.python
        if recipe.base in (*below, recipe.name) or recipe.base == NAME:
            raise UserError(
                "wrong-value",
                f'The base "{recipe.base}" of environment "{recipe.name}" cannot be one.',
                "Name a ready-made environment, or one that does not begin with this one.",
                Where(file=recipe.file or None),
            )
        return self._python(self.recipe(recipe.base), (*below, recipe.name))

    def _kept_lock(self, recipe: Recipe) -> Lock | None:
        path = self._files(recipe.name)[1]
        return read_lock(path, f"{path.parent.name}/{path.name}")

    def _is_fresh(self, recipe: Recipe, lock: Lock) -> bool:
        base = self._kept_lock(self.recipe(recipe.base)) if recipe.base else None
        return lock.recipe_digest == _digest(recipe, base)

    def _show_adopted(self, recipe: Recipe, lock: Lock | None) -> EnvironmentFacts:
        facts = EnvironmentFacts(recipe.name, "adopted", recipe.description or recipe.adopted or "", "")
        try:
            found = adopted_environment(recipe, self._cache)
        except UserError as error:
            return replace(facts, python=lock.python if lock else "", missing=error)
        changed = tuple(changes(lock, found)) if lock else ()
        return replace(facts, python=found.version, packages=tuple(packages(found)), changed=changed)

    def _built(self, name: str) -> Path | None:
        recipe = self.recipe(name)
        lock = self._kept_lock(recipe)
        if recipe.adopted or lock is None:
            return None
        return built_folder(find(self._python(recipe)), lock)

    def _files(self, name: str) -> tuple[Path, Path]:
        """Give the paths of recipe and lock: the workspace's where it has a file of that name."""
        if self._own is not None and "/" not in name and (self._own / f"{name}.toml").is_file():
            return self._own / f"{name}.toml", self._own / f"{name}.lock"
        return READY_MADE / f"{name}.toml", READY_MADE / f"{name}.lock"

    def _new(self, name: str) -> tuple[Path, Path]:
        check_name(name)
        if self._own is None:
            raise UserError(
                "no-workspace",
                "There is no workspace here to keep an environment in.",
                "Make one with studiolo init, or change to a workspace's folder.",
            )
        if name in self.names():
            raise UserError(
                "environment-exists",
                f'There is an environment "{name}" already.',
                f"Take another name, or remove it first: studiolo env remove {name}",
            )
        return self._own / f"{name}.toml", self._own / f"{name}.lock"

    def _adoptable(self, name: str, python: str) -> tuple[Path, Path]:
        """Give the files of an adoption: new, or those of a recipe from elsewhere that names the same path."""
        path, lock_path = self._files(name)
        if path.parent != READY_MADE and self.recipe(name).adopted == python:
            return path, lock_path
        return self._new(name)

    def _write(self, path: Path, text: str) -> None:
        try:
            with TemporaryFile(path.parent, None) as file:
                file.write(text.encode())
                os.fsync(file.descriptor)
                file.place(path)
        except OSError as error:
            raise storage_error(error, path.parent) from error


def _digest(recipe: Recipe, base: Lock | None) -> str:
    """Give the digest of a recipe with that of its base, so that a changed base makes the lock out of date."""
    if base is None:
        return recipe.digest
    import hashlib

    return hashlib.sha256("\n".join([recipe.digest, *base.requirements]).encode()).hexdigest()
