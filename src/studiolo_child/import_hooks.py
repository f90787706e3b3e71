"""Does something to a library at the moment a script imports it, or at once when it is loaded already."""

from __future__ import absolute_import, division, print_function, unicode_literals

import sys

_waiting = {}


def after_import(name, action):
    """Call `action(module)` once the module of that name is there; an action for the same name is replaced."""
    module = sys.modules.get(str(name))
    if module is not None:
        action(module)
        return
    _waiting[name] = action
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


class _Finder(object):
    """Stands first in sys.meta_path and finds only what somebody waits for, with Python's own finder."""

    def find_spec(self, name, path=None, target=None):
        """Find a module that somebody waits for, with a loader that tells them (Python 3)."""
        action = _waiting.pop(name, None)
        if action is None:
            return None
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _TellingLoader(spec.loader, action)
        return spec

    def find_module(self, name, path=None):
        """Say that this finder loads a module that somebody waits for (Python 2)."""
        return self if name in _waiting else None

    def load_module(self, name):
        """Import it as usual, then tell (Python 2)."""
        action = _waiting.pop(name)
        __import__(name)
        module = sys.modules[name]
        action(module)
        return module


class _TellingLoader(object):
    def __init__(self, loader, action):
        self._loader = loader
        self._action = action

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__loader__ = self._loader
        if getattr(module, "__spec__", None) is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._action(module)

    def __getattr__(self, name):
        return getattr(self._loader, name)


_finder = _Finder()
