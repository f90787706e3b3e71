"""The keys of a service: made at random, shown once, kept as hashes, compared in constant time (R-9.4)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from studiolo.domain.service import ServiceKey

RANDOM_BYTES = 64
TAIL = 4


def new_key() -> str:
    """Make a key: 64 random bytes as base64, 88 characters, as the retired products' keys were.

    >>> len(new_key())
    88
    """
    return base64.b64encode(secrets.token_bytes(RANDOM_BYTES)).decode("ascii")


def kept_key(key: str, slot: str, created: float) -> ServiceKey:
    """Give what is kept of a key.

    A plain SHA-256 is enough: nobody finds 512 random bits by trying, unlike a password.
    """
    return ServiceKey(slot, hash_of(key), key.rstrip("=")[-TAIL:], created)


def hash_of(key: str) -> str:
    """Give the SHA-256 of a key in hexadecimal; of any text, as requests bring it."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def slot_of(key: str, hashes: Mapping[str, str]) -> str | None:
    """Give the slot whose key this is, or None.

    Takes the same time wherever the two differ, and looks at every slot.

    Args:
        key: as a request gives it.
        hashes: slot to the hash of its key.
    """
    given = hash_of(key)
    found = None
    for slot, kept in hashes.items():
        if hmac.compare_digest(given, kept):
            found = slot
    return found
