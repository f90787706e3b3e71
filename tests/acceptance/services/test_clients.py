"""The clients that the help page of a real service shows, run as they are against the real server (R-9.1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.services.server import Desk, Server
from tests.client_programs import need_runtime, run_client

from studiolo.services.documents.addresses import addresses_of
from studiolo.services.documents.clients import CLASSIC, LANGUAGES, OWN, clients
from studiolo.services.registry import Services
from studiolo.workspace import Workspace


@pytest.mark.parametrize("form", [OWN, CLASSIC])
@pytest.mark.parametrize("language", list(LANGUAGES))
def test_a_client_gets_the_answer_of_the_service(
    desk: Desk, server: Server, language: str, form: str, tmp_path: Path
) -> None:
    """What stands on the page works with nothing but the key in the environment."""
    need_runtime(language)
    with Workspace(desk.folder) as workspace:
        services = Services(workspace)
        service, version = services.get("expression"), services.version("expression")
        addresses = addresses_of(service, services.workspace_id, f"http://{server.host}:{server.port}")
    [client] = [one for one in clients(version, addresses, form) if one.language == language]
    done = run_client(client, tmp_path, desk.services["expression"].keys["primary"])
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "2 + 3 * 4" in done.stdout
    assert "14" in done.stdout
