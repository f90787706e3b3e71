"""What ports hold, over HTTP: pages, pictures behind walls, zips, downloads, datasets, uploads (R-2.6, R-12.1)."""

from __future__ import annotations

import io
import json
import struct
import threading
import time
import zipfile
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studiolo import Workspace
from studiolo.studio.studio import Studio
from studiolo_child.object_card import LENGTH, MARK
from tests.integration.studio.served import Client, Listener, serving

SCRIPT = """
import pandas as pd

def azureml_main(dataframe1=None, dataframe2=None):
    print("drawn <b>here</b>")
    open("a.png", "wb").write(b"\\x89PNG\\r\\n\\x1a\\n" + bytes(100))
    open("b.svg", "w").write('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    open("c.html", "w").write("<html><script>document.title = parent.document.title</script></html>")
    return pd.DataFrame({"x": [1, 2, None], "name": ["=cmd()", "<i>", None]})
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, Client]]:
    with Workspace.create(tmp_path_factory.mktemp("contents") / "work", "Test") as workspace:
        experiment = workspace.new_experiment("drawing")
        experiment.remove("script").add("it's drawn", script=SCRIPT)
        assert experiment.run().state == "finished"
        with serving(workspace) as (studio, client):
            yield studio, client


@pytest.fixture
def studio(served: tuple[Studio, Client]) -> Studio:
    return served[0]


@pytest.fixture
def client(served: tuple[Studio, Client]) -> Client:
    return served[1]


def fetch(
    client: Client, path: str, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Give status, headers and bytes of an answer."""
    connection = HTTPConnection("127.0.0.1", client.port, timeout=60)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def view(client: Client, port: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/runs/1/nodes/it's drawn/ports/{port}")
    return found


def kept(studio: Studio, data: bytes) -> str:
    return studio.workspace.blobs.put_bytes(data)[0]


def test_a_dataset_port_has_a_table_and_code_that_loads_it(studio: Studio, client: Client) -> None:
    """R-2.6, R-3.6: the code runs as it is, also for names with quotes."""
    found = view(client, "result_dataset")
    assert (found["view"], found["kind"], found["name"]) == ("table", "dataset", "it's drawn.result_dataset")
    names: dict[str, Any] = {}
    exec(found["code"], names)
    assert names["dataframe"].shape == (3, 2)
    names["workspace"].close()
    head = client.get(f"/contents/{found['digest']}/head")
    assert (head["rows"], [column["name"] for column in head["columns"]]) == (3, ["x", "name"])
    page = client.post(f"/contents/{found['digest']}/page", {"sort": {"column": 0, "descending": True}})
    assert (page["row_numbers"], page["rows"]) == ([1, 0, 2], [[2.0, "<i>"], [1.0, "=cmd()"], [None, None]])
    device = view(client, "python_device")
    assert device["view"] == "device"
    exec(device["code"], names)
    assert [path.name for path in names["pictures"]] == ["01-a.png", "02-b.svg", "03-c.html"]
    names["workspace"].close()


def test_unknown_runs_nodes_and_ports_are_told(client: Client) -> None:
    """R-12.2."""
    for path, code in [
        ("/runs/99/nodes/a/ports/b", "unknown-run"),
        ("/runs/1/nodes/drawn/ports/b", "unknown-node"),
        ("/runs/1/nodes/it's drawn/ports/b", "unknown-port"),
        ("/contents/" + "0" * 64 + "/head", "missing-content"),
        ("/contents/" + "0" * 64 + "/text", "missing-content"),
        ("/contents/nothing/device", "unknown-content"),
        ("/uploads/nothing", "unknown-upload"),
        ("/datasets/nothing", "unknown-dataset"),
    ]:
        status, found = client.ask("GET", path)
        assert (status, found["error"]["code"]) == (404, code)


def test_figures_are_kept_by_the_browser(client: Client) -> None:
    """R-7.4: a digest never means something else, so an answer that was seen is not asked for again."""
    address = f"/contents/{view(client, 'result_dataset')['digest']}"
    for path in ("/head", "/columns/0?bins=3", "/columns/0/with/1", "/cell?row=0&column=1"):
        status, headers, body = fetch(client, address + path)
        assert (status, headers["cache-control"]) == (200, "private, max-age=31536000, immutable")
        again = fetch(client, address + path, {"If-None-Match": headers["etag"]})
        assert (again[0], again[2], body != b"") == (304, b"", True)


def test_active_pictures_come_behind_walls(client: Client) -> None:
    """R-12.1: what a script drew never runs with the rights of the page."""
    device = client.get(f"/contents/{view(client, 'python_device')['digest']}/device")
    assert device["log"] == "drawn <b>here</b>\n"
    shown = [(picture["name"], picture["media_type"], picture["is_active"]) for picture in device["pictures"]]
    assert shown == [
        ("a.png", "image/png", False),
        ("b.svg", "image/svg+xml", False),
        ("c.html", "text/html", True),
    ]
    for picture in device["pictures"]:
        status, headers, body = fetch(client, picture["address"])
        policy = headers["content-security-policy"]
        assert (status, len(body), headers["x-content-type-options"]) == (200, picture["size"], "nosniff")
        assert headers["content-type"].partition(";")[0] == picture["media_type"]
        assert policy.startswith("sandbox")
        assert "default-src 'none'" in policy
        assert "allow-same-origin" not in policy
        assert ("allow-scripts" in policy) == (picture["name"] == "c.html")
    assert fetch(client, device["pictures"][0]["address"][:-1] + "7")[0] == 404


def test_a_device_that_a_script_made_up_shows_nothing_as_what_it_is_not(
    studio: Studio, client: Client
) -> None:
    """R-6.3: any bytes may be named as a device; unknown types are only for saving."""
    html = kept(studio, b"<html><script>alert(1)</script>")
    for media_type in ("text/html; x", "application/xhtml+xml", "TEXT/HTML", "text/xml"):
        content = {"kind": "file", "digest": html, "size": 1}
        picture = {"name": '"\r\n../x.html', "media_type": media_type, "content": content}
        digest = kept(studio, json.dumps({"log": "\ud800", "pictures": [picture]}).encode())
        assert client.get(f"/contents/{digest}/device")["pictures"][0]["media_type"] == media_type
        status, headers, body = fetch(client, f"/contents/{digest}/device/pictures/0")
        assert (status, headers["content-type"], len(body)) == (200, "application/octet-stream", 31)
        assert headers["content-disposition"].startswith('attachment; filename="')
    for text in (b"", b"{}", b"[]", b'{"log": "", "pictures": [1]}', b"[" * 100_000, b"\xff"):
        status, found = client.ask("GET", f"/contents/{kept(studio, text)}/device")
        assert (status, found["error"]["code"]) == (422, "not-a-device")


def zip_of(names: list[str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, "x" * len(name))
    return buffer.getvalue()


def test_the_files_of_a_zip_are_listed(studio: Studio, client: Client) -> None:
    """R-2.7: with their sizes, whatever stands before the zip."""
    wanted = [
        {"name": "a.py", "size": 4, "is_folder": False},
        {"name": "data/", "size": 5, "is_folder": True},
        {"name": "data/grün.csv", "size": 13, "is_folder": False},
    ]
    data = zip_of([entry["name"] for entry in wanted])
    for content in (data, b"#!/bin/sh\n" + data):
        assert client.get(f"/contents/{kept(studio, content)}/zip") == {"entries": wanted, "total": 3}
    assert client.get(f"/contents/{kept(studio, zip_of([]))}/zip") == {"entries": [], "total": 0}


def test_hostile_zips_are_listed_within_bounds(studio: Studio, client: Client) -> None:
    """R-12.2: 100,000 entries, names of 64 KiB, and directories that lie."""
    many = zip_of([f"{at:06}" for at in range(12_000)])
    found = client.get(f"/contents/{kept(studio, many)}/zip")
    assert (len(found["entries"]), found["total"]) == (10_000, 12_000)
    long = zip_of(["n" * 60_000 + str(at) for at in range(700)])
    begun = time.monotonic()
    found = client.get(f"/contents/{kept(studio, long)}/zip")
    assert (found["total"], {len(entry["name"]) for entry in found["entries"]}) == (700, {1000})
    assert time.monotonic() - begun < 20
    good = zip_of(["a", "b"])
    end = good.rindex(b"PK\5\6")
    claims = [
        (0xFFFE, None, None),
        (None, 0xFFFFFFF0, None),
        (None, None, 0xFFFFFFF0),
        (2, 10, 0),
        (2, 92, 0),
    ]
    for total, length, offset in claims:
        values = list(struct.unpack("<4s4H2LH", good[end : end + 22]))
        for place, value in ((3, total), (4, total), (5, length), (6, offset)):
            values[place] = value if value is not None else values[place]
        hostile = good[:end] + struct.pack("<4s4H2LH", *values)
        status, answer = client.ask("GET", f"/contents/{kept(studio, hostile)}/zip")
        assert (status, answer["error"]["code"]) == (422, "not-a-zip"), (total, length, offset)
    for content in (b"", b"PK\5\6", good[:-5], good[40:-22] + good[-22:], bytes(70_000), b"PK\5\6" * 9000):
        status, answer = client.ask("GET", f"/contents/{kept(studio, content)}/zip")
        assert status in (200, 422)


def test_bytes_are_shown_as_text_up_to_a_bound(studio: Studio, client: Client) -> None:
    """R-2.6: UTF-8 and UTF-16; what is neither does not fail."""
    texts = [
        (b"gr\xc3\xbcn", "grün"),
        (b"\xef\xbb\xbfa", "a"),
        ("grün".encode("utf-16"), "grün"),
        (b"\xff\x00", "\ufffd\x00"),
    ]
    for data, wanted in texts:
        found = client.get(f"/contents/{kept(studio, data)}/text")
        assert (found["text"], found["length"], found["is_cut"]) == (wanted, len(data), False)
    found = client.get(f"/contents/{kept(studio, 'é'.encode() * 300_000)}/text")
    assert (found["text"], found["length"], found["is_cut"]) == ("é" * 200_000, 600_000, True)


def test_a_saved_object_shows_its_card(studio: Studio, client: Client) -> None:
    """UX 67: what a trained model says of itself is read behind the pickle, which stays closed; others have none."""
    card = {"title": "Model", "settings": [["Rows", 5]], "tables": []}
    text = json.dumps(card).encode()
    carded = b"no pickle" + text + LENGTH.pack(len(text)) + MARK
    assert client.get(f"/contents/{kept(studio, carded)}/card") == {"card": card}
    assert client.get(f"/contents/{kept(studio, b'bytes')}/card") == {"card": None}
    assert client.ask("GET", "/contents/nothing/card")[0] == 404


@pytest.mark.parametrize("format", ["csv", "tsv", "jsonl", "parquet", "arrow", "arff"])
def test_a_dataset_is_downloaded_in_a_format(client: Client, studio: Studio, format: str) -> None:
    """R-2.6: with a name that the browser saves it under; nothing is left behind."""
    digest = view(client, "result_dataset")["digest"]
    query = f"?kind=dataset&format={format}&name=gr%C3%BCn%22%0D%0A..%2Fx"
    status, headers, body = fetch(client, f"/contents/{digest}/file{query}")
    assert (status, len(body)) == (200, int(headers["content-length"]))
    name = f"gr%C3%BCn___.._x.{format}"
    assert headers["content-disposition"] == (
        f"attachment; filename=\"grun___.._x.{format}\"; filename*=UTF-8''{name}"
    )
    if format == "csv":
        assert list(pd.read_csv(io.BytesIO(body))["name"].fillna("")) == ["=cmd()", "<i>", ""]
    if format == "parquet":
        assert pq.read_table(io.BytesIO(body)).num_rows == 3
    assert [path.name for path in studio.workspace.blobs.temporary.glob("*")] == []


def test_other_content_is_downloaded_as_it_is(client: Client, studio: Studio) -> None:
    """R-12.1: never as something that a browser would open."""
    digest = kept(studio, b"<script>alert(1)</script>")
    for kind, name in [("file", "a.html"), ("zip", "a.html.zip"), ("object", "a.html.pkl")]:
        status, headers, body = fetch(client, f"/contents/{digest}/file?kind={kind}&name=a.html")
        assert (status, body) == (200, b"<script>alert(1)</script>")
        assert headers["content-disposition"].startswith(f'attachment; filename="{name}"')
        assert headers["content-type"] in ("application/octet-stream", "application/zip")
    assert fetch(client, f"/contents/{digest}/file?kind=other")[0] == 422
    status, found = client.ask(
        "GET", f"/contents/{view(client, 'result_dataset')['digest']}/file?kind=dataset&format=word"
    )
    assert (status, found["error"]["code"]) == (404, "unknown-format")


def test_a_port_is_saved_as_a_dataset_with_versions(client: Client, studio: Studio) -> None:
    """R-2.7: save as dataset, list, versions, remove; the pages are told."""
    listener = Listener(client.port)
    wish = {"name": "kept/x", "run": 1, "node": "it's drawn", "port": "result_dataset"}
    saved = client.post("/datasets", wish, 201)
    assert (saved["version"], saved["rows"], saved["origin"]) == (1, 3, "run 1, it's drawn.result_dataset")
    listener.wait("datasets")
    assert client.post("/datasets", wish, 201) == saved  # the same content is no new version
    client.post("/datasets", {**wish, "port": "python_device"}, 201)
    rows = client.get("/datasets")
    assert [(row["name"], row["version"], row["versions"]) for row in rows] == [("kept/x", 2, 2)]
    assert [row["kind"] for row in client.get("/datasets/kept/x")] == ["device", "dataset"]
    listener.forget()
    assert client.ask("DELETE", "/datasets/kept/x?version=2")[0] == 204
    listener.wait("datasets")
    assert client.ask("DELETE", "/datasets/kept/x?version=2")[0] == 404
    assert client.ask("DELETE", "/datasets/kept/x")[0] == 204
    assert client.get("/datasets") == []
    for name in ("", " a", "a\nb", "x" * 300):
        status, found = client.ask("POST", "/datasets", {**wish, "name": name})
        assert (status, found["error"]["code"]) == (422, "wrong-name")
    listener.close()


def test_an_upload_over_http_is_resumed_and_read(client: Client, studio: Studio) -> None:
    """R-2.7: a part that is cut off in the midst is kept as far as it came."""
    data = b"a,b\n" + b"1,2\n" * 200_000
    upload = client.post("/uploads", {"file_name": "big.csv", "size": len(data)}, 201)
    address = f"/uploads/{upload['id']}"
    connection = HTTPConnection("127.0.0.1", client.port, timeout=60)
    connection.putrequest("PUT", f"{address}?offset=0")
    connection.putheader("Content-Length", str(len(data)))
    connection.endheaders()
    connection.send(data[:500_000])
    while client.get(address)["received"] == 0 and connection.sock is not None:
        connection.close()  # cut off
    while (received := client.get(address)["received"]) == 0:
        time.sleep(0.01)
    assert received <= 500_000
    status, found = client.ask("PUT", f"{address}?offset=0", data[:10])
    assert (status, found["error"]["code"], found["error"]["details"]) == (
        409,
        "upload-offset",
        {"received": received},
    )
    status, found = client.ask("PUT", f"{address}?offset={received}", data[received:])
    assert (status, found["received"]) == (200, len(data))
    listener = Listener(client.port)
    assert client.post(f"{address}/finish", {"name": "big"}, 202)["state"] == "reading"
    listener.wait("datasets")
    listener.close()
    found = client.get(address)
    assert (found["state"], found["dataset"]["rows"], found["dataset"]["origin"]) == (
        "done",
        200_000,
        "big.csv",
    )
    assert client.ask("DELETE", address)[0] == 204
    assert client.ask("GET", address)[0] == 404
    client.ask("DELETE", "/datasets/big")


def test_two_who_send_the_same_upload_do_not_harm_it(client: Client) -> None:
    """R-2.7: two tabs, or a page that tries again while the server still reads the cut-off part."""
    data = bytes(range(256)) * 16_000
    upload = client.post("/uploads", {"file_name": "twice.bin", "size": len(data)}, 201)
    address = f"/uploads/{upload['id']}"

    def send() -> None:
        while (received := client.get(address)["received"]) < len(data):
            client.ask("PUT", f"{address}?offset={received}", data[received : received + 1_500_000])

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.post(f"{address}/finish", {"name": "twice", "options": {"format": "zip"}}, 202)
    while client.get(address)["state"] == "reading":
        time.sleep(0.01)
    digest = client.get("/datasets/twice")[0]["digest"]
    assert fetch(client, f"/contents/{digest}/file?kind=zip")[2] == data
    client.ask("DELETE", "/datasets/twice")


@pytest.mark.parametrize(
    "wish",
    [
        {"offset": -1},
        {"limit": 501},
        {"limit": 10**30},
        {"offset": 10**30},
        {"column_count": 10**9},
        {"sort": {"column": -1}},
        {"sort": {"column": 2}},
        {"filters": [{"column": 0, "op": "like", "value": "x"}]},
        {"filters": [{"column": 0, "op": "less", "value": "x"}]},
        {"filters": [{"column": 9, "op": "less", "value": "1"}]},
        {"filters": [{"column": 0, "op": "less", "value": "1"}] * 51},
        {"filters": [{"column": 1, "op": "contains", "value": "x" * 10_001}]},
        {"unknown": 1},
        [],
    ],
)
def test_wrong_wishes_for_a_page_are_refused(client: Client, wish: Any) -> None:
    """R-12.2: any body gets an answer that is no internal error."""
    digest = view(client, "result_dataset")["digest"]
    status, found = client.ask("POST", f"/contents/{digest}/page", wish)
    assert status == 422, found


def test_wide_tables_are_quick_and_windowed(client: Client, studio: Studio) -> None:
    """R-7.4: 5,000 columns are listed from the header, and a page has the columns that are looked at."""
    table = pa.table({f"column {at}": [at, at + 1] for at in range(5000)})
    digest = studio.workspace.datasets.add("wide", table).content.digest
    assert len(client.get(f"/contents/{digest}/head")["columns"]) == 5000
    page = client.post(f"/contents/{digest}/page", {"first_column": 4990, "column_count": 100})
    assert (page["first_column"], page["rows"][0]) == (4990, list(range(4990, 5000)))
    client.ask("DELETE", "/datasets/wide")
