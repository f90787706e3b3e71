"""Calls the function of a module, a built-in one or a user's own, by its ports and parameters.

Datasets come positionally, as pyarrow Tables where the function says so by annotation and as DataFrames
otherwise; zips and files as `SourceFile`; parameters by keyword. It returns one value for each output port.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import importlib
import os
import re
import sys

import pandas

from . import column_rules, pictures, trace
from .arguments import signature_of
from .datasets import Border
from .failing import JobError
from .hints import Circumstances
from .report import Stopwatch
from .script import end_copies, settle
from .source import compile_text, make_module
from .working_directory import WorkingDirectory

_MODULE_ERROR = "studiolo.sdk.failing"


def run(document, handles, report):
    """Run the module of a document of kind `module`; what happens is told in `report`. Never raises."""
    directory = WorkingDirectory()
    try:
        _run(document, handles, report, directory)
    except BaseException as error:
        limits = document.get("limits")
        report.fail(error_of(error, sys.exc_info()[2], document["module"], directory, limits))
    settle(directory)
    pictures.save_open_figures(directory, report.warn)
    report.facts["pictures"], report.facts["files"] = pictures.left_behind(directory, report.warn)


def load(module):
    """Import or execute the file that `{"entry", "source"}` names; give it and the name of the function in it.

    A user's file is executed as a real Python module under the entry's name, with its own file name and lines
    in stack traces.
    """
    name, _, function = module["entry"].partition(":")
    source = module.get("source")
    if not source:
        return importlib.import_module(str(name)), function
    compiled = compile_text(source["text"], source["file"])
    loaded = make_module(name or "module", compiled, os.path.abspath(source["file"]))
    exec(compiled.code, loaded.__dict__)
    return loaded, function


def error_of(error, frames, module, directory, limits=None):
    """Give the report's error for what a module raised: a `ModuleError` in its own words, others with the trace."""
    told = _of_module_error(error)
    if told is not None:
        return told
    file = _file_of(module)
    circumstances = Circumstances(directory, limits=limits)
    shown = trace.error_of(error, frames, file, circumstances, raised="module-raised")
    if not module.get("source") and not (isinstance(error, JobError) and error.kind != "script"):
        shown["file"] = _shown_file(file)
    return shown


def _of_module_error(error):
    """Tell a ModuleError of the sdk, which is known by its name: nothing of studiolo is imported here."""
    for kind in type(error).__mro__ if isinstance(error, Exception) else ():
        if kind.__module__ == _MODULE_ERROR and kind.__name__ == "ModuleError":
            break
    else:
        return None
    told = {"kind": "user"}
    for place in ("code", "summary", "hint", "parameter", "port", "file", "traceback"):
        words = _words(getattr(error, place, ""))
        if words or place in ("code", "summary", "hint"):
            told[place] = words
    if isinstance(getattr(error, "line", None), int):
        told["line"] = error.line
    if "traceback" in told:  # a script in another language, which the module ran
        told["kind"] = "script"
    return told


def _words(value):
    """Give text for whatever the author gave, such as another exception: `raise ModuleError(error)`."""
    try:
        return value if isinstance(value, type("")) else "%s" % (value or "",)
    except Exception:  # of the author's own class
        return ""


def _file_of(module):
    source = module.get("source")
    if source:
        return source["file"]
    loaded = sys.modules.get(module["entry"].partition(":")[0])
    return getattr(loaded, "__file__", None) or module["entry"]


def _shown_file(file):
    """Give the path of a built-in module's file from the package on."""
    at = file.rfind(os.sep + "studiolo" + os.sep)
    return file[at + 1 :] if at >= 0 else os.path.basename(file)


def _run(document, handles, report, directory):
    watch, process = Stopwatch(report.timing), os.getpid()
    pictures.prepare()
    loaded, name = load(document["module"])
    function = function_of(loaded, name, document["module"])
    border = Border(document, handles, report, [loaded.__name__] if document["module"].get("source") else [])
    result = called(function, border, document.get("parameters") or {}, handles, process, directory, watch)
    for output, value in values_for(result, border.outputs, name):
        border.write(output, value)
    watch.lap("write_ms")


def function_of(loaded, name, module):
    """Give the function `name` of a loaded module.

    Raises:
        JobError: `broken-module`.
    """
    function = getattr(loaded, name, None)
    if not callable(function):
        raise JobError(
            "broken-module",
            "%s has no function %s." % (module["entry"].partition(":")[0], name),
            "Reload the workspace's modules: the file has changed since it was described.",
            file=(module.get("source") or {}).get("file"),
        )
    return function


def called(function, border, parameters, handles, process, directory, watch):
    """Call a module's function on what its border gives; give what it returned.

    Args:
        function: of the module.
        border: `Border` of the call.
        parameters: name to value, as the document has them.
        handles: gives a descriptor for a number in the document.
        process: id of the process that may go on afterwards.
        directory: `WorkingDirectory`.
        watch: `Stopwatch`.
    """
    arguments = _arguments(function, border)
    parameters = column_rules.resolved(parameters, border)
    given = dict((str(key), _parameter(value, handles)) for key, value in parameters.items())
    watch.lap("read_ms")
    try:
        result = function(*arguments, **given)
    finally:
        sys.settrace(None)  # before a function of ours is called
        sys.setprofile(None)
        end_copies(process)
        settle(directory)
    watch.lap("call_ms")
    return result


def _arguments(function, border):
    """Give a value for each positional parameter of the function, by the port of that name; None when unconnected."""
    inputs = dict((port["name"], port) for port in border.inputs)
    annotations = getattr(function, "__annotations__", {})
    values = []
    for name, _ in signature_of(function).positional:
        port = inputs.get(name)
        if port is None:
            values.append(None)
        elif port["type"] == "dataset":
            read = border.read_table if _wants_table(annotations.get(name)) else border.read_dataframe
            values.append(read(port))
        elif port["type"] == "object":
            values.append(border.read_object(port))
        else:
            values.append(_source_file(name, border.descriptor(port)))
    return values


def _wants_table(annotation):
    """Say whether an annotation means pyarrow.Table: itself, as text, or in a union with None."""
    if annotation is None:
        return False
    if isinstance(annotation, type):
        text = "%s.%s" % (annotation.__module__, annotation.__name__)
    else:
        text = annotation if isinstance(annotation, type("")) else "%s" % (annotation,)
    return "Table" in re.findall(r"\w+", text)


def _parameter(value, handles):
    if isinstance(value, dict) and list(value) == ["file"] and isinstance(value["file"], dict):
        file = value["file"]
        return _source_file(file["name"], handles(file["fd"]), file.get("size"))
    if isinstance(value, dict) and list(value) == ["script"] and isinstance(value["script"], dict):
        sources = importlib.import_module(str("studiolo.sdk.sources"))
        return sources.ScriptText(value["script"]["text"], value["script"]["file"])
    return value


def _source_file(name, descriptor, size=None):
    sources = importlib.import_module(str("studiolo.sdk.sources"))
    return sources.SourceFile(name, descriptor, os.fstat(descriptor).st_size if size is None else size)


def values_for(result, outputs, name):
    """Give `[(output, value)]` for what the function returned.

    Raises:
        JobError: `module-bad-return`.
    """
    if len(outputs) == 1:
        values = list(result) if isinstance(result, (tuple, list)) and len(result) == 1 else [result]
    elif result is None:
        values = [None] * len(outputs)
    elif isinstance(result, (tuple, list)) and len(result) == len(outputs):
        values = list(result)
    else:
        count = (
            "%d values" % len(result) if isinstance(result, (tuple, list)) else "a %s" % type(result).__name__
        )
        raise _bad_return(
            "%s returned %s; it declares %d outputs." % (name, count, len(outputs)),
            "Return a tuple with one value for each output port, or None.",
        )
    for output, value in zip(outputs, values):
        _check_value(output, value, name)
    return list(zip(outputs, values))


def _check_value(output, value, name):
    if value is None or output["type"] == "object":
        return
    if output["type"] == "dataset":
        is_right = isinstance(value, pandas.DataFrame) or _is_table(value)
        wanted = "a pandas DataFrame or a pyarrow Table"
    else:
        is_right = isinstance(value, (bytes, bytearray, memoryview))
        wanted = "bytes"
    if not is_right:
        raise _bad_return(
            "%s returned a %s for its output %s." % (name, type(value).__name__, output["name"]),
            "This port takes %s, or None." % wanted,
        )


def _is_table(value):
    kind = type(value)
    return kind.__name__ == "Table" and kind.__module__.split(".")[0] == "pyarrow"


def _bad_return(summary, hint):
    return JobError("module-bad-return", summary, hint, kind="script")
