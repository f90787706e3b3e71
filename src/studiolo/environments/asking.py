"""Asks an interpreter, of any version from 2.7 on, what it sees; the answer is kept until something changes.

A clean interpreter is started once and says its version, folders and paths. The answer lies in the user's cache
folder. Not in the workspace: the answer says which folders a jail shows, and a workspace may come from a stranger.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from studiolo.errors import UserError

SHARED_PREFIXES = ("/", "/usr", "/usr/local")
_FORM = 2
_ASK_SECONDS = 60

# Runs in the interpreter that is asked: standard library only, Python 2.7 too, prints one JSON document.
_QUESTION = """
import json, os, platform, sys
sys.path[:] = [path for path in sys.path if path]
editable = []
for finder in sys.meta_path:
    # Editable installs of setuptools may go through an import hook instead of a path.
    mapping = getattr(sys.modules.get(getattr(finder, "__module__", None)), "MAPPING", None)
    if isinstance(mapping, dict):
        editable += [os.path.abspath(path) for path in mapping.values() if isinstance(path, str)]
prefix = getattr(sys, "real_prefix", sys.prefix)
print(json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "implementation": platform.python_implementation().lower(),
    "machine": platform.machine(),
    "prefix": sys.prefix,
    "base_prefix": getattr(sys, "base_prefix", prefix),
    "exec_prefix": sys.exec_prefix,
    "base_exec_prefix": getattr(sys, "base_exec_prefix", prefix),
    "paths": [os.path.abspath(path) for path in sys.path if os.path.exists(path)],
    "editable": editable,
}))
"""


def ask(python: str, hint: str, cache_folder: Path | None = None) -> dict[str, Any]:
    """Give what an interpreter says of itself, from the cache where nothing has changed since.

    Takes under 5 ms when the answer is cached, some 40 otherwise. Packages added, removed or upgraded, in a
    virtual environment or outside, are noticed at once; changed sources of an editable install are not.

    Args:
        python: absolute path of the interpreter.
        hint: what to do when it does not work.
        cache_folder: where the answer is kept; `studiolo` in the user's cache folder when None.

    Returns:
        version, implementation, machine, prefix, base_prefix, exec_prefix, base_exec_prefix, paths, editable,
        and `flags` that it was started with: `-I`, or `-E -s` where it does not know that.

    Raises:
        UserError: `broken-environment`: it does not start, or fails before it can answer.
    """
    folder = cache_folder or user_cache()
    answer = _cached(folder, python)
    if answer is None:
        answer = _answer(python, hint)
        _keep(folder, python, answer)
    return answer


def shown(python: str, answer: dict[str, Any]) -> tuple[str, ...]:
    """Give what a jail must show: prefixes, the interpreter behind its links, packages, editable sources.

    Both the name used and what it leads to where links are on the way. Never a folder that holds the
    user's home, which a path file could name: a script would see everything there. Of a prefix that an
    interpreter of the system shares with all its programs only the libraries: no shell, no other program.
    """
    prefixes = []
    for prefix in [answer[key] for key in ("prefix", "base_prefix", "exec_prefix", "base_exec_prefix")]:
        is_shared = os.path.realpath(prefix) in SHARED_PREFIXES
        prefixes += [f"{prefix}/lib", f"{prefix}/lib64"] if is_shared else [prefix]
    home = os.path.realpath(os.path.expanduser("~"))  # noqa: PTH111
    found = []
    for path in [*prefixes, *_links(python), *answer["paths"], *answer["editable"]]:
        for one in (os.path.abspath(path), os.path.realpath(path)):  # noqa: PTH100
            holds_home = one == "/" or f"{home}/".startswith(f"{os.path.realpath(one)}/")
            if os.path.exists(one) and not holds_home:  # noqa: PTH110
                found.append(one)
    return outermost(found)


def _answer(python: str, hint: str) -> dict[str, Any]:
    answer = _started(python, ("-I",), hint) or _started(python, ("-E", "-s"), hint)
    if answer is None:
        raise UserError("broken-environment", f'"{python}" is no Python from 2.7 on.', hint)
    return answer


def _started(python: str, flags: tuple[str, ...], hint: str) -> dict[str, Any] | None:
    """Start and ask it; None when it does not know the flags."""
    # Loaded here: a cached answer needs no process.
    import subprocess

    try:
        done = subprocess.run(
            [python, *flags, "-c", _QUESTION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ASK_SECONDS,
            check=False,
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(
            "broken-environment", f'The interpreter "{python}" does not start: {error}.', hint
        ) from None
    said = done.stderr.decode("utf-8", "replace").strip()
    # A .pth file may print something first.
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    try:
        answer: dict[str, Any] = json.loads(lines[-1])
        if done.returncode == 0 and isinstance(answer, dict):
            return {**answer, "flags": list(flags)}
    except (ValueError, IndexError):
        pass
    if said.lower().startswith("unknown option"):
        return None
    raise UserError(
        "broken-environment",
        f'The interpreter "{python}" does not work: {said or "it says nothing"}',
        hint,
    )


def _links(path: str) -> Iterable[str]:
    """Give a path and each link that it leads over; the last one is no link."""
    for _ in range(40):
        yield path
        if not os.path.islink(path):  # noqa: PTH114
            return
        path = os.path.join(os.path.dirname(path), os.readlink(path))  # noqa: PTH115, PTH118, PTH120


def outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """Drop every path that lies inside another."""
    kept: list[str] = []
    for path in sorted(set(paths), key=lambda path: path.rstrip("/") + "/"):
        if not kept or not path.startswith(kept[-1].rstrip("/") + "/"):
            kept.append(path)
    return tuple(kept)


# The cache


def user_cache() -> Path | None:
    """Give the folder `studiolo` in the user's cache folder; None when the user has no home."""
    root = os.environ.get("XDG_CACHE_HOME") or ""
    if os.path.isabs(root):  # noqa: PTH117
        return Path(root) / "studiolo"
    with contextlib.suppress(RuntimeError):
        return Path.home() / ".cache" / "studiolo"
    return None


def _cache_file(folder: Path, python: str) -> Path:
    import hashlib

    return folder / f"environment-{hashlib.sha256(os.fsencode(python)).hexdigest()[:16]}.json"


def _state(python: str, paths: Iterable[str]) -> list[Any]:
    """Give what changes when the interpreter or its packages change: times of the files and folders."""
    settings = Path(python).parent.parent / "pyvenv.cfg"
    state: list[Any] = [_FORM, python]
    watched = [python, os.path.realpath(python), str(settings), *paths]
    for path in paths:
        with contextlib.suppress(OSError):
            watched += [f"{path}/{name}" for name in sorted(os.listdir(path)) if name.endswith(".pth")]  # noqa: PTH208
    for path in watched:
        try:
            facts = os.stat(path)  # noqa: PTH116
            state.append([path, facts.st_mtime_ns, facts.st_ino])
        except OSError:
            state.append([path, None, None])
    return state


def _cached(folder: Path | None, python: str) -> dict[str, Any] | None:
    """Give the kept answer if it is the user's own and nothing has changed since."""
    if folder is None:
        return None
    try:
        with _cache_file(folder, python).open("rb") as file:
            facts = os.fstat(file.fileno())
            if facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
                return None
            document = json.loads(file.read(1 << 20))
        answer: dict[str, Any] = document["answer"]
        return answer if document["state"] == _state(python, answer["paths"]) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(folder: Path | None, python: str, answer: dict[str, Any]) -> None:
    """Keep an answer; where that is not possible it is asked for each time."""
    if folder is None:
        return
    from studiolo.store.temporary import TemporaryFile

    document = {"state": _state(python, answer["paths"]), "answer": answer}
    with contextlib.suppress(OSError), TemporaryFile(folder, 0o600) as file:
        file.write(json.dumps(document).encode("ascii"))
        file.place(_cache_file(folder, python))
