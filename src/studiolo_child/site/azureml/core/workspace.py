"""The workspace that the script's experiment belongs to."""

from __future__ import absolute_import, division, print_function, unicode_literals

from azureml import _absent, _asking
from azureml.exceptions import WorkspaceException

try:
    from collections.abc import Mapping
except ImportError:  # Python 2
    from collections import Mapping


class Workspace(_absent.Offered):
    """A workspace; there is one for a script, that of its experiment.

    Attributes:
        subscription_id, resource_group, location, sku: empty texts; studiolo has no such things.
        tags: empty.
    """

    def __init__(self, subscription_id=None, resource_group=None, workspace_name=None, **more):
        if workspace_name is not None and workspace_name != self.name:
            raise WorkspaceException(
                'A script works in the workspace of its experiment, "%s"; it cannot open "%s".'
                % (self.name, workspace_name),
                hint="Use `Run.get_context().experiment.workspace`.",
            )
        self.subscription_id = self.resource_group = self.location = self.sku = ""
        self.tags = {}

    def __repr__(self):
        return str("Workspace(name=%r)") % (self.name,)

    @staticmethod
    def from_config(path=None, auth=None, **more):
        """Give the workspace of the script's experiment; no file is read."""
        return Workspace()

    @staticmethod
    def get(name, **more):
        """Give the workspace of the script's experiment, which must have that name."""
        return Workspace(workspace_name=name)

    @property
    def name(self):
        """What people call it."""
        return _asking.ask("workspace")["workspace"]["name"]

    @property
    def datasets(self):
        """Name to registered dataset."""
        from azureml.core.dataset import Dataset

        return Dataset.get_all(self)

    @property
    def models(self):
        """Name to registered model."""
        from azureml.core.model import Model

        found = Model.list(self)
        return Named([model.name for model in found], dict((model.name, model) for model in found).get)

    def get_details(self):
        """Give what there is to tell, as a dictionary."""
        return {"id": self.name, "name": self.name, "tags": {}}


class Named(Mapping):
    """Names to things that are made when they are looked up.

    Args:
        names: in order.
        make: gives the thing of a name.
    """

    def __init__(self, names, make):
        self._names = list(names)
        self._make = make

    def __getitem__(self, name):
        if name not in self._names:
            raise KeyError(name)
        return self._make(name)

    def __iter__(self):
        return iter(self._names)

    def __len__(self):
        return len(self._names)

    def __repr__(self):
        return str("<%d names: %s>") % (len(self._names), ", ".join("%s" % name for name in self._names[:10]))


__all__ = [str("Workspace")]

_absent.tell(__name__)
