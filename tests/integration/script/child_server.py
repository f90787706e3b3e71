"""Runs jobs one after the other, each in a forked child without walls, for any interpreter. Python 2.7 too.

Reads requests as lines of JSON from stdin, answers with lines of JSON on stdout:

    {"document": {...}, "inputs": [{"name", "type", "table": {column: values} | "data": base64 | "pickle": ...}],
     "outputs": [{"name", "type"}], "files": {parameter: text}, "limits": {resource name: value}}
    {"report", "log", "tables": {port: {"columns", "dtypes", "rows"}}, "bytes": {port: base64}, "left": [names],
     "status": exit status, "milliseconds"}
"""

# ruff: noqa  (it runs on Python 2.7 too)
from __future__ import absolute_import, division, print_function, unicode_literals


import base64
import io
import json
import os
import resource
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "src"))

import pandas

from studiolo_child import job
from studiolo_child.frames.pandas_in import read_frame
from studiolo_child.frames.pandas_out import write_frame


class Folder(object):
    """The files of one job outside its working directory."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="studiolo-test-")
        self.work = os.path.join(self.path, "work")
        os.mkdir(self.work)
        os.mkdir(os.path.join(self.path, "tmp"))
        self.count = 0

    def descriptor(self, data=b""):
        """Give a descriptor of a new file with `data`, at its beginning."""
        self.count += 1
        number = os.open(os.path.join(self.path, "file%d" % self.count), os.O_RDWR | os.O_CREAT)
        os.write(number, data)
        os.lseek(number, 0, os.SEEK_SET)
        return number


def whole(descriptor):
    """Give all bytes of a descriptor."""
    with io.open(os.dup(descriptor), "rb") as handle:
        handle.seek(0)
        return handle.read()


def input_bytes(given):
    """Give the bytes of an input as a request describes it."""
    if "data" in given:
        return base64.b64decode(given["data"])
    table = given["table"]
    frame = pandas.DataFrame(dict(table), columns=list(given.get("columns") or sorted(table)))
    for name in given.get("dates", []):
        frame[name] = pandas.to_datetime(frame[name])
    target = io.BytesIO()
    write_frame(target, frame, [], "designer", False)
    return target.getvalue()


def run_job(request, folder):
    """Fork a child for the request; give its answer."""
    document = dict(request["document"])
    numbers, ports = [], {"inputs": [], "outputs": []}
    for kind in ("inputs", "outputs"):
        for given in request.get(kind, []):
            data = input_bytes(given) if kind == "inputs" else b""
            ports[kind].append({"name": given["name"], "type": given["type"], "fd": len(numbers)})
            numbers.append(folder.descriptor(data))
    document.update(ports)
    for name, text in request.get("files", {}).items():
        document["parameters"][name] = {
            "file": {"name": name + ".txt", "fd": len(numbers), "size": len(text.encode("utf-8"))}
        }
        numbers.append(folder.descriptor(text.encode("utf-8")))
    report, log = folder.descriptor(), folder.descriptor()
    started = time.time()
    child = os.fork()
    if child == 0:
        be_child(request, document, numbers, report, log, folder)
    _, status = os.waitpid(child, 0)
    elapsed = (time.time() - started) * 1000
    text = whole(report).decode("ascii")
    answer = {
        "report": json.loads(text) if text else None,
        "log": whole(log).decode("utf-8"),
        "left": sorted(os.listdir(folder.work)) if os.path.isdir(folder.work) else [],
        "status": status,
        "milliseconds": elapsed,
        "tables": {},
        "bytes": {},
    }
    for port in ports["outputs"]:
        if not answer["report"] or answer["report"]["status"] != "ok":
            break
        data = whole(numbers[port["fd"]])
        if port["type"] == "dataset" and data:
            answer["tables"][port["name"]] = told(read_frame(bytearray(data), "float", []))
        elif data:
            answer["bytes"][port["name"]] = base64.b64encode(data).decode("ascii")
    for number in numbers + [report, log]:
        os.close(number)
    return answer


def told(frame):
    """Give a table as JSON-ready lists; missing values are None."""
    columns = []
    for name in frame.columns:
        values = frame[name].astype(object)
        columns.append([plain(value) for value in values])
    return {
        "columns": list(frame.columns),
        "dtypes": ["%s" % dtype for dtype in frame.dtypes],
        "rows": [list(row) for row in zip(*columns)],
    }


def plain(value):
    """Give a value as JSON has it."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if value is None or value != value:
        return None
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, (bool, int, float, type(""))) else "%s" % value


def be_child(request, document, numbers, report, log, folder):
    """Do what the walls and the worker do around a job, as far as a test needs it."""
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(folder.work)
        os.environ["HOME"] = str(folder.work)
        os.environ["TMPDIR"] = str(os.path.join(folder.path, "tmp"))
        for name, value in request.get("limits", {}).items():
            resource.setrlimit(getattr(resource, name), (value, value))
        job.warm_child()
        job.run(document, numbers, report)
    finally:
        os._exit(0)


def main():
    """Serve until stdin ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.environ["MPLCONFIGDIR"] = os.path.join(tempfile.gettempdir(), "studiolo-test-matplotlib")
    for name in sys.argv[1:]:
        __import__(name)
    job.warm()
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        request = json.loads(line)
        folder = Folder()
        try:
            answers.write(json.dumps(run_job(request, folder)) + "\n")
            answers.flush()
        finally:
            shutil.rmtree(folder.path, ignore_errors=True)


if __name__ == "__main__":
    main()
