"""Requests that make no job: each is a documented error in the form of its address (R-9.3, facts 2.3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.services.batch.conftest import Desk
from tests.integration.services.batch.test_jobs import TABLE
from tests.integration.services.batch.tools import Client, Files, Serving

STRING = "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=c2VjcmV0"
GOOD = "https://files.example.org/x.csv"
KEYLESS = "AccountName=acct"
BAD: list[tuple[Any, str]] = [
    ({}, "BatchJobInputsNotSpecified"),
    ({"Inputs": {}}, "BatchJobInputsNotSpecified"),
    ({"Input": GOOD, "Inputs": {"input1": GOOD}}, "BatchJobInputsTooManySpecified"),
    ({"Inputs": {"imput1": GOOD}}, "InvalidInputNames"),
    ({"Inputs": [1]}, "RequestBodyInvalid"),
    ({"Input": 7}, "MissingInputBlobInformation"),
    ({"Input": {}}, "MissingInputBlobInformation"),
    ({"Input": {"ConnectionString": STRING}}, "MissingInputBlobInformation"),
    ({"Input": {"RelativeLocation": "c/x.csv"}}, "MissingInputBlobInformation"),
    ({"Input": {"ConnectionString": KEYLESS, "RelativeLocation": "con/x.csv"}}, "InvalidBlobConnectionString"),
    ({"Input": {"ConnectionString": "x", "RelativeLocation": "con/x.csv"}}, "InvalidBlobConnectionString"),
    ({"Input": {"ConnectionString": STRING, "RelativeLocation": "x.csv"}}, "InputBlobRelativeLocationInvalid"),
    ({"Input": {"ConnectionString": STRING, "RelativeLocation": "con/../x.csv"}}, "InputBlobRelativeLocationInvalid"),
    ({"Input": {"ConnectionString": STRING, "RelativeLocation": "a\nb/x.csv"}}, "InputBlobRelativeLocationInvalid"),
    ({"Input": {"ConnectionString": STRING, "RelativeLocation": "Not_One/x.csv"}}, "ContainerSegmentInvalid"),
    ({"Input": {"ConnectionString": STRING, "RelativeLocation": f"con/{'x' * 1100}.csv"}}, "BlobNameTooLong"),
    ({"Input": {"ConnectionString": STRING, "RelativeLocation": "con/x.exe"}}, "InvalidBlobExtension"),
    ({"Input": "https://files.example.org/x"}, "InvalidBlobExtension"),
    ({"Input": "data/rows.csv"}, "InputBlobRelativeLocationInvalid"),
    ({"Input": "file:///etc/passwd.csv"}, "InputBlobRelativeLocationInvalid"),
    ({"Input": "s3://"}, "InputBlobRelativeLocationInvalid"),
    ({"Input": "s3://Bad_Bucket/x.csv"}, "InputBlobRelativeLocationInvalid"),
    ({"Input": "s3://bucket/../x.csv"}, "InputBlobRelativeLocationInvalid"),
    ({"Input": {"Address": "s3://bucket/x.csv", "AccessKeyId": "only"}}, "InputBlobRelativeLocationInvalid"),
    ({"Input": GOOD, "Outputs": {"autput1": GOOD}}, "InvalidOutputOverrideName"),
    ({"Input": GOOD, "Output": GOOD, "Outputs": {"output1": GOOD}}, "InvalidOutputOverrideName"),
    ({"Input": GOOD, "Output": {}}, "MissingOutputOverrideSpecification"),
    ({"Input": GOOD, "Output": TABLE}, "MissingOutputOverrideSpecification"),
    ({"Input": GOOD, "Output": "https://files.example.org/x.csv"}, "ContainerValidationFailed"),
    ({"Input": GOOD, "Output": {"BaseLocation": "https://x.example.org", "RelativeLocation": "c/x.csv"}},
     "ContainerValidationFailed"),
    ({"Input": {"ColumnNames": ["x"], "Values": [["1"]]}}, "InputMismatchError"),
    ({"Input": GOOD, "GlobalParameters": {"fuctor": 1}}, "UnexpectedParameter"),
    ({"Input": GOOD, "GlobalParameters": {"factor": "many"}}, "UserParameterInvalid"),
    ([1], "RequestBodyInvalid"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "detail"), BAD)
def test_what_can_not_be_a_job_is_refused_when_it_is_made(client: Client, body: Any, detail: str) -> None:
    """The documented code of each; no part of a connection string is told back."""
    status, told = client("POST", "/jobs?api-version=2.0", body)
    assert status == 400, told
    found = told["error"]["details"][0]
    assert found["code"] == detail, told
    assert "c2VjcmV0" not in json.dumps(told)
    assert told["error"]["code"] == ("BadUserArgument" if detail == "InputMismatchError" else "BadArgument")


def test_bytes_that_are_no_json(client: Client) -> None:
    """Any bytes get a documented answer."""
    for data in (b"\xff", b"{", b'{"Input": "a", "Input": "b"}', b'{"Input": NaN}'):
        status, text = client.raw("POST", "/jobs", data)
        assert (status, json.loads(text)["error"]["details"][0]["code"]) == (400, "RequestBodyInvalid")


def test_jobs_need_the_key_and_are_the_services_own(client: Client, server: Serving, desk: Desk) -> None:
    """401 and 404 with the documented body (facts 2.3, 3)."""
    job = client("POST", "/jobs", {"Input": TABLE})[1]
    stranger = Client(client.base, "x" * 88)
    for method, path in (
        ("POST", "/jobs"),
        ("GET", f"/jobs/{job}"),
        ("DELETE", f"/jobs/{job}"),
        ("POST", f"/jobs/{job}/start"),
    ):
        status, told = stranger(method, path, None if method == "GET" else {})
        assert (status, told["error"]["details"][0]["code"]) == (401, "ScoreRequestUnauthorized")
    for path in ("/jobs/" + "0" * 32, "/jobs/%00", "/jobs/x'--"):
        status, told = client("GET", path)
        assert (status, told["error"]["code"]) == (404, "NotFound")
    nowhere = Client(server.address + desk.classic[:-1] + "x", desk.key)
    assert nowhere("GET", f"/jobs/{job}")[1]["error"]["details"][0]["code"] == "WebServiceNotFound"


def test_our_own_form_has_problems_of_its_own(own: Client) -> None:
    """RFC 9457, and unknown members are refused there."""
    status, told = own("POST", "/jobs", {"imputs": {}})
    assert (status, told["code"]) == (400, "request-unreadable")
    assert 'Did you mean "inputs"?' in told["detail"]
    assert own("GET", "/jobs?limit=x")[1]["code"] == "query-invalid"
    assert own("GET", "/jobs/nothing")[1]["code"] == "job-unknown"
    assert Client(own.base, None)("GET", "/jobs")[0] == 401


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"x,zip\n1,2\n", 'lacks the column "day"'),
        (b"x,zap,day\n1,2,2024-01-01\n", '"input1" has the column "zap", which is unknown.'),
        (b"x,zip,day\nmany,1,2024-01-01\n", '"many"'),
        (b"x,zip,day\n1,2,someday\n", "someday"),
        (b"", "gave no content"),
        (b"x,zip,day\n1,2\n", "line 2"),
        (b"\x00\xff\xfe", ""),
    ],
)
def test_a_file_that_does_not_fit_fails_the_job_and_says_why(
    client: Client, files: Files, data: bytes, told: str
) -> None:
    """Missing, unknown and unreadable columns are named with the nearest match (issue 5, bad input)."""
    files.files["/bad.csv"] = data
    result = client.run({"Input": f"{files.address}/bad.csv"})[1]
    assert result["StatusCode"] == "Failed" and told in result["Details"].replace("'", '"'), result


def test_rows_are_not_limited_as_those_of_requests_are(client: Client, files: Files) -> None:
    """A job may have more rows than `max_rows` of a request, 100,000."""
    files.files["/many.csv"] = b"x,zip,day\n" + b"1.5,01234,2024-05-06T00:00:00\n" * 150_000
    result = client.run({"Input": f"{files.address}/many.csv", "Output": f"{files.address}/many-out.csv"})[1]
    assert result["StatusCode"] == "Finished", result
    assert files.files["/many-out.csv"].count(b"\n") == 150_001
