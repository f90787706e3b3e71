"""What to do next about the usual suspects: one sentence for an exception that a script raised."""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import ntpath
import os
import re
import socket
import sys

from . import exhausted, removed_names
from .nearest import nearest
from .wanted_address import wanted_address

_DRIVE = re.compile(r"^[A-Za-z]:[\\/]|^\\\\[^\\]")
_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
_MODULE_ATTRIBUTE = re.compile(
    r"module '?([\w.]+)'? has no attribute '(\w+)'|'module' object has no attribute '(\w+)'"
)
_NO_MODULE = re.compile(r"No module named '?([\w.]+)'?")
_NO_NAME = re.compile(r"cannot import name '?(\w+)'?(?: from (?:partially initialized module )?'([\w.]+)')?")
_OPTIONAL = re.compile(r"[Mm]issing optional dependency '([\w.\-]+)'")
_NAME = re.compile(r"name '(\w+)' is not defined")
_GONE = re.compile(r"^File (?:b')?(\S.*?)'? does not exist$")  # pandas before 0.24: no number, no name
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)+)'|\"((?:[^\"\\]|\\.)+)\"")
_NETWORK_ERRORS = (
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
    errno.ECONNREFUSED,
    errno.EADDRNOTAVAIL,
    errno.EAFNOSUPPORT,
)
_BROKEN_CONNECTION = (errno.ECONNRESET, errno.ETIMEDOUT)  # between the script's own processes too
_NETWORK_HINT = (
    'A script has no network unless its node is granted a host and port: `grants: {network: ["host:443"]}`.'
)


OWN_PACKAGES = "packages of the node"  # what the host calls an environment that a node has for itself


class Circumstances(object):
    """What is known of the job when its script fails.

    Attributes:
        columns: input port to the names of its columns when the script got it.
        functions: names the script defines.
        directory: `WorkingDirectory`, or None.
        environment: name of the environment, or "".
        limits: of the job, `domain.limits.Limits.to_json()`, or None.
        installing: `pip_commands.Installing`, or None outside a jail.
    """

    def __init__(self, directory=None, environment="", limits=None):
        self.columns = {}
        self.functions = []
        self.directory = directory
        self.environment = environment
        self.limits = limits
        self.installing = None


def hint_for(error, files, circumstances):
    """Give a sentence that says what to do, or "".

    Args:
        error: the exception.
        files: file names of its stack trace, outermost first.
        circumstances: see `Circumstances`.
    """
    for link in _chain(error):
        told = getattr(link, "studiolo_hint", None)  # by our own `azureml`
        if told and isinstance(told, type("")):
            return told
        for find in (_memory, _network, _system, _pip, _missing_import, _attribute, _name, _column):
            hint = find(link, files, circumstances)
            if hint:
                return hint
    return ""


def missing_library(error):
    """Give the import name that a script's environment lacks, or None when the error is something else."""
    if not isinstance(error, ImportError):
        return None
    match = _OPTIONAL.search(_text(error))
    if match:
        return match.group(1)
    name = getattr(error, "name", None)
    match = _NO_MODULE.search(_text(error))
    if not match:
        return None
    return name or match.group(1)


def environment_line(module, circumstances):
    """Give the sentence that says where a package has to be added."""
    name = circumstances.environment
    where = 'the environment "%s"' % name if name else "the node's environment"
    if name == OWN_PACKAGES:
        where = "the packages that the node asks for, in the script's header or under requirements"
    return "Add %s to %s (Python %d.%d), or choose an environment that has it." % (
        removed_names.package_of(module.split(".")[0]),
        where,
        sys.version_info[0],
        sys.version_info[1],
    )


def _chain(error):
    """Give the exception and those it came from, at most five."""
    links = []
    while error is not None and len(links) < 5 and not any(link is error for link in links):
        links.append(error)
        error = getattr(error, "__cause__", None) or getattr(error, "__context__", None)
    return links


def _memory(error, files, circumstances):
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return "Work on fewer rows or columns at once, or raise `limits: {memory_mb: ...}` of the node."
    return ""


def _network(error, files, circumstances):
    is_broken = isinstance(error, (OSError, IOError)) and error.errno in _BROKEN_CONNECTION
    if not is_broken and not _is_of_network(error, files):
        return ""
    wanted = wanted_address(_chain(error))
    if wanted:
        return _NETWORK_HINT.replace("host:443", wanted)
    return "" if is_broken else _NETWORK_HINT


def _is_of_network(error, files):
    number = getattr(error, "errno", None)
    if isinstance(error, socket.gaierror) or (
        isinstance(error, (OSError, IOError)) and number in _NETWORK_ERRORS
    ):
        return True
    in_socket = any(os.path.basename(name) in ("socket.py", "socket.pyc") for name in files[-2:])
    if in_socket and number in (errno.EACCES, errno.EPERM):
        return True
    return type(error).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeout", "URLError")


def _system(error, files, circumstances):
    if isinstance(error, RuntimeError) and "can't start new thread" in _text(error):
        return "Use fewer processes and threads, or raise `limits: {processes: ...}` of the node."
    if not isinstance(error, (OSError, IOError)):
        return ""
    number = error.errno
    gone = _GONE.search(_text(error)) if number is None else None
    if gone:
        return _file_named(gone.group(1), errno.ENOENT, circumstances)
    if number == errno.EPERM and error.filename is None and exhausted.is_fork(error):
        return "A reduced jail lets a script start no processes; threads work. See `studiolo doctor`."
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "Write less, or raise `limits: {disk_mb: ..., files: ...}` of the node."
    if number == errno.EFBIG:
        return "A file may be as long as an output; raise `limits: {output_mb: ...}` of the node."
    if number == errno.EAGAIN:
        return "Use fewer processes and threads, or raise `limits: {processes: ...}` of the node."
    if number == errno.EMFILE:
        return "Close files when they are read; `with open(...)` does."
    return _file(error, number, circumstances)


def _file(error, number, circumstances):
    path = error.filename
    if isinstance(path, bytes):
        path = path.decode("utf-8", "replace")
    return _file_named(path, number, circumstances) if isinstance(path, type("")) else ""


def _file_named(path, number, circumstances):
    if _DRIVE.match(path):
        return (
            "%s is a path on another machine. Register the file as a dataset and connect it, or put it into the "
            "script bundle and open './Script Bundle/%s'." % (path, ntpath.basename(path))
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        name = os.path.basename(path) or "result.csv"
        return (
            "A script reads and writes in its working directory only: use a relative name such as '%s'."
            % name
        )
    if number == errno.ENOENT:
        return _missing_file(path, circumstances)
    return ""


def _missing_file(path, circumstances):
    directory = circumstances.directory
    if directory is None:
        return ""
    full = os.path.normpath(os.path.join(directory.path, path))
    if not full.startswith(directory.path + os.sep):
        return (
            "A script sees its working directory only. Connect the data to dataset1, put the file into the script "
            "bundle, or grant the folder: `grants: {read: [data]}`."
        )
    known = sorted(_files_below(directory))
    match = nearest(directory.shown(full), known) or nearest(
        os.path.basename(path), [os.path.basename(name) for name in known]
    )
    if match:
        match = next((name for name in known if name == match or os.path.basename(name) == match), match)
        return "There is './%s'." % match
    if not known and os.sep not in path and "." not in path:
        return "Programs of the machine are not in the jail; a file of that name is not in the working directory."
    if not known:
        return "The working directory is empty: no script bundle is connected."
    return "The working directory has: %s." % ", ".join(known[:10])


def _files_below(directory):
    found = []
    for folder, _, names in os.walk(directory.path):
        found.extend(os.path.join(directory.shown(folder + os.sep), name) for name in names)
        if len(found) > 2000:
            break
    own = os.path.basename(directory.script)
    return [name for name in found if name != own]


def _pip(error, files, circumstances):
    """Tell why pip did not install what is missing now, and how it can be had."""
    if circumstances.installing is None:
        return ""
    if not isinstance(error, ImportError) and not is_failed_pip(error):
        return ""
    return circumstances.installing.advice()


def is_failed_pip(error):
    """Say whether an exception tells that a command of pip failed."""
    return type(error).__name__ == "CalledProcessError" and "pip" in _text(getattr(error, "cmd", ""))


def _missing_import(error, files, circumstances):
    if not isinstance(error, ImportError):
        return ""
    module = missing_library(error)
    if module is None:
        match = _NO_NAME.search(_text(error))
        if not match:
            return ""
        package = match.group(2) or getattr(error, "name", None) or ""
        name = "%s.%s" % (package, match.group(1))
        if not package:  # before Python 3.7
            name = next((one for one in removed_names.MODULES if one.endswith(name)), name)
        return removed_names.replaced(removed_names.MODULES, name)
    parts = module.split(".")
    for count in range(len(parts), 0, -1):
        hint = removed_names.replaced(removed_names.MODULES, ".".join(parts[:count]))
        if hint:
            return hint
    return environment_line(module, circumstances)


def _attribute(error, files, circumstances):
    if not isinstance(error, AttributeError):
        return ""
    text = _text(error)
    match = _MODULE_ATTRIBUTE.search(text)
    if match:
        attribute = match.group(2) or match.group(3)
        for module in [match.group(1)] if match.group(1) else ("pandas", "numpy", "string", "time"):
            hint = removed_names.replaced(removed_names.MODULE_ATTRIBUTES, "%s.%s" % (module, attribute))
            if hint:
                return hint
        return ""
    match = _ATTRIBUTE.search(text)
    if not match:
        return ""
    owner, attribute = match.groups()
    if owner in ("DataFrame", "Series", "Index"):
        return removed_names.replaced(removed_names.FRAME_ATTRIBUTES, attribute) or _nearest_column(
            attribute, circumstances
        )
    return removed_names.replaced(removed_names.TYPE_ATTRIBUTES, "%s.%s" % (owner, attribute))


def _name(error, files, circumstances):
    match = _NAME.search(_text(error)) if isinstance(error, NameError) else None
    if not match:
        return ""
    hint = removed_names.replaced(removed_names.BUILTINS, match.group(1))
    if hint:
        return hint
    known = nearest(match.group(1), circumstances.functions)
    return 'Did you mean "%s"?' % known if known else ""


def _column(error, files, circumstances):
    if not isinstance(error, KeyError) or not any(os.sep + "pandas" + os.sep in name for name in files):
        return ""
    given = error.args[0] if error.args else ""
    given = given.decode("utf-8", "replace") if isinstance(given, bytes) else given
    text = given if isinstance(given, type("")) else _text(error)
    names = (
        [one or two for one, two in _QUOTED.findall(text)]
        if re.search(r"not (in|found)|None of", text)
        else [text]
    )
    for name in names:
        hint = _nearest_column(name, circumstances)
        if hint:
            return hint
    return ""


def _nearest_column(name, circumstances):
    if any(name in columns for columns in circumstances.columns.values()):
        return ""
    for port in sorted(circumstances.columns):
        columns = circumstances.columns[port]
        match = nearest(name, columns)
        if match is not None:
            return '%s has no column "%s". The closest of its %d columns is "%s".' % (
                port,
                name,
                len(columns),
                match,
            )
    return ""


def _text(error):
    try:
        text = str(error)
    except Exception:  # the script's own class
        return ""
    return text if isinstance(text, type("")) else text.decode("utf-8", "replace")
