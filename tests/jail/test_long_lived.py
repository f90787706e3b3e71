"""One pool for a very long time: nothing grows, what dies is replaced, and nothing outlives the host."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import studiolo
from studiolo.domain.limits import Limits
from studiolo.environments import environment
from studiolo.worker import running
from studiolo.worker.jobs import Job
from studiolo.worker.pool import Pool
from studiolo.worker.settings import PoolSettings
from tests.jail.long_lived import below, children, strays
from tests.jail.trials import body

ROOT = Path(__file__).resolve().parents[2]
JOBS, WARM, THREADS = 10_000, 300, 3
# What a process may have more at the end: memory that its allocator keeps, never a piece for each job.
MEMORY_SLACK = 4 << 20
MAPPINGS_SLACK = 20
ORPHAN_SECONDS = 2.0  # the promise of docs/security.md, for a machine that has a processor free
PATIENCE_SECONDS = 60.0  # what takes longer than this never happens


@pytest.fixture(params=["root", "ordinary"])
def account(request: pytest.FixtureRequest) -> str:
    """The account of the host; `same` when it is that of this process."""
    if os.geteuid() == 0:
        return str(request.param)
    if request.param == "root":
        pytest.skip("needs root")
    return "same"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an ordinary account can be given."""
    outer = Path(tempfile.mkdtemp(prefix="studiolo-jail-"))
    (outer / "home").mkdir()
    yield outer / "home"
    shutil.rmtree(outer)


def start_host(account: str, folder: Path, **options: object) -> subprocess.Popen[str]:
    """Start tests.jail.long_lived, with an environment that keeps everything in `folder`."""
    document = json.dumps({"account": account, "folder": str(folder), **options})
    (folder / "tmp").mkdir(exist_ok=True)
    variables = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(folder)}
    variables |= {"TMPDIR": str(folder / "tmp"), "XDG_CACHE_HOME": str(folder / "cache")}
    variables["PYTHONPATH"] = str(Path(studiolo.__file__).parents[1])
    command = [sys.executable, "-m", "tests.jail.long_lived", document]
    return subprocess.Popen(
        command, cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> float:
    """Wait until `condition` holds; give how long that took. Raises AssertionError after `seconds`."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it never came"
        time.sleep(0.01)
    return time.monotonic() - began


def run_long(account: str, folder: Path, jobs: int, **options: object) -> dict[str, tuple[int, int]]:
    """Run that many jobs through one pool; give what has grown, with its figures before and after."""
    work = {"jobs": jobs, "warm": WARM, "threads": THREADS}
    with start_host(account, folder, work=work, **options) as host:
        told = json.loads(host.communicate()[0])
    assert told["codes"] == {"right": jobs}
    before, after = told["before"], told["after"]
    slack = {name: MEMORY_SLACK for name in before if name.endswith(": memory")}
    slack |= {name: MAPPINGS_SLACK for name in before if name.endswith(": mappings")}
    return {
        name: (was, after[name]) for name, was in before.items() if after[name] > was + slack.get(name, 0)
    }


def test_ten_thousand_jobs_leave_nothing_behind(account: str, folder: Path) -> None:
    """Issue 3 point 5: no growth in memory, descriptors, mounts, cgroups, processes or temporary files."""
    assert run_long(account, folder, 1000 if account == "ordinary" else JOBS) == {}


def test_a_thousand_jobs_of_a_bare_jail_leave_nothing_behind(account: str, folder: Path) -> None:
    """There the boxes are folders of the machine, and only the pool's own care removes them."""
    before = strays(folder)
    assert run_long(account, folder, 1000, denied=["namespaces"]) == {}
    assert set(strays(folder)) <= set(before)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    home = tmp_path_factory.mktemp("long-lived")
    (home / "blobs").mkdir()
    current = environment("current", home / "cache")
    with Pool(PoolSettings(current.python, current.read_only, home / "blobs", home / "cache")) as started:
        yield started


class Told:
    """How a job ended and how often it began, as the host saw it."""

    def __init__(self, pool: Pool, code: str) -> None:
        self._log = b""
        self.has_begun = threading.Event()
        self.code: str | None = "never ended"
        document = {
            "kind": "script",
            "node": "node",
            "script": {"text": body(f"print('begun', flush=True)\n{code}"), "file": "scripts/node.py"},
            "dialect": "designer",
            "integers_with_missing": "float",
            "strict": False,
            "ports": {"inputs": ["dataset1", "dataset2"]},
            "parameters": {},
        }
        job = Job(document, outputs=(("result_dataset", "dataset"),), limits=Limits(wall_seconds=120))
        self._thread = threading.Thread(target=self._run, args=(pool, job))
        self._thread.start()

    def ended(self) -> tuple[str | None, int]:
        """Wait for the end; give the error's code and the number of beginnings."""
        self._thread.join(PATIENCE_SECONDS)
        return self.code, self._log.count(b"begun")

    def _run(self, pool: Pool, job: Job) -> None:
        at_work = pool.submit(job, self._listen)
        try:
            result = at_work.result()
            at_work.end()
        finally:
            at_work.close()
        for sealed in result.outputs.values():
            os.close(sealed.descriptor)
        self.code = result.error.code if result.error else None

    def _listen(self, text: bytes) -> None:
        self._log += text
        self.has_begun.set()


def members(pool: Pool) -> dict[str, int]:
    """Give the ids of the pool's own processes, as soon as it has waiting children."""
    assert Told(pool, "pass").ended() == (None, 1)  # else it may be the pool that the last test has killed
    launcher = pool.process_ids()[0]
    idle = 2 + 2 * pool.settings.prefork + 1  # zygote and nursery; cells and workers; a spare cell
    wait_for(lambda: len(below(launcher)) == idle)
    zygote = children(launcher)[0]
    return {"launcher": launcher, "zygote": zygote, "nursery": children(zygote)[0]}


@pytest.mark.parametrize(
    ("frozen", "killed"), [("zygote", "zygote"), ("zygote", "launcher"), ("nursery", "nursery")]
)
def test_jobs_that_had_not_begun_run_when_the_pool_dies(pool: Pool, frozen: str, killed: str) -> None:
    """Issue 3 point 5: a zygote that dies is replaced without failing a job that had not begun (case 76)."""
    processes = members(pool)
    os.kill(processes[frozen], signal.SIGSTOP)  # so that jobs are given to it and can't begin
    jobs = [Told(pool, "pass") for _ in range(12)]
    if frozen == "nursery":  # for some a cell was there already
        wait_for(lambda: sum(job.has_begun.is_set() for job in jobs) >= pool.settings.prefork)
    time.sleep(0.3)
    with suppress(ProcessLookupError):  # on a busy machine the host may have given up a frozen pool by now
        os.kill(processes[killed], signal.SIGKILL)
    assert [job.ended() for job in jobs] == [(None, 1)] * 12
    assert pool.process_ids() != [processes["launcher"]]


@pytest.mark.parametrize("frozen", ["zygote", "nursery"])
def test_a_frozen_pool_is_replaced_and_its_jobs_run(
    pool: Pool, frozen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 76: nothing tells the host of a SIGSTOP but that nobody answers."""
    monkeypatch.setattr(running, "REACTION_SECONDS", 0.5)
    monkeypatch.setattr(running, "ANSWER_SECONDS", 1.5)
    processes = members(pool)
    os.kill(processes[frozen], signal.SIGSTOP)
    jobs = [Told(pool, "pass") for _ in range(6)]
    assert [job.ended() for job in jobs] == [(None, 1)] * 6


def test_a_busy_pool_is_not_taken_for_a_frozen_one(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that wait for their turn are no reason to end those at work."""
    monkeypatch.setattr(running, "REACTION_SECONDS", 0.02)
    processes = members(pool)
    jobs = [Told(pool, "import time\ntime.sleep(0.2)") for _ in range(24)]
    assert [job.ended() for job in jobs] == [(None, 1)] * 24
    assert pool.process_ids() == [processes["launcher"]]


@pytest.mark.parametrize("killed", ["zygote", "nursery", "launcher"])
def test_a_job_that_had_begun_is_lost_and_never_runs_twice(pool: Pool, killed: str) -> None:
    """A script may have done something outside by its grants: only the scheduler may decide to repeat it."""
    processes = members(pool)
    job = Told(pool, "import time\ntime.sleep(60)")
    assert job.has_begun.wait(PATIENCE_SECONDS)
    os.kill(processes[killed], signal.SIGKILL)
    code, beginnings = job.ended()
    assert code in ("worker-lost", "killed")
    assert beginnings == 1


def test_a_storm_of_deaths_costs_only_jobs_that_had_begun(pool: Pool) -> None:
    """Issue 3 point 5: 200 jobs of four threads; each gives its result, or it had begun, and none begins twice."""
    waiting, ends = list(range(200)), Counter[tuple[str | None, int]]()
    lock = threading.Lock()

    def submit() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                number = waiting.pop()
            end = Told(
                pool, f"import time, pandas\ntime.sleep(0.02)\nreturn pandas.DataFrame({{'n': [{number}]}})"
            ).ended()
            with lock:
                ends[end] += 1

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    deaths = 0
    for victim in ["zygote", "nursery", "launcher"] * 3:
        enough = ends.total() + 18
        wait_for(lambda enough=enough: ends.total() >= enough or not waiting)
        processes = _present(pool)
        if victim in processes:
            os.kill(processes[victim], signal.SIGKILL)
            deaths += 1
    for thread in threads:
        thread.join()
    assert ends.total() == 200
    assert deaths >= 5
    lost = {end: count for end, count in ends.items() if end != (None, 1)}
    # 0: the worker had the job, and died before its script's first line was printed
    assert set(lost) <= {(code, begun) for code in ("worker-lost", "killed") for begun in (0, 1)}
    assert sum(lost.values()) <= 4 * deaths


def _present(pool: Pool) -> dict[str, int]:
    """Give the pool's own processes, as far as they live."""
    found, parents = {}, pool.process_ids()
    for name in ("launcher", "zygote", "nursery"):
        if parents:
            found[name] = parents[0]
            parents = children(parents[0])
    return found


FORKS = 20
SLEEPERS = {
    "sleeping": "time.sleep(600)",
    "stubborn": "for n in range(1, 65):\n    if n not in (9, 19, 32, 33): signal.signal(n, signal.SIG_IGN)\n"
    "ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\nwhile True: time.sleep(600)",  # 1: PR_SET_PDEATHSIG
    "forking": f"for _ in range({FORKS}): os.fork() or time.sleep(600)\ntime.sleep(600)",
    "daemon": "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
    "        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\n        while True: pass\n    os._exit(0)\ntime.sleep(600)",
}


def make_workspace(folder: Path, names: Iterable[str]) -> Path:
    """Make an experiment of scripts that never end."""
    scripts = folder / "workspace" / "experiments" / "sleepers" / "scripts"
    scripts.mkdir(parents=True)
    nodes = {}
    for name in names:
        text = f"import ctypes, os, signal, time\nprint('begun', flush=True)\n{SLEEPERS[name]}"
        (scripts / f"{name}.py").write_text(body(text))
        limits = {"memory_mb": 256, "wall_seconds": 900}
        nodes[name] = {"module": "execute-python-script", "script": f"scripts/{name}.py", "limits": limits}
    experiment = {"name": "Sleepers", "nodes": nodes}
    (scripts.parent / "experiment.yaml").write_text(json.dumps(experiment))
    settings = f'allow_badge = "reduced"\n[run]\nslots = {len(nodes)}\nmemory_mb = 8192\n'
    (folder / "workspace" / "studiolo.toml").write_text(settings)
    return folder / "workspace"


def seconds_until_all_are_gone(
    account: str, folder: Path, killed: str, names: Iterable[str], at_work: int, **options: object
) -> float:
    """Run never-ending scripts by `studiolo run`, kill one process, and wait until the whole pool has gone.

    Args:
        account: of the host.
        folder: of the host.
        killed: host, launcher or zygote.
        names: of the scripts.
        at_work: how many processes there are below the launcher when all scripts work.
        options: for the host.
    """
    workspace = make_workspace(folder, names)
    program = "from studiolo.cli.main import main; main()"
    command = [sys.executable, "-c", program, "--workspace", str(workspace), "run", "sleepers"]
    born: dict[int, str] = {}
    with start_host(account, folder, command=command, **options) as host:
        try:
            logs = workspace / ".studiolo"
            wait_for(lambda: len(list(logs.glob("**/*.log"))) == len(list(names)))
            launcher = next(pid for pid in _descendants(host.pid) if _is_launcher(pid))
            wait_for(lambda: len(below(launcher)) >= at_work)
            born |= {pid: _born(pid) for pid in [launcher, *below(launcher)]}
            victim = {"host": host.pid, "launcher": launcher, "zygote": children(launcher)[0]}[killed]
            os.kill(victim, signal.SIGKILL)
            gone = wait_for(lambda: not any(_born(pid) == birth for pid, birth in born.items() if birth), 30)
            return gone / max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        finally:
            born |= {pid: _born(pid) for pid in _descendants(host.pid)}
            host.kill()
            for pid, birth in born.items():  # where the jail has failed
                if birth and _born(pid) == birth:
                    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("killed", ["host", "launcher", "zygote"])
def test_nothing_outlives_a_killed_host(account: str, folder: Path, killed: str) -> None:
    """Case 43, R-6.1: within two seconds no process is left, and no file in a temporary folder."""
    before = strays(folder)
    at_work = 2 + 2 * len(SLEEPERS) + FORKS + 1  # zygote, nursery; a cell and a worker each; what they fork
    assert seconds_until_all_are_gone(account, folder, killed, SLEEPERS, at_work) <= ORPHAN_SECONDS
    assert set(strays(folder)) <= set(before)
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.parametrize("killed", ["host", "launcher", "zygote"])
def test_nothing_outlives_the_host_of_a_bare_jail_but_a_box(account: str, folder: Path, killed: str) -> None:
    """Case 43: no process is left there either; the next pool removes the box."""
    before = strays(folder)
    bare = {"denied": ["namespaces"]}
    names = ("sleeping", "stubborn")
    assert seconds_until_all_are_gone(account, folder, killed, names, 3, **bare) <= ORPHAN_SECONDS
    work = {"jobs": 3, "warm": 1, "threads": 1}
    with start_host(account, folder, work=work, **bare) as host:
        assert json.loads(host.communicate()[0])["codes"] == {"right": 3}
    assert set(strays(folder)) <= set(before)


def _descendants(pid: int) -> list[int]:
    """Give all descendants of a process, those that its threads started too."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError):  # it has just ended
                found += map(int, task.read_text().split())
    return found[1:]


def _is_launcher(pid: int) -> bool:
    return b"launcher.py" in Path(f"/proc/{pid}/cmdline").read_bytes()


def _born(pid: int) -> str:
    """Give when a process was started, so that its number can't be mistaken; empty when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]
