"""Lets warnings name the script's file as its author knows it, in Pythons that take the name from the module."""

from __future__ import absolute_import, division, print_function, unicode_literals

import sys
import warnings


def install(path, file):
    """Show warnings of the file at `path` as those of `file`; Python does it by itself from 3.8 on."""
    if sys.version_info[:2] >= (3, 8):
        return
    usual, shown = warnings.formatwarning, file.encode("utf-8") if sys.version_info[0] == 2 else file

    def formatwarning(message, category, filename, lineno, line=None):
        return usual(message, category, shown if filename == path else filename, lineno, line)

    warnings.formatwarning = formatwarning
