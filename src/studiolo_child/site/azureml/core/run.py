"""The run that a script belongs to: its experiment, what it logs, the files it uploads, its tags."""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sys
import uuid

from azureml import _absent, _asking
from azureml.core import _uploads
from azureml.core._logging import Logging
from azureml.core.experiment import Experiment
from azureml.exceptions import RunEnvironmentException, UserErrorException
from studiolo_child import asking, run_notes

_runs = {}


class Run(Logging):
    """The run of the script's node; `Run.get_context()` gives it."""

    def __init__(self, experiment=None, run_id=None, outputs=None, **more):
        raise UserErrorException("studiolo gives a script its own run only.", hint="Use `Run.get_context()`.")

    @classmethod
    def get_context(cls, allow_offline=True, used_for_context_manager=False, **more):
        """Give the run of the script's node; outside of one, a run that works on local files.

        Raises:
            RunEnvironmentException: there is none, and `allow_offline` is False.
        """
        notes = run_notes.current()
        if notes is None and not allow_offline:
            raise RunEnvironmentException(
                "This script does not run as a node of an experiment.", hint="Run it with `studiolo run`."
            )
        if _runs.get("notes") is not notes or "run" not in _runs:
            _runs["notes"] = notes
            _runs["run"] = _begun(Run, notes) if notes is not None else _begun(_OfflineRun, _local_notes())
        return _runs["run"]

    @classmethod
    def get_submitted_run(cls, **more):
        """Give the run of the script's node."""
        return cls.get_context(allow_offline=False)

    def __repr__(self):
        return str("Run(id=%r)") % (self.id,)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, frames):
        if kind is None:
            self.complete()
        else:
            self._status = "Failed"

    @property
    def id(self):
        """Experiment, number of the run and node in one text."""
        facts = _facts()
        return "_".join(str("%s") % part for part in (facts["experiment"], facts["run"], facts["node"]))

    @property
    def name(self):
        """Name of the node."""
        return _facts()["node"]

    @property
    def display_name(self):
        """Name of the node."""
        return self.name

    @property
    def number(self):
        """Number of the run in its workspace."""
        return _facts()["run"]

    @property
    def experiment(self):
        """The experiment, which knows its workspace."""
        return Experiment(None, _facts()["experiment"])

    @property
    def status(self):
        """One of Running, Completed, Failed, Canceled."""
        return self._status

    def get_status(self):
        """Give one of Running, Completed, Failed, Canceled."""
        return self._status

    def get_details(self):
        """Give what there is to tell, as a dictionary."""
        return {
            "runId": self.id,
            "status": self._status,
            "properties": self.get_properties(),
            "inputDatasets": [],
            "outputDatasets": [],
        }

    # Files

    def upload_file(self, name, path_or_stream, datastore_name=None):
        """Keep a file under a name until the node ends; a picture is shown on the node's python_device."""
        self._attempted("track file %s at %s", name, path_or_stream)
        _uploads.keep(self._notes, name, path_or_stream)

    def upload_files(self, names, paths, return_artifacts=False, timeout_seconds=None, datastore_name=None):
        """Keep several files."""
        if len(names) != len(paths):
            raise TypeError("%d names were given for %d paths." % (len(names), len(paths)))
        self._attempted("track files %s with timeout %ss", ", ".join(names), timeout_seconds)
        for name, path in zip(names, paths):
            _uploads.keep(self._notes, name, path)

    def upload_folder(self, name, path, datastore_name=None):
        """Keep all files of a folder, under NAME and their path below it."""
        self._attempted("track folder %s at %s", name, path)
        _uploads.keep_folder(self._notes, name, path)

    def get_file_names(self):
        """Give the names of the files that are kept."""
        return _uploads.names_of(self._notes)

    def download_file(self, name, output_file_path=None, **more):
        """Copy a kept file, by default into the current folder."""
        _uploads.fetch(self._notes, name, output_file_path)

    def download_files(
        self,
        prefix=None,
        output_directory=None,
        output_paths=None,
        batch_size=100,
        append_prefix=True,
        timeout_seconds=None,
    ):
        """Copy the kept files whose names begin with a prefix into a folder."""
        names = [name for name in self.get_file_names() if name.startswith(prefix or "")]
        for place, name in enumerate(names):
            short = name if append_prefix or not prefix else name[len(prefix) :].lstrip("/")
            path = output_paths[place] if output_paths else os.path.join(output_directory or ".", short)
            _uploads.fetch(self._notes, name, path)

    # Tags and properties

    @property
    def tags(self):
        """Name to text."""
        return self.get_tags()

    def tag(self, key, value=None):
        """Set a tag, which is kept with the run of the node."""
        self._attempted("add tag %s with value %s", key, value)
        self._notes.tag(self._prefix + run_notes.cut(key, run_notes.NAME_LIMIT), value)

    def set_tags(self, tags):
        """Set several tags."""
        for key, value in tags.items():
            self.tag(key, value)

    def get_tags(self):
        """Give name to text."""
        tags = run_notes.Ordered(self._notes.tags)
        return run_notes.Ordered(
            (key[len(self._prefix) :], text) for key, text in tags.items() if key.startswith(self._prefix)
        )

    def remove_tags(self, tags):
        """Remove tags by name."""
        for key in [tags] if isinstance(tags, (type(""), str)) else list(tags):
            self._notes.tags.pop(self._prefix + run_notes.cut(key, run_notes.NAME_LIMIT), None)

    @property
    def properties(self):
        """Name to text."""
        return self.get_properties()

    def add_properties(self, properties):
        """Set properties; they last as long as the script."""
        self._properties.update(properties)

    def get_properties(self):
        """Give name to text."""
        return dict(self._properties)

    # Parts and ends

    def child_run(self, name=None, run_id=None, outputs=None):
        """Give a run within this one: its metrics and tags are kept as `NAME/METRIC`."""
        name = name or run_id or "child%d" % (len(self._children) + 1)
        child = _begun(type(self), self._notes, self, "%s%s/" % (self._prefix, name))
        self._children.append(child)
        return child

    def get_children(self, **more):
        """Give the runs within this one."""
        return iter(list(self._children))

    def complete(self, _set_status=True):
        """Say that all is well; the node itself ends with its script."""
        self._status = "Completed"

    def fail(self, error_details=None, error_code=None, _set_status=True):
        """Say that something is wrong: a warning on the node. To let the node fail, raise an exception."""
        self._status = "Failed"
        details = "" if error_details is None else ": %s" % error_details
        self._notes.warn("The script called run.fail%s. The node went on." % details)

    def cancel(self):
        """Say that the run is to be given up: a warning on the node."""
        self._status = "Canceled"
        self._notes.warn("The script called run.cancel. The node went on.")

    def flush(self, timeout_seconds=300):
        """Do nothing: what is logged is kept at once."""


class _OfflineRun(Run):
    """A run outside of studiolo: it says what it does, and keeps files in the folder `outputs`."""

    @property
    def id(self):
        """Some unique text."""
        return self._id

    name = display_name = id
    number = None

    @property
    def experiment(self):
        """An experiment whose workspace can't be asked."""
        return Experiment(None, "offline")

    def __enter__(self):
        sys.stdout.write("[START] Run ID context: %s\n" % self._id)
        return self

    def __exit__(self, kind, error, frames):
        super(_OfflineRun, self).__exit__(kind, error, frames)
        sys.stdout.write("[STOP] Run ID context: %s\n" % self._id)

    def _attempted(self, what, *values):
        text = "Attempted to %s\n" % (what % values)
        sys.stdout.write(text if sys.version_info[0] > 2 else text.encode("utf-8"))


def get_run(experiment, run_id, **more):
    """Give the run of the script's node, by its id.

    Raises:
        UserErrorException: it is the id of another one.
    """
    run = Run.get_context()
    if run_id != run.id:
        raise UserErrorException('studiolo gives a script its own run only, "%s".' % run.id)
    return run


def _begun(kind, notes, parent=None, prefix=""):
    run = kind.__new__(kind)
    run._notes, run._prefix, run.parent = notes, prefix, parent
    run._status, run._properties, run._children = "Running", {}, []
    run._id = "OfflineRun_%s" % uuid.uuid4()
    run.type, run.description = "studiolo", ""
    run.input_datasets, run.output_datasets = {}, {}
    return run


def _local_notes():
    return run_notes.Notes(os.getcwd(), lambda text: sys.stderr.write("%s\n" % text))


def _facts():
    """Give the names of the workspace, experiment, run and node."""
    if "facts" not in _runs:
        if not asking.can_ask():
            return {"experiment": "experiment", "run": 0, "node": run_notes.current().node}
        _runs["facts"] = _asking.ask("workspace")
    return _runs["facts"]


__all__ = [str("Run"), str("get_run")]

_absent.tell(__name__)
