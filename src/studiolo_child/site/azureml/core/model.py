"""Trained models that are registered as zips or files."""

from __future__ import absolute_import, division, print_function, unicode_literals

import os

from azureml import _absent, _asking, _files
from azureml.exceptions import ModelNotFoundException, UserErrorException, WebserviceException
from studiolo_child import asking

_CACHE = "azureml-models"


class Model(_absent.Offered):
    """A registered zip or file.

    Attributes:
        id: name and version.
        name, version: what it is registered as.
        description, url, run_id: empty.
        tags, properties: empty.
    """

    def __init__(self, workspace=None, name=None, id=None, tags=None, properties=None, version=None, **more):
        if id is not None:
            name, _, version = _asking.text_name(id).rpartition(":")
        name, version = _asking.text_name(name), _asking.whole_version(version)
        try:
            reply = _asking.ask("model", name=name, version=version)
        except UserErrorException as error:
            raise ModelNotFoundException("%s" % error, error, error.studiolo_hint)
        self._tell(reply["model"])

    def __repr__(self):
        return str("Model(name=%r, version=%d)") % (self.name, self.version)

    @staticmethod
    def get_model_path(model_name, version=None, _workspace=None):
        """Give the path of a model's file or folder below `azureml-models/NAME/VERSION`, where it is put.

        Outside of a run it is looked for there, and in the current folder.

        Raises:
            ModelNotFoundException: there is no such model.
            WebserviceException: outside of a run there is no such version.
        """
        if version is not None and not hasattr(version, "bit_length"):
            raise UserErrorException("The version of a model is a whole number, not %r." % (version,))
        if not asking.can_ask():
            return _path_outside(_asking.text_name(model_name), version)
        model = Model(_workspace, model_name, version=version)
        return model.download(os.path.join(_CACHE, model.name, "%d" % model.version), exist_ok=True)

    @staticmethod
    def list(workspace, name=None, latest=False, **more):
        """Give the models, in their latest versions."""
        found = [_known(facts) for facts in _asking.listed("models")]
        return [model for model in found if name is None or model.name == name]

    def download(self, target_dir=".", exist_ok=False, exists_ok=None):
        """Write its file into a folder and give the path; a zip is unpacked.

        Of a zip the path is its only entry, or the folder when it has several.

        Raises:
            WebserviceException: the file is there and `exist_ok` is not said.
        """
        descriptor = _asking.content("model", self.name, self.version)
        if self._facts["type"] == "zip":
            before = set(os.listdir(target_dir)) if os.path.isdir(target_dir) else set()
            if before and not (exist_ok or exists_ok) and target_dir != ".":
                raise _there_already(target_dir)
            _files.unpack(descriptor, target_dir, self.name)
            entries = [name for name in os.listdir(target_dir) if name not in before] or sorted(before)
            return os.path.join(target_dir, entries[0]) if len(entries) == 1 else target_dir
        path = os.path.join(target_dir, self._facts["file"])
        if os.path.lexists(path) and not (exist_ok or exists_ok):
            raise _there_already(path)
        _files.save(descriptor, path)
        return path

    def _tell(self, facts):
        self._facts = facts
        self.name, self.version = facts["name"], facts["version"]
        self.id = "%s:%d" % (self.name, self.version)
        self.description = self.url = self.run_id = ""
        self.tags, self.properties = {}, {}


def _known(facts):
    model = Model.__new__(Model)
    model._tell(facts)
    return model


def _there_already(path):
    return WebserviceException('There is "%s" already.' % path, hint="Say `exist_ok=True` to replace it.")


def _path_outside(name, version):
    folder = os.path.join(_CACHE, name)
    versions = [part for part in os.listdir(folder) if part.isdigit()] if os.path.isdir(folder) else []
    if version is not None:
        if "%d" % version not in versions:
            raise WebserviceException('The model "%s" has no version %d in %s.' % (name, version, folder))
        versions = ["%d" % version]
    if versions:
        newest = os.path.join(folder, "%d" % max(int(part) for part in versions))
        entries = os.listdir(newest)
        if len(entries) == 1:
            return os.path.join(newest, entries[0])
    if version is None and os.path.exists(name):
        return os.path.join(".", name)
    raise ModelNotFoundException(
        'There is no model "%s" in %s, and none in the current folder.' % (name, folder),
        hint="Put its file into %s." % os.path.join(folder, "1"),
    )


__all__ = [str("Model")]

_absent.tell(__name__)
