"""What scripts need goes on working inside: false alarms cost more users than holes (facts/sandbox-attacks.md)."""

from __future__ import annotations

import pytest

from tests.jail.cases import PYARROW, SHARED_MEMORY, Needs, cases
from tests.jail.hosts import HostProcess
from tests.jail.trials import body, run_script, text

TOP = """
import os, sys, time
def double(number): return 2 * number
def context(kind):
    import multiprocessing
    return multiprocessing.get_context(kind) if hasattr(multiprocessing, 'get_context') else multiprocessing
def total(name):
    from multiprocessing import shared_memory
    import numpy
    shared = shared_memory.SharedMemory(name)
    result = int(numpy.frombuffer(shared.buf, 'int64', 10).sum())
    shared.close()
    return result
"""
RESULTS = {
    "processes by fork": text(
        """
        pool = context('fork').Pool(2)
        try:
            return pool.map(double, [1, 2])
        finally:
            pool.terminate()
        """
    ),
    "processes by spawn": text(
        """
        import multiprocessing as m
        with m.get_context('spawn').Pool(2) as pool:
            return pool.map(double, [1, 2])
        """
    ),
    "processes by forkserver": text(
        """
        import multiprocessing as m
        with m.get_context('forkserver').Pool(2) as pool:
            return pool.map(double, [1, 2])
        """
    ),
    "futures of processes": text(
        """
        from concurrent.futures import ProcessPoolExecutor as E
        with E(2) as pool:
            return list(pool.map(double, [1, 2]))
        """
    ),
    "queues and locks": text(
        """
        c = context('fork')
        q, l = (c.Queue(), c.Lock())
        p = c.Process(target=lambda: (l.acquire(), q.put(2), q.put(4), l.release()))
        p.start()
        r = [q.get(), q.get()]
        p.join()
        return r
        """
    ),
    "shared memory": text(
        """
        import numpy
        from multiprocessing import get_context, shared_memory
        s = shared_memory.SharedMemory(create=True, size=1 << 20)
        numpy.frombuffer(s.buf, 'int64', 10)[:] = 2
        with get_context('fork').Pool(1) as pool:
            found = pool.map(total, [s.name])
        s.close() if False else None
        s.unlink()
        assert found == [20]
        return [2, 4]
        """
    ),
    "shared values": text(
        """
        c = context('fork')
        v = c.Array('i', [1, 2])

        def work():
            for n in range(2):
                v[n] *= 2
        p = c.Process(target=work)
        p.start()
        p.join()
        return list(v)
        """
    ),
    "maps shared with a child": text(
        """
        import mmap
        s = mmap.mmap(-1, 4096)
        if os.fork() == 0:
            s[0] = 2
            s[1] = 4
            os._exit(0)
        os.wait()
        return [s[0], s[1]]
        """
    ),
    "a mapped file": text(
        """
        import numpy
        a = numpy.memmap('m.bin', 'int64', 'w+', shape=(1000,))
        a[:2] = [2, 4]
        a.flush()
        return numpy.memmap('m.bin', 'int64', 'r', shape=(1000,))[:2].tolist()
        """
    ),
    "threads": text(
        """
        from concurrent.futures import ThreadPoolExecutor as E
        with E(8) as pool:
            return list(pool.map(double, [1, 2]))
        """
    ),
    "threads of OpenBLAS": text(
        """
        import numpy
        a = numpy.eye(500) * 2
        assert a.dot(a).trace() == 2000
        return [2, 4]
        """
    ),
    "threads of Arrow": text(
        """
        import pyarrow, pyarrow.compute as c
        t = pyarrow.table({'a': list(range(100000))})
        assert t.group_by('a').aggregate([('a', 'sum')]).num_rows == 100000
        return c.multiply(pyarrow.array([1, 2]), 2).to_pylist()
        """
    ),
    "parquet": text(
        """
        import pandas
        pandas.DataFrame({'a': [2, 4]}).to_parquet('x.parquet')
        return pandas.read_parquet('x.parquet').a.tolist()
        """
    ),
    "feather and memory maps": text(
        """
        import pandas, pyarrow.feather as f
        pandas.DataFrame({'a': [2, 4]}).to_feather('x')
        return f.read_table('x', memory_map=True)['a'].to_pylist()
        """
    ),
    "csv": text(
        """
        import pandas
        pandas.DataFrame({'a': [2, 4]}).to_csv('x.csv', index=False)
        return pandas.read_csv('x.csv').a.tolist()
        """
    ),
    "sqlite in a file": text(
        """
        import sqlite3
        with sqlite3.connect('x.db') as d:
            d.execute('pragma journal_mode=wal')
            d.execute('create table t (a)')
            d.executemany('insert into t values (?)', [(2,), (4,)])
        return [a for a, in sqlite3.connect('x.db').execute('select a from t')]
        """
    ),
    "temporary files": text(
        """
        import tempfile
        with tempfile.NamedTemporaryFile() as f, tempfile.TemporaryDirectory() as d, tempfile.TemporaryFile() as g:
            f.write(b'2')
            g.write(b'4')
            f.seek(0)
            g.seek(0)
            assert os.path.isdir(d)
            return [int(f.read()), int(g.read())]
        """
    ),
    "asyncio": text(
        """
        import asyncio

        async def f(n):
            await asyncio.sleep(0.01)
            return 2 * n

        async def g():
            return await asyncio.gather(f(1), f(2))
        return asyncio.run(g())
        """
    ),
    "asyncio with threads and processes": text(
        """
        import asyncio

        async def f():
            p = await asyncio.create_subprocess_exec(sys.executable, '-c', 'print(4)', stdout=-1)
            return [await asyncio.to_thread(double, 1), int((await p.communicate())[0])]
        return asyncio.run(f())
        """
    ),
    "subprocess of Python": text(
        """
        import subprocess
        return [2, int(subprocess.check_output([sys.executable, '-c', 'print(4)']))]
        """
    ),
    "ctypes callbacks": text(
        """
        import ctypes
        C = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
        a = (ctypes.c_int * 2)(4, 2)
        ctypes.CDLL(None).qsort(a, 2, 4, C(lambda x, y: x[0] - y[0]))
        return list(a)
        """
    ),
    "a PNG of matplotlib": text(
        r"""
        import matplotlib.pyplot as p
        p.plot([2, 4])
        p.savefig('a.png')
        assert open('a.png', 'rb').read(4) == b'\x89PNG'
        return [2, 4]
        """
    ),
    "time zones": text(
        """
        import zoneinfo, pandas
        t = pandas.Timestamp('2026-07-01', tz='Europe/Vienna')
        assert t.utcoffset().seconds == 7200
        assert 'Asia/Tokyo' in zoneinfo.available_timezones()
        return [2, 4]
        """
    ),
    "names of users": text(
        """
        import getpass, pwd, grp, os.path
        assert getpass.getuser() == 'studiolo' == pwd.getpwuid(os.getuid()).pw_name
        assert os.path.expanduser('~') == os.getcwd()
        return [2, 4]
        """
    ),
    "the working directory": text(
        """
        os.makedirs('a/b')
        open('a/b/c', 'w').write('24')
        os.rename('a', 'd')
        os.chmod('d', 448)
        os.symlink('d', 'l')
        os.link('l/b/c', 'h')
        import shutil
        shutil.copy2('h', 'i')
        shutil.copytree('d', 'e')
        shutil.rmtree('d')
        return [int(n) for n in open('e/b/c').read()]
        """
    ),
    "its own /proc/self": text(
        """
        text = open('/proc/self/status').read()
        assert 'VmRSS' in text and os.listdir('/proc/self/fd')
        assert open('/proc/self/maps').read() and os.readlink('/proc/self/exe')
        return [2, 4]
        """
    ),
    "signals and timers": text(
        """
        import signal
        c = []
        signal.signal(signal.SIGALRM, lambda *a: c.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        time.sleep(0.05)
        assert c
        return [2, 4]
        """
    ),
    "pipes and select": text(
        """
        import select, socket
        a, b = socket.socketpair()
        b.send(b'24')
        assert select.select([a], [], [], 1)[0]
        return [int(n) for n in a.recv(2).decode()]
        """
    ),
    "pickle of functions": "import pickle\nreturn list(map(pickle.loads(pickle.dumps(double)), [1, 2]))",
    "logging and warnings": text(
        """
        import logging, warnings
        logging.basicConfig()
        logging.warning('w')
        warnings.warn('v')
        return [2, 4]
        """
    ),
    "compression": text(
        """
        import bz2, gzip, lzma, zipfile
        z = zipfile.ZipFile('z', 'w')
        z.writestr('a', '24')
        z.close()
        assert bz2.decompress(bz2.compress(b'x')) == lzma.decompress(lzma.compress(b'x')) == b'x'
        return [int(n) for n in zipfile.ZipFile('z').read('a').decode()]
        """
    ),
    "localhost's name, uname": text(
        """
        import platform, socket, uuid
        assert platform.node() and platform.machine() and socket.gethostname()
        uuid.getnode()
        uuid.uuid1()
        return [2, 4]
        """
    ),
    "counting processors": text(
        """
        import multiprocessing
        assert multiprocessing.cpu_count() >= 1 <= len(os.sched_getaffinity(0)) and os.nice(1) == 1
        return [2, 4]
        """
    ),
    "locking files": text(
        """
        import fcntl
        f = open('x', 'w')
        fcntl.flock(f, fcntl.LOCK_EX)
        fcntl.lockf(f, fcntl.LOCK_EX)
        return [2, 4]
        """
    ),
}


ASYNC: Needs = ({"python": ">=3.7"}, "asyncio.run")
CONTEXTS: Needs = ({"python": ">=3.4"}, "contexts of multiprocessing")
NEEDS: dict[str, Needs] = {
    "processes by spawn": CONTEXTS,
    "processes by forkserver": CONTEXTS,
    "shared memory": SHARED_MEMORY,
    "threads of Arrow": ({"pyarrow": ">=7"}, "groups in pyarrow"),
    "parquet": PYARROW,
    "feather and memory maps": ({"pyarrow": ">=1"}, "memory maps in pyarrow.feather"),
    "temporary files": ({"python": ">=3.2"}, "tempfile.TemporaryDirectory"),
    "asyncio": ASYNC,
    "asyncio with threads and processes": ({"python": ">=3.9"}, "asyncio.to_thread"),
    "time zones": ({"python": ">=3.9"}, "zoneinfo"),
    "compression": ({"python": ">=3.3"}, "lzma"),
}


@pytest.mark.parametrize("code", cases(RESULTS, NEEDS))
def test_it_works_inside(jail: HostProcess, code: str) -> None:
    """Each is a real script that gives the right numbers back."""
    lines = code.replace("\n", "\n    ")
    script = f"{TOP}\ndef work():\n    {lines}\n" + body(
        "import pandas\nreturn pandas.DataFrame({'a': work()})"
    )
    reply = run_script(jail, script, memory_mb=1024, processes=64, disk_mb=64)
    assert (reply.code, reply.result) == (None, {"a": [2, 4]}), reply


@pytest.mark.needs(joblib="", because="joblib")
def test_joblib_works_inside(jail: HostProcess) -> None:
    """Its processes and its memory maps work."""
    code = "import joblib\nprint(joblib.Parallel(2)(joblib.delayed(double)(n) for n in (1, 2)))"
    reply = run_script(jail, TOP + body(code), memory_mb=1024, processes=64)
    assert reply.log == "[2, 4]\n", reply


def test_pictures_come_in_order_of_creation(jail: HostProcess) -> None:
    """R-1.7: every picture left in the working directory, first made first, with its bytes."""
    code = """
os.mkdir('d')
png = b'\\x89PNG\\r\\n\\x1a\\n'
starts = [('z.png', png), ('d/a.png', png), ('m.svg', b'<svg>'), ('b.JPG', b'\\xff\\xd8\\xff')]
for size, (name, start) in enumerate(starts):
    open(name, 'wb').write(start + b'x' * size)
    time.sleep(0.02)
"""
    reply = run_script(jail, TOP + body(code))
    kinds = ["image/png", "image/png", "image/svg+xml", "image/jpeg"]
    assert [list(picture) for picture in reply.pictures] == [
        [name, kind, size]
        for name, kind, size in zip(("z.png", "d/a.png", "m.svg", "b.JPG"), kinds, (8, 9, 7, 6), strict=True)
    ]
