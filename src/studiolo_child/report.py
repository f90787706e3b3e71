"""The report of one job: collected while it runs, written once as JSON, bounded whatever the script does."""

from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os
import time

WARNING_LIMIT = 100
RECEIPT_LIMIT = 1000
TEXT_LIMIT = 2000
TRACEBACK_LIMIT = 20000

_json = json.dumps  # kept: a script may replace what a library's module holds
now = getattr(time, "perf_counter", time.time)


class Report(object):
    """What the host learns of a job.

    Attributes:
        status: `ok` until `fail` is called.
        outputs: output port to `{"rows", "columns"}`, or to None when nothing was written.
        receipts: `in:PORT` or `out:PORT` to a list of receipt entries.
        warnings: sentences.
        facts: further keys of the document, such as `keywords` or `pictures`.
        timing: `read_ms`, `call_ms`, `write_ms`.
    """

    def __init__(self):
        self.status = "ok"
        self.outputs = {}
        self.receipts = {}
        self.warnings = []
        self.error = None
        self.timing = {}
        self.facts = {}

    def warn(self, text):
        """Add a sentence; the same one counts once, and only the first hundred are kept."""
        text = cut_middle(text, TEXT_LIMIT)
        if text not in self.warnings and len(self.warnings) < WARNING_LIMIT:
            self.warnings.append(text)

    def receipt(self, name):
        """Give the list that receipt entries of `in:PORT` or `out:PORT` are appended to."""
        return self.receipts.setdefault(name, [])

    def fail(self, error):
        """Note the error that ended the job; the first one stays."""
        self.status = "error"
        if self.error is None:
            self.error = error

    def write(self, descriptor):
        """Write the document to `descriptor`, from its beginning. Never raises."""
        try:
            data = _json(self.document()).encode("ascii")
        except BaseException:  # memory exhausted, or a value that a hostile script planted
            data = _least(self.status)
        try:
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
        except BaseException:  # a pipe in a test
            pass
        try:
            write_all(descriptor, data)
        except BaseException:  # the script closed it: the host sees that nothing came
            pass

    def document(self):
        """Give all of it, bounded and ready for JSON."""
        document = {
            "status": self.status,
            "outputs": self.outputs,
            "receipts": dict((name, _bounded(entries)) for name, entries in self.receipts.items() if entries),
            "warnings": self.warnings,
            "timing": self.timing,
        }
        if self.error is not None:
            document["error"] = _bounded_error(self.error)
        document.update(self.facts)
        return document


class Stopwatch(object):
    """Measures the parts of a job in milliseconds, one after the other."""

    def __init__(self, timing):
        self._timing = timing
        self._last = now()

    def lap(self, name):
        """Note the time since the last lap under `name`."""
        moment = now()
        self._timing[name] = round((moment - self._last) * 1000.0, 3)
        self._last = moment


def write_all(descriptor, data):
    """Write every byte to a descriptor."""
    view = memoryview(data)
    while len(view):
        view = view[os.write(descriptor, view[: 1 << 30]) :]


def cut_middle(text, limit):
    """Shorten `text` to about `limit` characters, keeping its beginning and end and saying what was cut."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return "%s\n... %d characters cut ...\n%s" % (text[:half], len(text) - 2 * half, text[-half:])


def _bounded(entries):
    kept = entries[:RECEIPT_LIMIT]
    if len(entries) > len(kept):
        text = "%d more changes are not listed" % (len(entries) - len(kept))
        kept = kept + [{"code": "more-changes", "text": text, "column": None, "lossy": False}]
    return kept


def _bounded_error(error):
    limits = {"traceback": TRACEBACK_LIMIT}
    bounded = {}
    for key, value in error.items():
        is_text = isinstance(value, type(""))
        bounded[key] = cut_middle(value, limits.get(key, TEXT_LIMIT)) if is_text else value
    return bounded


def _least(status):
    if status == "ok":
        code, kind, summary, hint = (
            b"report-lost",
            b"internal",
            b"The report of the job could not be written.",
            b"",
        )
    else:
        code, kind, summary = b"out-of-memory", b"worker", b"The job ran out of memory."
        hint = b"Memory ran out while the error was told; raise `limits: {memory_mb: ...}` of the node."
    return (
        b'{"status": "error", "outputs": {}, "receipts": {}, "warnings": [], "timing": {}, "error": {"kind": "'
        + kind
        + b'", "code": "'
        + code
        + b'", "summary": "'
        + summary
        + b'", "hint": "'
        + hint
        + b'", "traceback": ""}}'
    )
