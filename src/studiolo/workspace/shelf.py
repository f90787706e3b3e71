"""The registered datasets of a workspace: added by name, kept in versions, removed (R-2.7)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.connectors import FetchedFile, read_source
from studiolo.domain.dataset import Content, ReceiptEntry, RegisteredDataset
from studiolo.domain.secret_names import secrets_in
from studiolo.errors import UserError
from studiolo.scheduler.wishes import opened_wish
from studiolo.store.blobs import missing_content
from studiolo.store.codec import read_schema
from studiolo.workspace.output import Output
from studiolo.workspace.single_jobs import module_result

if TYPE_CHECKING:
    from studiolo.worker.running import RunningJob
    from studiolo.workspace.workspace import Workspace

ZIP_MEDIA_TYPES = ("application/zip", "application/x-zip-compressed")


class Dataset(Output):
    """A registered dataset: content with its name, version and origin in `facts`."""

    def __init__(self, facts: RegisteredDataset, output: Output) -> None:
        super().__init__(output.content, output._blobs, output._saver, facts.name, facts.receipt)
        self.facts = facts


class Shelf:
    """The registered datasets of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def add(self, name: str, source: Any, **options: Any) -> RegisteredDataset:
        """Register data under a name; a name that is there gets a new version unless the content is the same.

        Args:
            name: what experiments and scripts call it.
            source: a path of this machine, also of a folder, an address, a pandas DataFrame or a pyarrow Table. A zip
                stays a zip, for script bundles.
            options: as the parameters of Import Data: `format`, `header`, `types`, `query`, `table` and so on.

        Raises:
            UserError: the file is missing or can't be read, with row and column; the name is unusable.
        """
        check_name(name)
        if not isinstance(source, str | Path):
            return self._add_table(name, source)
        workspace = self._workspace
        text = str(source)
        network = workspace.settings.grants.network
        given = {name: str(options.get(name) or "") for name in ("query", "table", "headers")}
        options.pop("headers", None)
        wanted = secrets_in(f"{text} {given['headers']}")
        fetched = read_source(
            text,
            Path.cwd(),
            workspace.blobs,
            workspace.metadata,
            allow_outside=True,
            network=network,
            wish=opened_wish(workspace.secrets.values(wanted), may_be_folder=True, **given),
        )
        return self.add_fetched(name, fetched, options)

    def add_fetched(
        self,
        name: str,
        fetched: FetchedFile,
        options: dict[str, Any],
        on_running: Callable[[RunningJob], None] | None = None,
    ) -> RegisteredDataset:
        """Register the bytes of a file that is in the store already, as `add` does.

        Args:
            name: what experiments and scripts call it.
            fetched: the bytes, and the name that tells their format.
            options: as in `add`.
            on_running: gets the job that reads the file, which it may cancel from another thread.

        Raises:
            UserError: as in `add`.
        """
        check_name(name)
        is_packed = fetched.media_type in ZIP_MEDIA_TYPES and not fetched.name.endswith("/")
        is_zip = is_packed or fetched.name.lower().endswith(".zip")
        if options.get("format") == "zip" or (is_zip and options.get("format", "auto") == "auto"):
            content = Content("zip", fetched.digest, fetched.size)
            return self._register(name, content, None, None, fetched.name, ())
        return self._add_file(name, fetched, options, on_running)

    def add_content(
        self, name: str, content: Content, origin: str, receipt: Sequence[ReceiptEntry] = ()
    ) -> RegisteredDataset:
        """Register content that the store has already, such as what a port of a run holds.

        Args:
            name: what experiments and scripts call it.
            content: what it is.
            origin: where it came from, for people.
            receipt: what was changed when it was made.

        Raises:
            UserError: `wrong-name`, `missing-content`.
        """
        check_name(name)
        if not self._workspace.blobs.keep(content.digest, content.size):
            raise missing_content(content.digest)
        rows = columns = None
        if content.kind == "dataset":
            schema = read_schema(self._workspace.blobs.path(content.digest))
            rows, columns = schema.rows, len(schema.columns)
        return self._register(name, content, rows, columns, origin, tuple(receipt))

    def list(self) -> list[tuple[RegisteredDataset, int]]:
        """Give the newest version of each dataset with the number of its versions, by name."""
        return self._workspace.metadata.datasets()

    def get(self, name: str, version: int | None = None) -> Dataset:
        """Give a dataset, by default its newest version.

        Raises:
            UserError: `unknown-dataset`.
        """
        facts = self._workspace.metadata.dataset(name, version)
        if facts is None:
            raise self._workspace.metadata.missing_dataset(name, version)
        return Dataset(facts, self._workspace.output(facts.content, name, facts.receipt))

    def versions(self, name: str) -> Sequence[RegisteredDataset]:
        """Give all versions of a dataset.

        Raises:
            UserError: `unknown-dataset`.
        """
        found = self._workspace.metadata.dataset_versions(name)
        if not found:
            raise self._workspace.metadata.missing_dataset(name)
        return found

    def remove(self, name: str, version: int | None = None) -> int:
        """Remove one version or all of a dataset and give how many went. Results of runs stay.

        Raises:
            UserError: `unknown-dataset`.
        """
        count = self._workspace.metadata.remove_dataset(name, version)
        if not count:
            raise self._workspace.metadata.missing_dataset(name, version)
        return count

    def _add_file(
        self,
        name: str,
        fetched: FetchedFile,
        options: dict[str, Any],
        on_running: Callable[[RunningJob], None] | None = None,
    ) -> RegisteredDataset:
        workspace = self._workspace
        parameters = {"path": fetched.name, **options}
        files = {"path": fetched}
        with module_result(
            workspace, "import-data", parameters, files=files, on_running=on_running, memory_for=fetched.size
        ) as result:
            sealed = result.outputs["result_dataset"]
            digest = workspace.blobs.put_descriptor(sealed.descriptor, sealed.size)
            content = Content("dataset", digest, sealed.size)
            receipt = [
                ReceiptEntry.from_json(entry)
                for entry in result.report["receipts"].get("out:result_dataset", ())
            ]
            schema = sealed.schema
        rows, columns = (schema.rows, len(schema.columns)) if schema else (0, 0)
        return self._register(name, content, rows, columns, fetched.name, tuple(receipt))

    def _add_table(self, name: str, source: Any) -> RegisteredDataset:
        import io

        import pyarrow as pa

        from studiolo_child.failing import JobError
        from studiolo_child.frames.arrow_frames import frame_from_table

        table = source if isinstance(source, pa.Table) else _table_of(source)
        entries: list[dict[str, Any]] = []
        buffer = io.BytesIO()
        try:
            frame_from_table(table, buffer, entries)
        except JobError as error:
            raise UserError("unusable-source", error.summary, error.hint) from None
        digest, size = self._workspace.blobs.put_bytes(buffer.getvalue())
        receipt = tuple(ReceiptEntry.from_json(entry) for entry in entries)
        content = Content("dataset", digest, size)
        return self._register(name, content, table.num_rows, table.num_columns, "a program", receipt)

    def _register(
        self,
        name: str,
        content: Content,
        rows: int | None,
        columns: int | None,
        origin: str,
        receipt: tuple[ReceiptEntry, ...],
    ) -> RegisteredDataset:
        return self._workspace.metadata.add_dataset(
            name, content, rows, columns, origin, time.time(), receipt
        )


def _table_of(source: Any) -> Any:
    """Turn a DataFrame into a table; its index is dropped, as everywhere at the border."""
    import pyarrow as pa

    try:
        return pa.Table.from_pandas(source, preserve_index=False)
    except (pa.ArrowException, AttributeError, TypeError) as error:
        raise UserError(
            "unusable-source",
            f"A dataset can't be made from a {type(source).__name__}: {str(error).splitlines()[0]}",
            "Give a path, an address, a pandas DataFrame or a pyarrow Table.",
        ) from None


def check_name(name: str) -> None:
    """Refuse what can't be the name of a dataset.

    Raises:
        UserError: `wrong-name`.
    """
    if not name or name != name.strip() or len(name) > 200 or any(ord(letter) < 32 for letter in name):
        raise UserError(
            "wrong-name",
            f"{name!r} can't be the name of a dataset.",
            "Take 1 to 200 characters without line breaks, tabs, or spaces at the ends.",
        )
