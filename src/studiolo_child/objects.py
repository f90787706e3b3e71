"""Python objects as outputs: pickled so that another job of the same environment can load them."""

from __future__ import absolute_import, division, print_function, unicode_literals

import io
import mmap
import os
import pickle
import sys
import types

from . import object_card
from .failing import JobError


def write_object(descriptor, value, own_modules, warn):
    """Pickle a value into a descriptor, with the highest protocol; behind it its card, when it has one.

    Functions and classes of the script itself, or of its bundle, are not there in the next job. Where
    cloudpickle is installed (scikit-learn brings it) they travel inside the pickle; otherwise a warning says
    that the object cannot be loaded elsewhere.

    Args:
        descriptor: of an empty file.
        value: any picklable object.
        own_modules: import names of the script and its bundle.
        warn: called with sentences.

    Raises:
        JobError: `bad-return` when it cannot be pickled.
    """
    _write_pickle(descriptor, value, own_modules, warn)
    object_card.append_card(descriptor, value, warn)


def _write_pickle(descriptor, value, own_modules, warn):
    cloudpickle = _cloudpickle()
    try:
        try:
            _dump(descriptor, value, pickle)
            used = _used(descriptor, own_modules)
        except (pickle.PicklingError, AttributeError, TypeError):  # a lambda, a class inside a function
            if cloudpickle is None:
                raise
            used = list(own_modules)
            _dump_by_value(descriptor, value, used, cloudpickle)
            return
        if used and cloudpickle is not None:
            _dump_by_value(descriptor, value, used, cloudpickle)
        elif used:
            warn(
                "The object of type %s uses %s, which the next job does not have; it can only be loaded beside it."
                % (type(value).__name__, ", ".join(used))
            )
    except (MemoryError, IOError, OSError):
        raise
    except Exception as error:
        raise JobError(
            "bad-return",
            "A %s cannot be kept as an object: %s." % (type(value).__name__, ("%s" % error).rstrip(".")),
            "Return something that pickles: no open files, connections or generators in it.",
            kind="script",
        )


def read_object(descriptor, port="", environment=""):
    """Load what `write_object` wrote. Only ever called inside the jail.

    Args:
        descriptor: of the file.
        port: name of the input, for the error.
        environment: name of the job's environment, for the error.

    Raises:
        JobError: `unreadable-object`, another environment made it.
    """
    try:
        with io.open(os.dup(descriptor), "rb") as handle:
            handle.seek(0)
            return pickle.load(handle)
    except MemoryError:
        raise
    except Exception as error:
        raise JobError(
            "unreadable-object",
            "The object at the input %s can't be opened in the environment %s: %s."
            % (port, environment or "of this job", _reason(error)),
            "An object is opened by the environment that made it: run this node and the one that made the object in"
            " the same environment.",
            port=port,
        )


def _reason(error):
    """Say why an object could not be unpickled, in the words of a user."""
    text = " ".join(("%s" % error).split())[:300].rstrip(".")
    if isinstance(error, ImportError):
        missing = getattr(error, "name", None) or text.split(" ")[-1].strip("'\"")
        return 'it needs "%s", which cannot be imported (%s)' % (missing, text)
    if isinstance(error, ValueError) and "pickle protocol" in text:
        return "it was written by a newer Python (%s)" % text
    return "%s: %s" % (type(error).__name__, text) if text else type(error).__name__


def _dump(descriptor, value, module):
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    with io.open(os.dup(descriptor), "wb") as handle:
        pickler = getattr(module, "CloudPickler", None) or module.Pickler
        pickler(handle, pickle.HIGHEST_PROTOCOL).dump(value)


def _used(descriptor, own_modules):
    """Give those of the modules whose name stands in the pickle."""
    with io.open(os.dup(descriptor), "rb") as handle:
        data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            return [name for name in own_modules if data.find(name.encode("utf-8")) >= 0]
        finally:
            data.close()


def _dump_by_value(descriptor, value, modules, cloudpickle):
    loaded = dict((str(name), sys.modules[name]) for name in modules if name in sys.modules)
    if hasattr(cloudpickle, "register_pickle_by_value"):
        for module in loaded.values():
            cloudpickle.register_pickle_by_value(module)
        _dump(descriptor, value, cloudpickle)
        return
    for name in loaded:  # cloudpickle before 2.0 takes by value what the module of that name does not have
        sys.modules[name] = types.ModuleType(name)
    try:
        _dump(descriptor, value, cloudpickle)
    finally:
        sys.modules.update(loaded)


def _cloudpickle():
    for name in ("cloudpickle", "joblib.externals.cloudpickle"):
        try:
            __import__(name)
        except ImportError:
            continue
        return sys.modules[name]
    return None
