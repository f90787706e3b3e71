"""The experiments of a workspace as documents: what their files hold now, and everything that is wrong in them."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studiolo.domain.nearest import did_you_mean
from studiolo.errors import StudioloError, UserError
from studiolo.graph.paths import inside, is_path
from studiolo.graph.places import by_line
from studiolo.graph.reading import FILE, Reading, parse_experiment
from studiolo.graph.resolving import Resolution, resolve
from studiolo.graph.scripts import read_script
from studiolo.graph.validation import validate
from studiolo.graph.web_service_names import with_web_service
from studiolo.graph.writing import SCRIPT_PROBLEMS
from studiolo.studio.document_json import Json, experiment_json
from studiolo.studio.layouts import FILE as LAYOUT
from studiolo.studio.layouts import empty_layout, layout_bytes, read_layout
from studiolo.workspace import Workspace
from studiolo.workspace.running import missing_datasets

SETTLED_SECONDS = 1.0
Signature = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True)
class Document:
    """An experiment as its files hold it.

    Attributes:
        name: of the experiment.
        folder: its folder.
        data: bytes of `experiment.yaml`.
        layout_data: bytes of `layout.json`.
        reading: what stands in the file, names as written.
        resolution: the same with declared names.
        content: title, nodes, web service and layout, as pages have them.
        revision: names this state of the files.
        is_readable: whether everything in the file was understood, so that it can be edited.
        paths: of all its files.
        signature: how the files looked after they were read.
        is_settled: no file was changed shortly before it was read, so that `signature` stands for what was read.
        edited: when one of the files was changed last, in seconds since the epoch.
        registry: the modules that names were looked up in.
    """

    name: str
    folder: Path
    data: bytes
    layout_data: bytes
    reading: Reading
    resolution: Resolution
    content: Json
    revision: str
    is_readable: bool
    paths: tuple[Path, ...]
    signature: Signature
    is_settled: bool
    edited: float
    registry: object


class Documents:
    """Reads experiments; what has not changed since is not read again. Safe from several threads.

    Args:
        workspace: that holds them.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: dict[str, Document] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """Give the names of the experiments, sorted, without those that no page could ask for."""
        return [name for name in self._workspace.experiment_names() if is_good_name(name)]

    def folder(self, name: str) -> Path:
        """Give the folder of an experiment.

        Raises:
            UserError: `unknown-experiment`, with the nearest name.
        """
        folder = self._workspace.path / "experiments" / name if is_good_name(name) else None
        if folder is None or not (folder / FILE).is_file():
            known = self.names()
            hint = did_you_mean(name, known, "experiment") if known else "Make one: + New, Experiment."
            raise UserError(
                "unknown-experiment", f'There is no experiment "{name[:100]}" in this workspace.', hint
            )
        return folder

    def read(self, name: str) -> Document:
        """Give an experiment as its files are now.

        Raises:
            UserError: `unknown-experiment`.
        """
        folder = self.folder(name)
        with self._lock:
            known = self._known.get(name)
        if (
            known is not None
            and not self.has_changed(known)
            and (known.is_settled or _revision_now(known) == known.revision)
        ):
            return known
        document = self._read(name, folder)
        with self._lock:
            self._known[name] = document
        return document

    def has_changed(self, document: Document) -> bool:
        """Say whether the files look different from when the document was read; cheap enough to ask often.

        A change within the second before the document was read may go unseen: see `Document.is_settled`.
        """
        is_same = document.registry is self._workspace.registry
        return not is_same or _signature(document.paths) != document.signature

    def problems(self, document: Document) -> list[StudioloError]:
        """Give everything wrong with a document that can be told without running anything (R-3.2)."""
        found = [*document.reading.problems]
        if document.is_readable:
            found += validate(document.resolution, self._workspace.surroundings())
            found += missing_datasets(self._workspace, list(document.resolution.experiment.nodes.values()))
        return by_line(found)

    def to_json(self, document: Document) -> Json:
        """Give the whole document as pages get it."""
        return {
            "name": document.name,
            "revision": document.revision,
            **document.content,
            "is_readable": document.is_readable,
            "problems": [problem.to_json() for problem in self.problems(document)],
        }

    def forget(self, name: str) -> None:
        """Read an experiment again when somebody next asks for it."""
        with self._lock:
            self._known.pop(name, None)

    def _read(self, name: str, folder: Path) -> Document:
        workspace, registry, began = self._workspace, self._workspace.registry, time.time()
        try:
            data = (folder / FILE).read_bytes()
        except OSError:
            data = b""
        layout_data = layout_bytes(folder)
        reading = parse_experiment(folder, workspace.path, data)
        is_readable = all(problem.code in SCRIPT_PROBLEMS for problem in reading.problems)
        resolution = with_web_service(resolve(reading.experiment, registry, reading.places))
        content = experiment_json(resolution.experiment)
        content["layout"] = read_layout(layout_data) or empty_layout()
        lost = {problem.where.node for problem in reading.problems if problem.code in SCRIPT_PROBLEMS}
        scripts = [
            (node.script.file, None if node.name in lost else node.script.text)
            for node in reading.experiment.nodes.values()
            if node.script is not None
        ]
        paths = tuple(_files(folder, reading))
        signature = _signature(paths)
        newest = max((facts[0] for facts in signature if facts is not None), default=0)
        return Document(
            name=name,
            folder=folder,
            data=data,
            layout_data=layout_data,
            reading=reading,
            resolution=resolution,
            content=content,
            revision=_revision(data, layout_data, scripts),
            is_readable=is_readable,
            paths=paths,
            signature=signature,
            is_settled=newest / 1e9 < began - SETTLED_SECONDS,
            edited=newest / 1e9,
            registry=registry,
        )


def is_good_name(name: str) -> bool:
    """Say whether a name can be that of an experiment's folder, and of nothing outside of it."""
    if not is_path(name) or name.startswith(".") or "/" in name or "\\" in name or len(name) > 200:
        return False
    return name.isprintable()


def _revision(data: bytes, layout_data: bytes, scripts: Iterable[tuple[str, str | None]]) -> str:
    """Give the name of a state of the files; scripts that can't be read count as lost."""
    digest = hashlib.sha256(data)
    digest.update(b"\0" + hashlib.sha256(layout_data).digest())
    for file, text in scripts:
        digest.update(f"\0{file}\0{'' if text is None else '=' + text}".encode("utf-8", "replace"))
    return digest.hexdigest()[:32]


def _revision_now(document: Document) -> str:
    """Give the revision of a document's files as they are at this moment, if it has the same scripts."""

    def text(file: str) -> str | None:
        try:
            return read_script(document.folder, file).text
        except (OSError, UserError):
            return None

    try:
        data = (document.folder / FILE).read_bytes()
    except OSError:
        data = b""
    nodes = document.reading.experiment.nodes.values()
    scripts = [(node.script.file, text(node.script.file)) for node in nodes if node.script is not None]
    return _revision(data, layout_bytes(document.folder), scripts)


def _signature(paths: Iterable[Path]) -> Signature:
    return tuple(_stat(path) for path in paths)


def _files(folder: Path, reading: Reading) -> Iterator[Path]:
    yield folder / FILE
    yield folder / LAYOUT
    for node in reading.experiment.nodes.values():
        if node.script is not None:
            yield inside(folder, node.script.file) or folder


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
