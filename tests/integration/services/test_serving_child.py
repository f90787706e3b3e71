"""Processes that keep a script loaded and answer requests: fresh, kept and single ones (R-7.3, R-10.1)."""

from __future__ import annotations

import asyncio
import os
import time

import pandas
import pytest

from studiolo.domain.limits import Limits
from studiolo.environments import current_environment
from studiolo.errors import ScriptError, WorkerError
from studiolo.worker.jobs import Job
from studiolo.worker.serving import Part
from tests.integration.services.serving import Served, descendants, frame_of, script_job, table_of

DOUBLE = """
calls = 0
def azureml_main(dataframe1=None, dataframe2=None, factor=2):
    global calls
    calls += 1
    print("call", calls)
    dataframe1["x"] *= factor
    return dataframe1,
"""


async def rows(served: Served, table, **parameters) -> dict[str, list]:
    return table_of((await served.call(table, **parameters)).outputs["result_dataset"])


@pytest.mark.parametrize("state", ["fresh", "kept"])
def test_one_process_answers_many_requests(pools, state) -> None:
    """R-7.3: the script is loaded once; the parameter of a request counts for that request."""

    async def ask():
        async with Served(pools, script_job(DOUBLE), state) as served:
            assert await rows(served, {"x": [1, 2]}) == {"x": [2, 4]}
            assert await rows(served, {"x": [1, 2]}, factor=10) == {"x": [10, 20]}
            assert await rows(served, {"x": [1.5]}) == {"x": [3.0]}
            return (await served.call({"x": [1]})).log

    assert asyncio.run(ask()) == (b"call 4\n" if state == "kept" else b"call 1\n")


def test_a_single_process_answers_once_and_ends(pools) -> None:
    """R-6.2: in a jail where nothing may fork, each process answers one request."""

    async def ask():
        async with Served(pools, script_job(DOUBLE), "once") as served:
            assert await rows(served, {"x": [4]}) == {"x": [8]}
            child = await served.until(lambda child: child.has_ended)
            assert child.served == 1

    asyncio.run(ask())


def test_large_tables_cross_in_files(pools) -> None:
    """R-9.2: what is too long for a packet arrives whole, in and out."""
    table = pandas.DataFrame({"x": range(200_000), "text": [f"row {n}" for n in range(200_000)]})

    async def ask():
        async with Served(pools, script_job(DOUBLE)) as served:
            for _ in range(2):
                assert await rows(served, table) == {
                    "x": [2 * n for n in range(200_000)],
                    "text": [f"row {n}" for n in range(200_000)],
                }

    asyncio.run(ask())


def test_an_error_of_the_script_is_told_and_the_next_request_works(pools) -> None:
    """R-1.8: the author's line, without our frames; the process that loaded the script stays."""

    async def ask(state):
        async with Served(pools, script_job(DOUBLE), state) as served:
            with pytest.raises(ScriptError) as caught:
                await served.call({"y": [1]})
            assert caught.value.where.line == 7
            assert caught.value.where.file == "scripts/score.py"
            assert "KeyError" in caught.value.summary
            assert await rows(served, {"x": [1]}) == {"x": [2]}

    asyncio.run(ask("fresh"))
    asyncio.run(ask("kept"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("import no_such_library", "missing-library"),
        ("1/0", "script-raised"),
        ("x = (", "script-syntax"),
        ("y = 1", "missing-entry-point"),
    ],
)
def test_a_script_that_can_t_be_loaded_says_why(pools, text, code) -> None:
    """R-9.1: the error of the import, before any request."""

    async def ask():
        async with Served(pools, script_job(text)) as served:
            child = await served.until(lambda child: child.has_ended)
            assert child.error is not None
            return child.error

    error = asyncio.run(ask())
    assert error.code == code


LEAVING = """
import os, subprocess, sys, tempfile, threading
def azureml_main(dataframe1=None, dataframe2=None):
    import pandas
    seen = sorted(name for name in os.listdir(".") if name.startswith("left"))
    seen += sorted(name for name in os.listdir(tempfile.gettempdir()) if name.startswith("left"))
    seen += [name for name in ("HELD",) if name in os.environ]
    open("left-here", "w").write("secret of the client before")
    os.makedirs(os.path.join(tempfile.gettempdir(), "left-deep", *["d"] * 50))
    os.environ["HELD"] = "1"
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                pass
        os._exit(0)
    alive = [n for n in os.listdir("/proc") if n.isdigit()]
    return pandas.DataFrame({"seen": [" ".join(seen)], "alive": [len(alive)]}),
"""


def test_nothing_of_a_request_reaches_the_next_one(pools) -> None:
    """R-1.10: files, variables and processes of one request are gone before the next."""

    async def ask():
        async with Served(pools, script_job(LEAVING)) as served:
            return [await rows(served, {"x": [1]}) for _ in range(4)]

    answers = asyncio.run(ask())
    assert [answer["seen"] for answer in answers] == [[""]] * 4
    assert len({answer["alive"][0] for answer in answers}) == 1


TAKING = """
import os, signal, time
def azureml_main(dataframe1=None, dataframe2=None):
    what = dataframe1["do"][0]
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "crash":
        import ctypes
        ctypes.string_at(0)
    if what == "leave":
        os._exit(0)
    if what == "compute":
        while True:
            pass
    if what == "sleep":
        time.sleep(3600)
    if what == "kill parent":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(3600)
    if what == "memory":
        held = []
        while True:
            held.append(bytearray(1 << 24))
    return dataframe1,
"""


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("die", "killed"),
        ("crash", "killed"),
        ("leave", "exited"),
        ("compute", "cpu-limit"),
    ],
)
def test_a_request_whose_process_ends_costs_one_error(pools, what, code) -> None:
    """R-10.1: a killed child costs one error at most and no silence."""
    limits = Limits(cpu_seconds=1)

    async def ask():
        async with Served(pools, script_job(TAKING), limits=limits) as served:
            with pytest.raises(WorkerError) as caught:
                await served.call({"do": [what]})
            assert await rows(served, {"do": ["nothing"]}) == {"do": ["nothing"]}
            return caught.value

    error = asyncio.run(ask())
    assert error.where.node == "score"
    assert error.code == code, str(error)


@pytest.mark.parametrize("what", ["memory", "kill parent"])
def test_what_ends_the_whole_cell_is_told_too(pools, what) -> None:
    """R-10.1: the process that loaded the script may die as well; the request still gets its error."""

    async def ask():
        async with Served(pools, script_job(TAKING), limits=Limits(memory_mb=256)) as served:
            with pytest.raises((WorkerError, ScriptError)) as caught:
                await served.call({"do": [what]})
            return caught.value

    error = asyncio.run(ask())
    assert error.code == {"memory": "out-of-memory", "kill parent": "killed"}[what], str(error)


def test_a_request_that_takes_too_long_is_ended(pools) -> None:
    """R-10.1: TimeoutError, and the process is gone."""

    async def ask():
        async with Served(pools, script_job(TAKING)) as served:
            with pytest.raises(TimeoutError):
                await served.call({"do": ["sleep"]}, timeout=0.3)
            child = await served.until(lambda child: child.has_ended)
            assert child.has_ended

    asyncio.run(ask())


def test_static_inputs_are_each_request_s_own(pools, tmp_path) -> None:
    """R-2.2: a script may change its second dataset in place; the next request sees it as it was."""
    text = """
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe2["y"] += 1
    return dataframe2,
"""
    from studiolo.worker.jobs import JobInput
    from studiolo.worker.sending import written_memfd
    from studiolo_child import syscalls

    frame = frame_of({"y": [1.0, 2.0]})
    descriptor = written_memfd("static", frame)
    import fcntl

    fcntl.fcntl(descriptor, 1033, syscalls.ALL_SEALS)
    static = JobInput("dataset2", "dataset", len(frame), descriptor=descriptor)

    async def ask(state):
        async with Served(pools, script_job(text, inputs=[static]), state) as served:
            return [await rows(served, {"x": [1]}) for _ in range(3)]

    try:
        assert asyncio.run(ask("fresh")) == [{"y": [2.0, 3.0]}] * 3
        assert asyncio.run(ask("kept")) == [{"y": [2.0, 3.0]}] * 3
    finally:
        os.close(descriptor)


def test_random_numbers_differ_unless_the_script_sets_the_seed(pools) -> None:
    """R-1.2: as in a run: other numbers each time, the same ones with a seed."""
    text = """
import numpy, random
SEED
def azureml_main(dataframe1=None, dataframe2=None):
    import pandas
    return pandas.DataFrame({"n": [numpy.random.rand()], "m": [random.random()]}),
"""

    async def ask(seed):
        async with Served(pools, script_job(text.replace("SEED", seed))) as served:
            return [await rows(served, {"x": [1]}) for _ in range(3)]

    free = asyncio.run(ask(""))
    assert len({answer["n"][0] for answer in free}) == 3
    assert len({answer["m"][0] for answer in free}) == 3
    seeded = asyncio.run(ask("numpy.random.seed(1); random.seed(1)"))
    assert seeded[0] == seeded[1] == seeded[2]


def test_closing_leaves_nothing(pools) -> None:
    """R-6.1: the processes of a service that waits are gone when it is closed."""
    pool = pools.get(current_environment())

    async def ask():
        async with Served(pools, script_job("MARK = 'a' * 10\n" + DOUBLE)) as served:
            await served.until(lambda child: child.is_ready)
            return len(descendants(pool.process_ids()[0]))

    while_open = asyncio.run(ask())
    last = time.monotonic() + 30
    # Of a service there are three: the cell's init, the process that has loaded the script, the one that waits.
    while len(descendants(pool.process_ids()[0])) > while_open - 3:
        assert time.monotonic() < last, "its processes are still there"
        time.sleep(0.05)


IMPORTS = """
import sys

def tell(table):
    table["had"] = "wave" in sys.modules
    import wave
    return table
"""


@pytest.mark.parametrize("state", ["fresh", "kept"])
def test_what_a_module_wants_beforehand_is_imported_once(pools, state) -> None:
    """R-10.1: scikit-learn takes a second to import, and each fresh request would pay it: pools may not have it."""
    module = {"entry": "own:tell", "source": {"text": IMPORTS, "file": "modules/own.py"}}
    document = {"kind": "module", "node": "n", "module": module, "parameters": {}}
    job = Job(document, outputs=(("table", "dataset"),))

    async def ask():
        async with Served(pools, job, state, preload=["wave", "no_such_library"]) as served:
            child = await served.until(lambda child: child.is_ready or child.has_ended)
            called = await child.call([Part("table", "dataset", frame_of({"x": [1]}))], {}, 60.0)
            return table_of(called.outputs["table"])

    assert asyncio.run(ask()) == {"x": [1], "had": [True]}


THREADS = """
import numpy as np
from lightgbm import LGBMRegressor

x = np.arange(4000.0).reshape(-1, 2)
model = LGBMRegressor(n_jobs=2, n_estimators=5, verbosity=-1).fit(x, x[:, 0])

def azureml_main(dataframe1=None, dataframe2=None):
    if dataframe1["x"][0] < 0:
        raise ValueError("negative")
    dataframe1["y"] = model.predict(x) > 0
    return dataframe1,
"""


def test_threads_of_loading_do_not_stop_requests(pools) -> None:
    """R-10.1: a script that trains at its top level leaves threads that a fork loses; requests waited for ever."""
    pytest.importorskip("lightgbm")

    async def ask():
        async with Served(pools, script_job(THREADS.replace("predict(x)", "predict(x)[:1]"))) as served:
            for _ in range(2):
                assert await rows(served, {"x": [1.0]}) == {"x": [1.0], "y": [True]}
            with pytest.raises(ScriptError, match="negative"):
                await served.call({"x": [-1.0]})

    asyncio.run(ask())
