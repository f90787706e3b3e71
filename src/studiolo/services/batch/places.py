"""Fetches the file of a reference into the store and sends one to it, by the rules of `connectors` for addresses."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from studiolo.connectors import FetchedFile
from studiolo.connectors.address import parse_address
from studiolo.connectors.azure_blob import PUT_HEADERS, READ, WRITE, blob_signature
from studiolo.connectors.media_types import media_type_of
from studiolo.connectors.s3 import object_signature
from studiolo.services.batch.references import (
    BLOB,
    S3,
    Reference,
    access_of,
    account_of,
    name_of,
    plain_url,
    shown,
)
from studiolo.store.blobs import BlobStore

SIGNED_SECONDS = 6 * 3600
RESULT_SECONDS = 7 * 86400
"""How long the address of a result opens what was written to a storage account; S3 allows no longer time."""


def fetch_place(
    reference: Reference, blobs: BlobStore, network: Sequence[str], cancel: threading.Event
) -> FetchedFile:
    """Keep what lies at a place.

    Raises:
        UserError: `address-…`; see `studiolo.connectors.http`.
        WorkerError: `cancelled`.
    """
    from studiolo.connectors.fetch import fetch
    from studiolo.connectors.http import HttpLimits

    address = parse_address(_opened(reference, "GET", SIGNED_SECONDS))
    digest, size, _ = fetch(address, blobs, HttpLimits(), network, cancel)
    return FetchedFile(name_of(reference), digest, size, media_type_of(name_of(reference)))


def send_place(
    reference: Reference, descriptor: int, size: int, network: Sequence[str], cancel: threading.Event
) -> dict[str, Any]:
    """Write a file to a place, and give where it lies as clients are told.

    Raises:
        UserError: `address-…`; see `studiolo.connectors.http`.
        WorkerError: `cancelled`.
    """
    from studiolo.connectors.http import HttpLimits
    from studiolo.connectors.send import send

    address = parse_address(_opened(reference, "PUT", SIGNED_SECONDS))
    more = PUT_HEADERS if reference["kind"] == BLOB or reference.get("is_blob") else {}
    kind = media_type_of(name_of(reference))
    send(address, descriptor, size, kind, "PUT", HttpLimits(), network, cancel, more)
    return _result(reference)


def _opened(reference: Reference, method: str, seconds: int) -> str:
    """Give the address of a place with what opens it for a while."""
    url = plain_url(reference)
    query = _query(reference, url, method, seconds)
    return f"{url}?{query}" if query else url


def _query(reference: Reference, url: str, method: str, seconds: int) -> str:
    if reference["kind"] == BLOB:
        permission = READ if method == "GET" else WRITE
        return blob_signature(
            account_of(reference), reference["container"], reference["blob"], permission, seconds
        )
    if reference["kind"] == S3:
        return object_signature(access_of(reference), url, method, seconds)
    return ""


def _result(reference: Reference) -> dict[str, Any]:
    """Give where a table was written: three parts that make its address when they are put together.

    A table in an account whose key the client gave, or in S3, gets a signature for reading that alone. What the
    client's own address or signature held is not told back.
    """
    url = parse_address(plain_url(reference)).url.partition("?")[0]
    query = ""
    may_sign = reference["kind"] == S3 or (reference["kind"] == BLOB and reference["account_key"])
    if may_sign:
        query = _query(reference, plain_url(reference), "GET", RESULT_SECONDS)
    if reference["kind"] == BLOB:
        base = parse_address(f"{reference['endpoint']}/x").url.removesuffix("x")
    else:
        base = url[: url.index("/", url.index("//") + 2) + 1]
    return {
        "base": base,
        "relative": url.removeprefix(base),
        "signature": f"?{query}" if query else "",
        "shown": shown(reference),
    }
