"""Tells an exception of the author's code the way the author sees it: their frames, their line, no frame of ours."""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sys
import traceback

from . import exhausted, hints
from .failing import JobError
from .frames.text_of import class_of
from .report import TRACEBACK_LIMIT, cut_middle

SUMMARY_LIMIT = 500
_PACKAGES = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def _own_folders():
    """Give the folder of this package as code objects spell it, and in full."""
    spelt = os.path.dirname(_own_folders.__code__.co_filename)
    return tuple(set([spelt + os.sep, os.path.abspath(spelt) + os.sep]))


_OWN = _own_folders()


def error_of(error, frames, file, circumstances, raised="script-raised", keep=()):
    """Give the report's error for an exception. Never raises.

    Args:
        error: the exception.
        frames: its traceback object.
        file: the author's file; `line` is the innermost line of the stack that lies in it.
        circumstances: `hints.Circumstances`.
        raised: code when nothing more is known.
        keep: absolute paths of files of ours that belong to the author's side (a built-in module).
    """
    try:
        if isinstance(error, JobError):
            return _of_job_error(error, file)
        return _told(error, frames, file, circumstances, raised, keep)
    except BaseException:  # memory or stack exhausted, or an exception class that fights back
        try:
            return _least(error, frames, file, raised, circumstances.limits)
        except BaseException:  # not even that
            return exhausted.OUT_OF_MEMORY


def summary_of(error):
    """Give `ExceptionName: message` in one line."""
    text = " ".join(_message(error).split())
    name = class_of(error).__name__
    line = "%s: %s" % (name, text) if text else name
    return line if len(line) <= SUMMARY_LIMIT else line[: SUMMARY_LIMIT - 3] + "..."


def line_in(frames, file):
    """Give the innermost line of a traceback that lies in `file`, or None."""
    line = None
    while frames is not None:
        if _text(frames.tb_frame.f_code.co_filename) == file:
            line = frames.tb_lineno
        frames = frames.tb_next
    return line


def _of_job_error(error, file):
    told = error.to_json()
    if told["kind"] == "script":
        told.setdefault("file", file)
    return told


def _told(error, frames, file, circumstances, raised, keep):
    files = []
    link = frames
    while link is not None:
        files.append(_text(link.tb_frame.f_code.co_filename))
        link = link.tb_next
    line = line_in(frames, file)
    code = _code(error, file, circumstances.directory, raised)
    told = {
        "kind": "script",
        "code": code,
        "summary": summary_of(error),
        "hint": _hint(error, code, files, circumstances),
        "file": file,
        "line": line,
        "traceback": cut_middle(_stack(error, frames, circumstances.directory, keep), TRACEBACK_LIMIT),
    }
    if code == "script-syntax" and _text(error.filename or "") == file:
        told["line"] = error.lineno
    behind = _limit_behind(error, circumstances)
    if code == raised or behind is not None:
        text = told["summary"].partition(": ")[2]
        told.update(exhausted.exhausted(behind or error, circumstances.limits, file, text) or {})
    return told


def _limit_behind(error, circumstances):
    """Give the error of the limit that kept pip from installing what the script now lacks, or None."""
    if circumstances.installing is None or not (isinstance(error, ImportError) or hints.is_failed_pip(error)):
        return None
    return circumstances.installing.limit_behind()


def _code(error, file, directory, raised):
    if isinstance(error, SyntaxError):
        name = _text(error.filename or "")
        if name == file or (directory is not None and name.startswith(directory.path + os.sep)):
            return "script-syntax"
    if isinstance(error, SystemExit):
        return "script-exited"
    if hints.missing_library(error) is not None:
        return "missing-library"
    return raised


def _hint(error, code, files, circumstances):
    if code == "script-syntax":
        return _hint_for_syntax(error)
    if code == "script-exited":
        return "Return from azureml_main instead; to end with an error, raise an exception."
    try:
        return hints.hint_for(error, files, circumstances)
    except Exception:  # a property of the script's exception class that raises
        return ""


def _hint_for_syntax(error):
    text = _text(error.msg or "")
    line = _text(error.text or "").strip()
    if "Missing parentheses in call to" in text or line.startswith("print "):
        return "This is Python 2. Set `environment: classic-py27` on the node, or write print(...)."
    if sys.version_info[0] > 2 and (line.startswith("except ") or line.startswith("raise ")) and "," in line:
        return "This looks like Python 2. Set `environment: classic-py27` on the node, or rewrite the line."
    if sys.version_info[:2] < (3, 12) and "f'" in line + text or 'f"' in line:
        return (
            "The node's environment is Python %d.%d; newer syntax needs a newer one." % sys.version_info[:2]
        )
    return ""


def _stack(error, frames, directory, keep):
    if sys.version_info[0] == 2:
        return _stack_of_python_2(error, frames, directory, keep)
    told = traceback.TracebackException(type(error), error, frames)
    _clean(told, directory, keep, 0)
    return "".join(told.format())


def _clean(told, directory, keep, depth):
    """Take our frames out of an exception, of those it came from and of those it groups."""
    if told is None or depth > 50:
        return
    kept = []
    for entry in told.stack:
        if _is_shown(entry.filename, keep):
            entry.filename = _shown(entry.filename, directory)
            kept.append(entry)
    told.stack[:] = kept
    if not kept and sys.version_info[:2] < (3, 10):  # else it says that a stack follows
        told.exc_traceback = None
    if getattr(told, "filename", None) and directory is not None:  # of a SyntaxError
        told.filename = directory.shown(told.filename)
    _clean(told.__cause__, directory, keep, depth + 1)
    _clean(told.__context__, directory, keep, depth + 1)
    for member in getattr(told, "exceptions", None) or ():
        _clean(member, directory, keep, depth + 1)


def _stack_of_python_2(error, frames, directory, keep):
    entries = []
    for name, line, function, text in traceback.extract_tb(frames):
        if _is_shown(_text(name), keep):
            entries.append((_shown(_text(name), directory).encode("utf-8"), line, function, text))
    parts = [b"Traceback (most recent call last):\n"] + traceback.format_list(entries) if entries else []
    if isinstance(error, SyntaxError):
        return "".join(_text(part) for part in parts) + _syntax_of_python_2(error, directory)
    parts += traceback.format_exception_only(class_of(error), error)
    return "".join(_text(part) for part in parts)


def _syntax_of_python_2(error, directory):
    """Tell a syntax error with its file as the author knows it; one without a line has only its message."""
    message = "%s: %s\n" % (type(error).__name__, _text(error.msg or ""))
    if error.lineno is None:
        return message
    place = (
        _shown(_text(error.filename or ""), directory).encode("utf-8"),
        error.lineno,
        error.offset,
        error.text,
    )
    shown = type(error)(error.msg, place)
    return "".join(_text(part) for part in traceback.format_exception_only(type(shown), shown))


def _is_shown(file, keep):
    if file in keep:
        return True
    return not file.startswith(_OWN) and not file.startswith("<frozen importlib")


def _shown(file, directory):
    if directory is not None:
        file = directory.shown(file)
    return file[len(_PACKAGES) :] if file.startswith(_PACKAGES + "studiolo" + os.sep) else file


def _least(error, frames, file, raised, limits):
    """Tell an exception with next to no memory."""
    name, line = "an exception", None
    try:
        name = type(error).__name__
        line = line_in(frames, file)
    except BaseException:
        pass
    code = {"SystemExit": "script-exited", "SyntaxError": "script-syntax"}.get(name, raised)
    told = {
        "kind": "script",
        "code": code,
        "summary": name,
        "hint": exhausted.HINTS["memory_mb"] if name == "MemoryError" else "",
        "file": file,
        "line": line,
        "traceback": "",
    }
    try:
        told.update(exhausted.exhausted(error, limits, file) or {})
    except BaseException:
        if limits and isinstance(error, MemoryError):
            told.update(exhausted.OUT_OF_MEMORY)
    return told


def _message(error):
    try:
        return _text(str(error))
    except UnicodeError:  # Python 2, a message of non-ASCII text
        return _text(error.args[0]) if error.args and isinstance(error.args[0], type("")) else ""
    except BaseException:
        return "<its text cannot be shown: __str__ raised>"


def _text(value):
    return value if isinstance(value, type("")) else value.decode("utf-8", "replace")
