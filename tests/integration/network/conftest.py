"""What holds after every test of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studiolo.worker.network import gate


@pytest.fixture(autouse=True)
def all_room_is_given_back() -> Iterator[None]:
    """Every gate counts its descriptors against those of the process."""
    yield
    assert gate._room._used == 0
