"""What the tests of the rows share: an empty database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studiolo.metadata import Metadata


@pytest.fixture
def metadata(tmp_path: Path) -> Iterator[Metadata]:
    """An empty database."""
    metadata = Metadata(tmp_path / "studiolo.db")
    yield metadata
    metadata.close()
