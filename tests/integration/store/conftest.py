"""What the tests of the store share: a store and sealed memory."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studiolo.store.blobs import BlobStore

SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    """An empty store."""
    return BlobStore(tmp_path / "state" / "blobs")


@pytest.fixture
def memory() -> Iterator[Callable[..., int]]:
    """A function that gives the descriptor of a memfd with the given bytes, sealed unless told otherwise."""
    opened = []

    def make(data: bytes, *, sealed: bool = True) -> int:
        descriptor = os.memfd_create("content", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        opened.append(descriptor)
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(data)
        if sealed:
            fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, SEALS)
        return descriptor

    yield make
    for descriptor in opened:
        os.close(descriptor)
