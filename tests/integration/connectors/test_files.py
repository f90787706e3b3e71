"""Files of the workspace are read into the store and written whole."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studiolo.connectors import FetchedFile, WrittenTarget, read_source, write_target
from studiolo.errors import UserError
from studiolo.store.digest import digest_bytes

TABLE = b"region,churned\nnorth,1\nsouth,0\n"


def read(workspace, name: str, **facts) -> FetchedFile:
    return read_source(name, workspace.root, workspace.blobs, workspace.metadata, **facts)


def failure(workspace, name: str, **facts) -> tuple[str, str, str]:
    with pytest.raises(UserError) as caught:
        read(workspace, name, **facts)
    return caught.value.code, caught.value.summary, caught.value.hint


def make(path: Path, data: bytes = TABLE, age_seconds: float = 60.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    moment = time.time() - age_seconds
    os.utime(path, (moment, moment))
    return path


def write(workspace, name: str, data: bytes, **facts) -> WrittenTarget:
    descriptor = os.memfd_create("result")
    try:
        os.write(descriptor, data)
        return write_target(name, descriptor, len(data), workspace.root, **facts)
    finally:
        os.close(descriptor)


def refusal(workspace, name: str, data: bytes = TABLE, **facts) -> tuple[str, str, str]:
    with pytest.raises(UserError) as caught:
        write(workspace, name, data, **facts)
    return caught.value.code, caught.value.summary, caught.value.hint


def left_over(workspace) -> list[str]:
    return [
        path.name
        for path in workspace.root.rglob("*part-*")
        if path.is_file() or path.parent == workspace.blobs.temporary
    ]


# Reading


@pytest.mark.parametrize("is_absolute", [False, True])
def test_a_file_is_kept_in_the_store(workspace, is_absolute: bool) -> None:
    """Import Data reads files by path (R-4.3)."""
    path = make(workspace.root / "data" / "x.csv")
    name = str(path) if is_absolute else "data/x.csv"
    assert read(workspace, name) == FetchedFile(name, digest_bytes(TABLE), len(TABLE), "text/csv")
    assert workspace.blobs.path(digest_bytes(TABLE)).read_bytes() == TABLE


def test_an_unchanged_file_is_not_read_again(workspace) -> None:
    """An unchanged re-run takes at most 100 ms in all (R-7.2), however large its files are."""
    path = make(workspace.root / "x.csv")
    first = read(workspace, "x.csv")
    # Other bytes behind the same looks show whether they were looked at.
    facts = path.stat()
    with path.open("r+b") as file:
        file.write(b"REGION")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert read(workspace, "x.csv") == first


def test_a_changed_file_is_read_again(workspace) -> None:
    """Yesterday's data must not answer for today's."""
    make(workspace.root / "x.csv")
    read(workspace, "x.csv")
    make(workspace.root / "x.csv", b"other bytes", age_seconds=50)
    assert read(workspace, "x.csv").digest == digest_bytes(b"other bytes")


def test_a_file_changed_just_now_is_not_believed(workspace) -> None:
    """A second change within the clock's grain leaves size and time as they are (git calls it racy)."""
    make(workspace.root / "x.csv", b"one", age_seconds=0)
    facts = (workspace.root / "x.csv").stat()
    read(workspace, "x.csv")
    (workspace.root / "x.csv").write_bytes(b"two")
    os.utime(workspace.root / "x.csv", ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert read(workspace, "x.csv").digest == digest_bytes(b"two")


def test_a_known_file_whose_content_is_gone_is_read_again(workspace) -> None:
    """Retention may have collected it; the file is still there."""
    make(workspace.root / "x.csv")
    digest = read(workspace, "x.csv").digest
    workspace.blobs.path(digest).unlink()
    read(workspace, "x.csv")
    assert workspace.blobs.verify(digest)


def test_a_missing_file_is_told_with_the_nearest_name(workspace) -> None:
    """Unknown names come with the nearest match, and with where it was looked for."""
    make(workspace.root / "data" / "customers.csv")
    assert failure(workspace, "data/custmers.csv") == (
        "missing-file",
        'There is no file "data/custmers.csv".',
        f'Did you mean "customers.csv"? Looked for {workspace.root}/data/custmers.csv.',
    )
    assert failure(workspace, "dta/customers.csv") == (
        "missing-file",
        'There is no file "dta/customers.csv".',
        f'There is no folder "dta" in {workspace.root}. Did you mean "data"? '
        f"Looked for {workspace.root}/dta/customers.csv.",
    )
    assert failure(workspace, "data/customers.csv/x")[0] == "missing-file"


def test_a_folder_is_told_with_what_it_holds(workspace) -> None:
    """The next thing to do is to pick one of its files."""
    make(workspace.root / "data" / "x.csv")
    assert failure(workspace, "data") == (
        "not-a-file",
        '"data" is a folder.',
        "Give the path of a file. It holds x.csv.",
    )
    assert failure(workspace, ".")[0] == "not-a-file"


def test_an_empty_file_is_told(workspace) -> None:
    """A download that failed leaves such files."""
    make(workspace.root / "x.csv", b"")
    assert failure(workspace, "x.csv")[:2] == ("empty-file", 'The file "x.csv" is empty.')


def test_a_pipe_or_socket_is_not_waited_for(workspace) -> None:
    """Opening a pipe would hang the run for ever."""
    os.mkfifo(workspace.root / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(workspace.root)
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        found = [failure(workspace, name)[0] for name in ("pipe", "socket")]
    assert found == ["not-a-file", "not-a-file"]


@pytest.mark.parametrize("name", ["", "  ", "a\0b"])
def test_what_cannot_be_a_path_is_told(workspace, name: str) -> None:
    """Any text may stand in an experiment's file (R-12.2)."""
    assert failure(workspace, name)[0] == "bad-path"


def test_a_name_longer_than_any_file_has_is_told(workspace) -> None:
    """The system's own error has no hint."""
    assert failure(workspace, "x" * 300)[:2] == (
        "unreadable-file",
        f'The file "{"x" * 300}" cannot be read: File name too long.',
    )


def test_a_circle_of_links_is_told(workspace) -> None:
    """It is in no folder at all."""
    (workspace.root / "a").symlink_to("b")
    (workspace.root / "b").symlink_to("a")
    assert failure(workspace, "a")[0] in ("bad-path", "unreadable-file")


@pytest.mark.parametrize("name", ["../secret.csv", "data/../../secret.csv", "link.csv", "folder/secret.csv"])
def test_paths_that_leave_the_workspace_are_refused(workspace, name: str) -> None:
    """An experiment from a stranger must not read the rest of the disk (R-6.1)."""
    secret = make(workspace.root.parent / "secret.csv")
    (workspace.root / "data").mkdir()
    (workspace.root / "link.csv").symlink_to(secret)
    (workspace.root / "folder").symlink_to(workspace.root.parent)
    code, summary, hint = failure(workspace, name)
    assert (code, f'The path "{name}" leaves the workspace' in summary) == ("outside-workspace", True)
    assert 'for example to "data/secret.csv"' in hint
    assert read(workspace, name, allow_outside=True).digest == digest_bytes(TABLE)


def test_links_within_the_workspace_are_followed(workspace) -> None:
    """People keep `latest.csv` as a link."""
    make(workspace.root / "data" / "2024.csv")
    (workspace.root / "latest.csv").symlink_to("data/2024.csv")
    assert read(workspace, "latest.csv").digest == digest_bytes(TABLE)


@pytest.mark.parametrize(
    "name", [".env", "data/../.env", ".git/config", "link.csv", "data/.x.csv", ".studiolo/x"]
)
def test_hidden_files_are_not_read(workspace, name: str) -> None:
    """They hold passwords, and an experiment from a stranger could send them away (H5-A)."""
    for hidden in (".env", ".git/config", "data/.x.csv", ".studiolo/x"):
        make(workspace.root / hidden, b"password")
    (workspace.root / "link.csv").symlink_to(".git/config")
    code, summary, hint = failure(workspace, name)
    assert (code, "password" in summary + hint) == ("reserved-path", False)
    assert "begins with a dot" in summary
    assert read(workspace, name, allow_outside=True).digest == digest_bytes(b"password")


def test_a_file_without_the_right_to_read_it_is_told(workspace) -> None:
    """The user mends the rights, not the experiment."""
    path = make(workspace.root / "x.csv")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        # Access rights do not bind root.
        os.seteuid(65534)
    try:
        found = failure(workspace, "x.csv")[:2]
    finally:
        os.seteuid(user)
    assert found == ("unreadable-file", 'The file "x.csv" cannot be read: Permission denied.')


# Writing


def test_a_file_is_written_with_its_folders(workspace) -> None:
    """Export Data writes files by path (R-4.3)."""
    assert write(workspace, "out/2024/x.csv", TABLE) == WrittenTarget("out/2024/x.csv", len(TABLE), True)
    path = workspace.root / "out" / "2024" / "x.csv"
    mask = os.umask(0)
    os.umask(mask)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (TABLE, 0o666 & ~mask)
    assert left_over(workspace) == []


def test_an_existing_file_is_replaced_and_keeps_its_rights(workspace) -> None:
    """A table that colleagues may read stays so."""
    path = make(workspace.root / "x.csv", b"old")
    path.chmod(0o640)
    write(workspace, "x.csv", TABLE)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (TABLE, 0o640)


@pytest.mark.parametrize("size", [0, 5, 3_000_000])
def test_a_file_with_the_same_bytes_is_left_alone(workspace, size: int) -> None:
    """Programs that watch the folder see a change only when there is one."""
    data = os.urandom(size)
    path = make(workspace.root / "x.txt", data)
    before = path.stat()
    assert write(workspace, "x.txt", data) == WrittenTarget("x.txt", size, False)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    if size:
        assert write(workspace, "x.txt", data[:-1] + bytes([data[-1] ^ 1])).is_changed


def test_a_link_within_the_workspace_is_written_through(workspace) -> None:
    """Replacing the link would leave the file that it stands for old."""
    make(workspace.root / "data" / "2024.csv", b"old")
    (workspace.root / "latest.csv").symlink_to("data/2024.csv")
    write(workspace, "latest.csv", TABLE)
    assert (workspace.root / "data" / "2024.csv").read_bytes() == TABLE
    assert (workspace.root / "latest.csv").is_symlink()


def test_a_folder_is_not_overwritten(workspace) -> None:
    """A slip of a path must not cost a folder."""
    make(workspace.root / "data" / "x.csv")
    assert refusal(workspace, "data")[:2] == ("not-a-file", '"data" is a folder.')
    assert refusal(workspace, "new/")[:2] == ("not-a-file", '"new/" is a folder.')
    assert refusal(workspace, "data/x.csv/y.csv")[0] == "workspace-unwritable"
    assert (workspace.root / "data" / "x.csv").read_bytes() == TABLE


@pytest.mark.parametrize(
    "name",
    [
        ".studiolo/studiolo.db",
        "data/../.studiolo/blobs/x",
        ".studiolo",
        "studiolo.toml",
        "data/../Studiolo.TOML",
        "experiments/other/scripts/clean.csv",
        "EXPERIMENTS/other/experiment.json",
        "modules/x.csv",
        "bundles/x.csv",
        "environments/x/lock.json",
        ".git/hooks/post-commit",
        ".vscode/tasks.json",
        "data/.x.csv",
        "settings.csv",
        "folder/x.csv",
        "hidden/x.csv",
        "again/x.csv",
    ],
)
def test_what_decides_what_runs_is_not_written(workspace, name: str) -> None:
    """A run must not destroy the history of others, grant itself anything or plant code (R-6.1, H5-A)."""
    settings = make(workspace.root / "studiolo.toml", b'name = "Test"')
    for folder in ("experiments", "modules", ".git", "data"):
        (workspace.root / folder).mkdir()
    (workspace.root / "settings.csv").symlink_to("studiolo.toml")
    (workspace.root / "folder").symlink_to("modules")
    (workspace.root / "hidden").symlink_to(".git")
    (workspace.root / "again").symlink_to("folder")
    before = sorted(workspace.root.rglob("*"))
    assert refusal(workspace, name)[0] == "reserved-path"
    assert (sorted(workspace.root.rglob("*")), settings.read_bytes()) == (before, b'name = "Test"')


@pytest.mark.parametrize(
    "name",
    [
        "Makefile",
        "conftest.py",
        "pyproject.toml",
        "data/x.sh",
        "x.csv.py",
        "tools.zip",
        "requirements.txt",
        "run",
    ],
)
def test_only_data_files_are_written(workspace, name: str) -> None:
    """Other programs run or obey what lies in the workspace (H5-A)."""
    code, summary, _ = refusal(workspace, name)
    assert (code, f'"{name}" is' in summary) == ("wrong-name", True)
    (workspace.root / "x.csv").symlink_to(name)
    assert refusal(workspace, "x.csv")[0] == "wrong-name"
    assert sorted(path.name for path in workspace.root.iterdir()) == [".studiolo", "x.csv"]


def test_a_folder_known_by_another_name_is_the_same_folder(workspace) -> None:
    """A mount shows a folder at a second path, which no link betrays (H5-A)."""
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a folder in a namespace of its own")
    (workspace.root / "modules").mkdir()
    (workspace.root / "data" / "in").mkdir(parents=True)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from studiolo.connectors import write_target\n"
        "from studiolo.errors import UserError\n"
        "try: write_target('data/in/x.csv', os.memfd_create('x'), 0, Path(sys.argv[1]))\n"
        "except UserError as error: print(error.code)"
    )
    command = f'mount --bind modules data/in && "{sys.executable}" -c "$0" .'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", command, code], cwd=workspace.root, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("reserved-path\n", "")


def test_writing_outside_the_workspace_needs_to_be_allowed(workspace) -> None:
    """An experiment from a stranger must not write anywhere else; a person's command may."""
    target = workspace.root.parent / "x.csv"
    assert refusal(workspace, "../x.csv")[0] == "outside-workspace"
    assert not target.exists()
    write(workspace, str(target), TABLE, allow_outside=True)
    assert target.read_bytes() == TABLE


def test_a_failure_keeps_the_old_file(workspace) -> None:
    """An export that fails must not destroy yesterday's (R-12.3)."""
    path = make(workspace.root / "x.csv", b"old")
    descriptor = os.memfd_create("result")
    os.write(descriptor, b"short")
    with pytest.raises(ValueError, match="ends after 5 of 100 bytes"):
        write_target("x.csv", descriptor, 100, workspace.root)
    os.close(descriptor)
    assert (path.read_bytes(), left_over(workspace)) == (b"old", [])


def test_a_reader_sees_the_old_or_the_new_file_never_a_part(workspace) -> None:
    """Someone plots the file while the run writes it again and again."""
    path = make(workspace.root / "x.txt", b"a" * 500_000)
    code = (
        "import sys; seen = set()\n"
        "print('ready', flush=True)\n"
        "for _ in range(60):\n"
        "    data = open(sys.argv[1], 'rb').read()\n"
        "    seen.add((len(data), len(set(data))))\n"
        "print(seen == {(500_000, 1)})"
    )
    reader = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, text=True)
    assert reader.stdout is not None
    reader.stdout.readline()
    letters = 0
    while reader.poll() is None:
        letters += 1
        write(workspace, "x.txt", bytes([97 + letters % 26]) * 500_000)
    said, _ = reader.communicate(timeout=30)
    assert said == "True\n"
