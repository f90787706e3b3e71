"""Rows of registered datasets: names, versions, content."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from studiolo.domain.dataset import Content, ReceiptEntry, RegisteredDataset
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import UserError
from studiolo.metadata.connection import Connection, plain, to_text

_FIELDS = "name, version, kind, digest, size, rows, columns, origin, created, receipt"


class DatasetRows(Connection):
    """The datasets of the workspace by name and version."""

    def add_dataset(
        self,
        name: str,
        content: Content,
        rows: int | None,
        columns: int | None,
        origin: str,
        created: float,
        receipt: Iterable[ReceiptEntry] = (),
    ) -> RegisteredDataset:
        """Register content under a name as its next version and give the entry.

        The same content as the latest version makes no new one: that version is given back. The number of
        a removed version is not given again.

        Args:
            name: unique name within the workspace.
            content: durable in the store already.
            rows: number of rows, None when it is not a table.
            columns: number of columns, None when it is not a table.
            origin: the path or address it was read from.
            created: seconds since the epoch, UTC.
            receipt: what reading it changed.
        """
        name, entries = plain(name), tuple(receipt)
        with self._transaction() as connection:
            latest = connection.execute(
                f"SELECT {_FIELDS} FROM datasets WHERE name = ? AND removed = 0 "
                "ORDER BY version DESC LIMIT 1",
                (name,),
            ).fetchone()
            if latest is not None:
                known = _from_row(latest)
                if known.content == content:
                    return known
            query = "SELECT coalesce(max(version), 0) + 1 FROM datasets WHERE name = ?"
            version = connection.execute(query, (name,)).fetchone()[0]
            dataset = RegisteredDataset(
                name, version, content, rows, columns, plain(origin), float(created), entries
            )
            connection.execute(
                f"INSERT INTO datasets ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _to_row(dataset)
            )
        return dataset

    def dataset(self, name: str, version: int | None = None) -> RegisteredDataset | None:
        """Give a version of a dataset, the latest when `version` is None; or None when there is none."""
        which = "" if version is None else "AND version = ?"
        values = (plain(name),) if version is None else (plain(name), version)
        row = self._row(
            f"SELECT {_FIELDS} FROM datasets WHERE name = ? AND removed = 0 {which} "
            "ORDER BY version DESC LIMIT 1",
            values,
        )
        return None if row is None else _from_row(row)

    def datasets(self) -> list[tuple[RegisteredDataset, int]]:
        """Give the latest version of each dataset and the number of its versions, by name."""
        fields = ", ".join(f"latest.{field}" for field in _FIELDS.split(", "))
        rows = self._rows(
            f"""
            SELECT {fields}, versions.number FROM datasets AS latest
            JOIN (
                SELECT name, max(version) AS version, count(*) AS number
                FROM datasets WHERE removed = 0 GROUP BY name
            ) AS versions USING (name, version)
            ORDER BY latest.name
            """
        )
        return [(_from_row(row[:-1]), row[-1]) for row in rows]

    def dataset_versions(self, name: str) -> list[RegisteredDataset]:
        """Give all versions of a dataset, newest first; none when there is no such dataset."""
        rows = self._rows(
            f"SELECT {_FIELDS} FROM datasets WHERE name = ? AND removed = 0 ORDER BY version DESC",
            (plain(name),),
        )
        return [_from_row(row) for row in rows]

    def remove_dataset(self, name: str, version: int | None = None) -> int:
        """Remove one version of a dataset, or all, and give how many went.

        The content goes at a later collection unless something else needs it.

        Raises:
            UserError: `unknown-dataset` or `unknown-version`.
        """
        which = "" if version is None else "AND version = ?"
        values = (plain(name),) if version is None else (plain(name), version)
        count = self._change(
            f"UPDATE datasets SET removed = 1 WHERE name = ? AND removed = 0 {which}", values
        )
        if not count:
            raise self.missing_dataset(name, version)
        return count

    def missing_dataset(self, name: str, version: int | None = None) -> UserError:
        """Make the error that `dataset(name, version)` is None, naming the nearest name or the versions."""
        versions = [dataset.version for dataset in self.dataset_versions(name)]
        if versions:
            shown = ", ".join(str(number) for number in versions[:10])
            return UserError(
                "unknown-version",
                f'The dataset "{name}" has no version {version}.',
                f"It has {shown}{' and older ones' if len(versions) > 10 else ''}.",
            )
        names = [dataset.name for dataset, _ in self.datasets()]
        return UserError(
            "unknown-dataset", f'There is no dataset "{name}".', did_you_mean(name, names, "dataset")
        )


def _to_row(dataset: RegisteredDataset) -> tuple[Any, ...]:
    content = dataset.content
    return (
        dataset.name,
        dataset.version,
        content.kind,
        content.digest,
        content.size,
        dataset.rows,
        dataset.columns,
        dataset.origin,
        dataset.created,
        to_text([entry.to_json() for entry in dataset.receipt]),
    )


def _from_row(row: tuple[Any, ...]) -> RegisteredDataset:
    name, version, kind, digest, size, rows, columns, origin, created, receipt = row
    entries = tuple(ReceiptEntry.from_json(entry) for entry in json.loads(receipt))
    return RegisteredDataset(
        name, version, Content(kind, digest, size), rows, columns, origin, created, entries
    )
