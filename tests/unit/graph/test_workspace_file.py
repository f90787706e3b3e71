"""studiolo.toml, read with the same care as an experiment."""

from __future__ import annotations

import pytest

from studiolo.domain.limits import Grants
from studiolo.errors import Problems, UserError
from studiolo.graph.workspace_file import (
    WorkspaceFile,
    find_workspace,
    read_workspace_file,
    workspace_file_text,
)

FULL = """\
name = "Churn of 2024"
environment = "designer-py36"
allow_badge = "reduced"

[grants]
network = ["*.blob.core.windows.net:443", "files.example.org:*"]
read = ["data/"]

[run]
slots = 4
memory_mb = 8192
"""


def read(folder, text: str | bytes):
    (folder / "studiolo.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_workspace_file(folder)


def test_everything_in_the_file_arrives(tmp_path):
    """ARCHITECTURE: name, default environment, grants allowed; R-6.2: the badge allowed by name."""
    expected = WorkspaceFile(
        "Churn of 2024",
        "designer-py36",
        "reduced",
        Grants(("*.blob.core.windows.net:443", "files.example.org:*"), ("data",)),
        4,
        8192,
    )
    assert read(tmp_path, FULL) == expected
    assert read(tmp_path, "\ufeff" + FULL.replace("\n", "\r\n")) == expected


def test_an_empty_file_allows_nothing(tmp_path):
    """Nothing beyond the jail without the owner's word."""
    assert read(tmp_path, "") == WorkspaceFile(tmp_path.name, "current", "full", Grants(), None, None)
    assert read(tmp_path, '[grants]\nnetwork = "all"\n').grants == Grants(("*",))


@pytest.mark.parametrize("name", ["churn", 'a "quoted" \\ name', "Ünï\n\tcode\x7f"])
def test_a_new_workspaces_file_can_be_read(tmp_path, name):
    """`studiolo init` in a folder of any name."""
    assert read(tmp_path, workspace_file_text(name)) == WorkspaceFile(name)


def test_all_problems_are_told_at_once_with_their_lines(tmp_path):
    """The same care as for experiment.yaml."""
    text = """\
nam = "x"
environment = 5
allow_badge = "redcued"
[grants]
network = ["example.com", "x:1"]
reads = []
read = [5]
[run]
slots = 0
memory_mb = true
[rum]
x = 1
"""
    with pytest.raises(Problems) as found:
        read(tmp_path, text)
    assert [(one.code, one.summary, one.hint, one.where.line) for one in found.value.problems] == [
        ("unknown-key", 'Unknown key "nam".', 'Did you mean "name"?', 1),
        ("wrong-value", '"environment" must be a text.', 'Write environment = "…".', 2),
        ("wrong-value", '"allow_badge" is "redcued", which is no badge.', 'Did you mean "reduced"?', 3),
        (
            "wrong-grant",
            '[grants] network: "example.com" is no host with a port.',
            'Write host and port, as in "example.com:443", or all.',
            5,
        ),
        ("unknown-key", 'Unknown key "reads" in [grants].', 'Did you mean "read"?', 6),
        ("wrong-value", '"read" must be a list of texts.', 'Write read = ["…"].', 7),
        ("wrong-value", '"slots" must be a whole number above 0.', "Write slots = 4.", 9),
        ("wrong-value", '"memory_mb" must be a whole number above 0.', "Write memory_mb = 4.", 10),
        ("unknown-key", 'Unknown key "rum".', 'Did you mean "run"?', 11),
    ]
    assert {one.where.file for one in found.value.problems} == {"studiolo.toml"}


@pytest.mark.parametrize(
    "text, line",
    [("name = x\n", 1), ("a = 1\na = 2\n", 2), (b"name = '\xfc'\n", None), ("grants = 5\n[grants]\n", 2)],
)
def test_what_is_not_toml_is_refused_with_its_line(tmp_path, text, line):
    """A syntax error is one error, told first."""
    with pytest.raises(UserError) as refused:
        read(tmp_path, text)
    assert (refused.value.code, refused.value.where.line) == ("invalid-toml", line)


def test_a_table_written_as_a_value_is_told(tmp_path):
    """Somebody writes run = 3 instead of [run]."""
    with pytest.raises(Problems) as found:
        read(tmp_path, "run = 3\n")
    assert [one.summary for one in found.value.problems] == ['"run" must be a table.']


def test_the_workspace_is_the_nearest_folder_with_the_file(workspace):
    """Commands work from any folder inside."""
    inner = workspace / "experiments" / "deep"
    inner.mkdir(parents=True)
    assert find_workspace(inner) == workspace
    assert find_workspace(workspace) == workspace


def test_no_workspace_says_how_to_make_one(tmp_path):
    """The first thing a new user meets."""
    for call in (find_workspace, read_workspace_file):
        with pytest.raises(UserError) as missing:
            call(tmp_path)
        assert missing.value.code == "no-workspace"
        assert "studiolo init" in missing.value.hint
