"""A host process for each account, shared by all tests of this folder, and a look at what each test left.

`--environment NAME` runs the attacks in the jails of another environment, for one account: root, where it is there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from studiolo.environments import Environment
from tests.in_environments import CURRENT
from tests.jail.hosts import HostProcess


@pytest.fixture(scope="session")
def hosts() -> Iterator[Callable[[str, Environment], HostProcess]]:
    """Give the host of an account and environment, started once: files of tests take turns with the accounts."""
    started: dict[tuple[str, str], HostProcess] = {}
    with ExitStack() as running:

        def host_of(account: str, environment: Environment) -> HostProcess:
            if (account, environment.name) not in started:
                host = running.enter_context(HostProcess(account, environment=environment))
                assert host.refused is None, host.refused
                host.check_aftermath()
                started[account, environment.name] = host
            return started[account, environment.name]

        yield host_of


@pytest.fixture(scope="session", params=["root", "ordinary"])
def jail(
    request: pytest.FixtureRequest,
    environment: Environment,
    hosts: Callable[[str, Environment], HostProcess],
) -> HostProcess:
    """The real pool as an account sees it: `jail.run(script)`."""
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("needs root")
    return hosts(request.param, environment)


@pytest.fixture(autouse=True)
def _aftermath(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every attack: victims unharmed, nothing left of the job, and the next job is healthy."""
    yield
    if "jail" in request.fixturenames:
        request.getfixturevalue("jail").check_aftermath()


_FOLDER = Path(__file__).parent
_ACCOUNT = "root" if os.geteuid() == 0 else "ordinary"
# classic-py35 has the interpreter of designer-py36, and other packages: a few attacks of each kind do.
_TWIN = "classic-py35"
_FEW = {
    "test_files_of_the_host_are_not_there",
    "test_sockets_of_the_host_are_out_of_reach",
    "test_processes_of_the_host_are_out_of_reach",
    "test_a_job_has_no_rights",
    "test_private_memory_ends_at_its_limit",
    "test_the_box_has_one_size",
}

# Bytes that the host alone reads: the Python that wrote them makes no difference.
_OF_THE_HOST = {
    "test_a_hostile_frame_is_refused",
    "test_a_header_can_not_make_the_host_large",
    "test_a_report_can_not_make_the_host_large",
    "test_random_bytes_are_no_frame",
    "test_random_changes_to_a_frame_do_no_harm",
}

# R is started by a module of ours, and those run in `current` alone.
_IN_R = {
    "test_what_an_r_script_tries_is_contained",
    "test_an_r_script_that_forks_without_end_is_stopped",
    "test_an_r_script_that_writes_to_the_pipe_of_its_result_fails_alone",
    "test_what_an_r_script_starts_dies_with_its_job",
    "test_a_jail_that_starts_no_processes_says_so",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In another environment than `current`, leave out what does not attack in it, and the second account."""
    names = config.getoption("--environment") or [CURRENT]
    left_out = {item for item in items if _FOLDER in item.path.parents and not _belongs(item, names)}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _belongs(item: pytest.Item, names: list[str]) -> bool:
    parameters = (
        item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    )
    environment = parameters.get("environment", CURRENT)
    if environment == CURRENT:
        return CURRENT in names
    name = getattr(item, "originalname", "")
    if name in _OF_THE_HOST | _IN_R or (environment == _TWIN and name not in _FEW):
        return False
    return parameters.get("jail", parameters.get("reading", _ACCOUNT)) == _ACCOUNT
