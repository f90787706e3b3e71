"""Runs a node that `studiolo pull` has written to a folder, without studiolo, by the code that runs it in the jail.

The folder holds `node.json`, the script, `inputs/`, `Script Bundle/` and a copy of the files of this package that
are needed here. The script works in `outputs/`, which is emptied first; its results are written there.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import hashlib
import io
import json
import os
import pickle
import shutil
import sys
import zipfile

import pandas

from . import asking, output_stream, script
from .frames.pandas_in import read_frame
from .frames.pandas_out import write_frame
from .report import Report
from .source import declared_coding
from .working_directory import BUNDLE_FOLDER, WorkingDirectory

OUTPUTS = "outputs"
CSV_CELLS = 2000000  # a larger result is not written as CSV too
_BUNDLE_PORT = "script_bundle"
_BOM = b"\xef\xbb\xbf"
_ENDINGS = {"dataset": ".frame", "object": ".pickle", "zip": ".zip"}


def run(folder, arguments=()):
    """Run the node of a folder and print what became of it; give the exit code.

    Args:
        folder: absolute path of what `studiolo pull` has written.
        arguments: `--raise` lets what the script raises through, for a debugger.

    Raises:
        Exception: what the script raised, with `--raise`.
    """
    node = read_node(folder)
    work = os.path.join(folder, OUTPUTS)
    _empty(work)
    os.chdir(work)
    if (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") != "utf8":
        sys.stdout, sys.stderr = output_stream.stream(1), output_stream.stream(2)
    site = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site")
    if site not in sys.path:
        sys.path.append(str(site))  # last: a package of the environment wins
    asking.answer_with(_Registered(node, folder))
    main, made = sys.modules["__main__"], []
    script.keep_tracing()
    script.WorkingDirectory = _directory_class(folder, made)
    report = _RaisingReport() if "--raise" in arguments else Report()
    try:
        _run(node, folder, work, report)
    finally:
        sys.modules[str("__main__")] = main
        os.chdir(folder)
        shutil.rmtree(os.path.join(work, BUNDLE_FOLDER), True)
        for directory in made:
            if directory.script and os.path.exists(directory.script):
                os.unlink(directory.script)
    return _tell(node, work, report)


def read_node(folder):
    """Give what `node.json` says."""
    with io.open(os.path.join(folder, "node.json"), encoding="utf-8") as file:
        return json.load(file)


def inputs(folder):
    """Give the inputs of a folder as the script gets them, by port; None where nothing is connected."""
    node = read_node(folder)
    values = dict((port, None) for port in node["ports"])
    for port in node["inputs"]:
        path = os.path.join(folder, port["file"])
        if port["type"] == "dataset":
            values[port["name"]] = read(path, node["integers_with_missing"])
            continue
        with io.open(path, "rb") as file:
            values[port["name"]] = pickle.load(file) if port["type"] == "object" else file.read()
    return values


def read(path, integers_with_missing="float"):
    """Give a `.frame` file as a DataFrame."""
    with io.open(path, "rb") as file:
        return read_frame(bytearray(file.read()), integers_with_missing)


def _run(node, folder, work, report):
    opened = []

    def descriptor(path, flags):
        opened.append(os.open(path, flags, 0o644))
        return opened[-1]

    document = dict(node, kind="script", ports={"inputs": node["ports"], "declared": node.get("declared")})
    path = os.path.join(folder, node["script"])
    document["script"] = {"file": path, "text": _text_of(path)}
    document["inputs"] = [
        dict(port, fd=descriptor(os.path.join(folder, port["file"]), os.O_RDONLY)) for port in node["inputs"]
    ]
    bundle = _packed(os.path.join(folder, BUNDLE_FOLDER), os.path.join(work, "bundle.zip"))
    if bundle is not None:
        document["inputs"].append(
            {"name": _BUNDLE_PORT, "type": "zip", "fd": descriptor(bundle, os.O_RDONLY)}
        )
        os.unlink(bundle)
    results = os.path.join(folder, OUTPUTS + ".part")
    _empty(results)
    document["outputs"] = [
        dict(port, fd=descriptor(os.path.join(results, _file_of(port)), os.O_RDWR | os.O_CREAT))
        for port in node["outputs"]
    ]
    try:
        script.run(document, lambda number: number, report)
    finally:
        for one in opened:
            os.close(one)
        written = [] if report.error is not None else node["outputs"]
        for port in written:
            _take(port, os.path.join(results, _file_of(port)), work)
        shutil.rmtree(results, True)


def _take(port, source, work):
    """Give a result its place; a dataset that the script left out is an empty one."""
    if not os.path.getsize(source):
        if port["type"] != "dataset":
            return
        with io.open(source, "wb") as file:
            write_frame(file, pandas.DataFrame())
    os.rename(source, os.path.join(work, _file_of(port)))


def _file_of(port):
    return port["name"] + _ENDINGS.get(port["type"], "")


def _text_of(path):
    """Give the text of a script as Python reads it."""
    with io.open(path, "rb") as file:
        data = file.read()
    data = data[len(_BOM) :] if data.startswith(_BOM) else data
    return data.decode(declared_coding(data.decode("latin-1")) or "utf-8")


def _packed(folder, target):
    """Pack the bundle's folder as it is now; give the zip, or None without such a folder."""
    if not os.path.isdir(folder):
        return None
    with zipfile.ZipFile(target, "w") as archive:
        for place, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names) + [name + "/" for name in folders]:
                path = os.path.join(place, name)
                archive.write(path, os.path.relpath(path, folder))
    return target


def _empty(folder):
    if os.path.islink(folder):
        os.unlink(folder)
    shutil.rmtree(folder, True)
    os.mkdir(folder)


def _directory_class(folder, made):
    """Give a `WorkingDirectory` that imports from the bundle in `folder`, where an editor has its files open."""
    bundle = os.path.join(folder, BUNDLE_FOLDER)

    class LocalDirectory(WorkingDirectory):
        def __init__(self):
            super(LocalDirectory, self).__init__()
            made.append(self)

        def prepare(self):
            super(LocalDirectory, self).prepare()
            if os.path.isdir(bundle):
                sys.path.insert(0, str(bundle))

    return LocalDirectory


class _RaisingReport(Report):
    """Lets the script's exception through to the debugger instead of noting it."""

    def fail(self, error):
        super(_RaisingReport, self).fail(error)
        raise  # noqa: PLE0704 (called while the exception is handled)


class _Registered(object):
    """Answers `azureml.core` with the registered datasets and models that the node asked for when it ran."""

    def __init__(self, node, folder):
        self._node = node
        self._folder = folder

    def ask(self, question):
        """Give `(reply, descriptors)`; see `asking.Host.ask`."""
        what = question["ask"]
        if what == "workspace":
            return self._node["place"], []
        if what in ("datasets", "models"):
            facts = [one["facts"] for one in self._node["registered"] if one["what"] == what[:-1]]
            return {what: facts, "more": False}, []
        for one in self._node["registered"]:
            if (one["what"], one["name"], one["version"]) == (what, question["name"], question["version"]):
                path = os.path.join(self._folder, one["file"])
                opened = [os.open(path, os.O_RDONLY)] if question.get("content") else []
                return {what: one["facts"]}, opened
        raise asking.RefusedError(
            "unknown-dataset",
            'The %s "%s" was not asked for in run %s, so it is not here.'
            % (what, question["name"], self._node["run"]),
            "Run the node in studiolo, then pull it again.",
        )


def _tell(node, work, report):
    for warning in report.warnings:
        sys.stderr.write("Warning: %s\n" % warning)
    if report.error is not None:
        error = report.error
        sys.stderr.write("%s\n" % (error.get("traceback") or error["summary"]).rstrip("\n"))
        if error.get("hint"):
            sys.stderr.write("%s\n" % error["hint"])
        return 1
    for port in node["outputs"]:
        path = os.path.join(work, _file_of(port))
        if os.path.exists(path):
            print("%s: %s" % (port["name"], _told(node, port, path)))
    for picture in report.facts.get("pictures", ()):
        print("%s/%s" % (OUTPUTS, picture))
    return 0


def _told(node, port, path):
    """Write a dataset as CSV too, and say what an output holds and whether the node's run gave the same."""
    shown = "%s/%s" % (OUTPUTS, os.path.basename(path))
    words = shown
    if port["type"] == "dataset":
        frame = read(path)
        if frame.size <= CSV_CELLS and len(frame.columns):
            target = path[: -len(".frame")] + ".csv"
            frame.to_csv(target, index=False, encoding="utf-8")
            shown = "%s/%s" % (OUTPUTS, os.path.basename(target))
        words = "%d rows x %d columns, %s" % (len(frame), len(frame.columns), shown)
        words = words if len(frame.columns) else "empty"
    expected = node["digests"].get(port["name"])
    if expected is None or port["type"] == "object":
        return words
    is_same = _digest(path) == expected
    return "%s, %s run %d" % (words, "the same as in" if is_same else "NOT the same as in", node["run"])


def _digest(path):
    total = hashlib.sha256()
    with io.open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            total.update(piece)
    return total.hexdigest()
