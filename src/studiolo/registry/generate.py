"""Writes modules/declarations.json from the decorated functions; a developer's tool, not used by the host.

`python -m studiolo.registry.generate` imports every file of studiolo.modules, with pandas and all, so it
runs where these are installed.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

from studiolo.domain.module import Declaration
from studiolo.registry.registry import DECLARATIONS

PACKAGE = "studiolo.modules"


def declarations_text() -> str:
    """Give the text that `modules/declarations.json` should have: all declarations, sorted by id.

    Raises:
        ValueError: two functions declare the same id.
    """
    found: dict[str, Declaration] = {}
    for file in _files():
        for declaration in _declared_in(file):
            if declaration.id in found:
                entries = f"{found[declaration.id].entry} and {declaration.entry}"
                raise ValueError(f"module {declaration.id!r} is declared twice: {entries}")
            found[declaration.id] = declaration
    sorted_json = [found[id].to_json() for id in sorted(found)]
    return json.dumps(sorted_json, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file and say what it holds."""
    text = declarations_text()
    DECLARATIONS.write_text(text, "utf-8")
    print(f"{Path(DECLARATIONS).name}: {len(json.loads(text))} modules")


def _files() -> list[ModuleType]:
    package = importlib.import_module(PACKAGE)
    names = sorted(found.name for found in pkgutil.walk_packages(package.__path__, PACKAGE + "."))
    return [importlib.import_module(name) for name in names]


def _declared_in(file: ModuleType) -> list[Declaration]:
    declared: list[Any] = [getattr(value, "declaration", None) for value in vars(file).values()]
    entries = [
        one for one in declared if isinstance(one, Declaration) and one.entry.startswith(f"{file.__name__}:")
    ]
    return list({one.entry: one for one in entries}.values())


if __name__ == "__main__":
    main()
