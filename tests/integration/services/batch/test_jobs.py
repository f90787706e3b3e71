"""Batch jobs over HTTP: created, started, polled, cancelled, deleted, with tables at plain addresses (R-9.3)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow.parquet
import pytest

from studiolo import Workspace
from tests.integration.services.batch.conftest import ROWS, Desk
from tests.integration.services.batch.tools import Client, Files, Serving, wait_for

TABLE = {
    "ColumnNames": ["zip", "x", "day"],
    "Values": [["01234", "1.5", "9/21/2014 11:10:00 AM"], ["8000", None, "2024-05-06"]],
}
ANSWER = "x,zip,day,y\n1.5,01234,2014-09-21T11:10:00,3.0\n,8000,2024-05-06T00:00:00,\n"


def same_rows(text: bytes | str, expected: str) -> bool:
    """Say whether a CSV has these cells, whatever the form of a whole number or moment."""

    def plain(value: str) -> str:
        return re.sub(r"\.0(?=,|$)", "", value.replace("T", " ").replace(" 00:00:00", ""), flags=re.M)

    told = text.decode() if isinstance(text, bytes) else text
    return plain(told.replace("\r\n", "\n")) == plain(expected)


def test_an_old_program_gets_its_table_back(client: Client, files: Files) -> None:
    """Create, start, poll, download, word for word as in the published Python sample (facts 3)."""
    files.files["/in.csv"] = ROWS.encode()
    status, text = client.raw(
        "POST",
        "/jobs?api-version=2.0",
        json.dumps(
            {
                "Inputs": {
                    "input1": {
                        "BaseLocation": files.address + "/",
                        "RelativeLocation": "in.csv",
                        "SasBlobToken": "?sv=1",
                    }
                },
                "GlobalParameters": {"factor": "3"},
            }
        ).encode(),
    )
    assert status == 200 and re.fullmatch(rb'"[0-9a-f]{32}"', text)
    job = json.loads(text)
    told = {"StatusCode": "NotStarted", "Results": None, "Details": None}
    assert client("GET", f"/jobs/{job}?api-version=2.0") == (200, told)
    assert client.raw("POST", f"/jobs/{job}/start?api-version=2.0", b"") == (204, b"")
    result = client.ended(job)
    assert (result["StatusCode"], result["Details"]) == ("Finished", None)
    place = result["Results"]["output1"]
    assert set(place) == {"ConnectionString", "RelativeLocation", "BaseLocation", "SasBlobToken"}
    nobody = Client("", None)
    status, data = nobody.raw(
        "GET", place["BaseLocation"] + place["RelativeLocation"] + place["SasBlobToken"]
    )
    assert status == 200
    assert same_rows(data, "x,zip,day,y\n1.5,01234,2024-05-06,4.5\n2.5,8000,2024-05-07,7.5\n")
    assert nobody.raw("GET", place["BaseLocation"] + place["RelativeLocation"])[0] == 404
    wrong = place["SasBlobToken"][:-1] + ("A" if place["SasBlobToken"][-1] != "A" else "B")
    assert nobody.raw("GET", place["BaseLocation"] + place["RelativeLocation"] + wrong)[0] == 404


def test_an_output_goes_where_the_request_says(client: Client, files: Files) -> None:
    """A SAS user's PUT needs the header x-ms-blob-type; the signature is not told back (facts 3)."""
    place = {
        "BaseLocation": files.address,
        "RelativeLocation": "/out/a b.tsv",
        "SasBlobToken": "sv=1&sig=geheim123",
    }
    _job, result = client.run({"Input": TABLE, "Output": place})
    assert result["StatusCode"] == "Finished", result
    assert same_rows(files.files["/out/a%20b.tsv"].replace(b"\t", b","), ANSWER)
    assert files.headers["/out/a%20b.tsv"]["x-ms-blob-type"] == "BlockBlob"
    assert result["Results"]["output1"] == {
        "ConnectionString": None,
        "BaseLocation": files.address + "/",
        "RelativeLocation": "out/a%20b.tsv",
        "SasBlobToken": "",
    }


@pytest.mark.parametrize("ending", ["arff", "parquet"])
def test_other_formats_are_written_and_read(own: Client, files: Files, ending: str, tmp_path: Path) -> None:
    """By the ending of the name, in both directions."""
    wish = {"inputs": {"input1": TABLE}, "outputs": {"output1": f"{files.address}/first.{ending}"}}
    first = finished(own, wish)
    assert first["outputs"]["output1"]["rows"] == 2
    if ending == "parquet":
        file = tmp_path / "first.parquet"
        file.write_bytes(files.files["/first.parquet"])
        assert pyarrow.parquet.read_table(file).column_names == ["x", "zip", "day", "y"]
    # The output has a column more than the input, which names it.
    status, job = own("POST", "/jobs", {"inputs": {"input1": f"{files.address}/first.{ending}"}})
    assert status == 202
    told = wait_for(lambda: ended_own(own, job["id"]))
    assert told["state"] == "failed"
    assert 'has the column "y", which is unknown' in told["error"]


def ended_own(own: Client, id: str) -> dict | None:
    told = own("GET", f"/jobs/{id}")[1]
    return told if told["state"] in ("finished", "failed", "cancelled") else None


def finished(own: Client, wish: dict) -> dict:
    status, job = own("POST", "/jobs", wish)
    assert status == 202, job
    told = wait_for(lambda: ended_own(own, job["id"]))
    assert told["state"] == "finished", told
    return told


def test_our_own_form_makes_and_starts_at_once_and_shows_progress_and_log(own: Client) -> None:
    """R-9.3: progress and per-job log."""
    told = finished(own, {"inputs": {"input1": TABLE}, "parameters": {"factor": 10}})
    assert told["progress"]["done"] == told["progress"]["total"] - 1 == 3
    output = told["outputs"]["output1"]
    assert (output["rows"], output["columns"]) == (2, 4)
    assert output["table"]["columns"] == ["x", "zip", "day", "y"]
    assert [row[3] for row in output["table"]["data"]] == [15.0, None]
    status, log = own.raw("GET", f"/jobs/{told['id']}/log")
    assert status == 200
    lines = re.sub(r"\[.*? UTC\]", "-", log.decode()).splitlines()
    assert lines == [
        "- reading input1, which came with the request",
        "- loading the service",
        "- node double",
        "got 2 rows",
        "- writing output1",
        "- wrote 2 rows",
        "- finished",
    ]
    listed = own("GET", "/jobs?limit=1")[1]["jobs"]
    assert [job["id"] for job in listed] == [told["id"]]


def test_what_a_script_raises_is_told_with_its_trace(client: Client, own: Client) -> None:
    """As a request would be answered (facts 2.3); the log has what was printed before."""
    job, result = client.run({"Input": TABLE, "GlobalParameters": {"factor": 13}})
    assert (result["StatusCode"], result["Results"]) == ("Failed", None)
    assert result["Details"].startswith("Error 0085: The following error occurred during script evaluation")
    assert "ValueError: thirteen" in result["Details"] and "double.py" in result["Details"]
    log = own.raw("GET", f"/jobs/{job}/log")[1].decode()
    assert "got 2 rows\n" in log and "ValueError: thirteen" in log


def test_a_running_job_is_cancelled(client: Client) -> None:
    """DELETE ends it, which would take ten minutes; a second DELETE forgets it (facts 3)."""
    status, job = client("POST", "/jobs", {"Input": TABLE, "GlobalParameters": {"pause": 600}})
    assert client("POST", f"/jobs/{job}/start", "")[0] == 204
    wait_for(lambda: client("GET", f"/jobs/{job}")[1]["Details"] == "node double")
    assert client("GET", f"/jobs/{job}")[1]["StatusCode"] == "Running"
    assert client.raw("DELETE", f"/jobs/{job}?api-version=2.0") == (204, b"")
    assert client.ended(job) == {"StatusCode": "Cancelled", "Results": None, "Details": None}
    assert client.raw("DELETE", f"/jobs/{job}") == (204, b"")
    status, told = client("GET", f"/jobs/{job}")
    assert (status, told["error"]["details"][0]["code"]) == (404, "JobNotFound")


def test_a_job_is_cancelled_while_it_reads(client: Client, files: Files) -> None:
    """A server that keeps silent does not hold the job."""
    files.files["/in.csv"] = ROWS.encode()
    files.asked.clear()
    files.gate.clear()
    _status, job = client("POST", "/jobs", {"Input": f"{files.address}/slow/in.csv"})
    client("POST", f"/jobs/{job}/start", "")
    assert files.asked.wait(60)
    client("DELETE", f"/jobs/{job}")
    assert client.ended(job)["StatusCode"] == "Cancelled"
    files.gate.set()


def test_a_job_that_waits_is_cancelled_and_can_not_be_started(client: Client) -> None:
    """CannotStartJob (facts 2.3)."""
    job = client("POST", "/jobs", {"Input": TABLE})[1]
    client("DELETE", f"/jobs/{job}")
    assert client("GET", f"/jobs/{job}")[1]["StatusCode"] == "Cancelled"
    status, told = client("POST", f"/jobs/{job}/start", "")
    assert (status, told["error"]["code"], told["error"]["details"][0]["code"]) == (
        400,
        "InvalidOperation",
        "CannotStartJob",
    )


def test_a_job_outlives_the_kill_of_its_server_process(client: Client, server: Serving, own: Client) -> None:
    """R-9.3: it is begun again by the next process."""
    job = own("POST", "/jobs", {"inputs": {"input1": TABLE}, "parameters": {"pause": 3}})[1]["id"]
    wait_for(lambda: own("GET", f"/jobs/{job}")[1]["progress"]["step"] == "node double")
    server.kill_workers()
    wait_for(server.is_ready)
    assert client.ended(job)["StatusCode"] == "Finished"
    assert own("GET", f"/jobs/{job}")[1]["attempts"] == 2


def test_secrets_are_erased_when_a_job_has_ended_and_told_nowhere(
    client: Client, own: Client, files: Files, desk: Desk, server: Serving
) -> None:
    """Not in answers, errors, logs, nor in the database afterwards."""
    secret = "sv=2020&sig=verysecret%2Bsignature"
    place = {
        "BaseLocation": f"{files.address}/echo/",
        "RelativeLocation": "in.csv",
        "SasBlobToken": f"?{secret}",
    }
    job, result = client.run({"Input": place})
    assert result["StatusCode"] == "Failed" and "403" in result["Details"]
    log = own.raw("GET", f"/jobs/{job}/log")[1].decode()
    with Workspace(desk.path) as workspace:
        row = workspace.metadata.batch_job(job)
    assert row is not None and row.wish == {}
    for text in (json.dumps(result), log, server.log.read_text(), json.dumps(own("GET", f"/jobs/{job}")[1])):
        assert "verysecret" not in text


def test_addresses_obey_the_workspace(client: Client, files: Files) -> None:
    """No redirect and no name leads to a cloud's metadata (decision 0014)."""
    for address, code in (
        (f"{files.address}/away/x.csv", "169.254.169.254"),
        ("http://169.254.169.254/latest/x.csv", "169.254.169.254"),
        ("http://localhost:1/x.csv", "localhost"),
    ):
        result = client.run({"Input": address})[1]
        assert result["StatusCode"] == "Failed"
        assert code in result["Details"] and "allow" in result["Details"], result
