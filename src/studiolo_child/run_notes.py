"""What a script notes of its run by `azureml.core`: metrics, tags and uploaded files; kept until the report is written.

Bounded: what is beyond the bounds is left out with a warning.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sys
import threading
from collections import OrderedDict

from .datasets import Border
from .pictures import ENDINGS

METRIC_LIMIT = 1000
TAG_LIMIT = 200
NAME_LIMIT = 200
TEXT_LIMIT = 1000
ROOM = 512 << 10  # bytes of all metrics and tags, as JSON that has at least 26 for each value
DEPTH_LIMIT = 5
OUTPUTS = "outputs"
_LEAST = 26  # bytes of a value: the longest number
_LARGEST = 1 << 63
_current = []
Ordered = dict if sys.version_info >= (3, 7) else OrderedDict


class Notes(object):
    """The notes of one run.

    Args:
        folder: absolute path of its working directory.
        warn: called with sentences.

    Attributes:
        tags: name to text.
        uploads: name to the absolute path where the file is kept.
    """

    def __init__(self, folder, warn):
        self.folder = folder
        self.warn = warn
        self.tags = Ordered()
        self.uploads = Ordered()
        self._sources = {}
        self._metrics = Ordered()
        self._room = ROOM
        self._process = os.getpid()
        self._lock = threading.RLock()

    def add(self, name, kind, value):
        """Note a metric; what was noted under the name before is continued.

        Args:
            name: of the metric.
            kind: `scalar`, `list`, `table` or `document`.
            value: a value, a list, column to list, or anything of JSON form.
        """
        if not self._is_kept("metrics"):
            return
        with self._lock:
            name = cut(name, NAME_LIMIT)
            is_new = name not in self._metrics
            if is_new and len(self._metrics) >= METRIC_LIMIT:
                self.warn("More than %d metrics were logged; the rest is not kept." % METRIC_LIMIT)
                return
            value = plain(value)
            if not self._take(size_of(value) + (size_of(name) if is_new else 0)):
                return
            if is_new or self._metrics[name][0] != kind:
                self._metrics[name] = (kind, _first(kind, value))
            else:
                _continue(kind, self._metrics[name][1], value)

    def metrics(self):
        """Give name to value: one value alone, several as a list, tables as column to the same."""
        with self._lock:
            return Ordered((name, _shown(*noted)) for name, noted in self._metrics.items())

    def tag(self, name, text):
        """Set a tag."""
        if not self._is_kept("tags"):
            return
        with self._lock:
            name, text = cut(name, NAME_LIMIT), cut("" if text is None else text, TEXT_LIMIT)
            if name not in self.tags and len(self.tags) >= TAG_LIMIT:
                self.warn("More than %d tags were set; the rest is not kept." % TAG_LIMIT)
            elif self._take(size_of(name) + size_of(text)):
                self.tags[name] = text

    def place(self, name):
        """Give the absolute path at which an uploaded file of that name is kept, below `outputs`."""
        parts = name.split("/")
        return os.path.join(self.folder, *([] if parts[0] == OUTPUTS else [OUTPUTS]) + parts)

    def uploaded(self, name, path, source=None):
        """Note that a file is kept at `path`; `source` is the file it was copied from."""
        with self._lock:
            self.uploads[name] = path
            if source is not None and source != path and path.lower().endswith(ENDINGS):
                self._sources[source] = _state(source)

    def copied(self):
        """Give the paths of files that were uploaded as pictures and have not changed since."""
        with self._lock:
            return set(path for path, state in self._sources.items() if state and state == _state(path))

    def facts(self):
        """Give what goes into the report."""
        with self._lock:
            lost = [name for name, path in self.uploads.items() if not path.lower().endswith(ENDINGS)]
            facts = {"metrics": self.metrics(), "tags": Ordered(self.tags)}
        if lost:
            self.warn(
                "Uploaded files other than pictures are gone with the job: %s. To keep what is in them, return it as a "
                "dataset, or as an object or file on an output that the node declares."
                % ", ".join(lost[:5] + (["..."] if len(lost) > 5 else []))
            )
        return dict((key, value) for key, value in facts.items() if value)

    def _is_kept(self, what):
        """Say whether this process is the job's own; others say once that nothing of theirs is kept."""
        if os.getpid() == self._process:
            return True
        self._process = os.getpid()
        self._lock = threading.RLock()  # the copy may be held for ever
        self._room = -1
        sys.stderr.write("studiolo: %s from a process that the script started are not kept.\n" % what)
        return False

    def _take(self, size):
        if self._room < 0:
            return False
        if size > self._room:
            self.warn("More was logged than is kept of metrics and tags; the rest is left out.")
            self._room = 0
            return False
        self._room -= size
        return True


class JobNotes(Notes):
    """The notes of a job, with what it takes to read the datasets that its script asks for.

    Args:
        document: of the job.
        report: `Report`.
        directory: `WorkingDirectory`.
    """

    def __init__(self, document, report, directory):
        super(JobNotes, self).__init__(directory.path, report.warn)
        self.node = document.get("node") or ""
        self.disk_bytes = document.get("disk_bytes")
        self._report = report
        self._border = Border(dict(document, inputs=[], outputs=[]), int, report)
        self._was_read = set()

    def read_dataset(self, name, descriptor):
        """Give a registered dataset as a DataFrame of its own; the receipt says once what changed."""
        key = "registered %s" % name
        receipt = self._report.receipt("in:" + key)
        known = len(receipt)
        frame = self._border.read_dataframe({"name": key, "fd": descriptor})
        if key in self._was_read:
            del receipt[known:]
        self._was_read.add(key)
        return frame


def begin(document, report, directory):
    """Give the notes of the job that begins, for `current` too."""
    del _current[:]
    _current.append(JobNotes(document, report, directory))
    return _current[0]


def current():
    """Give the notes of the job that this process does; None outside of a job."""
    return _current[0] if _current else None


def plain(value, depth=0):
    """Give a value in JSON form: numbers, texts, lists and tables as they are, anything else as its `repr`."""
    if hasattr(value, "dtype") and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()  # a number of numpy
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, bytes):
        return cut(value, TEXT_LIMIT)
    if isinstance(value, type("")):
        return cut(value, TEXT_LIMIT)
    if hasattr(value, "bit_length"):
        return _integer(value)
    if depth < DEPTH_LIMIT and isinstance(value, dict):
        return Ordered((cut(key, NAME_LIMIT), plain(item, depth + 1)) for key, item in value.items())
    if depth < DEPTH_LIMIT and isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    return cut(_repr(value), TEXT_LIMIT)


def size_of(value):
    """Give about how many bytes a value in JSON form takes."""
    if isinstance(value, dict):
        return _LEAST + sum(size_of(key) + size_of(item) for key, item in value.items())
    if isinstance(value, list):
        return _LEAST + sum(size_of(item) for item in value)
    if isinstance(value, type("")):
        return _LEAST + len(value.encode("ascii", "backslashreplace"))
    return _LEAST


def cut(value, limit):
    """Give a value as text of at most `limit` characters."""
    if isinstance(value, bytes):
        text = value[: 4 * limit].decode("utf-8", "replace")
    else:
        text = value if isinstance(value, type("")) else _repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _integer(value):
    if -_LARGEST <= value < _LARGEST:
        return int(value)
    try:
        return float(value)
    except OverflowError:
        return "a number of %d bits" % value.bit_length()


def _repr(value):
    text = repr(value)
    return text if isinstance(text, type("")) else text.decode("utf-8", "replace")


def _first(kind, value):
    return [value] if kind == "scalar" else value


def _continue(kind, before, value):
    if kind == "scalar":
        before.append(value)
    elif kind == "list":
        before.extend(value)
    else:
        for column, more in value.items():
            if kind == "table" and column in before:
                before[column].extend(more)
            else:
                before[column] = more


def _shown(kind, noted):
    if kind == "scalar":
        return noted[0] if len(noted) == 1 else list(noted)
    if kind == "list":
        return list(noted)
    if kind == "table":
        return Ordered(
            (column, values[0] if len(values) == 1 else list(values)) for column, values in noted.items()
        )
    return noted


def _state(path):
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    return facts.st_ino, facts.st_size, getattr(facts, "st_mtime_ns", facts.st_mtime)
