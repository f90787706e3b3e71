"""`--environment NAME`: in which environments the tests of the script contract run; more than one is possible.

Such a test takes the fixture `environment`, or one that is made from it. What cannot be in some environment says so:

    @pytest.mark.needs(python=">=3.5", because="async def")

and is left out there. Packages are named as on the index, with the versions that pip would take.
"""

from __future__ import annotations

from typing import Any

import pytest

from studiolo.environments import Environment
from tests.in_environments import CURRENT, environment_named, meets, parameters
from tests.ordering import make_scheduler, put_in_order


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(
        "--environment",
        action="append",
        metavar="NAME",
        help="run the script contract in this environment: current (the default), a ready-made one, or the path of an "
        "interpreter that has pandas; may be given several times",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test of the contract every environment that was named."""
    if "environment" in metafunc.fixturenames and "environment" not in _own_parameters(metafunc):
        names = metafunc.config.getoption("--environment") or [CURRENT]
        metafunc.parametrize("environment", parameters(names), indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot be in an environment; put the rest in order."""
    impossible = [item for item in items if not _is_possible(item)]
    if impossible:
        config.hook.pytest_deselected(items=impossible)
        items[:] = [item for item in items if item not in set(impossible)]
    put_in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share the tests out by group."""
    return make_scheduler(config, log)


@pytest.fixture(scope="session")
def environment(request: pytest.FixtureRequest) -> Environment:
    """The environment that a test of the script contract runs in."""
    return environment_named(request.param)


def _own_parameters(metafunc: pytest.Metafunc) -> set[str]:
    names = (mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    return {one for name in names for one in (name.split(",") if isinstance(name, str) else name)}


def _is_possible(item: pytest.Item) -> bool:
    marks = list(item.iter_markers("needs"))
    if not marks:
        return True
    name = item.callspec.params.get("environment", CURRENT) if hasattr(item, "callspec") else CURRENT
    needed = ({key: text for key, text in mark.kwargs.items() if key != "because"} for mark in marks)
    return all(meets(name, needs) for needs in needed)
