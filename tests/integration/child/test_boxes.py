"""Boxes of jobs without namespaces: made, measured, removed and swept, whatever a job leaves in them."""

from __future__ import annotations

import fcntl
import mmap
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studiolo_child import boxes

NO_LIMIT = (1 << 60, 1 << 60)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[str]:
    path, descriptor = boxes.claim(str(tmp_path))
    yield path
    os.close(descriptor)
    boxes.remove(path)  # what pytest removes may not be deep


@pytest.fixture
def box(folder: str) -> str:
    return boxes.make(folder)


def make_chain(start: str, levels: int, fill: Callable[[], None] = lambda: None) -> None:
    """Make a folder in a folder in a folder, deeper than a path can name; `fill` is called in each."""
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(start)
        for _ in range(levels):
            fill()
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
    finally:
        os.fchdir(here)
        os.close(here)


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_box_is_private_and_has_its_parts(box: str, folder: str) -> None:
    """R-6.1: nobody else may look into it; two boxes differ."""
    assert sorted(os.listdir(box)) == ["shm", "tmp", "work"]
    assert {os.stat(path).st_mode & 0o777 for path in (folder, box, box + "/work")} == {0o700}
    assert boxes.make(folder) != box
    assert boxes.usage(box, *NO_LIMIT)[1] == 3


def test_usage_counts_what_lies_on_the_disk(box: str) -> None:
    """Case 60: a sparse file takes what it takes, and links to one file take it once."""
    before, _ = boxes.usage(box, *NO_LIMIT)
    with open(box + "/work/sparse", "wb") as file:
        file.truncate(1 << 40)
        file.write(b"x" * (1 << 20))
    for number in range(50):
        os.link(box + "/work/sparse", f"{box}/work/link{number}")
    os.symlink("/usr", box + "/work/usr")
    os.mkfifo(box + "/work/fifo")
    taken, files = boxes.usage(box, *NO_LIMIT)
    assert 1 << 20 <= taken - before < 2 << 20
    assert files == 3 + 3


def test_usage_stops_as_soon_as_a_limit_is_exceeded(box: str) -> None:
    """Case 53: whoever makes 200,000 folders must not keep the watcher busy."""
    for number in range(500):
        os.mkdir(f"{box}/tmp/{number}")
    assert 100 < boxes.usage(box, 1 << 60, 100)[1] <= 110
    (Path(box) / "work/big").write_bytes(b"x" * (1 << 20))
    assert boxes.usage(box, 1 << 19, 1 << 60)[0] > 1 << 19


def test_usage_follows_a_chain_of_any_length_in_few_descriptors(box: str) -> None:
    """Case 59: 1000 levels and more."""
    make_chain(box + "/work", 3000)
    before = open_descriptors()
    assert boxes.usage(box, *NO_LIMIT)[1] == 3 + 3000
    assert open_descriptors() == before


def test_a_tree_with_too_many_open_branches_counts_as_too_much(box: str) -> None:
    """Case 59: such a tree has one purpose; the watcher keeps its descriptors."""
    make_chain(box + "/work", 400, lambda: os.mkdir("a"))
    before = open_descriptors()
    assert boxes.usage(box, 1 << 30, 10_000)[0] > 1 << 30
    assert open_descriptors() == before


def test_what_lies_in_a_closed_folder_is_counted(box: str) -> None:
    """Case 59: a folder of mode 0300 can be filled by name but not listed, until it is counted."""
    closed = Path(box) / "work/closed"
    closed.mkdir(0o300)
    (closed / "big").write_bytes(b"x" * (1 << 20))
    (Path(box) / "work/none").mkdir(0o000)
    assert boxes.usage(box, *NO_LIMIT)[0] >= 1 << 20


HOLDERS = {
    "open": "file = open(path, 'wb'); file.write(b'x' * (1 << 20)); file.flush(); os.unlink(path)",
    "O_TMPFILE": "n = os.open(os.path.dirname(path), os.O_TMPFILE | os.O_WRONLY); os.write(n, b'x' * (1 << 20))",
    "linked": "file = open(path, 'wb'); os.link(path, path + '2'); file.write(b'x' * (1 << 20)); file.flush()",
}


def hold(code: str, path: str) -> subprocess.Popen[bytes]:
    """Start a process that runs the code, says so and waits."""
    code = f"import mmap, os, socket, sys, time; path = sys.argv[1]\n{code}\nprint('.', flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b".\n"
    return process


@pytest.mark.parametrize("way", HOLDERS)
def test_deleted_files_that_are_still_open_count(box: str, way: str) -> None:
    """Own case: a file without a name fills the disk unseen by whoever adds up the tree."""
    with hold(HOLDERS[way], box + "/work/file") as process:
        taken, _ = boxes.usage(box, *NO_LIMIT, pid=process.pid)
        process.kill()
    assert 1 << 20 <= taken < 2 << 20


@pytest.mark.parametrize(
    "code",
    [
        "n = os.open(path, os.O_RDWR | os.O_CREAT); os.write(n, b'x' * (1 << 20))\n"
        "import ctypes; libc = ctypes.CDLL(None); libc.mmap.restype = ctypes.c_void_p\n"
        "libc.mmap(None, 4096, 3, 1, n, ctypes.c_long(0)); os.close(n); os.unlink(path)",
        "a, b = socket.socketpair(); n = os.open(path, os.O_RDWR | os.O_CREAT); os.write(n, b'x' * (1 << 20))\n"
        "socket.send_fds(a, [b'x'], [n]); os.close(n); os.unlink(path)",
    ],
    ids=["mapped", "on its way"],
)
def test_files_that_can_not_be_measured_count_as_too_much(box: str, code: str) -> None:
    """Own case: one mapped page, or a message that nobody reads, keeps a whole file alive without a descriptor."""
    with hold(code, box + "/work/file") as process:
        taken, _ = boxes.usage(box, 1 << 40, 1 << 40, pid=process.pid)
        process.kill()
    assert taken > 1 << 40


def test_a_mapped_temporary_file_of_a_library_is_no_false_alarm(box: str) -> None:
    """numpy.memmap and shared memory over a deleted file keep its descriptor; that is measured."""
    code = (
        "f = open(path, 'w+b'); f.truncate(8192); m = mmap.mmap(f.fileno(), 8192); f.close(); os.unlink(path)"
    )
    with hold(code, box + "/work/file") as process:
        taken, _ = boxes.usage(box, 1 << 20, 100, pid=process.pid)
        process.kill()
    assert taken < 1 << 20
    assert mmap.PAGESIZE <= 1 << 20


def test_a_process_that_has_ended_holds_nothing(box: str) -> None:
    """The watcher may come a moment after the end."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        assert boxes.usage(box, *NO_LIMIT, pid=process.pid)[1] == 3


def make_hostile(box: str, outside: Path) -> None:
    work = os.fsencode(box) + b"/work/"
    for name in (b"\xff\xfe", b"new\nline", b" ", b"-rf", b"%s%n", b"." * 3, b"x" * 255, b"'\"\\$(rm)"):
        (Path(os.fsdecode(work + name))).write_bytes(b"x")
        os.makedirs(work + b"folder of " + name[:200] + b"/" + name)
    os.symlink(outside, work + b"link to outside")
    os.symlink(b"loop", work + b"loop")
    os.link(outside / "kept", work + b"hard link")
    os.mkfifo(work + b"fifo", 0o000)
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(work)
        listener.bind("socket")
        os.chdir(here)
    make_chain(box + "/work", 1500, lambda: Path("f").write_bytes(b""))
    make_chain(box + "/tmp", 300, lambda: os.makedirs("a/b"))
    os.mkdir(work + b"closed")
    (Path(box) / "work/closed/inner").mkdir()
    (Path(box) / "work/closed/file").write_bytes(b"x")
    for mode, name in ((0o000, b"closed/inner"), (0o500, b"closed"), (0o000, b"closed")):
        os.chmod(work + name, mode)


def test_everything_in_a_box_is_removed_and_nothing_else(box: str, tmp_path: Path) -> None:
    """Cases 57 to 60: links are removed and never followed, whatever the names, modes and depth."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    make_hostile(box, outside)
    before = open_descriptors()
    boxes.remove(box)
    assert not os.path.lexists(box)
    assert (outside / "kept").read_text() == "kept"
    assert open_descriptors() == before
    boxes.remove(box)


def test_an_ordinary_user_removes_folders_that_are_closed() -> None:
    """Case 59: root may do anything, an ordinary user must open a closed folder first."""
    if os.getuid() != 0:
        pytest.skip("needs root, to become another user")
    home = Path(tempfile.mkdtemp(prefix="studiolo-boxes-"))  # pytest's own folders are closed to others
    os.chown(home, 12345, 12345)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups([])
            os.setresgid(12345, 12345, 12345)
            os.setresuid(12345, 12345, 12345)
            (home / "outside").mkdir()
            (home / "outside/kept").write_text("kept")
            path, _ = boxes.claim(str(home))
            box = boxes.make(path)
            make_hostile(box, home / "outside")
            boxes.usage(box, *NO_LIMIT)
            boxes.remove(box)
            status = 0 if os.listdir(path) == [] and (home / "outside/kept").exists() else 2
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    boxes.remove(str(home))
    assert status == 0


def test_a_sweep_removes_what_dead_pools_left(tmp_path: Path) -> None:
    """Case 43: a killed host leaves its boxes; the next one removes them, and none of a living pool."""
    living, descriptor = boxes.claim(str(tmp_path))
    boxes.make(living)
    code = "import os, sys; from studiolo_child import boxes; path, _ = boxes.claim(sys.argv[1])\n"
    code += "boxes.make(path); print(path, flush=True); os.kill(os.getpid(), 9)"
    source = str(Path(boxes.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": source},
    )
    dead = done.stdout.strip()
    assert os.path.isdir(dead)
    assert boxes.sweep(str(tmp_path)) == 1
    assert (os.path.exists(dead), os.path.exists(living)) == (False, True)
    os.close(descriptor)
    assert boxes.sweep(str(tmp_path)) == 1
    assert os.listdir(tmp_path) == []


def test_a_sweep_touches_nothing_of_others(tmp_path: Path) -> None:
    """In /dev/shm anybody may make a folder or link of that name."""
    if os.getuid() != 0:
        pytest.skip("needs root, to give a folder to another user")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_text("kept")
    (tmp_path / (boxes.PREFIX + "link")).symlink_to(tmp_path / "kept")
    (tmp_path / (boxes.PREFIX + "file")).write_text("")
    foreign = tmp_path / (boxes.PREFIX + "foreign")
    foreign.mkdir()
    os.chown(foreign, 12345, 12345)
    assert boxes.sweep(str(tmp_path)) == 0
    assert (tmp_path / "kept/file").read_text() == "kept"
    assert len(os.listdir(tmp_path)) == 4
    assert boxes.sweep(str(tmp_path), owners=[12345]) == 1
    assert boxes.sweep(str(tmp_path / "not there")) == 0


def test_a_claimed_folder_is_locked_until_its_last_descriptor_is_closed(tmp_path: Path) -> None:
    """A lock ends with its process, in every process namespace, after a restart too; a number would not."""
    path, descriptor = boxes.claim(str(tmp_path))
    other = os.open(path, os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)


def test_the_parent_is_the_first_with_enough_room(tmp_path: Path) -> None:
    """The /dev/shm of a container may have 64 MB only; then the temporary folder is taken."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    names = [str(tmp_path / name) for name in ("none", "a", "b")]
    assert boxes.parent_folder(names, 1) == names[1]
    assert boxes.parent_folder(names, 1 << 60) in names[1:]
    assert boxes.free_bytes(names[1]) > 0
    with pytest.raises(OSError, match="can be written"):
        boxes.parent_folder(names[:1], 1)
