"""The experiment that the script's node stands in."""

from __future__ import absolute_import, division, print_function, unicode_literals

from azureml import _absent
from azureml.core.workspace import Workspace


class Experiment(_absent.Offered):
    """An experiment of the workspace.

    Attributes:
        name: of the experiment.
        id: the same.
        tags: empty.
    """

    def __init__(self, workspace=None, name=None, **more):
        self._workspace = workspace
        self.name = self.id = name
        self.tags = {}

    def __repr__(self):
        return str("Experiment(name=%r)") % (self.name,)

    @property
    def workspace(self):
        """The workspace that it belongs to."""
        if self._workspace is None:
            self._workspace = Workspace()
        return self._workspace


__all__ = [str("Experiment")]

_absent.tell(__name__)
