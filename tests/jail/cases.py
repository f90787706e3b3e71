"""Tables of attacks as parameters of tests, and what some of them need of the Python that they run in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

Needs = tuple[dict[str, str], str]  # what versions, and because of what: see tests/conftest.py

PYARROW: Needs = ({"pyarrow": ""}, "pyarrow")
EXCEPTION_GROUPS: Needs = ({"python": ">=3.11"}, "groups of exceptions, and notes")
SHARED_MEMORY: Needs = ({"python": ">=3.8"}, "multiprocessing.shared_memory")


def cases(table: Mapping[str, Any], needs: Mapping[str, Needs] | None = None, prefix: str = "") -> list[Any]:
    """Give each entry of a table as a parameter that is named by its key.

    Args:
        table: attacks, or several values for each.
        needs: of some of the entries, by their names.
        prefix: before the name.
    """
    needs = needs or {}
    assert needs.keys() <= table.keys(), needs.keys() - table.keys()
    parameters = []
    for name, entry in table.items():
        values = entry if isinstance(entry, tuple) else (entry,)
        marks = [pytest.mark.needs(**needs[name][0], because=needs[name][1])] if name in needs else []
        parameters.append(pytest.param(*values, id=prefix + name, marks=marks))
    return parameters
