"""Tells what studiolo's `azureml` has when a script asks for something that it has not."""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sys
import types

from studiolo_child.nearest import nearest

_SITE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_OWN_PACKAGE = "The package azureml-core takes its place when the node's environment has it."
_replaced = []

try:
    _NotFound = ModuleNotFoundError
except NameError:  # Python 2
    _NotFound = ImportError


def tell(name):
    """Let the module of that name, at the end of its own file, tell what it has when something else is wanted."""
    module = sys.modules[name]
    if not hasattr(module, "__path__"):
        module.__path__ = []  # like a package, so that `from NAME import OTHER` asks the finder for OTHER
    try:
        module.__class__ = _TellingModule
    except TypeError:  # Python 2
        telling = _TellingModule(name)
        telling.__dict__.update(module.__dict__)
        sys.modules[name] = telling
        _replaced.append(module)  # its functions need its names
    if _finder not in sys.meta_path:
        sys.meta_path.append(_finder)


def absent(owner, name, known, kind=AttributeError, hint=_OWN_PACKAGE):
    """Give the error for a name that there is not."""
    error = kind("studiolo's %s has no %s." % (owner, name))
    match = nearest(name, known)
    parts = ['Did you mean "%s"?' % match] if match else []
    parts += ["It has %s." % ", ".join(known)] if known else []
    error.studiolo_hint = " ".join(parts + [hint])
    return error


class _TellingModule(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise absent(self.__name__, name, sorted(self.__all__))


class _Telling(type):
    def __getattr__(cls, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise absent(cls.__name__, name, _public(dir(cls)))


def _of_instance(self, name):
    if name.startswith("_"):
        raise AttributeError(name)
    kind = type(self)
    known = _public(set(dir(kind)) | set(vars(self)))
    raise absent(kind._shown or kind.__name__, name, known, hint=kind._instead)


Offered = _Telling(
    str("Offered"),
    (object,),
    {
        str("__getattr__"): _of_instance,
        str("__doc__"): "Tells what it has when something else is wanted.",
        str("_shown"): "",
        str("_instead"): _OWN_PACKAGE,
    },
)


def _public(names):
    return sorted(name for name in names if not name.startswith("_"))


class _Finder(object):
    """Stands last in sys.meta_path: what nobody found below a package of ours is told to be absent."""

    def find_spec(self, name, path=None, target=None):
        """Find nothing (Python 3)."""
        package = _own_package_of(name)
        if package is not None:
            raise absent(package.__name__, name.rpartition(".")[2], sorted(package.__all__), _NotFound)


class _FirstFinder(object):
    """The same for Python 2, where these finders come before that of the files."""

    def find_module(self, name, path=None):
        """Say that this loads what has no file (Python 2, which hears of errors from loaders only)."""
        import imp

        if _own_package_of(name) is None:
            return None
        try:
            handle = imp.find_module(name.rpartition(".")[2], path)[0]
        except ImportError:
            return self
        if handle is not None:
            handle.close()
        return None

    def load_module(self, name):
        """Load nothing (Python 2)."""
        package = _own_package_of(name)
        raise absent(package.__name__, name.rpartition(".")[2], sorted(package.__all__), _NotFound)


def _own_package_of(name):
    if not name.startswith("azureml."):
        return None
    package = sys.modules.get(name.rpartition(".")[0])
    file = getattr(package, "__file__", None) or ""
    is_own = os.path.abspath(file).startswith(_SITE) and hasattr(package, "__all__")
    return package if is_own else None


_finder = _Finder() if sys.version_info[0] > 2 else _FirstFinder()
