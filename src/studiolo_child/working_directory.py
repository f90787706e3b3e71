"""The job's fresh working directory: the script's own file, the bundle's folder and the import path."""

from __future__ import absolute_import, division, print_function, unicode_literals

import os
import re
import sys
import types

from .report import write_all
from .source import declared_coding

BUNDLE_FOLDER = "Script Bundle"


class WorkingDirectory(object):
    """Where the script runs.

    Attributes:
        path: absolute path.
        bundle: absolute path of `Script Bundle`.
        module_name: unique import name of the script, set by `write_script`.
        script: absolute path of the file that `write_script` made, or "".
    """

    def __init__(self):
        self.path = os.getcwdu() if sys.version_info[0] == 2 else os.getcwd()
        self.bundle = os.path.join(self.path, BUNDLE_FOLDER)
        self.module_name = ""
        self.script = ""

    def prepare(self):
        """Make the bundle's folder and put it first on the import path, the working directory last.

        Last, so that a file the script writes never shadows a library; first, so that the bundle's modules
        win over installed ones of the same name. Compiled files are not written.
        """
        if not os.path.isdir(self.bundle):
            os.mkdir(self.bundle)
        for folder in (self.bundle, self.path):
            sys.path_importer_cache.pop(str(folder), None)
        sys.path.insert(0, str(self.bundle))
        if str(self.path) not in sys.path[1:]:
            sys.path.append(str(self.path))
        sys.dont_write_bytecode = True
        os.environ[str("PYTHONDONTWRITEBYTECODE")] = str("1")  # for processes that the script starts

    def write_script(self, file, text):
        """Choose the script's import name and write its text to a file of that name; give the path.

        The name is `script_` and the file's own name, so that a script called random.py shadows nothing. The
        file is what processes import that unpickle a function of the script (multiprocessing, joblib).
        """
        stem = re.sub("[^A-Za-z0-9_]", "_", os.path.basename(file).rsplit(".", 1)[0]) or "script"
        name = stem if stem.startswith("script_") else "script_" + stem
        while name in sys.modules or os.path.exists(os.path.join(self.bundle, name + ".py")):
            name += "_"
        self.module_name = name
        self.script = os.path.join(self.path, name + ".py")
        descriptor = os.open(self.script, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            write_all(descriptor, _file_bytes(text))
        finally:
            os.close(descriptor)
        return self.script

    def enter(self):
        """Go back to it, wherever the script went. Never raises."""
        try:
            os.chdir(self.path)
        except OSError:
            pass

    def shown(self, path):
        """Give a path as the author knows it: relative when it lies in the working directory."""
        prefix = self.path + os.sep
        return path[len(prefix) :] if path.startswith(prefix) else path

    def leave(self):
        """Remove what we put there if it is all there is, so that an empty directory is seen to be empty."""
        try:
            if self.script:
                os.unlink(self.script)
            os.rmdir(self.bundle)
        except OSError:
            pass


def forget_main():
    """Put an empty module in the place of `__main__`.

    A process that multiprocessing spawns imports the parent's main file first; ours must not be that.
    """
    sys.modules[str("__main__")] = types.ModuleType(str("__main__"))


def _file_bytes(text):
    coding = declared_coding(text)
    try:
        if coding is not None:
            return text.encode(coding)
    except (LookupError, UnicodeError):
        return text.encode("utf-8")
    data = text.encode("utf-8")
    is_ascii = len(data) == len(text)
    # Python 2 reads a file as ASCII unless told; a byte order mark tells both Pythons without a new line.
    return data if is_ascii or text.startswith("\ufeff") else b"\xef\xbb\xbf" + data
