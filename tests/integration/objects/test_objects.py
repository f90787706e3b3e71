"""Import Data and Export Data with S3 and Azure Blob storage, over the wire to real servers (R-4.3)."""

from __future__ import annotations

import itertools
from urllib.parse import urlsplit

import pytest
from tests.integration.objects.conftest import KEY_ID, SECRET, Azurite, Desk
from tests.servers.azurite import ACCOUNT, ACCOUNT_KEY, as_owner

from studiolo.connectors.azure_blob import blob_signature, parse_connection_string

ROWS = "id,city\n1,Rome\n2,Oslo\n"
_NUMBERS = itertools.count(1)
TABLE = {"id": [1, 2], "city": ["Rome", "Oslo"]}


@pytest.fixture
def s3(desk: Desk, s3_port: int) -> str:
    """The beginning of an address in the bucket; `%s` is the key."""
    desk.workspace.secrets.set("s3-id", KEY_ID)
    desk.workspace.secrets.set("s3-key", SECRET)
    return f"s3://{{secret:s3-id}}:{{secret:s3-key}}@reports/%s?endpoint=http://127.0.0.1:{s3_port}&region=eu-central-1"


@pytest.fixture
def azure(desk: Desk, azurite: Azurite) -> str:
    """The beginning of an address in a container; `%s` is the blob."""
    desk.workspace.secrets.set("storage", azurite.connection)
    name = f"c{next(_NUMBERS)}-container"
    as_owner("PUT", azurite.endpoint, f"/{name}?restype=container")
    return f"azure://{{secret:storage}}@{name}/%s"


@pytest.fixture(params=["s3", "azure"])
def storage(request: pytest.FixtureRequest) -> str:
    """Each storage in turn."""
    address: str = request.getfixturevalue(request.param)
    return address


@pytest.mark.parametrize("name", ["year=2024/täble 1.csv", "x.parquet"])
def test_an_object_that_was_written_is_read_again(desk: Desk, storage: str, name: str) -> None:
    """Names beyond ASCII are signed as the servers do; the format goes by the ending as for files."""
    desk.write(storage % name, ROWS)
    assert desk.read(address=storage % name) == TABLE
    desk.write(storage % name, "id,city\n3,Bern\n")
    assert desk.read(address=storage % name) == {"id": [3], "city": ["Bern"]}


def test_a_name_that_ends_in_a_slash_stands_for_all_below_it(desk: Desk, storage: str) -> None:
    """Files are put together in the order of their names; marks of other programs do not count."""
    desk.write(storage % "sales/2.csv", "id,city\n3,Bern\n")
    desk.write(storage % "sales/1/a.csv", ROWS)
    desk.write(storage % "sales/_SUCCESS", ROWS, format="csv")
    desk.write(storage % "sales2/x.csv", ROWS)
    assert desk.read(address=storage % "sales/") == {"id": [1, 2, 3], "city": ["Rome", "Oslo", "Bern"]}
    assert desk.refused(address=storage % "nothing/").code == "no-files"


def test_what_is_not_there_is_named_without_what_opens_it(desk: Desk, storage: str) -> None:
    """R-12.1: neither key nor signature stands in an error."""
    error = desk.refused(address=storage % "nothing.csv")
    assert (error.code, "nothing.csv" in error.summary) == ("address-status", True)
    for text in (SECRET, ACCOUNT_KEY, "sig=", "Signature="):
        assert text not in str(error)


def test_a_wrong_key_of_a_storage_account_is_told(desk: Desk, azurite: Azurite, azure: str) -> None:
    """The server says why, without the key."""
    wrong = azurite.connection.replace("AccountKey=Eby8", "AccountKey=AAAA")
    desk.workspace.secrets.set("storage", wrong)
    error = desk.refused(address=azure % "x.csv")
    assert (error.code, "403" in error.summary) == ("address-status", True)
    assert "AAAA" not in str(error)


def test_a_blob_is_reached_by_a_signature_in_a_secret(desk: Desk, azurite: Azurite, azure: str) -> None:
    """An address with a shared access signature, as the portal gives it, with the signature as a secret."""
    container = (azure % "").partition("@")[2].strip("/")
    account = parse_connection_string(azurite.connection)
    for name, permission in (("write", "cw"), ("read", "r")):
        query = blob_signature(account, container, "y.csv", permission, 600)
        desk.workspace.secrets.set(name, f"SharedAccessSignature={query};BlobEndpoint={account.endpoint}")
        desk.workspace.secrets.set(f"{name}-query", query)
    desk.write(f"azure://{{secret:write}}@{container}/y.csv", ROWS)
    assert desk.read(address=f"{account.endpoint}/{container}/y.csv?{{secret:read-query}}") == TABLE


def test_a_failed_export_leaves_the_old_object(desk: Desk, storage: str) -> None:
    """An object is replaced by one request; when the table can't be written, none is made."""
    desk.write(storage % "kept.csv", ROWS)
    with pytest.raises(Exception, match="encoding"):
        desk.write(storage % "kept.csv", "id\n1\n", encoding="no such encoding")
    assert desk.read(address=storage % "kept.csv") == TABLE


def test_secrets_go_only_to_hosts_that_the_workspace_allows(desk: Desk, s3: str, s3_port: int) -> None:
    """An experiment of a stranger must not send a secret to a place of its own."""
    settings = desk.workspace.path / "studiolo.toml"
    settings.write_text('name = "Test"\n')
    from studiolo import Workspace

    with Workspace(desk.workspace.path) as strict:
        error = Desk(strict).refused(address=s3 % "x.csv")
        assert (error.code, f"127.0.0.1:{s3_port}" in error.summary) == ("address-not-allowed", True)


def test_the_access_of_this_machine_needs_the_grant_too(
    desk: Desk, s3_port: int, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without keys in the address, the usual variables count, as in other programs."""
    desk.write(s3 % "own.csv", ROWS)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{s3_port}")
    assert desk.read(address="s3://reports/own.csv") == TABLE


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("s3://key@bucket/x.csv", "bad-s3-address"),
        ("s3://bucket/", "bad-s3-address"),
        ("azure://container/x.csv", "bad-azure-address"),
        (f"azure://{ACCOUNT}:{ACCOUNT_KEY}@UPPER/x.csv", "bad-container"),
        ("azure://nonsense@container/x.csv", "bad-connection-string"),
    ],
)
def test_addresses_that_cannot_be_used_say_why(desk: Desk, address: str, code: str) -> None:
    """Each with the form that would be right."""
    address = address.replace(ACCOUNT_KEY, ACCOUNT_KEY.replace("/", "%2F"))
    error = desk.refused(address=address)
    assert error.code == code
    assert error.hint
    assert urlsplit(address).password is None or ACCOUNT_KEY not in str(error)
