"""Finds before a run what would stop scripts: syntax, undefined names, no azureml_main, missing libraries (R-1.8).

It runs in the environment of the scripts and in the jail, and executes nothing of them. pyflakes finds undefined
names where the environment has it; everything else needs the standard library alone.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import ast
import re
import warnings

from . import bundle, imports, removed_names, trace
from .arguments import is_json
from .failing import JobError
from .hints import Circumstances, environment_line
from .nearest import did_you_mean, nearest
from .script import ENTRY_POINT, missing_entry_point
from .source import compile_text

PROBLEM_LIMIT = 50
DATASET_PORTS = 2
_VERSION_TEST = re.compile(r"version|PY2|PY3", re.IGNORECASE)


def run(document, handles, report):
    """Check every script of a document of kind `check`; never raises for a script.

    The report gets `problems`, and `keywords`: node to the keyword parameters of its script with their defaults.
    """
    report.facts["problems"] = []
    report.facts["keywords"] = {}
    for script in document["scripts"]:
        try:
            offered, is_open = _bundle_names(script, handles)
            found = problems_of(
                script["text"], script["file"], offered, is_open, document.get("environment") or ""
            )
            found += parameter_problems(script["text"], script["file"], script.get("parameters") or ())
            found += input_problems(script)
            report.facts["keywords"][script["node"]] = keyword_defaults(script["text"], script["file"])
        except JobError as error:
            found = [_problem(script["file"], error.code, error.summary, error.hint)]
        for problem in found[:PROBLEM_LIMIT]:
            problem["node"] = script["node"]
            report.facts["problems"].append(problem)


def problems_of(text, file, offered=(), is_open=False, environment=""):
    """Give the problems of one script in the order of its lines.

    Args:
        text: the script.
        file: its name, for the problems.
        offered: import names that its bundle has.
        is_open: its bundle is not known yet, so nothing is said about missing libraries.
        environment: name of the environment, for hints.

    Returns:
        Dictionaries with code, summary, hint, file, line and column.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            source = compile_text(text, file)
            tree = compile_text(text, file, tree=True).code
        except SyntaxError as error:
            return [_syntax_problem(error, file)]
    found = _entry_problems(tree, file) + _undefined_names(tree, source.text, file)
    if not is_open:
        found += _missing_imports(tree, source.text, file, offered, environment)
    return sorted(found, key=lambda problem: (problem["line"] or 0, problem["column"] or 0))


def parameter_problems(text, file, names):
    """Give a problem for each of the node's parameters that azureml_main does not take.

    Says nothing when the function can't be read off the text: decorated, assigned, made by a class.
    """
    return [
        _problem(
            file,
            "unknown-parameter",
            '%s has no keyword parameter "%s".' % (ENTRY_POINT, name),
            did_you_mean(name, known, "parameter") if known else _add_hint(name),
            line,
        )
        for name, known, line in _not_taken(text, file, names)
    ]


def input_problems(script):
    """Give a problem for each input beyond the declared ones that azureml_main does not take by keyword.

    Args:
        script: one of the document's, with `inputs`, the names of these, and `ports`, the names of declared inputs.
    """
    ports = script.get("ports") or []
    return [
        _problem(
            script["file"],
            "unknown-port",
            'The node has an input "%s", and %s has no keyword parameter of that name.' % (name, ENTRY_POINT),
            did_you_mean(name, known + ports, "input") if nearest(name, known + ports) else _add_hint(name),
            line,
        )
        for name, known, line in _not_taken(script["text"], script["file"], script.get("inputs") or ())
    ]


def _add_hint(name):
    return "Add it to the function, behind the datasets: `*, %s=None`." % name


def _not_taken(text, file, names):
    """Give `(name, known names, line)` for each name that azureml_main does not take by keyword, where that is seen."""
    function = _entry_function(text, file) if names else None
    if function is None or function.args.kwarg is not None:
        return []
    taken = function.args
    known = [_argument_name(one) for one in taken.args[DATASET_PORTS:] + getattr(taken, "kwonlyargs", [])]
    return [(name, known, function.lineno) for name in names if name not in known]


def keyword_defaults(text, file):
    """Give name to default of what azureml_main takes behind the datasets, where the default is a plain value.

    Reads the text and runs nothing of it: a default that is computed is left out.
    """
    function = _entry_function(text, file)
    if function is None:
        return {}
    taken = function.args
    defaults = [None] * (len(taken.args) - len(taken.defaults)) + list(taken.defaults)
    pairs = list(zip(taken.args, defaults))[DATASET_PORTS:]
    pairs += list(zip(getattr(taken, "kwonlyargs", []), getattr(taken, "kw_defaults", [])))
    found = {}
    for argument, default in pairs:
        if default is None:
            continue
        try:
            value = ast.literal_eval(default)
        except (ValueError, TypeError, SyntaxError, MemoryError, RuntimeError):
            continue
        if is_json(value):
            found[_argument_name(argument)] = value
    return found


def _entry_function(text, file):
    """Give the one plain definition of azureml_main, or None: decorated, assigned, made by a class, not Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = compile_text(text, file, tree=True).code
        except SyntaxError:
            return None
    functions = [
        item for item in tree.body if isinstance(item, ast.FunctionDef) and item.name == str(ENTRY_POINT)
    ]
    return functions[0] if len(functions) == 1 and not functions[0].decorator_list else None


def _argument_name(argument):
    return getattr(argument, "arg", None) or getattr(argument, "id", "")  # Python 3 and 2


def _bundle_names(script, handles):
    number = script.get("bundle_fd")
    if number is None:
        return set(), bool(script.get("has_unknown_bundle"))
    with bundle.Bundle(handles(number)) as opened:
        return opened.top_names(), False


def _problem(file, code, summary, hint, line=None, column=None):
    return {"file": file, "code": code, "summary": summary, "hint": hint, "line": line, "column": column}


def _syntax_problem(error, file):
    told = trace.error_of(error, None, file, Circumstances())
    column = error.offset if isinstance(error.offset, int) and error.offset > 0 else None
    return _problem(file, "script-syntax", told["summary"], told["hint"], error.lineno, column)


def _entry_problems(tree, file):
    """Find a script without azureml_main. One that makes names by other means is left to the run."""
    functions = [item for item in _statements(tree.body) if isinstance(item, _FUNCTIONS)]
    for item in functions:
        if item.name == ENTRY_POINT:
            if isinstance(item, ast.FunctionDef):
                return []
            hint = "Define it with plain `def`; inside, `asyncio.run(...)` runs what is asynchronous."
            summary = "%s is defined with `async def`, and nothing awaits it." % ENTRY_POINT
            return [_problem(file, "bad-entry-point", summary, hint, item.lineno, item.col_offset + 1)]
    for item in _statements(tree.body):
        if ENTRY_POINT in _bound_names(item) or "*" in _bound_names(item):
            return []
    if _makes_names(tree):
        return []
    error = missing_entry_point([item.name for item in functions], file)
    line = next((item.lineno for item in functions if item.name in error.hint), None)
    return [_problem(file, error.code, error.summary, error.hint, line)]


_FUNCTIONS = (ast.FunctionDef,) + ((ast.AsyncFunctionDef,) if hasattr(ast, "AsyncFunctionDef") else ())


def _statements(body):
    """Give the statements that run at import time, those inside if, try, for, while and with too."""
    for item in body if isinstance(body, list) else ():  # the `body` of Python 2's exec is an expression
        yield item
        if isinstance(item, _FUNCTIONS + (ast.ClassDef,)):
            continue
        for name in ("body", "orelse", "finalbody"):
            for inner in _statements(getattr(item, name, [])):
                yield inner
        for handler in getattr(item, "handlers", []):
            for inner in _statements(handler.body):
                yield inner


def _bound_names(item):
    if isinstance(item, ast.ClassDef):
        return [item.name]
    if isinstance(item, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.split(".")[0] for alias in item.names]
    if isinstance(item, _FUNCTIONS):
        return [item.name]
    return [
        name.id for name in ast.walk(item) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    ]


def _makes_names(tree):
    """Say whether the script may define names that cannot be seen: exec, execfile, globals()."""
    if any(item.__class__.__name__ == "Exec" for item in ast.walk(tree)):  # Python 2
        return True
    calls = [item.func for item in ast.walk(tree) if isinstance(item, ast.Call)]
    names = ("exec", "execfile", "globals", "vars", "locals", "setattr")
    return any(isinstance(function, ast.Name) and function.id in names for function in calls)


def _undefined_names(tree, text, file):
    try:
        from pyflakes import checker, messages
    except ImportError:
        return []
    if _makes_names(tree):
        return []
    found = []
    excused = _lines_by_version(tree)
    for message in checker.Checker(tree, filename=file).messages:
        if message.lineno in excused:
            continue
        if isinstance(message, messages.UndefinedName):
            name = message.message_args[0]
            if name == "__file__" or name == "__path__":
                continue
            summary = 'The name "%s" is not defined.' % name
        elif isinstance(message, messages.UndefinedLocal):
            name = message.message_args[0]
            summary = 'The variable "%s" is used before it gets a value.' % name
        elif isinstance(message, messages.ReturnOutsideFunction):
            name, summary = "", "A `return` stands outside a function."
        else:
            continue
        hint = _hint_for_name(name, tree)
        found.append(_problem(file, "undefined-name", summary, hint, message.lineno, message.col + 1))
    return found


def _hint_for_name(name, tree):
    hint = removed_names.replaced(removed_names.BUILTINS, name)
    if hint:
        return hint
    if name in _COMMON_IMPORTS:
        return "Add the line `%s`." % _COMMON_IMPORTS[name]
    known = set()
    for item in ast.walk(tree):
        known.update(_bound_names(item) if isinstance(item, (ast.stmt, ast.Name)) else ())
        if item.__class__.__name__ == "arg":
            known.add(item.arg)
    match = nearest(name, sorted(known - set([name])))
    return 'Did you mean "%s"?' % match if match else ""


_COMMON_IMPORTS = {
    "pd": "import pandas as pd",
    "pandas": "import pandas",
    "np": "import numpy as np",
    "numpy": "import numpy",
    "plt": "import matplotlib.pyplot as plt",
    "sns": "import seaborn as sns",
    "os": "import os",
    "sys": "import sys",
    "re": "import re",
    "json": "import json",
    "math": "import math",
    "datetime": "import datetime",
}


def _lines_by_version(tree):
    """Give the lines inside an `if` that asks for the version of Python: names there may belong to another."""
    lines = set()
    for item in ast.walk(tree):
        if isinstance(item, (ast.If, ast.IfExp)) and _VERSION_TEST.search(ast.dump(item.test)):
            for inner in ast.walk(item):
                if hasattr(inner, "lineno"):
                    lines.add(inner.lineno)
    return lines


def _missing_imports(tree, text, file, offered, environment):
    if imports.may_be_found_later(text):
        return []
    found = []
    for wanted in imports.wanted(tree):
        if wanted.module.split(".")[0] in offered or imports.is_there(wanted.module, wanted.name):
            continue
        full = "%s.%s" % (wanted.module, wanted.name) if wanted.name else wanted.module
        hint = ""
        parts = full.split(".")
        for count in range(len(parts), 0, -1):
            hint = hint or removed_names.replaced(removed_names.MODULES, ".".join(parts[:count]))
        if not hint:
            match = imports.nearest_installed(wanted.module, offered)
            where = environment_line(wanted.module, Circumstances(environment=environment))
            hint = 'Did you mean "%s"? Otherwise: %s' % (match, where) if match else where
        found.append(
            _problem(
                file,
                "missing-library",
                'The environment has no "%s".' % full,
                hint,
                wanted.line,
                wanted.column,
            )
        )
    return found
