"""Uploads survive what happens to them: cut off, sent twice, killed server, full disk, unreadable files (R-2.7)."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from studiolo import Workspace
from studiolo.errors import UserError
from studiolo.studio import uploads as uploads_file
from studiolo.studio.upload_facts import Upload
from studiolo.studio.uploads import KEPT_SECONDS, Uploads

CSV = b"a,b\n" + b"".join(b"%d,x%d\n" % (at, at % 3) for at in range(5000))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace.create(tmp_path_factory.mktemp("uploads") / "work", "Test") as opened:
        yield opened


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def uploads(workspace: Workspace, told: list[str]) -> Uploads:
    return Uploads(workspace, lambda: told.append("datasets"))


def sent(uploads: Uploads, file_name: str, data: bytes, piece: int = 9_999) -> Upload:
    upload = uploads.begin(file_name, len(data))
    for offset in range(0, len(data), piece):
        uploads.append(upload.id, offset, data[offset : offset + piece])
    return uploads.get(upload.id)


def ended(uploads: Uploads, id: str) -> Upload:
    while (upload := uploads.get(id)).state == "reading":
        time.sleep(0.01)
    return upload


def code_of(caught: pytest.ExceptionInfo[UserError]) -> str:
    return caught.value.code


def test_a_csv_in_parts_becomes_a_dataset(workspace: Workspace, uploads: Uploads, told: list[str]) -> None:
    """R-2.7: named as the user wishes, its origin is the file's name, and the page is told."""
    upload = sent(uploads, "C:\\data\\numbers.csv", CSV)
    assert (upload.file_name, upload.received, upload.state) == ("numbers.csv", len(CSV), "receiving")
    assert uploads.finish(upload.id, "Numbers of mine", {}).state == "reading"
    done = ended(uploads, upload.id)
    assert (done.state, done.dataset, done.version, done.error) == ("done", "Numbers of mine", 1, None)
    facts = workspace.datasets.get("Numbers of mine").facts
    assert (facts.rows, facts.columns, facts.origin) == (5000, 2, "numbers.csv")
    while not told:
        time.sleep(0.01)
    assert told == ["datasets"]
    assert not (workspace.places.own / "uploads" / upload.id / "data").exists()


def test_options_of_import_data_are_used_and_checked(workspace: Workspace, uploads: Uploads) -> None:
    """R-2.7: header, delimiter and so on; a wrong one is told before anything is read."""
    upload = sent(uploads, "plain.txt", b"1;2\n3;4\n")
    for options, code in [
        ({"path": "/etc/passwd"}, "unknown-parameter"),
        ({"address": "http://localhost"}, "unknown-parameter"),
        ({"heder": False}, "unknown-parameter"),
        ({"header": "perhaps"}, "wrong-parameter"),
        ({"format": "word"}, "unknown-choice"),
    ]:
        with pytest.raises(UserError) as caught:
            uploads.finish(upload.id, "plain", options)
        assert code_of(caught) == code
    uploads.finish(upload.id, "plain", {"format": "csv", "header": False, "delimiter": ";"})
    assert ended(uploads, upload.id).state == "done"
    assert workspace.datasets.get("plain").columns == ("Col1", "Col2")


def test_a_zip_stays_a_zip(workspace: Workspace, uploads: Uploads) -> None:
    """R-2.7: a script bundle can be uploaded."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("mymodule.py", "x = 1")
    upload = sent(uploads, "bundle.zip", buffer.getvalue())
    uploads.finish(upload.id, "bundle", {})
    assert ended(uploads, upload.id).state == "done"
    content = workspace.datasets.get("bundle").content
    assert (content.kind, content.size) == ("zip", len(buffer.getvalue()))


def test_a_file_that_cannot_be_read_is_told_and_can_be_read_otherwise(
    workspace: Workspace, uploads: Uploads
) -> None:
    """R-2.7: with file, row and column; two gigabytes need not be sent again for a wrong delimiter."""
    upload = sent(uploads, "bad.csv", b"a,b\n1,2\n3,4,5\n")
    uploads.finish(upload.id, "bad", {})
    failed = ended(uploads, upload.id)
    assert (failed.state, failed.received, (failed.error or {})["code"]) == (
        "failed",
        upload.size,
        "ragged-row",
    )
    assert "bad.csv" in (failed.error or {})["summary"]
    uploads.finish(upload.id, "bad", {"format": "text"})
    assert ended(uploads, upload.id).state == "done"
    assert workspace.datasets.get("bad").rows == 3


def test_an_upload_goes_on_where_it_was_cut_off(uploads: Uploads) -> None:
    """R-2.7: the error of a wrong offset says what has come; the same part twice changes nothing."""
    upload = uploads.begin("a.csv", 10)
    assert uploads.append(upload.id, 0, b"a,b\n") == 4
    for offset in (0, 3, 5):
        with pytest.raises(UserError) as caught:
            uploads.append(upload.id, offset, b"a,b\n")
        assert (code_of(caught), caught.value.details) == ("upload-offset", {"received": 4})
    with pytest.raises(UserError) as caught:
        uploads.finish(upload.id, "a", {})
    assert (code_of(caught), caught.value.details) == ("upload-incomplete", {"received": 4})
    with pytest.raises(UserError) as caught:
        uploads.append(upload.id, 4, b"1,2\n3,4\n")
    assert code_of(caught) == "upload-too-long"
    uploads.append(upload.id, 4, b"1,2\n55")
    assert uploads.get(upload.id).received == 10
    uploads.drop(upload.id)
    with pytest.raises(UserError) as caught:
        uploads.get(upload.id)
    assert code_of(caught) == "unknown-upload"


def test_an_upload_outlives_the_server(workspace: Workspace, uploads: Uploads) -> None:
    """R-2.7: killed while it received or read, nothing has to be sent again."""
    half = uploads.begin("a.csv", len(CSV))
    uploads.append(half.id, 0, CSV[:1000])
    whole = sent(uploads, "b.csv", CSV)
    facts = workspace.places.own / "uploads" / whole.id / "facts.json"
    facts.write_text(json.dumps({**json.loads(facts.read_text()), "state": "reading"}))  # killed in the midst
    again = Uploads(workspace)
    assert (again.get(half.id).received, again.get(half.id).state) == (1000, "receiving")
    again.append(half.id, 1000, CSV[1000:])
    for upload in (half, whole):
        again.finish(upload.id, "again", {})
        assert ended(again, upload.id).state == "done"
    assert workspace.datasets.get("again").rows == 5000


def test_closing_leaves_what_is_read_for_the_next_start(workspace: Workspace, uploads: Uploads) -> None:
    """R-2.7: stopping the studio is no reason to call a file unreadable."""
    upload = sent(uploads, "c.csv", CSV)
    uploads.close()
    uploads.finish(upload.id, "closed", {})
    while uploads._running:
        time.sleep(0.01)
    assert uploads.get(upload.id).state == "reading"
    assert Uploads(workspace).get(upload.id).state == "receiving"


def test_old_and_damaged_uploads_go_at_the_start(workspace: Workspace, uploads: Uploads) -> None:
    """R-2.7: what nobody finished does not fill the disk for ever."""
    old, young = uploads.begin("old.csv", 10), uploads.begin("young.csv", 10)
    folder = workspace.places.own / "uploads"
    long_ago = time.time() - KEPT_SECONDS - 60
    os.utime(folder / old.id / "data", (long_ago, long_ago))
    (folder / "half-made").mkdir()
    again = Uploads(workspace)
    assert again.get(young.id).state == "receiving"
    assert not (folder / old.id).exists()
    assert not (folder / "half-made").exists()


@pytest.mark.parametrize("name", ["", " ", "..", "a/", "x" * 300, "a\nb.csv", "a\0.csv", "\udc80"])
def test_unusable_file_names_are_refused(uploads: Uploads, name: str) -> None:
    """R-12.2: a name never becomes a path."""
    with pytest.raises(UserError) as caught:
        uploads.begin(name, 1)
    assert code_of(caught) == "wrong-file-name"


@pytest.mark.parametrize("id", ["", "..", "../../..", "0" * 31, "A" * 32, "0" * 32])
def test_only_ids_name_uploads(uploads: Uploads, id: str) -> None:
    """R-12.1: nothing else becomes a path."""
    for call in (uploads.get, uploads.drop):
        with pytest.raises(UserError) as caught:
            call(id)
        assert code_of(caught) == "unknown-upload"


@pytest.mark.parametrize("name", ["", " a", "a\nb", "x" * 201])
def test_unusable_dataset_names_are_refused_before_reading(uploads: Uploads, name: str) -> None:
    """R-2.7."""
    upload = sent(uploads, "a.csv", CSV)
    with pytest.raises(UserError) as caught:
        uploads.finish(upload.id, name, {})
    assert code_of(caught) == "wrong-name"


def test_more_than_the_disk_holds_is_refused_at_the_beginning(uploads: Uploads) -> None:
    """R-2.7: with the figures, before anything is sent; and nothing is reserved by what fits."""
    with pytest.raises(UserError) as caught:
        uploads.begin("huge.csv", 1 << 60)
    assert code_of(caught) == "workspace-disk-full"
    with pytest.raises(UserError) as caught:
        uploads.begin("empty.csv", 0)
    assert code_of(caught) == "empty-file"


def test_a_disk_that_fills_up_keeps_what_has_come(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-2.7: when there is room again the upload goes on."""
    upload = uploads.begin("a.csv", 8)
    uploads.append(upload.id, 0, b"a,b\n")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(uploads_file.os, "pwrite", full)
        with pytest.raises(UserError) as caught:
            uploads.append(upload.id, 4, b"1,2\n")
    assert code_of(caught) == "workspace-disk-full"
    assert uploads.get(upload.id).received == 4
    uploads.append(upload.id, 4, b"1,2\n")
    assert uploads.get(upload.id).received == 8


def test_dropping_ends_the_reading(uploads: Uploads, workspace: Workspace) -> None:
    """R-2.7: giving up a file that takes long to read."""
    upload = sent(uploads, "d.csv", CSV)
    uploads.finish(upload.id, "dropped", {})
    uploads.drop(upload.id)
    while uploads._running:
        time.sleep(0.01)
    with pytest.raises(UserError):
        uploads.get(upload.id)
    assert not (workspace.places.own / "uploads" / upload.id).exists()


def test_what_is_read_takes_no_further_bytes(uploads: Uploads) -> None:
    """R-2.7: nor a second reading at the same time."""
    upload = sent(uploads, "e.csv", CSV)
    uploads.finish(upload.id, "twice", {})
    with pytest.raises(UserError) as caught:
        uploads.finish(upload.id, "twice", {})
    assert code_of(caught) == "conflict-upload"
    with pytest.raises(UserError) as caught:
        uploads.append(upload.id, len(CSV), b"x")
    assert code_of(caught) == "upload-offset"
    ended(uploads, upload.id)


def test_large_files_get_more_memory(tmp_path: Path) -> None:
    """R-2.7: 2 GB can be read; a job never gets more than the machine's jobs together."""
    from studiolo.workspace.single_jobs import limits_for

    assert [limits_for(size, 20_000).memory_mb for size in (1000, 10**9, 2 * 10**9, 10**11)] == [
        4096,
        7766,
        13490,
        20_000,
    ]
    assert limits_for(10**11, 1000).memory_mb == 4096
