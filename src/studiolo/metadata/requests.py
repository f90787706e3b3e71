"""Rows of the request log of published services: who was answered how, without data unless a service keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from studiolo.domain.service import RequestRow
from studiolo.metadata.connection import Connection, plain, to_text

_FIELDS = "service, time, form, status, milliseconds, request_id, version, rows, slot, error, data"
_COLUMNS = tuple(_FIELDS.split(", "))
MOST_KEPT = 100_000
"""Lines that are kept of each service; older ones go."""


class RequestRows(Connection):
    """The request log."""

    def log_requests(self, requests: Iterable[RequestRow], most: int = MOST_KEPT) -> None:
        """Write lines of the log, all or none; the oldest of a service go when it has more than `most`."""
        listed = list(requests)
        if not listed:
            return
        marks = ", ".join("?" * len(_COLUMNS))
        with self._transaction() as connection:
            connection.executemany(
                f"INSERT INTO service_requests ({_FIELDS}) VALUES ({marks})", map(_to_row, listed)
            )
            for service in {request.service for request in listed}:
                connection.execute(
                    """
                    DELETE FROM service_requests WHERE service = ?1 AND number <= (
                        SELECT number FROM service_requests WHERE service = ?1
                        ORDER BY number DESC LIMIT 1 OFFSET ?2
                    )
                    """,
                    (plain(service), most),
                )

    def requests(
        self, service: str, limit: int = 50, *, only_errors: bool = False, request_id: str | None = None
    ) -> list[RequestRow]:
        """Give lines of the log, newest first.

        Args:
            service: name of the service.
            limit: at most so many.
            only_errors: only those with a status from 400 on.
            request_id: only that one.
        """
        among = " AND status >= 400" if only_errors else ""
        values: list[Any] = [plain(service)]
        if request_id is not None:
            among += " AND request_id = ?"
            values.append(plain(request_id))
        rows = self._rows(
            f"SELECT {_FIELDS} FROM service_requests WHERE service = ?{among} ORDER BY number DESC LIMIT ?",
            (*values, max(limit, 0)),
        )
        return [
            RequestRow(**{**dict(zip(_COLUMNS, row, strict=True)), "data": _document(row[-1])})
            for row in rows
        ]

    def request_counts(self, since: float) -> dict[str, tuple[int, int, float]]:
        """Count the lines of each service since a moment: all, those with a status from 400 on, time of the newest."""
        rows = self._rows(
            "SELECT service, count(*), sum(status >= 400), max(time) FROM service_requests WHERE time >= ? "
            "GROUP BY service",
            (since,),
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _document(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _to_row(request: RequestRow) -> tuple[Any, ...]:
    return (
        plain(request.service),
        request.time,
        plain(request.form),
        request.status,
        request.milliseconds,
        plain(request.request_id),
        request.version,
        request.rows,
        request.slot,
        None if request.error is None else plain(request.error),
        None if request.data is None else to_text(request.data),
    )
