"""Registered datasets: tables, and files."""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import random
import shutil
import tempfile

from azureml import _absent, _asking, _files
from azureml.exceptions import UserErrorException
from studiolo_child import run_notes
from studiolo_child.nearest import did_you_mean


class _Registered(_absent.Offered):
    """What is registered under a name.

    Attributes:
        id: name and version.
        name: of the dataset.
        version: from 1.
        description: empty.
        tags: empty.
    """

    def __init__(self, facts):
        self._facts = facts
        self.name, self.version = facts["name"], facts["version"]
        self.id = "%s:%d" % (self.name, self.version)
        self.description = ""
        self.tags = {}

    def __repr__(self):
        return str("%s(name=%r, version=%d)") % (type(self).__name__, self.name, self.version)


class TabularDataset(_Registered):
    """A registered table. What is chained on it is done when it is read."""

    def __init__(self, facts, steps=()):
        super(TabularDataset, self).__init__(facts)
        self._steps = tuple(steps)

    def to_pandas_dataframe(self, on_error="null", out_of_range_datetime="null"):
        """Give the table as a DataFrame of its own each time, as the inputs of the node are given.

        Args:
            on_error: `null` or `fail`; its values have been read already when it was registered.
            out_of_range_datetime: the same.
        """
        for name, value in (("on_error", on_error), ("out_of_range_datetime", out_of_range_datetime)):
            if value not in ("null", "fail"):
                raise UserErrorException("%s is %r; it can be 'null' or 'fail'." % (name, value))
        descriptor = _asking.content("dataset", self.name, self.version)
        frame = run_notes.current().read_dataset(self.name, descriptor)
        for step in self._steps:
            frame = step(frame).reset_index(drop=True)
        return frame

    def take(self, count):
        """Give its first rows."""
        return self._then(lambda frame: frame.iloc[: max(0, count)])

    def skip(self, count):
        """Give all rows but the first."""
        return self._then(lambda frame: frame.iloc[max(0, count) :])

    def take_sample(self, probability, seed=None):
        """Give each row with a probability."""
        return self.random_split(probability, seed)[0]

    def random_split(self, percentage, seed=None):
        """Give two datasets: about that share of the rows, from 0 to 1, and the others."""
        if not 0 <= percentage <= 1:
            raise UserErrorException("A share from 0 to 1 is needed, not %r." % (percentage,))
        seed = random.randrange(1 << 31) if seed is None else seed
        return (
            self._then(lambda frame: frame[_chosen(frame, percentage, seed)]),
            self._then(lambda frame: frame[~_chosen(frame, percentage, seed)]),
        )

    def keep_columns(self, columns, validate=False):
        """Give these columns only."""
        names = _names(columns)
        return self._then(lambda frame: frame[_known(names, frame, self.name)])

    def drop_columns(self, columns):
        """Give all other columns."""
        names = _names(columns)
        return self._then(lambda frame: frame.drop(_known(names, frame, self.name), axis=1))

    def _then(self, step):
        return TabularDataset(self._facts, self._steps + (step,))


class FileDataset(_Registered):
    """A registered zip or other file."""

    def to_path(self):
        """Give the names of its files: there is one."""
        return ["/" + self._facts["file"]]

    def download(self, target_path=None, overwrite=False, ignore_not_found=False):
        """Write its file into a folder, by default a new temporary one; give the paths."""
        target_path = tempfile.mkdtemp() if target_path is None else target_path
        path = os.path.join(os.path.abspath(target_path), self._facts["file"])
        if os.path.lexists(path) and not overwrite:
            raise UserErrorException(
                'There is a file "%s" already.' % path, hint="Say `overwrite=True` to replace it."
            )
        _files.save(_asking.content("dataset", self.name, self.version), path)
        return [path]

    def mount(self, mount_point=None, **more):
        """Give a context in which its file lies in the folder `mount_point`."""
        return _Mount(self, mount_point)


class _Mount(_absent.Offered):
    def __init__(self, dataset, mount_point):
        self._dataset = dataset
        self._is_own = mount_point is None
        self.mount_point = tempfile.mkdtemp() if mount_point is None else mount_point

    def start(self):
        """Write the file."""
        self._dataset.download(self.mount_point, overwrite=True)

    def stop(self):
        """Remove the folder when it is a temporary one."""
        if self._is_own:
            shutil.rmtree(self.mount_point, ignore_errors=True)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self.stop()


def dataset_of(facts):
    """Give the dataset that the host tells of."""
    return TabularDataset(facts) if facts["type"] == "dataset" else FileDataset(facts)


def _chosen(frame, percentage, seed):
    import numpy

    return numpy.random.RandomState(seed).random_sample(len(frame)) < percentage


def _names(columns):
    return [columns] if isinstance(columns, (type(""), str)) else list(columns)


def _known(names, frame, dataset):
    for name in names:
        if name not in frame.columns:
            raise UserErrorException(
                'The dataset "%s" has no column "%s".' % (dataset, name),
                hint=did_you_mean("%s" % name, ["%s" % column for column in frame.columns], "column"),
            )
    return names


__all__ = [str("FileDataset"), str("TabularDataset")]

_absent.tell(__name__)
