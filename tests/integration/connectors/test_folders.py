"""Folders of files are one dataset (R-4.3)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from studiolo import Workspace
from studiolo.connectors.folders import _listed
from studiolo.connectors.http import HttpLimits
from studiolo.connectors.object_places import object_place
from studiolo.errors import StudioloError, UserError


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with an empty folder data/sales."""
    Workspace.create(tmp_path / "work", "Test").close()
    (tmp_path / "work/data/sales/deep").mkdir(parents=True)
    with Workspace(tmp_path / "work") as opened:
        yield opened


def read(workspace: Workspace, **parameters: Any) -> Any:
    experiment = workspace.new_experiment(f"e{len(workspace.experiment_names())}").remove("script")
    experiment.add("read", "import-data", parameters=parameters)
    return experiment.run()["read"]


def refused(workspace: Workspace, **parameters: Any) -> StudioloError:
    with pytest.raises(StudioloError) as caught:
        node = read(workspace, **parameters)
        assert node.error is not None
        raise node.error
    return caught.value


def test_files_are_put_together_in_the_order_of_their_names(workspace: Workspace) -> None:
    """Text and Parquet, folders within; marks of other programs, hidden files and links do not count."""
    folder = workspace.path / "data/sales"
    (folder / "b.csv").write_text("id,x\n2,2.5\n")
    (folder / "a.csv").write_text("id,x\n1,1\n")
    parquet.write_table(pa.table({"x": [3.5], "id": [3]}), folder / "deep/c.parquet")
    for name in ("_SUCCESS", ".hidden.csv", "deep/_tmp.csv"):
        (folder / name).write_text("nothing")
    (folder / "z.csv").symlink_to(folder / "a.csv")
    node = read(workspace, path="data/sales/")
    assert node.outputs["result_dataset"].to_arrow().to_pydict() == {"id": [1, 2, 3], "x": [1.0, 2.5, 3.5]}
    again = read(workspace, path="data/sales")
    assert again.outputs["result_dataset"].digest == node.outputs["result_dataset"].digest


def test_an_unchanged_folder_is_not_read_again_and_a_new_file_is(workspace: Workspace) -> None:
    """Reuse goes by content, for folders as for files (R-3.3)."""
    folder = workspace.path / "data/sales"
    (folder / "a.csv").write_text("id\n1\n")
    experiment = workspace.new_experiment("e").remove("script")
    experiment.add("read", "import-data", parameters={"path": "data/sales/"})
    assert experiment.run()["read"].state == "finished"
    assert experiment.run()["read"].state == "reused"
    (folder / "b.csv").write_text("id\n2\n")
    last = experiment.run()["read"]
    assert (last.state, last.outputs["result_dataset"].rows) == ("finished", 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,y\n2,3\n", 'data/sales/b.csv has no column "x"; data/sales/a.csv is otherwise.'),
        ("id,x,y\n2,3,4\n", 'data/sales/b.csv has the further column "y"; data/sales/a.csv is otherwise.'),
        ("id,x\n2,three\n", 'The column "x" of data/sales/b.csv is'),
    ],
)
def test_a_file_that_differs_is_named(workspace: Workspace, text: str, says: str) -> None:
    """One of a thousand files is wrong: the error says which and how."""
    folder = workspace.path / "data/sales"
    (folder / "a.csv").write_text("id,x\n1,1\n")
    (folder / "b.csv").write_text(text)
    error = refused(workspace, path="data/sales/")
    assert (error.code, error.summary[: len(says)]) == ("different-files", says)


def test_an_error_in_a_file_names_the_file(workspace: Workspace) -> None:
    """As when it is read alone."""
    (workspace.path / "data/sales/a.csv").write_text("id,x\n1,1\n")
    (workspace.path / "data/sales/b.csv").write_text("id,x\n1\n")
    error = refused(workspace, path="data/sales/")
    assert (error.code, "data/sales/b.csv" in error.summary) == ("ragged-row", True)
    (workspace.path / "data/sales/b.csv").unlink()
    (workspace.path / "data/sales/c.md").write_text("hello")
    assert "data/sales/c.md" in refused(workspace, path="data/sales/").summary


def test_an_empty_folder_and_one_outside_are_refused(workspace: Workspace) -> None:
    """The rules of single files hold for folders (decision 0014)."""
    assert refused(workspace, path="data/sales/").code == "no-files"
    assert "outside-workspace" in str(refused(workspace, path="../"))
    assert "reserved-path" in str(refused(workspace, path=".studiolo/"))


@pytest.mark.parametrize("names", [["a.csv"], []])
def test_a_list_without_end_is_given_up(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that names further pages for ever must not keep the run; a name counts once."""
    monkeypatch.setattr("studiolo.connectors.folders._MOST_PAGES", 5)
    asked: list[str] = []

    class Endless(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            items = "".join(f"<Contents><Key>data/{name}</Key></Contents>" for name in names)
            text = f"<r>{items}<NextContinuationToken>{len(asked)}</NextContinuationToken></r>".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *given: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Endless) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        place = object_place(f"s3://id:secret-key@bucket/data/?endpoint=http://127.0.0.1:{port}")
        assert place is not None
        with pytest.raises(UserError) as caught:
            _listed(place, HttpLimits(), [f"127.0.0.1:{port}"], None)
        server.shutdown()
    assert (caught.value.code, len(asked)) == ("bad-listing", 5)
