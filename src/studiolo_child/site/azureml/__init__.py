"""The part of `azureml` that scripts use, written for studiolo. A package of the environment comes before it."""

from __future__ import absolute_import, division, print_function, unicode_literals

import pkgutil

_own = list(__path__)
__path__ = pkgutil.extend_path(__path__, __name__)
__path__ = [folder for folder in __path__ if folder not in _own] + _own

from azureml import _absent  # noqa: E402

__all__ = [str("core"), str("data"), str("exceptions")]

_absent.tell(__name__)
