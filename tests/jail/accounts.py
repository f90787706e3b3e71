"""Becomes an ordinary account for which everything that the tests need can be reached.

An interpreter or a clone below a folder of root's own, such as its home with mode 0700, is out of reach for
another account. In a mount namespace of its own the process covers such folders and shows in them only what
is needed, at the same paths.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from studiolo_child import syscalls

ORDINARY_ID = 12345
_TRAVERSE = 0o001


def become_ordinary(needed: Iterable[str], owned: str) -> None:
    """Give up root for good, in a mount namespace where `needed` can be reached.

    The caller must start another program afterwards: until then the files in /proc/self belong to root.

    Args:
        needed: paths that the account must be able to read.
        owned: a folder that the account gets as its own.

    Raises:
        OSError: the namespace or a mount in it is refused.
    """
    here = os.getcwd()
    os.umask(0o022)
    for folder, _, files in os.walk(owned):
        for name in ("", *files):
            os.chown(os.path.join(folder, name), ORDINARY_ID, ORDINARY_ID)
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    _open_way({*needed, owned})
    os.chdir(here)  # what was the current folder may lie below a cover now
    os.setgroups([])
    os.setresgid(ORDINARY_ID, ORDINARY_ID, ORDINARY_ID)
    os.setresuid(ORDINARY_ID, ORDINARY_ID, ORDINARY_ID)


def interpreter_paths() -> set[str]:
    """Give what this interpreter needs: its prefixes, each link on the way to it, its search path."""
    paths = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, *sys.path}
    link = sys.executable
    while os.path.islink(link):
        paths.add(os.path.dirname(link))
        link = os.path.join(os.path.dirname(link), os.readlink(link))
    paths.add(link)
    return {path for path in paths if os.path.isabs(path) and os.path.exists(path)}


def needed_paths() -> set[str]:
    """Give what a host needs to be shown: the interpreter's paths and this repository, by both names."""
    paths = {
        *interpreter_paths(),
        os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
    }
    return paths | {os.path.realpath(path) for path in paths}


def _open_way(paths: set[str]) -> None:
    """Cover each folder on the way to `paths` that others can't enter, until there is none."""
    wanted = _outermost({*map(os.path.abspath, paths), *map(os.path.realpath, paths)})
    while True:
        closed: dict[str, list[str]] = {}
        for path in wanted:
            wall = _first_closed(path)
            if wall is not None:
                closed.setdefault(wall, []).append(path)
        if not closed:
            return
        for wall, inside in closed.items():
            _cover(wall, inside)


def _first_closed(path: str) -> str | None:
    for folder in [*reversed(Path(path).parents), Path(path)]:
        if folder.is_dir() and not folder.stat().st_mode & _TRAVERSE:
            return str(folder)
    return None


def _cover(wall: str, inside: list[str]) -> None:
    """Put an empty file system on the folder `wall` and show there what lies `inside`, at the same paths."""
    if wall in inside:  # the wanted folder itself is closed: everything in it
        inside = [os.path.join(wall, name) for name in os.listdir(wall)]
    links = {path: os.readlink(path) for path in inside if os.path.islink(path)}
    held = {path: os.open(path, os.O_PATH) for path in inside if path not in links}
    syscalls.mount("tmpfs", wall, "tmpfs", syscalls.MS_NOSUID | syscalls.MS_NODEV, "mode=755")
    for path, target in links.items():
        os.symlink(target, path)
    for path, descriptor in held.items():
        shown = f"/proc/self/fd/{descriptor}"
        if os.path.isdir(shown):
            os.makedirs(path, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            Path(path).touch()
        syscalls.mount(shown, path, None, syscalls.MS_BIND | syscalls.MS_REC)
        os.close(descriptor)


def _outermost(paths: set[str]) -> list[str]:
    kept: list[str] = []
    for path in sorted(paths, key=lambda path: path.rstrip("/") + "/"):
        if not kept or not path.startswith(kept[-1].rstrip("/") + "/"):
            kept.append(path)
    return kept
