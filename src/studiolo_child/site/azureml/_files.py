"""Writes what the host gave into files."""

from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import threading

from azureml.exceptions import UserErrorException
from studiolo_child import run_notes

PIECE = 1 << 20
_lock = threading.Lock()


def save(descriptor, path):
    """Write all content of a descriptor to a new file; its folder is made."""
    make_folder(os.path.dirname(os.path.abspath(path)))
    with _lock, io.open(os.dup(descriptor), "rb") as content, io.open(path, "wb") as file:
        content.seek(0)
        copy(content, file)


def copy(content, file):
    """Copy what is left of a binary file into another."""
    while True:
        piece = content.read(PIECE)
        if not piece:
            return
        file.write(piece)


def make_folder(path):
    """Make a folder and those above it, unless they are there."""
    if not os.path.isdir(path):
        os.makedirs(path)


def unpack(descriptor, folder, name):
    """Unpack a zip into a folder, safely.

    Raises:
        UserErrorException: it is no zip, or not one that may be unpacked.
    """
    from studiolo_child import bundle
    from studiolo_child.failing import JobError

    notes = run_notes.current()
    make_folder(folder)
    try:
        with _lock, bundle.Bundle(descriptor, notes.disk_bytes if notes else None) as opened:
            opened.unpack(os.path.abspath(folder))
    except JobError as error:
        raise UserErrorException(
            error.summary.replace("The script bundle", 'The zip "%s"' % name).replace(
                "the script bundle", 'the zip "%s"' % name
            ),
            error,
            error.hint,
        )
