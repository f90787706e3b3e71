"""Puts changes into the files of an experiment: under a lock, atomically, and never over somebody else's edit."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path, PurePosixPath

from studiolo.domain.experiment import Experiment, Script
from studiolo.errors import Problems, UserError, Where
from studiolo.graph.paths import inside, what_is
from studiolo.graph.reading import FILE
from studiolo.graph.scripts import SIZE_LIMIT, decoded_script, encoded_script
from studiolo.graph.writing import experiment_data, replace_file, write_file
from studiolo.store.failures import storing
from studiolo.studio.changes import Change, Changed, NotFittingError, apply_changes, same
from studiolo.studio.document_json import EMPTY_NODE, Json, plain_text
from studiolo.studio.documents import Document, Documents
from studiolo.studio.experiment_from import experiment_from
from studiolo.studio.layouts import FILE as LAYOUT
from studiolo.studio.layouts import write_layout

ATTEMPTS = 20
LOCK_SECONDS = 10.0
BETWEEN_SECONDS = 0.005
MOST_NUMBERED = 1_000
SCRIPT_ENDINGS = (".py", ".R", ".r")
EDITED = ("title", "nodes", "web_service")


@dataclass(frozen=True)
class Saved:
    """What became of changes.

    Attributes:
        document: as the files are now.
        at: when, in seconds since the epoch.
        scripts: node to the file of its script, where that is not the one asked for.
        is_as_asked: the document is what the changes alone make of the one before; else a name was completed, a
            script got another file, or somebody else wrote a file at the same moment.
    """

    document: Document
    at: float
    scripts: dict[str, str] = field(default_factory=dict)
    is_as_asked: bool = True


class _OvertakenError(Exception):
    """Somebody else wrote a file between reading and writing it."""


def save_changes(documents: Documents, name: str, changes: Sequence[Change]) -> Saved:
    """Apply changes to the files as they are now, all or none.

    A script is written before the file that names it. When the process dies in between, each file is whole.

    Raises:
        UserError: `conflict-document`, `wrong-change`, `node-name`, `unknown-experiment`, and what a full or
            closed disk brings.
        Problems: the file has faults and can't be edited now.
    """
    folder = documents.folder(name)
    with storing(folder), locked(folder):
        for _ in range(ATTEMPTS):
            document = documents.read(name)
            if not document.is_readable:
                raise Problems(document.reading.problems)
            try:
                changed = apply_changes(document.content, changes)
            except NotFittingError as conflict:
                raise _conflict(documents, document, conflict) from None
            try:
                scripts = _write(document, changed)
            except _OvertakenError:
                documents.forget(name)
                continue
            documents.forget(name)
            now = documents.read(name)
            is_same = all(same(now.content[key], changed.content[key]) for key in EDITED)
            return Saved(now, time.time(), scripts, is_same)
    raise _overrun(name)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the right to write in an experiment's folder; one thread of one process at a time has it.

    Raises:
        UserError: `conflict-document`, another program, perhaps a halted one, has had it for long.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor, folder.name)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, name: str) -> None:
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise _overrun(name) from None
            time.sleep(BETWEEN_SECONDS)
        else:
            return


def _overrun(name: str) -> UserError:
    return UserError(
        "conflict-document",
        f"The files of {name} are changed by another program all the time.",
        "Try again when it is done.",
    )


def _conflict(documents: Documents, document: Document, conflict: NotFittingError) -> UserError:
    place = " / ".join(conflict.path[:5])
    return UserError(
        "conflict-document",
        f"{place} of {document.name} was changed by somebody else meanwhile.",
        "Choose which of the two is to stay.",
        Where(node=conflict.path[1] if conflict.path[0] == "nodes" else None),
        path=list(conflict.path),
        theirs=conflict.theirs,
        document=documents.to_json(document),
    )


def _write(document: Document, changed: Changed) -> dict[str, str]:
    """Write what changed; give the scripts that got another file than was asked for."""
    folder, before, after = document.folder, document.content, changed.content
    moved: dict[str, str] = {}
    if any(before[key] is not after[key] for key in ("title", "nodes", "web_service")):
        experiment = experiment_from(document, changed)
        experiment, texts = _with_scripts(document, experiment, after["nodes"], changed.origins, moved)
        renamed = {old: new for new, old in changed.origins.items() if old != new}
        data = experiment_data(experiment, folder, document.data, renamed, is_order_free=True)
        for path, (expected, text) in texts.items():
            _write_script(folder, path, expected, text)
        if data != document.data and not replace_file(folder / FILE, data, document.data):
            raise _OvertakenError
    if before["layout"] != after["layout"]:
        write_layout(folder, after["layout"])
    return moved


def _with_scripts(
    document: Document,
    experiment: Experiment,
    nodes: Json,
    origins: Mapping[str, str],
    moved: dict[str, str],
) -> tuple[Experiment, dict[str, tuple[bytes | None, bytes]]]:
    """Give the experiment with the files of new scripts settled, and what is to be written.

    Returns:
        The experiment, and file to what it holds now and what it is to hold.
    """
    before = document.content["nodes"]
    texts: dict[str, tuple[bytes | None, bytes]] = {}
    settled = dict(experiment.nodes)
    scripts = {name: data["script"] for name, data in nodes.items() if data["script"] is not None}
    old = {name: before.get(origins.get(name, ""), EMPTY_NODE)["script"] for name in scripts}
    fresh = [name for name, one in scripts.items() if (old[name] or {}).get("file") != one["file"]]
    taken = {one["file"] for name, one in scripts.items() if name not in fresh}
    for name, script in scripts.items():
        if script == old[name]:
            continue
        file = script["file"]
        if name in fresh:
            file = _free_file(document.folder, name, script, taken)
            taken.add(file)
        if file != script["file"]:
            moved[name] = file
            settled[name] = replace(settled[name], script=Script(file, script["text"]))
        present, new = _script_bytes(document.folder, name, file, script["text"])
        if file in texts and texts[file][1] != new:
            raise UserError(
                "wrong-change",
                f"Two nodes would have different texts in {file}.",
                "Give one of them a file of its own.",
                Where(node=name),
            )
        if new != present:
            texts[file] = (present, new)
    return replace(experiment, nodes=settled), texts


def _free_file(folder: Path, node: str, script: Json, taken: set[str]) -> str:
    """Give a file for a new script: the one asked for, unless another node has it or it holds something else."""
    wanted = PurePosixPath(script["file"])
    path = inside(folder, str(wanted))
    is_hidden = any(part.startswith(".") for part in wanted.parts)
    is_good = (
        path is not None and not is_hidden and wanted.suffix in SCRIPT_ENDINGS and what_is(path) != "folder"
    )
    numbered = (
        wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}") for number in range(2, MOST_NUMBERED)
    )
    for file in chain((wanted,), numbered) if is_good else ():
        if str(file) not in taken and not _holds_other(folder / file, script["text"]):
            return str(file)
    raise UserError(
        "script-outside",
        f'"{script["file"][:200]}" can\'t be the file of a script.',
        "Name a file in the experiment's folder, as in scripts/clean.py.",
        Where(node=node),
    )


def _holds_other(path: Path, text: str) -> bool:
    """Say whether a file holds another text; also where that can't be told, as under a name that is too long."""
    try:
        if what_is(path) == "other":
            return True
        return plain_text(decoded_script(path.read_bytes(), path.name)) != text
    except FileNotFoundError:
        return False
    except (OSError, UserError):
        return True


def _script_bytes(folder: Path, node: str, file: str, text: str) -> tuple[bytes | None, bytes]:
    """Give what a script's file holds now, None when it is not there, and what it is to hold: its line ends stay."""
    path = inside(folder, file)
    is_special = path is not None and what_is(path) == "other"  # a pipe would never end
    if path is None or is_special or PurePosixPath(file).parts[0] in (FILE, LAYOUT):
        raise UserError(
            "script-outside",
            f'The script "{file}" lies outside the experiment\'s folder.',
            "Name a file in it, as in scripts/clean.py.",
            Where(node=node),
        )
    try:
        present = path.read_bytes()
    except FileNotFoundError:
        present = None
    if present is not None:
        old = decoded_script(present, file)  # what is no text is not written over
        if old.count("\r\n") * 2 > old.count("\n") > 0:
            text = text.replace("\n", "\r\n")
    data = encoded_script(Script(file, text), node)
    if present is not None and present.startswith(b"\xef\xbb\xbf"):
        data = b"\xef\xbb\xbf" + data
    if len(data) > SIZE_LIMIT:
        raise UserError(
            "wrong-change",
            f"The script of {node} is {len(data)} bytes long; at most {SIZE_LIMIT} are kept.",
            "Keep its data in a file of its own.",
            Where(node=node),
        )
    return present, data


def _write_script(folder: Path, file: str, expected: bytes | None, data: bytes) -> None:
    path = inside(folder, file)
    assert path is not None
    path = path.resolve()  # a link stays one
    path.parent.mkdir(parents=True, exist_ok=True)
    if expected is None:
        write_file(path, data)
    elif not replace_file(path, data, expected):
        raise _OvertakenError
