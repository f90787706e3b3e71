"""A script or module that is loaded once and called many times, for a web service; see serving.py."""

from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import random
import sys
import tempfile

from . import arguments, module_call, pictures, results, run_notes, script, trace
from .datasets import Border
from .frames.repeated import RepeatedFrames
from .hints import Circumstances
from .report import Stopwatch
from .working_directory import WorkingDirectory


def load(document, handles, report):
    """Load what a document of kind `serve` names; None when that fails, and `report` then says why.

    Args:
        document: see job.py and serving.py.
        handles: gives a descriptor for a number in the document.
        report: `Report`.
    """
    kind = {"script": _Script, "module": _Module}[document["serve"]]
    loaded = kind(document, handles)
    try:
        loaded.load(report)
    except BaseException as error:
        report.fail(loaded.error_of(error, sys.exc_info()[2]))
        return None
    finally:
        script.settle(loaded.directory)
    return loaded


def close_figures():
    """Forget what the last call drew, in a process that serves more."""
    pyplot = sys.modules.get(str("matplotlib.pyplot"))
    if pyplot is not None:
        pyplot.close("all")


class _Loaded(object):
    """What scripts and modules have in common.

    Attributes:
        directory: `WorkingDirectory`.
        is_kept: one process answers many requests: what it reads of the inputs that never change is read anew.
    """

    def __init__(self, document, handles):
        self.document, self.handles = document, handles
        self.directory = WorkingDirectory()
        self.is_kept = document["state"] == "kept"
        self.kept = {}  # inputs that never change, by port
        self.readers = {}  # `RepeatedFrames` of inputs that come with requests, by port
        self.own_modules = []
        self._random = None

    def call(self, frames, parameters, report):
        """Answer one request.

        Args:
            frames: (type, bytes) of what came with it, by input port.
            parameters: values that it sets.
            report: `Report`; an error is told there.

        Returns:
            `[(output, bytes)]`, without outputs that were left empty.
        """
        process = os.getpid()
        border = _RequestBorder(self, frames, report)
        try:
            self._reseed()
            self._call(border, parameters, report, process)
            return border.written()
        except BaseException as error:
            report.fail(self.error_of(error, sys.exc_info()[2]))
            return []
        finally:
            script.end_copies(process)
            script.settle(self.directory)

    def keep_objects(self, border):
        """Unpickle the objects that never change, such as a trained model, before the first request comes."""
        for port in border.inputs:
            if port["type"] == "object":
                self.kept[port["name"]] = border.read_object(port)

    def remember_random(self, before):
        """Learn whether loading has set the generators of random numbers; else each request gets other numbers."""
        if _random_state() != before:
            self._random = random.getstate()

    def _reseed(self):
        if self.is_kept:
            return
        if self._random is not None:  # Python seeds its own generator anew in each forked process
            random.setstate(self._random)
            return
        random.seed()
        if "numpy.random" in sys.modules:
            sys.modules[str("numpy.random")].seed()


class _Script(_Loaded):
    def load(self, report):
        document = self.document
        source = script.source_of(document, report)
        border = Border(document, self.handles, report)
        self.circumstances = Circumstances(
            self.directory, document.get("environment") or "", document.get("limits")
        )
        run_notes.begin(document, report, self.directory)
        script.prepare(document, border, report, self.directory)
        self.own_modules = list(border.own_modules)
        module = script.module_of(source, self.directory)
        self.own_modules.append(self.directory.module_name)
        before, process = _random_state(), os.getpid()
        try:
            exec(source.code, module.__dict__)
        finally:
            sys.settrace(None)
            sys.setprofile(None)
            script.end_copies(process)
        self.remember_random(before)
        self.circumstances.functions = [name for name in module.__dict__ if not name.startswith("__")]
        self.function = script.entry_point(module, source.file)
        self.signature = arguments.signature_of(self.function)
        self.ports = script.dataset_ports(document, border)
        report.facts["keywords"] = arguments.keyword_defaults(self.signature, len(self.ports))
        self.keep_objects(border)
        if not self.is_kept:
            for port in border.inputs:
                if port["type"] == "dataset":
                    self.kept[port["name"]] = border.read_dataframe(port)

    def error_of(self, error, frames):
        circumstances = getattr(self, "circumstances", None) or Circumstances(self.directory)
        return trace.error_of(error, frames, self.document["script"]["file"], circumstances)

    def _call(self, border, parameters, report, process):
        watch = Stopwatch(report.timing)
        run_notes.begin(self.document, report, self.directory)
        connected, further = script.read_inputs(self.document, border, self.circumstances)
        values = dict(self.document.get("parameters") or {}, **parameters)
        args, kwargs = arguments.bind(
            self.signature, self.ports, connected, self.document.get("dialect"), values, report.warn, further
        )
        connected = further = None
        watch.lap("read_ms")
        try:
            result = self.function(*args, **kwargs)
        finally:
            sys.settrace(None)  # before a function of ours is called
            sys.setprofile(None)
            script.end_copies(process)
        watch.lap("call_ms")
        for output, value in results.values_for(result, border.outputs, report.warn):
            border.write(output, value)
        watch.lap("write_ms")


class _Module(_Loaded):
    def load(self, report):
        pictures.prepare()
        _preload(self.document.get("preload") or ())
        before = _random_state()
        self.module, name = module_call.load(self.document["module"])
        self.remember_random(before)
        self.function = module_call.function_of(self.module, name, self.document["module"])
        self.name = name
        if self.document["module"].get("source"):
            self.own_modules = [self.module.__name__]
        self.keep_objects(Border(self.document, self.handles, report, self.own_modules))

    def error_of(self, error, frames):
        limits = self.document.get("limits")
        return module_call.error_of(error, frames, self.document["module"], self.directory, limits)

    def _call(self, border, parameters, report, process):
        watch = Stopwatch(report.timing)
        values = dict(self.document.get("parameters") or {}, **parameters)
        result = module_call.called(
            self.function, border, values, self.handles, process, self.directory, watch
        )
        for output, value in module_call.values_for(result, border.outputs, self.name):
            border.write(output, value)
        watch.lap("write_ms")


class _RequestBorder(Border):
    """The border of one request: its own inputs come as bytes, what never changes as in any job."""

    def __init__(self, loaded, frames, report):
        document = loaded.document
        own = [{"name": name, "type": kind} for name, (kind, _) in frames.items()]
        inputs = [port for port in document.get("inputs", []) if port["name"] not in frames] + own
        Border.__init__(self, dict(document, inputs=inputs), loaded.handles, report, loaded.own_modules)
        self._frames, self._loaded = frames, loaded
        self._sinks, self._held = [], []

    def mapping(self, port):
        """Give the bytes of a request's input, writable and its own."""
        if port["name"] not in self._frames:
            return Border.mapping(self, port)
        data = self._frames[port["name"]][1]
        return bytearray(data) if sys.version_info[0] == 2 else data

    def read_dataframe(self, port):
        """Give a dataset input; one that never changes was read before the process of this request began."""
        if port["name"] in self._loaded.kept:
            return self._loaded.kept[port["name"]]
        return Border.read_dataframe(self, port)

    def reader(self, port):
        """Give what reads the tables of an input; those of requests are much alike."""
        if port["name"] not in self._frames:
            return Border.reader(self, port)
        readers = self._loaded.readers
        if port["name"] not in readers:
            readers[port["name"]] = RepeatedFrames()
        return readers[port["name"]].read

    def read_object(self, port):
        """Give an object; one that never changes, such as a trained model, was unpickled when the node was loaded."""
        if port["name"] in self._frames:
            return Border.read_object(self, port)
        return self._loaded.kept[port["name"]]

    def descriptor(self, port):
        """Give where an output is written to: memory for a dataset, a file for anything else; or an input's file."""
        if port not in self.outputs:
            return self._input_file(port) if port["name"] in self._frames else Border.descriptor(self, port)
        sink = io.BytesIO() if port["type"] == "dataset" else tempfile.TemporaryFile()
        self._sinks.append((port["name"], sink))
        return sink if port["type"] == "dataset" else sink.fileno()

    def _input_file(self, port):
        file = tempfile.TemporaryFile()
        self._held.append(file)
        file.write(bytes(self._frames[port["name"]][1]))
        file.flush()
        file.seek(0)
        return file.fileno()

    def written(self):
        """Give `[(output, bytes)]` of what was written."""
        found = []
        for name, sink in self._sinks:
            if isinstance(sink, io.BytesIO):
                found.append((name, sink.getvalue()))
            else:
                sink.seek(0)
                found.append((name, sink.read()))
                sink.close()
        return found


def _preload(names):
    """Import what a module wants beforehand: what only a request would import, each one would import anew."""
    for name in names:
        try:
            __import__(name)
        except Exception:  # an optional library: whoever needs it says so
            pass


def _random_state():
    """Give what tells whether a generator was used or seeded."""
    state = [random.getstate()]
    module = sys.modules.get(str("numpy.random"))
    if module is not None:
        name, keys, position = module.get_state()[:3]
        state.append((name, bytes(keys), position))
    return state
