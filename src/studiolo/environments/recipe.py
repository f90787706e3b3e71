"""Reads and writes the recipe of an environment: `environments/NAME.toml` of a workspace, or a ready-made one."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studiolo.domain.nearest import did_you_mean
from studiolo.environments.installed import normalised
from studiolo.environments.interpreters import VERSION
from studiolo.errors import Problems, StudioloError, UserError, Where

KEYS = ("description", "python", "packages", "build_last", "base", "adopted")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# A requirement begins with a package's name: no option of pip, no path.
_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(\[[^\]]*\])?\s*($|[<>=!~;@(])"
)
_LARGEST_BYTES = 1 << 20


@dataclass(frozen=True)
class Recipe:
    """What an environment is made of.

    Attributes:
        name: of the environment.
        python: version, as `3.6` or `3.12.1`; empty when it is that of `base` or of what is adopted.
        packages: requirements as pip writes them, such as `numpy==1.18.2` or `requests>=2`.
        description: one line for people; may be empty.
        base: environment whose Python and packages it begins with; None for none.
        adopted: absolute path of an interpreter that is used as it is; None to build one.
        build_last: names of packages that are compiled and need all others to be there, in their order.
        file: where it was read, as people know it; empty for one that was not.
    """

    name: str
    python: str = ""
    packages: tuple[str, ...] = ()
    description: str = ""
    base: str | None = None
    adopted: str | None = None
    build_last: tuple[str, ...] = ()
    file: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over all that the packages follow from."""
        parts = [self.python, self.packages, self.base, self.adopted, self.build_last]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def check_name(name: str) -> None:
    """Check that a name can be that of an environment.

    Raises:
        UserError: `wrong-name`.
    """
    if not _NAME.fullmatch(name):
        raise UserError(
            "wrong-name",
            f'"{name}" cannot be the name of an environment.',
            "Use letters, digits, -, _ and ., beginning with a letter or digit.",
        )


def read_recipe(path: Path, shown: str) -> Recipe:
    """Read a recipe.

    Args:
        path: of the file; its name is that of the environment.
        shown: path as people know it, for errors.

    Raises:
        UserError: `invalid-toml` or `unreadable-file`.
        Problems: every unknown key and wrong value at once.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_BYTES).decode("utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        raise UserError(
            "unreadable-file", f"{shown} cannot be read: {error.strerror}.", "", Where(file=shown)
        ) from None
    except UnicodeDecodeError:
        raise UserError(
            "invalid-toml", f"{shown} is not UTF-8 text.", "Save it as UTF-8.", Where(file=shown)
        ) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"\(at line (\d+)", str(error))
        where = Where(file=shown, line=int(line[1]) if line else len(text.splitlines()) or None)
        raise UserError("invalid-toml", f"{shown} is not TOML: {error}.", "", where) from None
    return _Reader(text, shown).read(data, path.stem)


def recipe_text(recipe: Recipe) -> str:
    """Give the text of a recipe's file."""
    lines = [f"description = {_quoted(recipe.description)}"] if recipe.description else []
    for key, value in (("base", recipe.base), ("python", recipe.python), ("adopted", recipe.adopted)):
        if value:
            lines.append(f"{key} = {_quoted(value)}")
    if not recipe.adopted:
        lines += ["packages = [", *(f"    {_quoted(one)}," for one in recipe.packages), "]"]
    if recipe.build_last:
        lines.append(f"build_last = [{', '.join(_quoted(one) for one in recipe.build_last)}]")
    return "\n".join(lines) + "\n"


def requirement_name(requirement: str) -> str | None:
    """Give the normalised name that a requirement begins with; None when it is no requirement.

    >>> requirement_name("Scikit_Learn[all] >= 1"), requirement_name("--index-url x"), requirement_name("./x")
    ('scikit-learn', None, None)
    """
    match = _REQUIREMENT.match(requirement)
    return normalised(match["name"]) if match and "\n" not in requirement else None


class _Reader:
    def __init__(self, text: str, shown: str) -> None:
        self.lines = text.splitlines()
        self.shown = shown
        self.problems: list[StudioloError] = []

    def read(self, data: Mapping[str, Any], name: str) -> Recipe:
        for key in data:
            if key not in KEYS:
                self.add("unknown-key", f'Unknown key "{key}".', did_you_mean(key, KEYS, "key"), key)
        recipe = Recipe(
            name,
            self.version(data),
            self.requirements(data, "packages"),
            self.text(data, "description"),
            self.text(data, "base") or None,
            self.text(data, "adopted") or None,
            self.requirements(data, "build_last"),
            self.shown,
        )
        self.fitting(recipe, data)
        if self.problems:
            raise Problems(self.problems)
        return recipe

    def fitting(self, recipe: Recipe, data: Mapping[str, Any]) -> None:
        if recipe.adopted and not Path(recipe.adopted).is_absolute():
            self.add("wrong-value", "adopted is no absolute path.", 'As in "/path/to/python".', "adopted")
        if recipe.adopted and (recipe.packages or recipe.base or recipe.python):
            hint = "What is adopted is used as it is: leave out python, packages and base."
            self.add("wrong-value", "adopted stands alone.", hint, "adopted")
        elif recipe.base and recipe.python:
            hint = f'The Python is that of "{recipe.base}": leave python out.'
            self.add("wrong-value", "base and python exclude each other.", hint, "python")
        elif not (recipe.base or recipe.python or recipe.adopted or "python" in data):
            self.add("missing-key", "The recipe names no Python.", 'Add a line such as python = "3.12".')

    def text(self, data: Mapping[str, Any], key: str) -> str:
        value = data.get(key, "")
        if isinstance(value, str):
            return value
        self.add("wrong-value", f"{key} must be text.", f'Write it in quotes: {key} = "{value}".', key)
        return ""

    def version(self, data: Mapping[str, Any]) -> str:
        version = self.text(data, "python")
        if version and not VERSION.fullmatch(version):
            self.add(
                "wrong-value", f'"{version}" is no version of Python.', 'As in "3.6" or "3.12.1".', "python"
            )
        return version

    def requirements(self, data: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.add("wrong-value", f"{key} must be a list of texts.", f'As in {key} = ["requests"].', key)
            return ()
        for one in value:
            if requirement_name(one) is None:
                hint = "Write it as pip does, beginning with the package's name: requests>=2"
                self.add("wrong-value", f'"{one}" is no requirement.', hint, one)
        return tuple(value)

    def add(self, code: str, summary: str, hint: str, key: str = "") -> None:
        line = next((number for number, line in enumerate(self.lines, 1) if key and key in line), None)
        self.problems.append(UserError(code, summary, hint, Where(file=self.shown, line=line)))


def _quoted(text: str) -> str:
    """Give a text as TOML writes it; JSON's way is one of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
