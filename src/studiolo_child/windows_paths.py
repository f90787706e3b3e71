r"""Lets old scripts open files by Windows names; for the classic dialect only.

The classic product ran on Windows: `open('.\Script Bundle\Data.csv')` worked, whatever the case of the
letters. Here `open` and `io.open` are replaced by functions that, only after a file was not found, look for it
with `/` for `\` and without regard to case, inside the working directory. For code in C and for
`os.path.exists`, the bundle's files also get links under their Windows names.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import io
import os
import sys

LINK_LIMIT = 1000


def allow(directory, entries):
    """Let Windows names work for the rest of this process.

    Args:
        directory: the `WorkingDirectory`.
        entries: the bundle's entries; all get links unless there are more than `LINK_LIMIT`.
    """
    builtins = sys.modules[str("__builtin__" if sys.version_info[0] == 2 else "builtins")]
    builtins.open = _resolving(builtins.open, directory)
    io.open = builtins.open if sys.version_info[0] > 2 else _resolving(io.open, directory)
    if len(entries) <= LINK_LIMIT:
        _link(directory, entries)


def resolve(path, directory):
    """Give the existing file that a Windows name means, or None.

    Args:
        path: relative to the working directory, or below it; anything else gives None.
        directory: the `WorkingDirectory`.
    """
    name = path.replace("\\", "/")
    full = os.path.normpath(os.path.join(directory.path, name))
    if not full.startswith(directory.path + "/"):
        return None
    found = directory.path
    for part in full[len(directory.path) + 1 :].split("/"):
        found = _child(found, part)
        if found is None:
            return None
    return found


def _child(folder, name):
    exact = os.path.join(folder, name)
    if os.path.exists(exact):
        return exact
    try:
        names = os.listdir(folder)
    except OSError:
        return None
    matches = sorted(other for other in names if other.lower() == name.lower())
    return os.path.join(folder, matches[0]) if matches else None


def _resolving(plain, directory):
    def open(file, *arguments, **options):
        try:
            return plain(file, *arguments, **options)
        except (IOError, OSError) as error:
            if error.errno != errno.ENOENT:
                raise
            found = _found(file, directory)
            if found is None:
                raise
        return plain(found, *arguments, **options)

    open.__doc__ = plain.__doc__
    return open


def _found(file, directory):
    if hasattr(file, "__fspath__"):
        file = file.__fspath__()
    if isinstance(file, bytes):
        try:
            file = file.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return resolve(file, directory) if isinstance(file, type("")) else None


def _link(directory, entries):
    root = os.path.basename(directory.bundle)
    folders = set([()])
    for entry in entries:
        for count in range(1, len(entry.parts)):
            folders.add(entry.parts[:count])
    paths = sorted(folders) + [entry.parts for entry in entries if not entry.is_folder]
    for parts in paths:
        target = "/".join((root,) + parts)
        for name in ("\\".join((root,) + parts), "\\".join((".", root) + parts)):
            try:
                if name != root:
                    os.symlink(target.encode("utf-8"), os.path.join(directory.path, name).encode("utf-8"))
            except OSError:
                return
