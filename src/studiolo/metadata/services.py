"""Rows of published services: what they are, their versions, their keys."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from studiolo.domain.service import Service, ServiceKey
from studiolo.metadata.connection import Connection, plain, to_text

_IN_COLUMNS = ("name", "id", "live", "created", "retired")
_FIELDS = ", ".join((*_IN_COLUMNS, "document"))
WORKSPACE_ID = "workspace-id"
GENERATION = "services-generation"


class ServiceRows(Connection):
    """The services of the workspace by name, with versions that never change."""

    def workspace_fact(self, name: str, make: Callable[[], str]) -> str:
        """Give a fact of the workspace; `make` gives it the first time, and it never changes afterwards."""
        row = self._row("SELECT value FROM workspace_facts WHERE name = ?", (name,))
        if row is None:
            with self._transaction() as connection:
                connection.execute("INSERT OR IGNORE INTO workspace_facts VALUES (?, ?)", (name, make()))
            row = self._row("SELECT value FROM workspace_facts WHERE name = ?", (name,))
        assert row is not None
        return str(row[0])

    def services_generation(self) -> int:
        """Give a number that grows with each change of a service; one short query."""
        row = self._row("SELECT value FROM workspace_facts WHERE name = ?", (GENERATION,))
        return 0 if row is None else int(row[0])

    def services(self) -> list[Service]:
        """Give all services by name, retired ones too."""
        return [_service(row) for row in self._rows(f"SELECT {_FIELDS} FROM services ORDER BY name")]

    def service(self, name: str) -> Service | None:
        """Give a service, also a retired one, or None."""
        row = self._row(f"SELECT {_FIELDS} FROM services WHERE name = ?", (plain(name),))
        return None if row is None else _service(row)

    def add_version(
        self,
        name: str,
        make: Callable[[int], dict[str, Any]],
        new: Service,
        keys: Sequence[ServiceKey],
        created: float,
        *,
        is_live: bool,
    ) -> tuple[Service, int, bool]:
        """Write the next version of a service, all or nothing.

        Args:
            name: of the service.
            make: gives the version's document by its number.
            new: the service, if there is none of that name yet, or a retired one, which keeps its id.
            keys: for the service, if it has none.
            created: seconds since the epoch, UTC.
            is_live: it answers from now on; the first version always does.

        Returns:
            The service, the number of the version, and whether the keys were taken.
        """
        with self._transaction() as connection:
            row = connection.execute(f"SELECT {_FIELDS} FROM services WHERE name = ?", (name,)).fetchone()
            last = connection.execute(
                "SELECT coalesce(max(number), 0) FROM service_versions WHERE service = ?", (name,)
            ).fetchone()[0]
            number = int(last) + 1
            before = None if row is None else _service(row)
            if before is None:
                service = replace(new, name=name, live=number, created=created)
            elif before.retired is not None:
                service = replace(new, name=name, id=before.id, live=number, created=before.created)
            else:
                service = replace(before, live=number, traffic={}) if is_live else before
            _put(connection, service)
            connection.execute(
                "INSERT INTO service_versions (service, number, created, document) VALUES (?, ?, ?, ?)",
                (name, number, created, to_text(make(number))),
            )
            has_keys = connection.execute(
                "SELECT count(*) FROM service_keys WHERE service = ?", (name,)
            ).fetchone()[0]
            if not has_keys:
                _put_keys(connection, name, keys)
            _grow(connection)
        return service, number, not has_keys

    def change_service(self, name: str, change: Callable[[Service], Service]) -> Service | None:
        """Change a service in one step and give it as it is then; None when there is no such service."""
        with self._transaction() as connection:
            row = connection.execute(f"SELECT {_FIELDS} FROM services WHERE name = ?", (name,)).fetchone()
            if row is None:
                return None
            service = replace(change(_service(row)), name=name)
            _put(connection, service)
            if service.retired is not None:
                connection.execute("DELETE FROM service_keys WHERE service = ?", (name,))
            _grow(connection)
        return service

    def version_document(self, name: str, number: int) -> dict[str, Any] | None:
        """Give the document of a version, or None."""
        row = self._row(
            "SELECT document FROM service_versions WHERE service = ? AND number = ?", (name, number)
        )
        if row is None:
            return None
        document: dict[str, Any] = json.loads(row[0])
        return document

    def version_numbers(self, name: str) -> list[int]:
        """Give the numbers of a service's versions, the oldest first."""
        rows = self._rows("SELECT number FROM service_versions WHERE service = ? ORDER BY number", (name,))
        return [row[0] for row in rows]

    def service_keys(self, name: str) -> dict[str, ServiceKey]:
        """Give what is kept of the keys of a service, by slot."""
        rows = self._rows(
            "SELECT slot, hash, tail, created FROM service_keys WHERE service = ? ORDER BY slot", (name,)
        )
        return {row[0]: ServiceKey(*row) for row in rows}

    def put_service_key(self, name: str, key: ServiceKey) -> None:
        """Replace the key in one slot; the other stays as it is."""
        with self._transaction() as connection:
            _put_keys(connection, name, [key])
            _grow(connection)


def _put(connection: sqlite3.Connection, service: Service) -> None:
    facts = asdict(service)
    document = {name: value for name, value in facts.items() if name not in _IN_COLUMNS}
    connection.execute(
        f"""
        INSERT INTO services ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET live = excluded.live, retired = excluded.retired,
        document = excluded.document
        """,
        (service.name, service.id, service.live, service.created, service.retired, to_text(document)),
    )


def _put_keys(connection: sqlite3.Connection, name: str, keys: Iterable[ServiceKey]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO service_keys (service, slot, hash, tail, created) VALUES (?, ?, ?, ?, ?)",
        [(name, key.slot, key.hash, key.tail, key.created) for key in keys],
    )


def _grow(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO workspace_facts VALUES (?, '1') ON CONFLICT (name) DO UPDATE SET value = value + 1",
        (GENERATION,),
    )


def _service(row: Sequence[Any]) -> Service:
    document: Mapping[str, Any] = json.loads(row[-1])
    known = {field.name for field in fields(Service)}
    values = {name: value for name, value in document.items() if name in known}
    values["traffic"] = {int(number): share for number, share in values.get("traffic", {}).items()}
    return Service(**dict(zip(_IN_COLUMNS, row, strict=False)), **values)
