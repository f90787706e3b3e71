"""The order of the tests: those that need a ready-made environment come last, for these are built meanwhile.

In two processes (`-n 2 --dist loadfile --no-loadscope-reorder`, pytest-xdist) the tests of a file stay together, as
they share what its fixtures start; but those in a ready-made environment are a group of their own.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.in_environments import READY_MADE


def put_in_order(items: list[pytest.Item]) -> None:
    """Sort tests in place, in the order in which environments are built."""
    items.sort(key=_turn)


def make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give what shares the tests out to the processes, by group; None for pytest-xdist's own."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Grouped(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return Grouped(config, log)


def group_of(nodeid: str) -> str:
    """Give the group of a test: its file, and the ready-made environment that it is parametrised by.

    >>> group_of("tests/a/test_b.py::test_c"), group_of("tests/a/test_b.py::test_c[designer-py36-1]")
    ('tests/a/test_b.py', 'tests/a/test_b.py in designer-py36')
    """
    name = _environment(nodeid)
    return nodeid.partition("::")[0] + (f" in {name}" if name else "")


def _turn(item: pytest.Item) -> int:
    """Give 0 for a test that runs at once, then 1 and more."""
    if item.get_closest_marker("ready_made") is None:
        return 0
    name = _environment(item.nodeid)
    return 1 + (READY_MADE.index(name) if name else len(READY_MADE))


def _environment(nodeid: str) -> str:
    words = nodeid.partition("[")[2].rstrip("]").split("-")
    parts = {"-".join(pair) for pair in pairwise(words)}
    return next((name for name in READY_MADE if name in parts), "")
