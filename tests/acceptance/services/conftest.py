"""The services that most tests here ask: published once by the real command, answered by one real server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.services.experiments import CHAIN, CHAIN_SCRIPTS, PAIR, PAIR_SCRIPT, write_score
from tests.acceptance.services.server import Desk, Server

EXAMPLE = Path(__file__).parents[3] / "examples" / "expression"


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace with the services `score`, `pair`, `chain` and `expression`."""
    desk = Desk(tmp_path_factory.mktemp("services"))
    write_score(desk, "score")
    desk.experiment("pair", PAIR, join=PAIR_SCRIPT)
    desk.experiment("chain", CHAIN, **CHAIN_SCRIPTS)
    shutil.copytree(EXAMPLE / "experiments" / "expression", desk.folder / "experiments" / "expression")
    for name in ("score", "pair", "chain", "expression"):
        desk.publish(name)
    return desk


@pytest.fixture(scope="module")
def server(desk: Desk) -> Iterator[Server]:
    """A server of one process that answers them."""
    with Server(desk, "--workers", "1") as server:
        yield server
