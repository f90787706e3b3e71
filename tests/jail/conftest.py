"""A host process for each account, shared by all tests of this folder, and a look at what each test left."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.jail.hosts import HostProcess


@pytest.fixture(scope="session", params=["root", "ordinary"])
def jail(request: pytest.FixtureRequest) -> Iterator[HostProcess]:
    """The real pool as an account sees it: `jail.run(script)`."""
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("needs root")
    with HostProcess(request.param) as host:
        assert host.refused is None, host.refused
        host.check_aftermath()
        yield host


@pytest.fixture(autouse=True)
def _aftermath(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every attack: victims unharmed, nothing left of the job, and the next job is healthy."""
    yield
    if "jail" in request.fixturenames:
        request.getfixturevalue("jail").check_aftermath()
