"""What a run logs: single values, lists, rows, tables, pictures, charts."""

from __future__ import absolute_import, division, print_function, unicode_literals

import json

from azureml import _absent
from azureml.core import _uploads
from azureml.exceptions import UserErrorException
from studiolo_child import run_notes

_LISTS = (list, tuple, set, type(range(0)), type(_ for _ in ()))


class Logging(_absent.Offered):
    """The part of a run that logs metrics; they are kept with the run of the node."""

    _prefix = ""

    def log(self, name, value, description="", step=None):
        """Log a single value; several under one name become a list."""
        if isinstance(value, _LISTS) or hasattr(value, "__next__"):
            raise UserErrorException(
                "run.log takes a single value, not a %s." % type(value).__name__, hint="Use run.log_list."
            )
        self._attempted("log scalar metric %s:\n%s", name, value)
        self._add(name, "scalar", repr(value) if isinstance(value, dict) else value)

    def log_list(self, name, value, description=""):
        """Log a list of values."""
        value = list(value)
        self._attempted("log list metric %s:\n%s", name, value)
        self._add(name, "list", value)

    def log_row(self, name, description=None, **columns):
        """Log a row of a table, as `column=value`."""
        for column, value in columns.items():
            if isinstance(value, (list, tuple)):
                raise UserErrorException(
                    "The column %s of a row takes a single value, not a list." % column,
                    hint="Use run.log_table.",
                )
        self._attempted("log row metric %s:\n%s", name, columns)
        self._add(name, "table", run_notes.Ordered((column, [value]) for column, value in columns.items()))

    def log_table(self, name, value, description=""):
        """Log a table, as a dictionary of columns."""
        if not isinstance(value, dict):
            raise UserErrorException("A table is a dictionary of columns, not a %s." % type(value).__name__)
        columns = run_notes.Ordered((column, _column(values)) for column, values in value.items())
        if len(set(len(values) for values in columns.values())) > 1:
            raise UserErrorException('The columns of the table "%s" differ in length.' % name)
        self._attempted("log table metric %s:\n%s", name, value)
        self._add(name, "table", columns)

    def log_image(self, name, path=None, plot=None, description=""):
        """Keep a picture: a file, or a plot of matplotlib. Give exactly one of `path` and `plot`."""
        if (path is None) == (plot is None):
            raise UserErrorException("run.log_image takes either a path or a plot.")
        self._attempted("log image metric %s", name)
        if plot is not None:
            stored = _uploads.keep_plot(self._notes, name, plot)
        elif not ("%s" % path).lower().endswith(_uploads.PICTURES):
            raise UserErrorException(
                '"%s" is no picture by its name.' % path, hint="Known are %s." % ", ".join(_uploads.PICTURES)
            )
        else:
            stored = _uploads.name_below(self._notes, path)
            _uploads.keep(self._notes, stored, path)
        self._add(name, "scalar", stored)

    def log_confusion_matrix(self, name, value, description=""):
        """Log a chart: a dictionary, or its JSON."""
        self._log_document("confusion_matrix", name, value)

    def log_accuracy_table(self, name, value, description=""):
        """Log a chart: a dictionary, or its JSON."""
        self._log_document("accuracy_table", name, value)

    def log_residuals(self, name, value, description=""):
        """Log a chart: a dictionary, or its JSON."""
        self._log_document("residuals", name, value)

    def log_predictions(self, name, value, description=""):
        """Log a chart: a dictionary, or its JSON."""
        self._log_document("predictions", name, value)

    def get_metrics(self, name=None, recursive=False, run_type=None, populate=False):
        """Give name to what was logged: a value, a list, or column to the same."""
        metrics = run_notes.Ordered(
            (key[len(self._prefix) :], value)
            for key, value in self._notes.metrics().items()
            if key.startswith(self._prefix)
        )
        return metrics if name is None else dict((key, metrics[key]) for key in metrics if key == name)

    def _log_document(self, kind, name, value):
        if isinstance(value, (type(""), str)):
            try:
                value = json.loads(value)
            except ValueError as error:
                raise UserErrorException(
                    'The %s "%s" is not JSON: %s.' % (kind.replace("_", " "), name, error)
                )
        if not isinstance(value, dict):
            raise UserErrorException(
                "A %s is a dictionary or JSON, not a %s." % (kind.replace("_", " "), type(value).__name__)
            )
        self._attempted("log %s metric %s", kind, name)
        self._add(name, "document", value)

    def _add(self, name, kind, value):
        self._notes.add(self._prefix + run_notes.cut(name, run_notes.NAME_LIMIT), kind, value)

    def _attempted(self, what, *values):
        """Say what was done, outside of a run."""


def _column(values):
    return (
        list(values) if hasattr(values, "__iter__") and not isinstance(values, (type(""), str)) else [values]
    )
