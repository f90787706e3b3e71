"""What a script imports, and whether its environment has it; nothing of the script or its libraries is executed."""

from __future__ import absolute_import, division, print_function, unicode_literals

import ast
import pkgutil
import re
import sys

from . import removed_names
from .nearest import nearest

# Scripts that install packages or change sys.path may find what is not there yet; the run will tell.
_LATER = re.compile(
    r"\bpip\d?\b[^\n]{0,80}\binstall\b|\bpip\.main\b|\bconda\b[^\n]{0,80}\binstall\b"
    r"|\bsys\.path\b|\bsite\.addsitedir\b|\bsys\.modules\b|\bzipimport\b"
)
_CAUGHT = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")


class Wanted(object):
    """One import.

    Attributes:
        module: the dotted name of the module.
        name: of `from module import name`, when that name is known to have been a module or to be removed.
        line: where it stands, from 1.
        column: where it stands, from 1.
    """

    def __init__(self, module, name, line, column):
        self.module = module
        self.name = name
        self.line = line
        self.column = column


def wanted(tree):
    """Give the imports that a script cannot do without, nested ones too.

    Those inside `try` that catches their failure, and those inside an `if`, are left out, and so are relative
    ones and `__future__`.
    """
    found = []
    _collect(tree, found)
    return found


def may_be_found_later(text):
    """Say whether a script installs packages or extends its import path."""
    return _LATER.search(text) is not None


def is_there(module, name=""):
    """Say whether an import would find its file. Names made at run time count as there.

    Args:
        module: dotted name; only its first part is looked up by all finders, the rest by files.
        name: see `Wanted`.
    """
    parts = module.split(".") + ([name] if name else [])
    if parts[0] in sys.modules or parts[0] in sys.builtin_module_names:
        folders = getattr(sys.modules.get(parts[0]), "__path__", None)
    else:
        is_found, folders = _find(parts[0], None)
        if not is_found:
            return False
    if ".".join(parts) in sys.modules:
        return True
    done = parts[0]
    for part in parts[1:]:
        if not folders:
            return True  # attributes such as os.path
        is_found, folders = _find(done + "." + part, list(folders))
        done += "." + part
        if not is_found:
            return not _is_removed(".".join(parts), done)
    return True


def nearest_installed(module, offered=()):
    """Give the installed or bundled top-level name that a misspelt import most likely meant, or None."""
    names = set(offered) | set(sys.builtin_module_names)
    names.update(name for _, name, _ in pkgutil.iter_modules() if not name.startswith("_"))
    return nearest(module.split(".")[0], sorted(names))


def _is_removed(full, missing):
    """Say whether a submodule without a file is known to be gone; others may be made when the package loads."""
    return full in removed_names.MODULES or missing in removed_names.MODULES


def _find(name, folders):
    """Give `(is found, folders of its submodules or None)` without importing anything."""
    if sys.version_info[0] == 2:
        return _find_in_python_2(name, folders)
    from importlib.machinery import PathFinder
    from importlib.util import find_spec

    try:
        spec = find_spec(name) if folders is None else PathFinder.find_spec(name, folders)
    except (ImportError, ValueError, AttributeError):
        return True, None
    if spec is None:
        return False, None
    return True, spec.submodule_search_locations


def _find_in_python_2(name, folders):
    import imp

    try:
        handle, path, (_, _, kind) = imp.find_module(name.rpartition(".")[2], folders)
    except ImportError:
        return False, None
    if handle is not None:
        handle.close()
    return True, [path] if kind == imp.PKG_DIRECTORY else None


def _collect(item, found):
    if isinstance(item, (ast.If, ast.IfExp)):
        return
    if isinstance(item, ast.Import):
        for alias in item.names:
            found.append(Wanted(alias.name, "", item.lineno, item.col_offset + 1))
    elif isinstance(item, ast.ImportFrom):
        if not item.level and item.module and item.module != "__future__":
            _collect_from(item, found)
    elif _is_guarded_try(item):
        for part in item.orelse + item.finalbody if hasattr(item, "finalbody") else item.orelse:
            _collect(part, found)
    else:
        for child in ast.iter_child_nodes(item):
            _collect(child, found)


def _collect_from(item, found):
    names = ["%s.%s" % (item.module, alias.name) for alias in item.names]
    removed = [name for name in names if name in removed_names.MODULES]
    if removed:
        for name in removed:
            found.append(Wanted(item.module, name.rpartition(".")[2], item.lineno, item.col_offset + 1))
    else:
        found.append(Wanted(item.module, "", item.lineno, item.col_offset + 1))


def _is_guarded_try(item):
    for handler in getattr(item, "handlers", []) or []:
        caught = handler.type
        if caught is None:
            return True
        for part in caught.elts if isinstance(caught, ast.Tuple) else [caught]:
            name = getattr(part, "id", getattr(part, "attr", ""))
            if name in _CAUGHT:
                return True
    return False
