"""Batch jobs over Azure Blob storage and S3, by real servers that speak as they do (R-9.3)."""

from __future__ import annotations

import base64
import urllib.request

import pytest

from studiolo.connectors.azure_blob import AzureAccount, blob_signature, blob_url, parse_connection_string
from studiolo.connectors.s3 import S3Access, object_signature, object_url
from studiolo.errors import UserError
from tests.integration.services.batch.conftest import ROWS, S3_ENVIRONMENT
from tests.integration.services.batch.test_jobs import finished, same_rows
from tests.integration.services.batch.tools import Client
from tests.servers.azurite import ACCOUNT, ACCOUNT_KEY, as_owner

DOUBLED = "x,zip,day,y\n1.5,01234,2024-05-06,3.0\n2.5,8000,2024-05-07,5.0\n"


def connection(endpoint: str, key: str = ACCOUNT_KEY) -> str:
    """Give a connection string as the portal of the retired product showed it, with the emulator's endpoint."""
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};BlobEndpoint={endpoint};"


@pytest.fixture(scope="module")
def container(azurite: str) -> str:
    """A container in the emulator."""
    as_owner("PUT", azurite, "/mycontainer?restype=container")
    return "mycontainer"


def test_an_old_program_uploads_runs_and_downloads_by_connection_string(
    client: Client, azurite: str, container: str
) -> None:
    """The published Python sample: upload, create, start, poll, download from its own output blob (facts 3)."""
    as_owner("PUT", azurite, f"/{container}/input1datablob.csv", ROWS.encode(), blob=True)
    _job, result = client.run(
        {
            "Inputs": {
                "input1": {
                    "ConnectionString": connection(azurite),
                    "RelativeLocation": f"/{container}/input1datablob.csv",
                }
            },
            "Outputs": {
                "output1": {
                    "ConnectionString": connection(azurite),
                    "RelativeLocation": f"/{container}/deep/out put.csv",
                }
            },
            "GlobalParameters": {},
        }
    )
    assert result["StatusCode"] == "Finished", result
    place = result["Results"]["output1"]
    assert (place["BaseLocation"], place["RelativeLocation"]) == (
        azurite + "/",
        f"{container}/deep/out%20put.csv",
    )
    status, data = Client("", None).raw(
        "GET", place["BaseLocation"] + place["RelativeLocation"] + place["SasBlobToken"]
    )
    assert status == 200 and same_rows(data, DOUBLED)
    assert same_rows(as_owner("GET", azurite, f"/{container}/deep/out%20put.csv"), DOUBLED)
    # What was told opens that blob for reading and nothing else.
    written = Client("", None).raw(
        "PUT", place["BaseLocation"] + place["RelativeLocation"] + place["SasBlobToken"], b"x"
    )
    assert written[0] in (400, 403)


def test_shared_access_signatures_open_input_and_output(client: Client, azurite: str, container: str) -> None:
    """BaseLocation, RelativeLocation and SasBlobToken, as azmlclient sends them (facts 3)."""
    as_owner("PUT", azurite, f"/{container}/sas.csv", ROWS.encode(), blob=True)
    account = AzureAccount(azurite, ACCOUNT, base64.b64decode(ACCOUNT_KEY))
    tokens = {
        name: "?" + blob_signature(account, container, f"{name}.csv", permission, 3600)
        for name, permission in (("sas", "r"), ("sasout", "cw"))
    }
    places = {
        name: {
            "BaseLocation": azurite + "/",
            "RelativeLocation": f"{container}/{name}.csv",
            "SasBlobToken": token,
        }
        for name, token in tokens.items()
    }
    result = client.run({"Input": places["sas"], "Output": places["sasout"]})[1]
    assert result["StatusCode"] == "Finished", result
    assert same_rows(as_owner("GET", azurite, f"/{container}/sasout.csv"), DOUBLED)
    assert result["Results"]["output1"]["SasBlobToken"] == ""


@pytest.mark.parametrize(
    ("key", "blob", "told"),
    [(ACCOUNT_KEY, "nothing.csv", "404"), (base64.b64encode(b"x" * 64).decode(), "sas.csv", "403")],
)
def test_a_missing_blob_and_a_wrong_key_fail_the_job(
    client: Client, azurite: str, container: str, key: str, blob: str, told: str
) -> None:
    """The storage's own answer is told; the key is not."""
    place = {"ConnectionString": connection(azurite, key), "RelativeLocation": f"{container}/{blob}"}
    result = client.run({"Input": place})[1]
    assert result["StatusCode"] == "Failed" and told in result["Details"], result
    assert key not in result["Details"] and "sig=" not in result["Details"]


def put_object(endpoint: str, access: S3Access, path: str, data: bytes | None, method: str = "PUT") -> bytes:
    """Ask the S3 server for an object or bucket."""
    query = object_signature(access, f"{endpoint}/{path}", method, 600)
    request = urllib.request.Request(f"{endpoint}/{path}?{query}", data=data, method=method)
    request.add_header("Content-Type", "application/octet-stream")
    with urllib.request.urlopen(request, timeout=30) as response:
        return bytes(response.read())


@pytest.fixture(scope="module")
def bucket(s3: str) -> str:
    """A bucket with a table."""
    access = S3Access("AKIDTEST", "test secret", endpoint=s3)
    put_object(s3, access, "reports", b"")
    put_object(s3, access, "reports/new/rows.csv", ROWS.encode())
    return "reports"


def test_s3_by_the_access_of_the_server(own: Client, s3: str, bucket: str) -> None:
    """The workspace's grants allow the host, so its own access may be used (decision of batch jobs)."""
    wish = {
        "inputs": {"input1": f"s3://{bucket}/new/rows.csv"},
        "outputs": {"output1": f"s3://{bucket}/out/ä b.csv"},
    }
    told = finished(own, wish)
    with urllib.request.urlopen(told["outputs"]["output1"]["address"], timeout=30) as response:
        assert same_rows(response.read(), DOUBLED)
    assert S3_ENVIRONMENT["AWS_SECRET_ACCESS_KEY"] not in str(told)


def test_s3_by_the_access_of_the_request(client: Client, s3: str, bucket: str) -> None:
    """In the classic form too: BaseLocation is the bucket."""
    access = {
        "AccessKeyId": "AKIDTEST",
        "SecretAccessKey": "test secret",
        "Region": "eu-central-1",
        "Endpoint": s3,
    }
    place = {"BaseLocation": f"s3://{bucket}/", "RelativeLocation": "new/rows.csv", **access}
    target = {"Address": f"s3://{bucket}/out/two.parquet", **access}
    result = client.run({"Input": place, "Output": target})[1]
    assert result["StatusCode"] == "Finished", result
    parts = result["Results"]["output1"]
    address = parts["BaseLocation"] + parts["RelativeLocation"] + parts["SasBlobToken"]
    with urllib.request.urlopen(address, timeout=30) as response:
        assert response.read(4) == b"PAR1"
    missing = client.run({"Input": {"Address": f"s3://{bucket}/nothing.csv", **access}})[1]
    assert missing["StatusCode"] == "Failed" and "404" in missing["Details"]


def test_signature_version_4_is_that_of_the_documented_example() -> None:
    """The vendor's example of a presigned address (AWS, Signature Version 4: query parameters)."""
    access = S3Access("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    url = "https://examplebucket.s3.amazonaws.com/test.txt"
    query = object_signature(access, url, "GET", 86400, now=1369353600.0)
    assert query.endswith("X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


def test_addresses_of_buckets_and_blobs() -> None:
    """Virtual hosts where the certificate covers them, else paths."""
    assert object_url(S3Access(region="eu-west-1"), "b-1", "a b/ä.csv") == (
        "https://b-1.s3.eu-west-1.amazonaws.com/a%20b/%C3%A4.csv"
    )
    assert (
        object_url(S3Access(region="cn-north-1"), "b.1", "k")
        == "https://s3.cn-north-1.amazonaws.com.cn/b.1/k"
    )
    account = parse_connection_string("AccountName=acct;AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn")
    assert blob_url(account, "c", "a b") == "https://acct.blob.core.chinacloudapi.cn/c/a%20b"
    assert (
        parse_connection_string("UseDevelopmentStorage=true").endpoint
        == "http://127.0.0.1:10000/devstoreaccount1"
    )
    assert "a2V5" not in repr(account) and "key" not in repr(account).replace("key=", "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "AccountName=a",
        "AccountName=a;AccountKey=%%%",
        "BlobEndpoint=ftp://x;SharedAccessSignature=s",
    ],
)
def test_unusable_connection_strings(text: str) -> None:
    """Each is an error that says what is wrong, and holds nothing of the string."""
    with pytest.raises(UserError) as caught:
        parse_connection_string(text)
    assert caught.value.code == "bad-connection-string" and "%%%" not in str(caught.value)
