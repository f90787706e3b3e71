"""The exceptions that scripts catch."""

from __future__ import absolute_import, division, print_function, unicode_literals

from azureml import _absent


class AzureMLException(Exception):
    """The root of all of them.

    Args:
        exception_message: what has happened.
        inner_exception: what it came from.
        hint: what to do next; studiolo shows it beside the error.
    """

    def __init__(self, exception_message="", inner_exception=None, hint="", **more):
        super(AzureMLException, self).__init__(exception_message)
        self.message = exception_message
        self.inner_exception = inner_exception
        self.studiolo_hint = hint


class UserErrorException(AzureMLException):
    """The script asked for something that can't be had."""


class RunEnvironmentException(AzureMLException):
    """There is no run, or nobody to ask."""


class WorkspaceException(AzureMLException):
    """A workspace can't be had."""


class WebserviceException(AzureMLException):
    """A file or version of a model can't be had."""


class ModelNotFoundException(AzureMLException):
    """There is no such model."""


class ModelPathNotFoundException(AzureMLException):
    """There is no file at the path of a model."""


class SnapshotException(AzureMLException):
    """Never raised here."""


class ServiceException(AzureMLException):
    """Never raised here."""


class DatasetTimestampMissingError(AzureMLException):
    """Never raised here."""


__all__ = [str(name) for name, kind in sorted(globals().items()) if name.endswith(("Exception", "Error"))]

_absent.tell(__name__)
