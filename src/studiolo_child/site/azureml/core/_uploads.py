"""Keeps the files that a run uploads, in the folder `outputs` of the working directory."""

from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import time

from azureml import _asking, _files
from azureml.exceptions import UserErrorException

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".svg", ".tif", ".tiff", ".webp")


def keep(notes, name, source):
    """Copy a file, or what a stream gives, to where uploads are kept; it may lie there already."""
    name = checked_name(name)
    target = notes.place(name)
    is_path = isinstance(source, (type(""), str))
    if not is_path and not hasattr(source, "read"):
        raise UserErrorException(
            "A file is uploaded from a path or a stream, not from a %s." % type(source).__name__
        )
    if is_path:
        path = os.path.abspath(source)
        if path != target:
            with io.open(path, "rb") as content:
                _write(content, target)
        notes.uploaded(name, target, path)
    else:
        _write(source, target)
        notes.uploaded(name, target)


def keep_folder(notes, name, folder):
    """Keep all files below a folder, under NAME and their path below it; give their names."""
    if not os.path.isdir(folder):
        raise UserErrorException('There is no folder "%s" to upload.' % folder)
    top = os.path.abspath(folder)
    found = []
    for place, _, files in os.walk(top):
        found.extend(os.path.join(place, file) for file in sorted(files))
    names = ["%s/%s" % (name, os.path.relpath(path, top)) for path in found]
    for one, path in zip(names, found):
        keep(notes, one, path)
    return names


def keep_plot(notes, name, plot):
    """Save a plot as a picture of the run; give its name."""
    if not hasattr(plot, "savefig"):
        raise UserErrorException(
            "%s is no plot: it has no `savefig`." % type(plot).__name__,
            hint="Give `matplotlib.pyplot` or a figure, or the path of a picture as `path`.",
        )
    stored = checked_name("%s_%d.png" % (name, time.time()))
    target = notes.place(stored)
    _files.make_folder(os.path.dirname(target))
    plot.savefig(target, format="png")
    notes.uploaded(stored, target)
    return stored


def name_below(notes, path):
    """Give the name under which a file is kept when none is said: its path below the working directory."""
    path = os.path.abspath(path)
    prefix = notes.folder + os.sep
    return path[len(prefix) :] if path.startswith(prefix) else os.path.basename(path)


def names_of(notes):
    """Give the names of what is kept: uploads, and other files that lie in `outputs`."""
    names, paths = set(notes.uploads), set(notes.uploads.values())
    for place, _, files in os.walk(os.path.join(notes.folder, "outputs")):
        for file in files:
            path = os.path.join(place, file)
            if path not in paths:
                names.add(os.path.relpath(path, notes.folder).replace(os.sep, "/"))
    return sorted(names)


def fetch(notes, name, path=None):
    """Copy a kept file to a path, by default into the current folder."""
    name = checked_name(name)
    kept = notes.uploads.get(name) or notes.place(name)
    if not os.path.isfile(kept):
        raise UserErrorException(
            'The run has no file "%s".' % name,
            hint="It has: %s." % (", ".join(names_of(notes)[:20]) or "none"),
        )
    target = os.path.abspath(os.path.basename(name) if path is None else path)
    if os.path.isdir(target):
        target = os.path.join(target, os.path.basename(name))
    if target != kept:
        with io.open(kept, "rb") as content:
            _write(content, target)


def checked_name(name):
    """Give a name of an upload with `/`, relative and without `..`."""
    parts = [part for part in _asking.text_name(name).replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        raise UserErrorException("A file cannot be kept under the name %r." % name)
    return "/".join(parts)


def _write(content, target):
    _files.make_folder(os.path.dirname(target))
    with io.open(target, "wb") as file:
        while True:
            piece = content.read(_files.PIECE)
            if not piece:
                return
            file.write(piece if isinstance(piece, (bytes, bytearray)) else piece.encode("utf-8"))
