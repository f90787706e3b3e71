"""Names content by its bytes: SHA-256, in hexadecimal."""

from __future__ import annotations

import hashlib
import os
import re

PIECE_BYTES = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


def is_digest(text: str) -> bool:
    """Say whether `text` has the form of a digest: 64 lower-case hexadecimal digits."""
    return _DIGEST.fullmatch(text) is not None


def digest_bytes(data: bytes | bytearray | memoryview) -> str:
    """Give the digest of bytes in memory.

    >>> digest_bytes(b"")[:16]
    'e3b0c44298fc1c14'
    """
    return hashlib.sha256(data).hexdigest()


def digest_descriptor(descriptor: int, size: int) -> str:
    """Give the digest of the first `size` bytes behind a descriptor, whatever its position is.

    Reads in pieces of 1 MiB instead of mapping: measured as fast as a mapping (SHA-256 dominates), it
    adds nothing to the host's memory for a large dataset, and a file that someone cuts short meanwhile is
    an error here, where a mapping would kill the host with SIGBUS. Other threads run meanwhile. The
    descriptor's position stays as it was.

    Raises:
        ValueError: there are fewer than `size` bytes.
        OSError: the bytes cannot be read.
    """
    state = hashlib.sha256()
    piece = bytearray(min(PIECE_BYTES, max(size, 1)))
    view = memoryview(piece)
    offset = 0
    while offset < size:
        count = os.preadv(descriptor, [view[: size - offset]], offset)
        if count == 0:
            raise ValueError(f"the content ends after {offset} of {size} bytes")
        state.update(view[:count])
        offset += count
    return state.hexdigest()
