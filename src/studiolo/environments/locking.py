"""Chooses the versions of an environment's packages: by uv, or by pip for Pythons that uv no longer serves."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from studiolo.environments.failures import cannot_resolve, storage_error
from studiolo.environments.installed import normalised
from studiolo.environments.interpreters import Interpreter
from studiolo.environments.lock import Lock, make_lock
from studiolo.environments.making import Maker
from studiolo.environments.progress import BuildProgress, Told, silent
from studiolo.environments.recipe import Recipe, requirement_name
from studiolo.environments.tools import uv


def lock_recipe(
    recipe: Recipe, interpreter: Interpreter, base: Lock | None = None, told: Told = silent
) -> Lock:
    """Choose versions for a recipe and all that its packages depend on. Asks the package index.

    Args:
        recipe: that builds; not an adopted one.
        interpreter: to choose for.
        base: lock of the environment that the recipe begins with; none of its versions changes.
        told: is given each step.

    Raises:
        UserError: `cannot-resolve` with the resolver's reason, `cannot-build`, `missing-uv`,
            `environment-disk-full`, `environments-unwritable`.
    """
    told(BuildProgress("resolving", f"for Python {interpreter.version}"))
    given = base.requirements if base else ()
    last = (*(_names(base.last) if base else ()), *recipe.build_last)
    try:
        scratch = Path(tempfile.mkdtemp(prefix="studiolo-lock-"))
    except OSError as error:
        raise storage_error(error, Path(tempfile.gettempdir())) from error
    try:
        maker = Maker(
            scratch / "environment", interpreter, scratch, lambda word: told(BuildProgress("resolving", word))
        )
        lines = _by_uv(recipe, maker, given) if maker.is_uv else _by_pip(recipe, maker, base)
    except OSError as error:
        raise storage_error(error, scratch) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return make_lock(
        [*lines, *given], python=interpreter.version, recipe_digest=recipe.digest, build_last=last
    )


def _by_uv(recipe: Recipe, maker: Maker, given: tuple[str, ...]) -> list[str]:
    if not recipe.packages:
        return []
    asked, fixed, made = (maker.scratch / name for name in ("asked.txt", "fixed.txt", "made.txt"))
    asked.write_text("\n".join(recipe.packages) + "\n", encoding="utf-8")
    fixed.write_text("\n".join(given) + "\n", encoding="utf-8")
    command = [uv(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-emit-index-url"]
    command += ["--python", maker.interpreter.path, "-c", str(fixed), "-o", str(made), str(asked)]
    done = maker.run(command)
    if done.code:
        raise cannot_resolve(recipe.name, done)
    return made.read_text(encoding="utf-8").splitlines()


def _by_pip(recipe: Recipe, maker: Maker, base: Lock | None) -> list[str]:
    """Install into an environment that is thrown away, and list what came of it."""
    maker.create()
    fixed = maker.scratch / "fixed.txt"
    fixed.write_text("", encoding="utf-8")
    if base:
        # The resolver is that of virtualenv's pip, not of the older one that base may name.
        maker.install(base.pins, last=base.last, keeps_pip=True)
        fixed.write_text("\n".join(base.requirements) + "\n", encoding="utf-8")
    pip = [maker.python, *maker.flags, "-m", "pip"]
    # The last pip of Python 2 takes versions that do not go together, unless told to resolve as its successors do.
    resolver = ["--use-feature=2020-resolver"] if maker.interpreter.version.startswith("2.") else []
    is_last = {normalised(name) for name in recipe.build_last}
    at_once = [one for one in recipe.packages if requirement_name(one) not in is_last]
    for group in ([at_once] if at_once else []) + [
        [one]
        for name in recipe.build_last
        for one in recipe.packages
        if requirement_name(one) == normalised(name)
    ]:
        file = maker.scratch / "asked.txt"
        file.write_text("\n".join(group) + "\n", encoding="utf-8")
        done = maker.run([*pip, "install", *resolver, "-c", str(fixed), "-r", str(file)])
        if done.code:
            raise cannot_resolve(recipe.name, done)
    done = maker.run([*pip, "--disable-pip-version-check", "-q", "freeze", "--all"])
    if done.code:
        raise cannot_resolve(recipe.name, done)
    return [line for line in done.lines if requirement_name(line) and ("==" in line or " @ " in line)]


def _names(requirements: tuple[str, ...]) -> list[str]:
    return [requirement_name(one) or "" for one in requirements]
