"""Finds registered datasets by name."""

from __future__ import absolute_import, division, print_function, unicode_literals

from azureml import _absent, _asking
from azureml.core.workspace import Named
from azureml.data import dataset_of
from azureml.exceptions import UserErrorException


class _Tabular(_absent.Offered):
    """Makes nothing: tables are registered by `studiolo dataset add`."""

    _shown = "Dataset.Tabular"
    _instead = (
        "Read files with pandas, and register tables with `studiolo dataset add NAME FILE`: "
        "`Dataset.get_by_name` gives them."
    )


class _File(_absent.Offered):
    """Makes nothing, like `_Tabular`."""

    _shown = "Dataset.File"
    _instead = "Register a zip with `studiolo dataset add NAME FILE.zip`: `Dataset.get_by_name` gives it."


class Dataset(_absent.Offered):
    """Registered datasets of the workspace; `studiolo dataset add` registers one."""

    Tabular = _Tabular()
    File = _File()

    @staticmethod
    def get_by_name(workspace, name, version="latest"):
        """Give a dataset by its name.

        Raises:
            UserErrorException: there is no such dataset or version.
        """
        name, version = _asking.text_name(name), _asking.whole_version(version)
        return dataset_of(_asking.ask("dataset", name=name, version=version)["dataset"])

    @staticmethod
    def get_by_id(workspace, id, **more):
        """Give a dataset by the id that it tells."""
        name, _, version = _asking.text_name(id).rpartition(":")
        if not name:
            raise UserErrorException("%r is no id of a dataset." % (id,))
        return Dataset.get_by_name(workspace, name, version)

    @staticmethod
    def get_all(workspace):
        """Give name to dataset, of the latest versions."""
        facts = dict((one["name"], one) for one in _asking.listed("datasets"))
        return Named(sorted(facts), lambda name: dataset_of(facts[name]))


__all__ = [str("Dataset")]

_absent.tell(__name__)
