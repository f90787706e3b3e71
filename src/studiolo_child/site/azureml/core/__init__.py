"""Runs, datasets and models of the workspace, as a script sees them."""

from __future__ import absolute_import, division, print_function, unicode_literals

from azureml import _absent
from azureml.core.dataset import Dataset
from azureml.core.datastore import Datastore
from azureml.core.experiment import Experiment
from azureml.core.model import Model
from azureml.core.run import Run, get_run
from azureml.core.workspace import Workspace

__all__ = [str(kind.__name__) for kind in (Dataset, Datastore, Experiment, Model, Run, Workspace, get_run)]

_absent.tell(__name__)
