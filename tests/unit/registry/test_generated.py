"""modules/declarations.json is what the decorated functions declare."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from studiolo.registry.checking import checked_declarations
from studiolo.registry.registry import DECLARATIONS


@pytest.fixture(scope="module")
def generated() -> str:
    """The text as the modules declare it now; in a process of its own, since it imports pandas and all."""
    code = "import sys; from studiolo.registry.generate import declarations_text; sys.stdout.write(declarations_text())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_file_is_up_to_date(generated):
    """The host knows modules from this file alone; python -m studiolo.registry.generate writes it."""
    assert DECLARATIONS.read_text("utf-8") == generated


def test_every_built_in_declaration_is_sound(generated):
    """What we ask of strangers we keep ourselves."""
    declared = checked_declarations(json.loads(generated))
    assert [one.id for one in declared] == sorted({one.id for one in declared})
    names = [name.casefold() for one in declared for name in (one.name, *one.aliases)]
    assert sorted(names) == sorted(set(names))
