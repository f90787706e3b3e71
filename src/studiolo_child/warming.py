"""Pays first-call costs before a job is there: lazy imports in the zygote, page copies in the forked child."""

from __future__ import absolute_import, division, print_function, unicode_literals

import gc
import io
import json
import linecache
import mmap
import os
import random
import sys
import tempfile
import types

import numpy
import pandas

from . import arguments, hints, output_stream, packets, pictures, results, shared_mappings, trace
from .frames.pandas_in import read_frame
from .frames.pandas_out import write_frame
from .frames.repeated import RepeatedFrames
from .report import Report
from .source import compile_text, make_module
from .working_directory import WorkingDirectory

_SCRIPT = """
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["more"] = dataframe1["number"] * 2
    return dataframe1,
"""
_FAILING = """
def azureml_main(dataframe1=None, dataframe2=None):
    return dataframe1["none"]
"""
_FILE = "warm.py"
_frames = []


def warm():
    """Run the paths of a trivial script and of a failing one on made-up data; called in the zygote, once.

    Leaves nothing behind but loaded libraries. Never raises: a cold path costs time, not correctness.
    """
    shared_mappings.install()
    steps = (_warm_frame, _warm_script, _warm_failure, _warm_pandas, _warm_matplotlib, _warm_libraries)
    for step in steps + (touch_frames,):
        try:
            step()
        except Exception as error:
            sys.stderr.write("studiolo: warming %s: %s: %s\n" % (step.__name__, type(error).__name__, error))
    linecache.clearcache()


def warm_child():
    """Touch the pages that a job will touch, in the forked child before the job is there; reseed generators."""
    use_own_temporary_folder()
    random.seed()
    if "numpy.random" in sys.modules:
        numpy.random.seed()
    for step in (_warm_script, _warm_surroundings):
        try:
            step()
        except Exception:  # no frame was made, no folder to write to
            pass


def touch_frames():
    """Do what most requests do, in the process of one that has not come yet: pages are copied now. Never raises."""
    report = Report()
    try:
        frame = RepeatedFrames().read(bytearray(_frames[1]), "float", report.receipt("in:dataset1"))
        frame["more"] = frame["number"] * 2 + frame["count"]
        write_frame(io.BytesIO(), frame[["number", "more"]], [], "designer", False)
        packets.read_head(packets.write_packet({"report": report.document()}))
    except Exception:  # no frame was made
        pass


def use_own_temporary_folder():
    """Let tempfile forget the folder that the zygote found, for the one of this job."""
    tempfile.tempdir = os.environ.get("TMPDIR") or None


def _made_up():
    """Give a table with each common type, with and without missing values."""
    return pandas.DataFrame(
        {
            "number": [1.5, 2.5, float("nan")],
            "count": [1, 2, 3],
            "text": ["a", None, "c"],
            "flag": [True, False, True],
            "moment": pandas.to_datetime(["2020-01-01", None, "2020-01-03"]),
            "kind": pandas.Categorical(["x", "y", "x"]),
        }
    )


def _warm_frame():
    """Write two tables: one of all types for the zygote, one of the commonest for its children."""
    whole = _made_up()
    del _frames[:]
    for frame in (whole, whole[["number", "count", "text", "flag"]]):
        target = io.BytesIO()
        write_frame(target, frame, [], "designer", False)
        _frames.append(target.getvalue())
    read_frame(bytearray(_frames[0]), "float", [])


def _warm_script():
    report = Report()
    frame = read_frame(bytearray(_frames[1]), "float", report.receipt("in:dataset1"))
    source = compile_text(_SCRIPT, _FILE)
    module = types.ModuleType(str("studiolo_warm"))
    exec(source.code, module.__dict__)
    function = module.azureml_main
    signature = arguments.signature_of(function)
    ports = ["dataset1", "dataset2"]
    args, kwargs = arguments.bind(signature, ports, {"dataset1": frame}, "designer", {}, report.warn)
    arguments.keyword_defaults(signature, 2)
    outputs = [{"name": "result_dataset", "type": "dataset"}, {"name": "result_dataset2", "type": "dataset"}]
    with tempfile.TemporaryFile() if _has_room() else io.BytesIO() as target:
        for _, value in results.values_for(function(*args, **kwargs), outputs, report.warn):
            if value is not None:
                where = target.fileno() if _has_room() else target
                write_frame(where, value, report.receipt("out:result_dataset"), "designer", False)
    report.write(-1)


def _warm_surroundings():
    """Make and drop what surrounds a script: streams, a working directory with its file, a module."""
    for descriptor in (1, 2):
        output_stream.stream(descriptor)
    mmap.mmap(-1, 1 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    directory = WorkingDirectory()
    directory.path = tempfile.mkdtemp()
    source = compile_text(_SCRIPT, _FILE)
    try:
        path = directory.write_script(_FILE, _SCRIPT)
        make_module(directory.module_name, source, path)
        del sys.modules[directory.module_name]
        for key in (_FILE, path):
            linecache.cache.pop(key, None)
        pictures.left_behind(directory, None)
        directory.leave()
    finally:
        os.rmdir(directory.path)


def _has_room():
    return os.access(os.environ.get("TMPDIR", "/nowhere"), os.W_OK)


def _warm_failure():
    module = types.ModuleType(str("studiolo_warm"))
    exec(compile_text(_FAILING, _FILE).code, module.__dict__)
    circumstances = hints.Circumstances()
    circumstances.columns["dataset1"] = ["number"]
    try:
        module.azureml_main(_made_up())
    except KeyError as error:
        trace.error_of(error, sys.exc_info()[2], _FILE, circumstances)
    try:
        compile_text("x =", _FILE)
    except SyntaxError as error:
        trace.error_of(error, sys.exc_info()[2], _FILE, circumstances)


def _warm_pandas():
    frame = read_frame(bytearray(_frames[0]), "float", [])
    frame.groupby("text")["number"].mean()
    frame.merge(frame[["count"]], on="count").sort_values("number").dropna()
    frame.describe()
    repr(frame)
    pandas.read_csv(io.StringIO("a,b\n1,x\n")).to_csv()
    json.loads(json.dumps({"a": [1]}))


def _warm_matplotlib():
    pictures.prepare()
    pyplot = sys.modules.get(str("matplotlib.pyplot"))
    if pyplot is None:
        return
    figure, axes = pyplot.subplots()
    axes.plot([1, 2], [3, 4])
    axes.set_title("warm")
    figure.savefig(io.BytesIO(), format="png")
    pyplot.close("all")
    gc.collect()


def _warm_libraries():
    """Import what jobs take from the standard library."""
    for name in ("zipfile", "pickle", "ast", "inspect", "logging"):
        __import__(name)
    if sys.version_info[0] > 2:
        import faulthandler
        import importlib.machinery  # noqa: F401

        faulthandler.enable()
