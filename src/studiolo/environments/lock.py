"""The lock of an environment: every package with its version, as a file that pip reads too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from studiolo.environments.installed import normalised
from studiolo.environments.recipe import requirement_name
from studiolo.errors import UserError, Where

_HEAD = "# Locked by studiolo. Change the recipe, not this file."
_LAST = "# built last, in this order"
_FACT = re.compile(r"# (?P<key>python|recipe): (?P<value>\S+)")
_LARGEST_BYTES = 4 << 20


@dataclass(frozen=True)
class Lock:
    """The packages of an environment with their versions.

    Attributes:
        pins: requirements with one version each, sorted by name.
        last: those that are installed after all others, in their order.
        python: version they were chosen for, or `3.6` where that is all it depends on.
        recipe_digest: of the recipe they were chosen for; of another one the lock is out of date.
    """

    pins: tuple[str, ...]
    last: tuple[str, ...] = ()
    python: str = ""
    recipe_digest: str = ""

    @property
    def text(self) -> str:
        """What stands in the file."""
        head = [_HEAD, f"# python: {self.python}", f"# recipe: {self.recipe_digest}"]
        return "\n".join([*head, *self.pins, *([_LAST, *self.last] if self.last else [])]) + "\n"

    @property
    def requirements(self) -> tuple[str, ...]:
        """All requirements in the order they are installed in."""
        return (*self.pins, *self.last)


def make_lock(
    lines: Iterable[str], *, python: str, recipe_digest: str, build_last: Iterable[str] = ()
) -> Lock:
    """Make a lock of pinned requirements in any order; the later one of a name counts.

    Args:
        lines: such as `numpy==1.18.2` or `own @ https://…`; empty lines and comments do not count.
        python: see `Lock`.
        recipe_digest: see `Lock`.
        build_last: names of packages, in the order they are to be installed in.
    """
    found: dict[str, str] = {}
    for line in lines:
        requirement = line.split(" #")[0].strip()
        name = requirement_name(requirement)
        if name is not None:
            found[name] = requirement
    last = [normalised(name) for name in build_last if normalised(name) in found]
    pins = tuple(found[name] for name in sorted(found) if name not in last)
    return Lock(pins, tuple(found[name] for name in last), python, recipe_digest)


def read_lock(path: Path, shown: str) -> Lock | None:
    """Read a lock; None when there is none.

    Raises:
        UserError: `damaged-lock`, with the line.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_BYTES).decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(shown, str(error), None) from None
    facts: dict[str, str] = {}
    groups: tuple[list[str], list[str]] = ([], [])
    is_last = False
    for number, line in enumerate(text.splitlines(), 1):
        fact = _FACT.fullmatch(line)
        if fact:
            facts[fact["key"]] = fact["value"]
        elif line.strip() == _LAST:
            is_last = True
        elif line.strip() and not line.startswith("#"):
            requirement = line.split(" #")[0].strip()
            if requirement_name(requirement) is None or not re.search(r"==|@", requirement):
                raise _damaged(shown, f'"{requirement[:100]}" is no package with a version', number)
            groups[is_last].append(requirement)
    return Lock(tuple(groups[0]), tuple(groups[1]), facts.get("python", ""), facts.get("recipe", ""))


def split_pin(requirement: str) -> tuple[str, str]:
    """Give name and version of a requirement of a lock; no version for one that comes from an address."""
    name, _, version = requirement.partition("==")
    return (name, version) if version else (requirement.split("@")[0].strip(), "")


def _damaged(shown: str, reason: str, line: int | None) -> UserError:
    return UserError(
        "damaged-lock",
        f"The lock {shown} cannot be used: {reason}.",
        "Remove the file: it is made again from the recipe.",
        Where(file=shown, line=line),
    )
