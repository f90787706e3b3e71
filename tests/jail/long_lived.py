"""A host that runs very many jobs through one pool and measures what they leave, as a program.

`python -m tests.jail.long_lived OPTIONS` prints one JSON document. OPTIONS is a JSON object:

    folder    an empty folder of its own
    account   "root", "ordinary", or "same": the account it was started as
    denied    names for tests.jail.deny, may be missing
    command   a program, with its arguments, that takes the place of this one; or
    work      {"jobs", "warm", "threads"}: how many jobs, after how many of them the first look, from how many threads
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import re
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.jail.accounts import become_ordinary, interpreter_paths
from tests.jail.trials import body

ROOT = Path(__file__).resolve().parents[2]
SETTLE_SECONDS = 30.0
ROWS = 1000
KINDS = {
    "plain": "x = 1",
    "printing": "print('n' * 10000)",
    "frame": "dataframe1['double'] = dataframe1.a * 2\nreturn dataframe1",
    "picture": "import matplotlib.pyplot as p\np.plot([1, 2])\np.savefig('p.png')",
    "raising": "raise ValueError('on purpose')",
    "exiting": "import os\nos._exit(3)",
    "child": "import os\npid = os.fork()\nif pid == 0: os._exit(0)\nos.waitpid(pid, 0)",
    "orphan": "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)",
    "file": "for place in ('.', '/tmp', '/dev/shm'): open(place + '/f', 'wb').write(bytes(65536))",
    "other room": "open('f', 'wb').write(bytes(65536))",
}
FULL_JAIL_ONLY = ("child", "orphan", "file")  # without namespaces there is no fork, and no /tmp of one's own
CODES = {"raising": "script-raised", "exiting": "exited"}
# Of a hundred jobs: pictures take thirty times as long as the others.
TURN = ["picture", "other room"] + ["raising", "exiting", "child", "orphan"] * 3 + ["printing"] * 6
TURN += ["file"] * 10 + ["frame"] * 20
TURN += ["plain"] * (100 - len(TURN))


def main() -> None:
    """Take the account, then do what is asked."""
    options = json.loads(sys.argv[1])
    if options["account"] == "ordinary":
        become_ordinary({*interpreter_paths(), str(ROOT)}, options["folder"])
    command = options.get("command")
    denied = options.pop("denied", [])
    if not command and (denied or options["account"] != "same"):
        command = [sys.executable, "-m", "tests.jail.long_lived", json.dumps({**options, "account": "same"})]
    if denied:
        command = [sys.executable, "-m", "tests.jail.deny", ",".join(denied), "--", *command]
    if command:
        os.execv(command[0], command)
    print(json.dumps(LongLived(Path(options["folder"])).run(**options["work"])))


class LongLived:
    """One pool, and figures of everything that could grow with its jobs."""

    def __init__(self, folder: Path) -> None:
        from studiolo.environments import environment
        from studiolo.store.blobs import BlobStore
        from studiolo.worker.jobs import JobInput, path_in_store
        from studiolo.worker.pool import Pool
        from studiolo.worker.settings import LIBRARIES, PoolSettings

        self.folder = folder
        for name in ("blobs", "cache", "tmp"):
            (folder / name).mkdir(exist_ok=True)
        os.environ["TMPDIR"] = str(folder / "tmp")
        current = environment("current", folder / "cache")
        preload = (*LIBRARIES, "matplotlib.pyplot")
        self.pool = Pool(
            PoolSettings(
                current.python,
                current.read_only,
                folder / "blobs",
                folder / "cache",
                preload=preload,
                allow_badge="reduced",
            )
        )
        digest, size = BlobStore(folder / "blobs").put_bytes(_frame())
        self._input = JobInput("dataset1", "dataset", size, blob=path_in_store(digest))
        self._codes: Counter[str] = Counter()
        self._lock = threading.Lock()

    def run(self, jobs: int, warm: int, threads: int) -> dict[str, Any]:
        """Run the jobs; give the figures after the first `warm` of them and after all."""
        with self.pool:
            self.is_bare = self.pool.facts()["is_bare"]
            self._run_all(warm, threads)
            before = self._settled()
            began = time.monotonic()
            self._run_all(jobs - warm, threads)
            seconds = time.monotonic() - began
            after = self._settled()
        return {"before": before, "after": after, "codes": self._codes, "seconds": seconds}

    def _run_all(self, count: int, threads: int) -> None:
        numbers = iter(range(count))

        def work() -> None:
            while True:
                with self._lock:
                    number = next(numbers, None)
                if number is None:
                    return
                # 37 and 100 have no common divisor: all hundred come by, and kinds follow each other mixed
                kind = TURN[number * 37 % 100]
                self._run_one("plain" if self.is_bare and kind in FULL_JAIL_ONLY else kind)

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _run_one(self, kind: str) -> None:
        running = self.pool.submit(self._job(kind))
        try:
            result = running.result()
            for sealed in result.outputs.values():
                os.close(sealed.descriptor)
            pictures = running.end().pictures
        finally:
            running.close()
        code = result.error.code if result.error else None
        is_right = code == CODES.get(kind) and len(pictures) == (kind == "picture")
        if is_right and kind == "frame":
            is_right = result.outputs["result_dataset"].schema.rows == ROWS
        with self._lock:
            self._codes["right" if is_right else f"{kind}: {code}, {len(pictures)} pictures"] += 1

    def _job(self, kind: str) -> Any:
        from studiolo.domain.limits import Limits
        from studiolo.worker.jobs import Job

        document = {
            "kind": "script",
            "node": "node",
            "script": {"text": body(KINDS[kind]), "file": "scripts/node.py"},
            "dialect": "designer",
            "integers_with_missing": "float",
            "strict": False,
            "ports": {"inputs": ["dataset1", "dataset2"]},
            "parameters": {},
        }
        limits = Limits(disk_mb=64) if kind == "other room" else Limits()
        outputs = (("result_dataset", "dataset"), ("result_dataset2", "dataset"))
        inputs = (self._input,) if kind == "frame" else ()
        return Job(document, inputs=inputs, outputs=outputs, limits=limits)

    def _settled(self) -> dict[str, int]:
        """Wait until the pool is idle, with all its waiting children; give the figures."""
        deadline = time.monotonic() + SETTLE_SECONDS
        ready = self.pool.settings.prefork
        # launcher, zygote and workers; with namespaces also the nursery, their cells and a spare one
        idle = 2 + ready if self.is_bare else 3 + 2 * ready + 1
        same = 0
        while same < 10 and time.monotonic() < deadline:
            time.sleep(0.05)
            same = same + 1 if len(below(self.pool.process_ids()[0])) + 1 == idle else 0
        return self._figures()

    def _figures(self) -> dict[str, int]:
        launcher = self.pool.process_ids()[0]
        zygote = children(launcher)[0]
        members = {"host": os.getpid(), "launcher": launcher, "zygote": zygote}
        if not self.is_bare:
            members["nursery"] = children(zygote)[0]
        found: dict[str, int] = {}
        for name, pid in members.items():
            found[f"{name}: memory"] = status(pid, "RssAnon") << 10
            found[f"{name}: threads"] = status(pid, "Threads")
            found[f"{name}: descriptors"] = _descriptors(pid)
            found[f"{name}: table of descriptors"] = status(pid, "FDSize")
            found[f"{name}: mounts"] = _lines(f"/proc/{pid}/mountinfo")
            found[f"{name}: mappings"] = _lines(f"/proc/{pid}/maps")
            if name not in ("host", "launcher"):
                found[f"{name}: children"] = len(children(pid))
        tree = [launcher, *below(launcher)]
        found["pool: processes"] = len(tree)
        found["pool: cgroups"] = len(
            {_text(f"/proc/{pid}/cgroup") for pid in tree} | {_text("/proc/self/cgroup")}
        )
        for name in ("blobs", "cache", "tmp"):
            found[f"files: {name}"] = sum(
                len(files) + len(folders) for _, folders, files in os.walk(self.folder / name)
            )
        found["files: others"] = len(strays(self.folder))
        found["files: boxes"] = len(list(own_box.glob("boxes/*"))) if (own_box := _own_box(launcher)) else 0
        return found


def strays(*known: Path) -> list[str]:
    """Give what lies in the machine's temporary folders and is ours by its name or its account.

    Args:
        known: folders that may lie there. Those of other tests and of commands are told by their names; a
            folder with boxes that is locked belongs to a pool that lives.
    """
    from studiolo.worker.launcher import KERNEL_UID

    found = []
    for folder in ("/tmp", "/dev/shm", "/var/tmp"):
        for entry in os.scandir(folder) if os.path.isdir(folder) else ():
            try:
                owner = entry.stat(follow_symlinks=False).st_uid
            except FileNotFoundError:
                continue
            is_ours = owner == KERNEL_UID or re.search(
                "studiolo(?!-(jail|test|testing|lock|degrees|boxes)-)", entry.name
            )
            if (
                is_ours
                and not _is_locked(entry.path)
                and not any(path.is_relative_to(entry.path) for path in known)
            ):
                found.append(entry.path)
    return sorted(found)


def _is_locked(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _own_box(launcher: int) -> Path | None:
    """Give the folder in which a bare pool makes its boxes: the launcher holds it open."""
    try:
        held = [os.readlink(path) for path in Path(f"/proc/{launcher}/fd").iterdir()]
    except PermissionError:
        return None
    return next((Path(path) for path in held if "/studiolo-box-" in path), None)


def children(pid: int) -> list[int]:
    """Give the children of a process; none when it has ended."""
    return [int(number) for number in _text(f"/proc/{pid}/task/{pid}/children").split()]


def below(pid: int) -> list[int]:
    """Give all descendants of a process."""
    found = children(pid)
    return found + [deeper for child in found for deeper in below(child)]


def status(pid: int, name: str) -> int:
    """Give a number of /proc/PID/status."""
    lines = _text(f"/proc/{pid}/status").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


def _descriptors(pid: int) -> int:
    """Give the number of open descriptors; 0 for a process of the jail when the host is an ordinary account."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except PermissionError:
        return 0


def _lines(path: str) -> int:
    return _text(path).count("\n")


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _frame() -> bytes:
    import pyarrow

    from studiolo_child.frames.arrow_frames import frame_from_table

    target = io.BytesIO()
    frame_from_table(pyarrow.table({"a": list(range(ROWS))}), target)
    return target.getvalue()


if __name__ == "__main__":
    main()
