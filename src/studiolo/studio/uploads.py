"""Files sent from the browser in chunks, and made into datasets when they are whole (R-2.7)."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.connectors import FetchedFile
from studiolo.connectors.media_types import media_type_of
from studiolo.errors import InternalError, StudioloError, UserError, Where, WorkerError
from studiolo.graph.parameters import parameter_problems
from studiolo.store.failures import disk_full, storing
from studiolo.studio.upload_facts import IDS, Upload, file_name_of, new_id, read_facts, write_facts

if TYPE_CHECKING:
    from studiolo.worker.running import RunningJob
    from studiolo.workspace import Workspace

KEPT_SECONDS = 7 * 86_400.0
READING_AT_ONCE = 1
_SPARE_BYTES = 64 << 20


class Uploads:
    """The uploads of a workspace. Each is a folder with its facts and the bytes that have come.

    What has come is what the file holds, so that an upload goes on where it was cut off, also after this process
    was killed. Nothing is reserved: a size that is only claimed takes no space.

    Args:
        workspace: where the files and datasets go.
        tell: called whenever a dataset was made.
    """

    def __init__(self, workspace: Workspace, tell: Callable[[], None] | None = None) -> None:
        self._workspace = workspace
        self._tell = tell or (lambda: None)
        self._folder = workspace.places.own / "uploads"
        self._lock = threading.RLock()
        self._slots = threading.Semaphore(READING_AT_ONCE)
        self._running: dict[str, RunningJob | None] = {}
        self._dropped: set[str] = set()
        self._is_closed = False
        self._mend()

    def begin(self, file_name: str, size: int) -> Upload:
        """Begin an upload of `size` bytes.

        Raises:
            UserError: `wrong-file-name`, `empty-file`, `workspace-disk-full`.
        """
        name = file_name_of(file_name)
        if size < 1:
            raise UserError(
                "empty-file", f'The file "{name}" is empty.', "Choose a file that holds something."
            )
        needed = 2 * size + _SPARE_BYTES  # the file, and what is made of it
        with storing(self._folder, needed):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            facts = os.statvfs(self._folder)
            if facts.f_bavail * facts.f_frsize < needed:
                raise disk_full(self._folder, needed)
            upload = Upload(new_id(), name, size, time.time())
            (self._folder / upload.id).mkdir(mode=0o700)
            self._data(upload.id).touch(mode=0o600)
            write_facts(self._folder, upload)
        return upload

    def get(self, id: str) -> Upload:
        """Give an upload as it is now.

        Raises:
            UserError: `unknown-upload`.
        """
        upload = read_facts(self._folder, id) if IDS.fullmatch(id) else None
        if upload is None:
            raise UserError(
                "unknown-upload",
                f"There is no upload {id[:40]!r}.",
                "It was given up, or is older than a week. Send the file again.",
            )
        return upload if upload.state == "done" else upload.with_received(self._received(id))

    def check_offset(self, id: str, offset: int, size: int = 0) -> Upload:
        """Refuse a chunk that does not begin where the file ends, or would make it longer than it was said to be.

        Raises:
            UserError: `unknown-upload`; `upload-offset`, with `received` in its details; `upload-too-long`.
        """
        upload = self.get(id)
        if upload.state != "receiving" or offset != upload.received:
            raise UserError(
                "upload-offset",
                f'The upload of "{upload.file_name}" has {upload.received} bytes; this part begins at {offset}.',
                f"Go on from byte {upload.received}.",
                received=upload.received,
            )
        if offset + size > upload.size:
            raise UserError(
                "upload-too-long",
                f'The upload of "{upload.file_name}" was said to have {upload.size} bytes, and more come.',
                "The file has changed meanwhile: begin a new upload.",
            )
        return upload

    def append(self, id: str, offset: int, data: bytes) -> int:
        """Write bytes at the end of the file and give the offset behind them.

        Raises:
            UserError: as for `check_offset`, so of two who send the same at once one goes on;
                `workspace-disk-full`, what was there before stays.
        """
        with self._lock:
            self.check_offset(id, offset, len(data))
            with storing(self._folder, len(data)):
                descriptor = os.open(self._data(id), os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
                try:
                    view, at = memoryview(data), offset
                    while view:
                        written = os.pwrite(descriptor, view, at)
                        view, at = view[written:], at + written
                finally:
                    os.close(descriptor)
        return offset + len(data)

    def finish(self, id: str, name: str, options: Mapping[str, Any]) -> Upload:
        """Begin to make a dataset of a whole upload, in a thread; `get` tells the end.

        A file that could not be read stays, and can be finished again with other options.

        Args:
            id: of the upload.
            name: of the dataset.
            options: parameters of Import Data.

        Raises:
            UserError: `unknown-upload`, `upload-incomplete`, `conflict-upload`, `wrong-name`; a wrong option.
        """
        from studiolo.workspace.shelf import check_name

        check_name(name)
        self._check_options(options)
        with self._lock:
            upload = self.get(id)
            if upload.state in ("reading", "done"):
                raise _conflict(upload)
            if upload.received != upload.size:
                raise UserError(
                    "upload-incomplete",
                    f'The upload of "{upload.file_name}" has {upload.received} of {upload.size} bytes.',
                    f"Go on from byte {upload.received}.",
                    received=upload.received,
                )
            upload = upload.reading(name)
            write_facts(self._folder, upload)
            self._running[id] = None
        thread = threading.Thread(
            target=self._read, args=(upload, name, dict(options)), name=f"upload-{id[:8]}", daemon=True
        )
        thread.start()
        return upload

    def drop(self, id: str) -> None:
        """Give an upload up, also while it is read; its bytes go, a dataset made of it stays.

        Raises:
            UserError: `unknown-upload`.
        """
        with self._lock:
            self.get(id)
            if id in self._running:
                self._dropped.add(id)
                running = self._running[id]
                if running is not None:
                    running.cancel()
            shutil.rmtree(self._folder / id, ignore_errors=True)

    def close(self) -> None:
        """Leave what is being read: after the next start it can be finished again."""
        with self._lock:
            self._is_closed = True
            for running in self._running.values():
                if running is not None:
                    running.cancel()

    def _read(self, upload: Upload, name: str, options: dict[str, Any]) -> None:
        try:
            with self._slots:
                ended = self._registered(upload, name, options)
        except StudioloError as error:
            ended = upload.failed(error.to_json())
        except Exception as error:  # this thread has nobody above it that could tell the page
            told = InternalError("internal", f"The upload could not be read: {type(error).__name__}.")
            ended = upload.failed(told.to_json())
        with self._lock:
            del self._running[upload.id]
            is_dropped = upload.id in self._dropped
            self._dropped.discard(upload.id)
            if not is_dropped and not (self._is_closed and ended.state == "failed"):
                with contextlib.suppress(StudioloError, OSError):  # the disk is full: the next start mends it
                    write_facts(self._folder, ended)
                if ended.state == "done":
                    self._data(upload.id).unlink(missing_ok=True)
        if ended.state == "done":
            self._tell()

    def _registered(self, upload: Upload, name: str, options: dict[str, Any]) -> Upload:
        workspace = self._workspace

        def on_running(running: RunningJob) -> None:
            with self._lock:
                self._running[upload.id] = running
                if upload.id in self._dropped or self._is_closed:
                    running.cancel()

        if upload.id in self._dropped or self._is_closed:
            raise WorkerError("cancelled", "The upload was given up.")
        digest, size = workspace.blobs.put_file(self._data(upload.id))
        fetched = FetchedFile(upload.file_name, digest, size, media_type_of(upload.file_name))
        made = workspace.datasets.add_fetched(name, fetched, options, on_running)
        return upload.done(made.name, made.version)

    def _check_options(self, options: Mapping[str, Any]) -> None:
        declaration = self._workspace.registry.get("import-data")
        for parameter in ("path", "address"):
            if parameter in options:
                raise UserError(
                    "unknown-parameter",
                    f'An upload has no option "{parameter}".',
                    "The file is what was sent.",
                    Where(parameter=parameter),
                )
        given = {"path": "data", **options}
        for parameter, code, summary, hint in parameter_problems(declaration, given, "import"):
            raise UserError(code, summary, hint, Where(parameter=parameter))

    def _data(self, id: str) -> Path:
        return self._folder / id / "data"

    def _received(self, id: str) -> int:
        try:
            return self._data(id).stat().st_size
        except FileNotFoundError:
            return 0

    def _mend(self) -> None:
        """Remove what is old or done; what a dead process was reading can be finished again."""
        with contextlib.suppress(OSError):
            for folder in list(self._folder.iterdir()):
                upload = read_facts(self._folder, folder.name)
                if upload is None or upload.state == "done" or _age(folder) > KEPT_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)
                elif upload.state == "reading":
                    write_facts(self._folder, upload.receiving())


def _age(folder: Path) -> float:
    data = folder / "data"
    return time.time() - (data if data.exists() else folder).stat().st_mtime


def _conflict(upload: Upload) -> UserError:
    what = "is being read" if upload.state == "reading" else "is a dataset already"
    return UserError(
        "conflict-upload",
        f'The upload of "{upload.file_name}" {what}.',
        "Ask how far it is; or begin a new upload.",
    )
