"""The examples in the docstrings hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import studiolo.formats
import studiolo.modules

FILES = [
    found.name
    for package in (studiolo.formats, studiolo.modules)
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
]


@pytest.mark.parametrize("name", FILES)
def test_examples_hold(name: str) -> None:
    """An example that is wrong teaches what is wrong (CONVENTIONS, Docstrings)."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0
