"""There are no datastores; asking for one says what takes their place."""

from __future__ import absolute_import, division, print_function, unicode_literals

from azureml import _absent
from azureml.exceptions import UserErrorException

_HINT = (
    "Read registered datasets with `Dataset.get_by_name(ws, name=...)`. To keep data, return it from azureml_main; "
    "to show a picture, `run.upload_file(name, path)`."
)


class Datastore(_absent.Offered):
    """Storage of the vendor's cloud. studiolo has none."""

    def __new__(cls, workspace=None, name=None, **more):
        """Refuse."""
        raise _refusal(name)

    @staticmethod
    def get(workspace, datastore_name):
        """Refuse."""
        raise _refusal(datastore_name)

    @staticmethod
    def get_default(workspace):
        """Refuse."""
        raise _refusal("")


def _refusal(name):
    return UserErrorException(
        "studiolo has no datastores%s." % (', so no "%s"' % name if name else ""), hint=_HINT
    )


__all__ = [str("Datastore")]

_absent.tell(__name__)
