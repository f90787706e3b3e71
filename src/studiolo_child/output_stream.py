"""The log as the script sees it: stdout and stderr that write through to descriptors 1 and 2, in order.

Every `write` reaches the descriptor before it returns, so the two streams, child processes and libraries in C
keep their order, and a killed job has lost nothing.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import sys

from .report import write_all

_installed = []


def install():
    """Replace sys.stdout and sys.stderr, and sys.stdin by one that is empty; undo nothing later."""
    del _installed[:]
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        made = stream(descriptor)
        _installed.append(made)
        setattr(sys, name, made)
        setattr(sys, "__%s__" % name, made)
    try:
        sys.stdin = (
            io.open(os.devnull, "r", encoding="utf-8") if sys.version_info[0] > 2 else open(os.devnull)
        )
    except (IOError, OSError):
        sys.stdin = io.StringIO("")


def flush():
    """Flush what the script may have put in place of the streams, then the streams. Never raises."""
    for held in [sys.stdout, sys.stderr] + _installed:
        try:
            held.flush()
        except BaseException:  # closed, replaced by None, or the script's own class that raises
            pass


def stream(descriptor):
    """Make a stream for text that writes through to a descriptor."""
    if sys.version_info[0] == 2:
        return _ByteStream(descriptor)
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(
        raw, encoding="utf-8", errors="backslashreplace", newline="\n", write_through=True
    )


class _ByteStream(object):
    """What `print` of Python 2 needs: takes bytes and text, writes through."""

    encoding = str("utf-8")
    errors = str("backslashreplace")
    mode = str("w")
    closed = False
    softspace = 0

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self.name = "<stdout>" if descriptor == 1 else "<stderr>"

    def write(self, text):
        """Write bytes, or text as UTF-8."""
        if not isinstance(text, (bytes, bytearray, memoryview)):
            text = text.encode("utf-8", "backslashreplace")
        write_all(self._descriptor, text)

    def writelines(self, lines):
        """Write several texts."""
        for line in lines:
            self.write(line)

    def flush(self):
        """Do nothing: nothing is held back."""

    def close(self):
        """Do nothing: the log stays open."""

    def fileno(self):
        """Give the descriptor."""
        return self._descriptor

    def isatty(self):
        """Say that this is no terminal."""
        return False
