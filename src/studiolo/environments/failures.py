"""Errors of making environments, short whatever uv or pip wrote."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from studiolo.environments.tools import Done
from studiolo.errors import UserError
from studiolo.store.failures import size_text

_FULL = re.compile(r"No space left on device|os error 28|Disk quota exceeded|os error 122")
_REASON_CHARACTERS = 900
_UNREACHED = (
    r"NewConnectionError|ConnectTimeout|Retrying \(|Max retries|[Ff]ailed to fetch|error sending request"
)
_HINTS = (
    (
        r"not find a version|No matching distribution|no version of|not found in the package registry",
        "no_version",
    ),
    (r"Python\.h|gcc|g\+\+|command 'cc'|compiler|error: command", "compiler"),
    (
        r"[Cc]onnection|[Rr]esolve host|name resolution|timed out|error sending request|CERTIFICATE|[Pp]roxy",
        "network",
    ),
)


def cannot_build(what: str, reason: str, python: str = "", lines: Iterable[str] = ()) -> UserError:
    """Make the error of something that could not be installed, with what to do about it.

    Args:
        what: the package or program.
        reason: what the program said last.
        python: version it was for.
        lines: all that the program said.
    """
    kind = next((name for pattern, name in _HINTS if re.search(pattern, reason)), "")
    if any(re.search(_UNREACHED, line) for line in lines):
        kind = "network"
    has_compiler = any(shutil.which(name) for name in ("cc", "gcc", "clang"))
    hints = {
        "no_version": f"The package index has no such version for Python {python}: check name and version.",
        "compiler": "It has to be compiled; a library or header that it needs is missing."
        if has_compiler
        else "It has to be compiled, and there is no C compiler: install one (Debian: build-essential).",
        "network": "The package index was not reached: check the network and the settings of pip or uv.",
    }
    return UserError("cannot-build", f"{what} could not be installed.\n{short(reason)}", hints.get(kind, ""))


def needs_building(package: str, who: str, python: str) -> UserError:
    """Make the error of a package that a run does not install, because that would run code of its authors.

    Args:
        package: its name.
        who: asked for it: `node clean`.
        python: version it was for.
    """
    return UserError(
        "needs-building",
        f"{package} has no wheel for Python {python}: {who} would have to build it from its source.",
        "Building runs code of its authors outside the jail, so a run never does it. Take a version that has a wheel, "
        "or build it yourself: studiolo env build EXPERIMENT:NODE",
        package=package,
    )


def cannot_resolve(name: str, done: Done, *, is_node: bool = False) -> UserError:
    """Make the error of requirements that no set of packages satisfies.

    Args:
        name: of the environment, or `node clean`.
        done: how the resolver ended.
        is_node: the packages are those of a node.
    """
    who = name if is_node else f'environment "{name}"'
    lines = [re.sub(r"^[\s×╰─▶│├hint:]*(?=\S)", "", line) for line in done.lines]
    errors = [line for line in lines if line.startswith("ERROR: ")]
    if errors:
        kept = [line.removeprefix("ERROR: ") for line in errors if "ResolutionImpossible" not in line]
        conflict = [
            line.strip()
            for line in done.lines
            if re.match(r"\s+\S+ .*depends on |\s+The user requested", line)
        ]
        reason = "\n".join([*kept[:2], *conflict[:4]])
    else:
        told = " ".join(_without_warnings(lines))
        reason = re.sub(r"^(error: )?No solution found.*?(?=Because)", "", told)
    reason = re.sub(r"\s*\^{2,}", "", reason)
    summary = f"No set of packages fits what {who} asks for."
    place = "dependencies of the script's header, or in requirements" if is_node else "packages"
    hint = f"Correct the name or version in {place}, or leave the version out."
    # Pip says "no such version" even where it could ask nobody; that it tried again stands above.
    if "Because" not in reason and re.search(_UNREACHED, "\n".join(done.lines)):
        summary = f"The versions for {who} could not be chosen: the package index was not reached."
        hint = "Check the network and the settings of pip or uv."
    return UserError("cannot-resolve", f"{summary}\n{short(reason)}", hint)


def checked_space(done: Done, folder: Path) -> None:
    """Raise the error of a full disk if a program ended for that.

    Raises:
        UserError: `environment-disk-full`.
    """
    if done.code and any(_FULL.search(line) for line in done.lines):
        raise disk_full(folder)


def disk_full(folder: Path) -> UserError:
    """Make the error of a full disk below a folder."""
    while not folder.exists():
        folder = folder.parent
    facts = os.statvfs(folder)
    free = facts.f_bavail * facts.f_frsize
    return UserError(
        "environment-disk-full",
        f'The disk is full: {size_text(free)} free at "{folder}".',
        "Free some space, or set XDG_DATA_HOME to a folder on another disk. What was begun is removed.",
        free_bytes=free,
    )


def storage_error(error: OSError, folder: Path) -> UserError:
    """Make the error that tells why an environment could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    return UserError(
        "environments-unwritable",
        f'Nothing can be written to "{error.filename or folder}": {error.strerror}.',
        "Check that the folder belongs to you, or set XDG_DATA_HOME to another one.",
    )


def short(text: str) -> str:
    """Cut a text to what a person reads: its beginning, without lists of versions and names of temporary files."""
    text = re.sub(r" \((from versions: .*?|from -r .*?\(line \d+\))\)", "", text.strip())
    text = re.sub(r"-r \S+ \(line \d+\)", "the packages", text)
    return text if len(text) <= _REASON_CHARACTERS else f"{text[:_REASON_CHARACTERS]} …"


def _without_warnings(lines: Iterable[str]) -> list[str]:
    told = [line for line in lines if line.strip()]
    start = next((n for n, line in enumerate(told) if re.match(r"No solution|error:|Because", line)), 0)
    return told[start:]
