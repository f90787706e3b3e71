"""Rows of published services, their keys and their request log."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from studiolo.domain.dataset import Content
from studiolo.domain.service import RequestRow, Service, ServiceKey
from studiolo.metadata import Metadata

KEYS = [ServiceKey("primary", "a" * 64, "abcd", 1.0), ServiceKey("secondary", "b" * 64, "efgh", 1.0)]
SERVICE = Service("churn", "1" * 32, 1, created=1.0)


def publish(metadata: Metadata, is_live: bool = True, **facts: Any) -> tuple[Service, int, bool]:
    """Add a version to the service churn; its document names its number."""
    return metadata.add_version(
        "churn",
        lambda number: {"number": number, **facts},
        replace(SERVICE, id=f"{len(metadata.version_numbers('churn')):032x}"),
        KEYS,
        2.0,
        is_live=is_live,
    )


def test_the_first_version_makes_the_service(metadata: Metadata) -> None:
    """Id, keys and everything configured are there at once, or nothing is."""
    assert metadata.services_generation() == 0
    service, number, took_keys = publish(metadata, is_live=False)
    assert (number, took_keys) == (1, True)
    assert service == replace(SERVICE, id="0" * 32, created=2.0)
    assert metadata.service("churn") == service
    assert metadata.services() == [service]
    assert metadata.version_document("churn", 1) == {"number": 1}
    assert list(metadata.service_keys("churn").values()) == KEYS
    assert metadata.services_generation() == 1


def test_a_further_version_keeps_id_keys_and_settings(metadata: Metadata) -> None:
    """Clients notice nothing of it."""
    publish(metadata)
    metadata.change_service("churn", lambda service: replace(service, max_rows=7, traffic={1: 100}))
    service, number, took_keys = publish(metadata)
    assert (number, took_keys) == (2, False)
    assert service == replace(SERVICE, id="0" * 32, live=2, max_rows=7, created=2.0)
    assert metadata.version_numbers("churn") == [1, 2]


def test_a_version_on_standby_leaves_everything_as_it_is(metadata: Metadata) -> None:
    """It is there to be tried, or to get a share of the traffic."""
    publish(metadata)
    metadata.change_service("churn", lambda service: replace(service, traffic={1: 100}))
    service, number, _ = publish(metadata, is_live=False)
    assert (service.live, service.traffic, number) == (1, {1: 100}, 2)


def test_each_change_counts_the_generation_up(metadata: Metadata) -> None:
    """Servers look at one small row, and load again when it has grown."""
    publish(metadata)
    metadata.put_service_key("churn", ServiceKey("primary", "c" * 64, "wxyz", 3.0))
    metadata.change_service("churn", lambda service: replace(service, children=5))
    publish(metadata)
    assert metadata.services_generation() == 4
    assert [key.tail for key in metadata.service_keys("churn").values()] == ["wxyz", "efgh"]


def test_retiring_forgets_the_keys_and_publishing_makes_new_ones(metadata: Metadata) -> None:
    """Whoever got hold of an old key has nothing of it when the name comes back."""
    publish(metadata)
    metadata.change_service("churn", lambda service: replace(service, retired=9.0))
    assert metadata.service_keys("churn") == {}
    service, number, took_keys = publish(metadata)
    assert (service.id, service.retired, service.live) == ("0" * 32, None, 2)
    assert (number, took_keys) == (2, True)


def test_two_that_publish_at_once_get_two_versions(metadata: Metadata) -> None:
    """The number stands inside the document, so it is given inside the transaction."""
    publish(metadata)
    threads = [threading.Thread(target=publish, args=(metadata,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = metadata.version_numbers("churn")
    assert numbers == list(range(1, 10))
    assert [(metadata.version_document("churn", number) or {})["number"] for number in numbers] == numbers


def test_nothing_is_there_when_making_the_document_fails(metadata: Metadata) -> None:
    """A service without a version would answer nobody."""

    def broken(number: int) -> dict[str, Any]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        metadata.add_version("churn", broken, SERVICE, KEYS, 1.0, is_live=True)
    assert metadata.services() == []
    assert metadata.service_keys("churn") == {}


def test_what_versions_need_is_needed_until_the_service_is_retired(metadata: Metadata) -> None:
    """Retention must never take what a version answers with, however old its run is."""
    publish(metadata, content={"kind": "dataset", "digest": "d" * 64, "size": 1})
    publish(metadata)
    assert Content("file", "d" * 64, 0) in metadata.needed(1)
    assert Content("file", "d" * 64, 0) in metadata.release(1)
    metadata.change_service("churn", lambda service: replace(service, retired=9.0))
    assert metadata.needed(1) == set()


def test_the_workspace_has_one_id_for_ever(metadata: Metadata) -> None:
    """It is part of the addresses in the programs of others."""
    made = iter(["first", "second"])
    assert [metadata.workspace_fact("id", lambda: next(made)) for _ in range(2)] == ["first", "first"]


def row(number: int, **facts: Any) -> RequestRow:
    """A line of the log."""
    return RequestRow(**{**dict(ROW), "request_id": f"r{number}", **facts})


ROW: dict[str, Any] = {
    "service": "churn",
    "time": 5.0,
    "form": "classic",
    "status": 200,
    "milliseconds": 1.5,
    "version": 2,
    "rows": 3,
    "slot": "primary",
}


def test_the_log_comes_back_newest_first(metadata: Metadata) -> None:
    """Who looks at the log asks what happened just now."""
    rows = [
        row(1),
        row(2, status=401, error="unauthorized", version=None, rows=None, slot=None),
        row(3, data={"a": [1]}),
    ]
    metadata.log_requests(rows)
    metadata.log_requests([row(4, service="other")])
    assert metadata.requests("churn") == rows[::-1]
    assert metadata.requests("churn", only_errors=True) == [rows[1]]
    assert metadata.requests("churn", request_id="r3") == [rows[2]]
    assert metadata.requests("churn", limit=1) == [rows[2]]


def test_the_log_does_not_grow_for_ever(metadata: Metadata) -> None:
    """A busy service must not fill the disk; the others keep their lines."""
    metadata.log_requests([row(0, service="other")])
    for start in range(0, 30, 5):
        metadata.log_requests([row(start + number) for number in range(5)], most=10)
    assert [one.request_id for one in metadata.requests("churn")] == [
        f"r{number}" for number in range(29, 19, -1)
    ]
    assert len(metadata.requests("other")) == 1
    metadata.log_requests([])


def test_any_text_of_a_client_fits_the_log(metadata: Metadata) -> None:
    """Request ids and forms come from outside."""
    metadata.log_requests([row(1, request_id="\udc80\x00\n", error="\ud800", data=["\udfff"])])
    (found,) = metadata.requests("churn")
    assert (found.request_id, found.data) == ("\\udc80\x00\n", ["\udfff"])
