"""Lets `pip.main` of a script run pip as a program of its own; in an environment without pip there is a small stand-in.

Names of all times: `pip.main`, `pip._internal.main`, `pip._internal.main.main`, `pip._internal.cli.main.main`.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sys
import types

from . import import_hooks, pip_packages

_MAINS = ("pip", "pip._internal", "pip._internal.main", "pip._internal.cli.main")
_STAND_INS = _MAINS + ("pip._internal.cli",)


def install(main):
    """Put `main` where scripts look for that of pip."""
    if any(_has_pip(folder) for folder in pip_packages.site_folders()):
        for name in _MAINS:
            import_hooks.after_import(name, lambda module: _replace(module, main))
    else:
        sys.meta_path.append(_StandIns(main))


def _has_pip(folder):
    return os.path.isdir(os.path.join(folder, "pip"))


def _replace(module, main):
    if callable(getattr(module, "main", None)):
        module.main = main


class _StandIns(object):
    """Stands last in sys.meta_path: a pip that is installed during the job comes before."""

    def __init__(self, main):
        self._main = main

    def find_spec(self, name, path=None, target=None):
        """Find a stand-in (Python 3)."""
        if name not in _STAND_INS:
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        """Let Python make a plain module."""

    def exec_module(self, module):
        """Give it its function."""
        if module.__name__ != "pip._internal.cli":
            module.main = self._main

    def find_module(self, name, path=None):
        """Say that this finder loads a stand-in (Python 2)."""
        return self if name in _STAND_INS else None

    def load_module(self, name):
        """Make it (Python 2)."""
        module = sys.modules.setdefault(name, types.ModuleType(str(name)))
        module.__path__, module.__loader__ = [], self
        self.exec_module(module)
        return module
