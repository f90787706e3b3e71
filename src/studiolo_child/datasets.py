"""Carries values over the job's border: inputs from descriptors, outputs into descriptors, with their receipts."""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import io
import mmap
import os

import pandas

from . import exhausted, objects, trace
from .failing import JobError
from .frames.layout import FrameError
from .frames.pandas_in import read_frame
from .frames.pandas_out import write_frame
from .frames.receipts import StrictError
from .report import write_all

RECEIPT_KEY = b"studiolo.receipt"  # schema metadata in which a module hands its receipt over


class Border(object):
    """Reads inputs and writes outputs of one job by its document.

    Args:
        document: the job's; `inputs`, `outputs`, `column_inputs`, `dialect`, `integers_with_missing`, `strict` and
            `environment` are used.
        handles: gives a descriptor for a number in the document.
        report: gets receipts and what was written.
        own_modules: import names that objects must not refer to, see `objects.write_object`.
    """

    def __init__(self, document, handles, report, own_modules=()):
        self.inputs = document.get("inputs", [])
        self.outputs = [output for output in document.get("outputs", []) if output["type"] != "device"]
        self.strict = bool(document.get("strict"))
        self.column_inputs = document.get("column_inputs") or {}
        self.own_modules = list(own_modules)
        self._dialect = document.get("dialect", "designer")
        self._integers = document.get("integers_with_missing", "float")
        self._environment = document.get("environment") or ""
        self._handles = handles
        self._report = report
        self._limits = document.get("limits")
        for output in self.outputs:
            report.outputs[output["name"]] = None

    def descriptor(self, port):
        """Give the descriptor of an input or output of the document."""
        return self._handles(port["fd"])

    def mapping(self, port):
        """Map an input privately: the job may write into it, and nobody else sees that.

        Raises:
            JobError: `unreadable-input`.
        """
        descriptor = self.descriptor(port)
        try:
            return mmap.mmap(descriptor, os.fstat(descriptor).st_size, access=mmap.ACCESS_COPY)
        except ValueError as error:  # empty
            raise _unreadable(port, error)

    def reader(self, port):
        """Give the function that reads the frames of an input, called as `read_frame` is."""
        return read_frame

    def read_dataframe(self, port):
        """Give a dataset input as a DataFrame; the receipt `in:PORT` says what changed.

        Raises:
            JobError: `unreadable-input` or, on a strict node, `strict-lossy-change`.
        """
        receipt = self._report.receipt("in:" + port["name"])
        try:
            frame = self.reader(port)(self.mapping(port), self._integers, receipt)
        except FrameError as error:
            raise _unreadable(port, error)
        self._refuse_lossy(receipt, port, "input")
        return frame

    def read_object(self, port):
        """Give an object input, unpickled.

        Raises:
            JobError: `unreadable-object`.
        """
        return objects.read_object(self.descriptor(port), port["name"], self._environment)

    def read_value(self, port):
        """Give an input as scripts get it: a DataFrame, an object, or the bytes of a file or zip."""
        if port["type"] == "dataset":
            return self.read_dataframe(port)
        if port["type"] == "object":
            return self.read_object(port)
        with io.open(os.dup(self.descriptor(port)), "rb") as handle:
            handle.seek(0)
            return handle.read()

    def read_table(self, port):
        """Give a dataset input as a pyarrow.Table without copying; missing floats are NaN."""
        from .frames.arrow_frames import table_from_frame

        try:
            return table_from_frame(self.mapping(port))
        except FrameError as error:
            raise _unreadable(port, error)

    def write(self, output, value):
        """Write one value, by the type of its output. None writes nothing.

        Raises:
            JobError: `strict-lossy-change`, `output-too-large` or `bad-return`.
        """
        if value is None:
            return
        try:
            shape = self._write(output, value)
        except StrictError as error:
            raise _lossy(error.entries, output, "output")
        except (JobError, MemoryError):
            raise
        except (IOError, OSError) as error:
            if error.errno == errno.EFBIG:
                raise _too_large(output, self._limits)
            raise
        except Exception as error:  # an object in a cell whose own methods raise
            raise JobError(
                "bad-return",
                "%s cannot be written: %s" % (output["name"], trace.summary_of(error)),
                "Look for columns that hold objects of the script's own classes; turn them into numbers or text.",
                kind="script",
                port=output["name"],
            )
        self._report.outputs[output["name"]] = {"rows": shape["rows"], "columns": shape["columns"]}

    def _write(self, output, value):
        descriptor = self.descriptor(output)
        receipt = self._report.receipt("out:" + output["name"])
        if output["type"] == "object":
            objects.write_object(descriptor, value, self.own_modules, self._report.warn)
        elif output["type"] != "dataset":
            write_all(descriptor, value)
        elif isinstance(value, pandas.DataFrame):
            return write_frame(descriptor, value, receipt, self._dialect, self.strict)
        else:
            return self._write_table(descriptor, value, receipt, output)
        return {"rows": None, "columns": None}

    def _write_table(self, descriptor, table, receipt, output):
        import json

        from .frames.arrow_frames import frame_from_table

        told = (table.schema.metadata or {}).get(RECEIPT_KEY)
        receipt.extend(json.loads(told.decode("utf-8")) if told else [])
        shape = frame_from_table(table, descriptor, receipt, self._dialect)
        self._refuse_lossy(receipt, output, "output")
        return shape

    def _refuse_lossy(self, receipt, port, what):
        if self.strict and any(entry["lossy"] for entry in receipt):
            raise _lossy([entry for entry in receipt if entry["lossy"]], port, what)


def _lossy(entries, port, what):
    listed = "; ".join(entry["text"] for entry in entries[:10])
    more = " and %d more" % (len(entries) - 10) if len(entries) > 10 else ""
    return JobError(
        "strict-lossy-change",
        "The node is strict, and its %s %s would lose data: %s%s." % (what, port["name"], listed, more),
        "Convert the columns in the script, or take `strict` from the node.",
        port=port["name"],
    )


def _unreadable(port, error):
    return JobError(
        "unreadable-input",
        "The input %s is not a dataset that this version can read: %s." % (port["name"], error),
        "Run the node that it comes from again with `--force`.",
        port=port["name"],
    )


def _too_large(output, limits):
    if limits:
        summary, hint, details = exhausted.too_large_output(output["name"], limits)
        return JobError("output-too-large", summary, hint, "worker", port=output["name"], details=details)
    summary = "%s is larger than an output of the node may be." % output["name"]
    return JobError("output-too-large", summary, exhausted.HINTS["output_mb"], port=output["name"])
