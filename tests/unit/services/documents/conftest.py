"""What the tests of documents share: services made by hand, their addresses, a server that checks requests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from checking_server import CheckingServer
from made_by_hand import census, hostile

MADE = {"census": census, "hostile": hostile}


@pytest.fixture(params=sorted(MADE))
def made_service(request):
    """A service with its version: an ordinary one, and one whose names try to be more than names."""
    return MADE[request.param]()


@pytest.fixture
def service_address() -> Iterator[CheckingServer]:
    """A server at which a service answers; `origin` is where."""
    with CheckingServer() as server:
        yield server
