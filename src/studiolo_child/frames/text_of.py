"""Any Python object as text: JSON for nested values, `str` for the rest, never an exception."""

from __future__ import absolute_import, division, print_function, unicode_literals

import json
import math
import types

import numpy as np

from .texts import PY2, TEXT


def decode(raw):
    """Give bytes as text.

    Returns:
        (text, whether it was UTF-8); other bytes are read as Latin-1, which loses nothing.
    """
    try:
        return raw.decode("utf-8"), True
    except UnicodeDecodeError:
        return raw.decode("latin-1"), False


def text_of(value):
    """Give any object as text the way a person expects it: `str`, floats with all their digits."""
    if isinstance(value, TEXT):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return decode(value.tobytes() if isinstance(value, memoryview) else bytes(value))[0]
    if isinstance(value, (list, dict)):
        return json_text(value)[0]
    if type(value) is float:
        return "%r" % value
    return _str(value)


def class_of(value):
    """Give the class of a value; that of its own for an instance of a class of Python 2 without `object`."""
    if PY2 and isinstance(value, types.InstanceType):
        return value.__class__
    return type(value)


def _str(value):
    try:
        return TEXT(value)
    except Exception:  # the object's own code may raise anything
        pass
    try:
        return decode(str(value))[0] if PY2 else "<%s>" % class_of(value).__name__
    except Exception:
        return "<%s>" % class_of(value).__name__


def json_text(value):
    """Give a list, dictionary, tuple, set or array as JSON text.

    Returns:
        (text, lossy): lossy when something in it had to become its `str`, or null for a NaN or infinity.
    """
    try:
        return _dump(value), False
    except Exception:  # TypeError, ValueError, recursion, or what the objects inside raise
        lossy = []
        try:
            return _dump(_plain(value, lossy)), bool(lossy)
        except Exception:
            return _str(value), True


def _dump(value):
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text if isinstance(text, TEXT) else text.decode("utf-8")


def _plain(value, lossy):
    """Give `value` with everything that JSON lacks replaced; what was lost is appended to `lossy`."""
    if value is None or isinstance(value, (bool, TEXT)):
        return value
    if isinstance(value, dict):
        return dict((_key(key, lossy), _plain(part, lossy)) for key, part in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(part, lossy) for part in value]
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if math.isnan(number) or math.isinf(number):
            lossy.append(value)
            return None
        return number
    if hasattr(value, "tolist"):  # numpy arrays and scalars, pandas Series and Index
        return _plain(value.tolist(), lossy)
    if hasattr(value, "to_dict"):  # pandas DataFrame
        return _plain(value.to_dict(str("list")), lossy)
    if isinstance(value, int):
        return value
    lossy.append(value)
    return text_of(value)


def _key(key, lossy):
    if isinstance(key, TEXT):
        return key
    if not isinstance(key, (bool, int, bytes)):
        lossy.append(key)
    return text_of(key)
