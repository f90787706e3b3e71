"""Runs Execute Python Script: the author's text as a real module, `azureml_main` called by the contract of R-1.

The text is compiled as it is, imported once per run after the bundle and the working directory are there, and
its function is called with DataFrames of its own.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import mmap
import os
import signal
import sys

from . import (
    arguments,
    bundle,
    exhausted,
    output_stream,
    pictures,
    results,
    run_notes,
    trace,
    warning_lines,
    windows_paths,
)
from .datasets import Border
from .failing import JobError
from .hints import Circumstances
from .nearest import nearest
from .report import Stopwatch
from .source import compile_text, make_module
from .working_directory import WorkingDirectory, forget_main

ENTRY_POINT = arguments.ENTRY_POINT
_COROUTINE = 0x80 | 0x200  # CO_COROUTINE, CO_ASYNC_GENERATOR


def run(document, handles, report):
    """Run the script of a document of kind `script`; what happens is told in `report`. Never raises.

    Args:
        document: see job.py.
        handles: gives a descriptor for a number in the document.
        report: `Report`.
    """
    directory = WorkingDirectory()
    circumstances = Circumstances(directory, document.get("environment") or "", document.get("limits"))
    circumstances.installing = document.get("installing")
    notes = run_notes.begin(document, report, directory)
    reserve = _reserve()
    try:
        _run(document, handles, report, directory, circumstances)
    except:  # noqa: E722 (Python 2 raises instances of any class)
        if reserve is not None:
            reserve.close()
        error, frames = sys.exc_info()[1:]
        report.fail(trace.error_of(error, frames, document["script"]["file"], circumstances))
        frames = error = None  # give the script's data back before anything else needs memory
    settle(directory)
    if circumstances.installing is not None:
        circumstances.installing.close()
    pictures.save_open_figures(directory, report.warn)
    found, report.facts["files"] = pictures.left_behind(directory, report.warn, notes.copied())
    report.facts["pictures"] = found
    report.facts.update(notes.facts())
    if not report.facts["files"]:
        directory.leave()


def _reserve():
    """Take untouched memory to tell an error with when all other is gone; None when it is gone already."""
    try:  # private: the limit does not count shared memory, so that giving it back would help nothing
        return mmap.mmap(-1, exhausted.RESERVE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except (EnvironmentError, mmap.error):
        return None


def settle(directory):
    """Undo what a script may have left switched on in this process that would disturb ours."""
    if sys.getrecursionlimit() < _RECURSION_LIMIT:
        sys.setrecursionlimit(_RECURSION_LIMIT)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0)
    except (ValueError, AttributeError):
        pass
    directory.enter()


def end_copies(process):
    """End this process when it is one that the script forked and let run on: only the first may give a result."""
    if os.getpid() == process:
        return
    try:
        error = sys.exc_info()[1]
        if error is not None:
            sys.stderr.write("%s\n" % trace.summary_of(error))
        output_stream.flush()
    finally:
        os._exit(1)


def keep_tracing():
    """Leave a debugger or profiler of the author alone; for scripts that run outside the jail."""
    _keeps_tracing.append(True)


_RECURSION_LIMIT = sys.getrecursionlimit()
_keeps_tracing = []
_held = []


def _run(document, handles, report, directory, circumstances):
    watch, process = Stopwatch(report.timing), os.getpid()
    source = source_of(document, report)
    border = Border(document, handles, report)
    prepare(document, border, report, directory)
    connected, further = read_inputs(document, border, circumstances)
    module = module_of(source, directory)
    border.own_modules.append(directory.module_name)
    watch.lap("read_ms")
    try:
        exec(source.code, module.__dict__)
        circumstances.functions = [name for name in module.__dict__ if not name.startswith("__")]
        function = entry_point(module, source.file)
        signature = arguments.signature_of(function)
        ports = dataset_ports(document, border)
        report.facts["keywords"] = arguments.keyword_defaults(signature, len(ports))
        args, kwargs = arguments.bind(
            signature,
            ports,
            connected,
            document.get("dialect"),
            document.get("parameters") or {},
            report.warn,
            further,
        )
        connected = further = None
        result = function(*args, **kwargs)
    finally:
        if not _keeps_tracing:
            sys.settrace(None)  # before a function of ours is called
            sys.setprofile(None)
        end_copies(process)
        settle(directory)
    watch.lap("call_ms")
    args = kwargs = None
    try:
        for output, value in results.values_for(result, border.outputs, report.warn):
            border.write(output, value)
    except JobError as error:
        if error.kind == "script" and hasattr(function, "__code__"):
            error.place.setdefault("line", function.__code__.co_firstlineno)
        raise
    watch.lap("write_ms")


def prepare(document, border, report, directory):
    """Set up the directory, the bundle and the interpreter for the script."""
    directory.prepare()
    entries = []
    zips = [port for port in border.inputs if port["type"] == "zip" and is_declared(document, port)]
    for port in zips:
        with bundle.Bundle(border.descriptor(port), document.get("disk_bytes")) as opened:
            opened.unpack(directory.bundle)
            entries = opened.entries
            names = opened.top_names()
        border.own_modules.extend(sorted(names))
        bundle.warn_of_loaded(names, directory.bundle, report.warn)
    if document.get("dialect") == "classic":
        windows_paths.allow(directory, entries)
    pictures.prepare()
    forget_main()
    file = document["script"]["file"]
    sys.argv = [file.encode("utf-8") if sys.version_info[0] == 2 else file]


def source_of(document, report):
    """Compile the text of a document's script; warn of what had to be read as something else."""
    source = compile_text(document["script"]["text"], document["script"]["file"])
    if source.no_break_spaces:
        report.warn(
            "%d no-break spaces (U+00A0, as pasted from a web page) were read as spaces."
            % source.no_break_spaces
        )
    return source


def read_inputs(document, border, circumstances):
    """Give what is connected, by port, and note the columns of datasets for hints.

    Returns:
        `(connected, further)`: the DataFrames of declared inputs, and DataFrames, objects and bytes of those that the
        script takes by keyword.
    """
    connected, further, columns = {}, {}, {}
    for port in border.inputs:
        if not is_declared(document, port):
            further[port["name"]] = border.read_value(port)
        elif port["type"] == "dataset":
            connected[port["name"]] = border.read_dataframe(port)
    for port in border.inputs:
        if port["type"] == "dataset":
            frame = connected.get(port["name"], further.get(port["name"]))
            columns[port["name"]] = [name for name in frame.columns.tolist() if isinstance(name, type(""))]
    circumstances.columns = columns
    return connected, further


def is_declared(document, port):
    """Say whether an input is one of the module's own, not one that the node adds and the script takes by keyword."""
    declared = (document.get("ports") or {}).get("declared")
    return declared is None or port["name"] in declared


def module_of(source, directory):
    """Give the empty module that a `Source` is executed in; its file lies in the working directory."""
    path = directory.write_script(source.file, source.text)
    warning_lines.install(path, source.file)
    _held.extend(sys.modules.values())  # Python 2 empties a module that nothing holds
    return make_module(directory.module_name, source, path)


def entry_point(module, file):
    """Give the function azureml_main of an executed script.

    Raises:
        JobError: `missing-entry-point` or `bad-entry-point`.
    """
    function = module.__dict__.get(str(ENTRY_POINT))
    if function is None:
        functions = [
            name for name, value in module.__dict__.items() if callable(value) and not name.startswith("__")
        ]
        own = [
            name
            for name in functions
            if getattr(module.__dict__[name], "__module__", None) == module.__name__
        ]
        raise missing_entry_point(own, file)
    if not callable(function):
        raise JobError(
            "bad-entry-point",
            "%s is a %s, not a function." % (ENTRY_POINT, type(function).__name__),
            "Define it: `def %s(dataframe1=None, dataframe2=None):`." % ENTRY_POINT,
            file=file,
        )
    code = getattr(function, "__code__", None)
    if code is not None and code.co_flags & _COROUTINE:
        raise JobError(
            "bad-entry-point",
            "%s is defined with `async def`, and nothing awaits it." % ENTRY_POINT,
            "Define it with plain `def`; inside, `asyncio.run(...)` runs what is asynchronous.",
            file=file,
            line=code.co_firstlineno,
        )
    return function


def missing_entry_point(functions, file):
    """Give the error for a script without azureml_main, naming the function that was probably meant."""
    match = nearest(ENTRY_POINT, functions)
    if match is None and len(functions) == 1:
        match = functions[0]
    if match is not None:
        hint = 'Rename "%s" to "%s".' % (match, ENTRY_POINT)
    else:
        hint = "Define it: `def %s(dataframe1=None, dataframe2=None): return dataframe1,`." % ENTRY_POINT
    return JobError(
        "missing-entry-point", "The script defines no function %s." % ENTRY_POINT, hint, file=file
    )


def dataset_ports(document, border):
    """Give the names of the declared dataset inputs, connected or not, in order."""
    declared = (document.get("ports") or {}).get("inputs")
    return declared or [port["name"] for port in border.inputs if port["type"] == "dataset"]
