"""Says what modules a Python file declares: executes it and gives the declarations of its decorated functions."""

from __future__ import absolute_import, division, print_function, unicode_literals

import sys

from . import module_call
from .failing import JobError
from .working_directory import WorkingDirectory


def run(document, handles, report):
    """Describe the file of `document["module"]`, `{"entry", "source"}`; an entry without function means all.

    The report gets `declarations`. Never raises.
    """
    module = document["module"]
    report.facts["declarations"] = []
    try:
        loaded, function = module_call.load(module)
        report.facts["declarations"] = _declarations(loaded, function, module)
    except BaseException as error:
        told = module_call.error_of(error, sys.exc_info()[2], module, WorkingDirectory())
        report.fail(_as_declaration_error(error, told))


def _declarations(loaded, function, module):
    values = [getattr(loaded, function, None)] if function else list(loaded.__dict__.values())
    found, seen = [], []
    for value in values:
        declaration = getattr(value, "declaration", None)
        is_own = function or getattr(value, "__module__", None) == loaded.__name__
        if not is_own or not hasattr(declaration, "to_json") or value in seen:
            continue
        seen.append(value)
        found.append(declaration.to_json())
    if not found:
        file = (module.get("source") or {}).get("file") or module["entry"]
        raise JobError(
            "broken-module",
            "%s declares no module." % file,
            "Put `@module(...)` of studiolo.sdk above a function.",
            file=file,
        )
    return found


def _as_declaration_error(error, told):
    """Tell what `@module` refuses as the author's mistake, in its own words and with the line of the decorator."""
    if isinstance(error, ValueError) and ("%s" % error).startswith("module "):
        told.update(kind="user", code="broken-module", summary="%s" % error, traceback="")
        told["hint"] = "The declaration and the function's signature have to agree."
    return told
