"""What scripts need goes on working inside: false alarms cost more users than holes (facts/sandbox-attacks.md)."""

from __future__ import annotations

import pytest

from tests.jail.hosts import HostProcess
from tests.jail.trials import body, run_script

TOP = """
import os, sys, time
def double(number): return 2 * number
def total(name):
    from multiprocessing import shared_memory
    import numpy
    shared = shared_memory.SharedMemory(name)
    result = int(numpy.frombuffer(shared.buf, 'int64', 10).sum())
    shared.close()
    return result
"""
RESULTS = {
    "processes by fork": "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as pool: return pool.map(double, [1, 2])",
    "processes by spawn": "import multiprocessing as m\nwith m.get_context('spawn').Pool(2) as pool: return pool.map(double, [1, 2])",
    "processes by forkserver": "import multiprocessing as m\nwith m.get_context('forkserver').Pool(2) as pool: return pool.map(double, [1, 2])",
    "futures of processes": "from concurrent.futures import ProcessPoolExecutor as E\nwith E(2) as pool: return list(pool.map(double, [1, 2]))",
    "queues and locks": "import multiprocessing as m\nc = m.get_context('fork'); q, l = c.Queue(), c.Lock()\n"
    "p = c.Process(target=lambda: (l.acquire(), q.put(2), q.put(4), l.release())); p.start(); r = [q.get(), q.get()]; p.join(); return r",
    "shared memory": "import numpy\nfrom multiprocessing import get_context, shared_memory\n"
    "s = shared_memory.SharedMemory(create=True, size=1 << 20); numpy.frombuffer(s.buf, 'int64', 10)[:] = 2\n"
    "with get_context('fork').Pool(1) as pool: found = pool.map(total, [s.name])\n"
    "s.close() if False else None; s.unlink(); assert found == [20]; return [2, 4]",
    "shared values": "import multiprocessing as m\nc = m.get_context('fork'); v = c.Array('i', [1, 2])\n"
    "def work():\n    for n in range(2): v[n] *= 2\np = c.Process(target=work); p.start(); p.join(); return list(v)",
    "maps shared with a child": "import mmap\ns = mmap.mmap(-1, 4096)\nif os.fork() == 0: s[0] = 2; s[1] = 4; os._exit(0)\nos.wait(); return [s[0], s[1]]",
    "a mapped file": "import numpy\na = numpy.memmap('m.bin', 'int64', 'w+', shape=(1000,)); a[:2] = [2, 4]; a.flush()\n"
    "return numpy.memmap('m.bin', 'int64', 'r', shape=(1000,))[:2].tolist()",
    "threads": "from concurrent.futures import ThreadPoolExecutor as E\nwith E(8) as pool: return list(pool.map(double, [1, 2]))",
    "threads of OpenBLAS": "import numpy\na = numpy.eye(500) * 2; assert (a @ a).trace() == 2000; return [2, 4]",
    "threads of Arrow": "import pyarrow, pyarrow.compute as c\nt = pyarrow.table({'a': list(range(100000))})\n"
    "assert t.group_by('a').aggregate([('a', 'sum')]).num_rows == 100000; return c.multiply(pyarrow.array([1, 2]), 2).to_pylist()",
    "parquet": "import pandas\npandas.DataFrame({'a': [2, 4]}).to_parquet('x.parquet'); return pandas.read_parquet('x.parquet').a.tolist()",
    "feather and memory maps": "import pandas, pyarrow.feather as f\npandas.DataFrame({'a': [2, 4]}).to_feather('x'); return f.read_table('x', memory_map=True)['a'].to_pylist()",
    "csv": "import pandas\npandas.DataFrame({'a': [2, 4]}).to_csv('x.csv', index=False); return pandas.read_csv('x.csv').a.tolist()",
    "sqlite in a file": "import sqlite3\nwith sqlite3.connect('x.db') as d:\n    d.execute('pragma journal_mode=wal'); d.execute('create table t (a)')\n"
    "    d.executemany('insert into t values (?)', [(2,), (4,)])\nreturn [a for a, in sqlite3.connect('x.db').execute('select a from t')]",
    "temporary files": "import tempfile\nwith tempfile.NamedTemporaryFile() as f, tempfile.TemporaryDirectory() as d, tempfile.TemporaryFile() as g:\n"
    "    f.write(b'2'); g.write(b'4'); f.seek(0); g.seek(0); assert os.path.isdir(d); return [int(f.read()), int(g.read())]",
    "asyncio": "import asyncio\nasync def f(n): await asyncio.sleep(0.01); return 2 * n\nasync def g(): return await asyncio.gather(f(1), f(2))\nreturn asyncio.run(g())",
    "asyncio with threads and processes": "import asyncio\nasync def f():\n    p = await asyncio.create_subprocess_exec(sys.executable, '-c', 'print(4)', stdout=-1)\n"
    "    return [await asyncio.to_thread(double, 1), int((await p.communicate())[0])]\nreturn asyncio.run(f())",
    "subprocess of Python": "import subprocess\nreturn [2, int(subprocess.run([sys.executable, '-c', 'print(4)'], capture_output=True, check=True).stdout)]",
    "ctypes callbacks": "import ctypes\nC = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))\n"
    "a = (ctypes.c_int * 2)(4, 2)\nctypes.CDLL(None).qsort(a, 2, 4, C(lambda x, y: x[0] - y[0])); return list(a)",
    "a PNG of matplotlib": "import matplotlib.pyplot as p\np.plot([2, 4]); p.savefig('a.png'); assert open('a.png', 'rb').read(4) == b'\\x89PNG'; return [2, 4]",
    "time zones": "import zoneinfo, pandas\nt = pandas.Timestamp('2026-07-01', tz='Europe/Vienna'); assert t.utcoffset().seconds == 7200\n"
    "assert 'Asia/Tokyo' in zoneinfo.available_timezones(); return [2, 4]",
    "names of users": "import getpass, pwd, grp, os.path\nassert getpass.getuser() == 'studiolo' == pwd.getpwuid(os.getuid()).pw_name\n"
    "assert os.path.expanduser('~') == os.getcwd(); return [2, 4]",
    "the working directory": "os.makedirs('a/b'); open('a/b/c', 'w').write('24'); os.rename('a', 'd'); os.chmod('d', 0o700); os.symlink('d', 'l'); os.link('l/b/c', 'h')\n"
    "import shutil; shutil.copy2('h', 'i'); shutil.copytree('d', 'e'); shutil.rmtree('d'); return [int(n) for n in open('e/b/c').read()]",
    "its own /proc/self": "text = open('/proc/self/status').read(); assert 'VmRSS' in text and os.listdir('/proc/self/fd')\n"
    "assert open('/proc/self/maps').read() and os.readlink('/proc/self/exe'); return [2, 4]",
    "signals and timers": "import signal\nc = []\nsignal.signal(signal.SIGALRM, lambda *a: c.append(1)); signal.setitimer(signal.ITIMER_REAL, 0.02); time.sleep(0.05); assert c; return [2, 4]",
    "pipes and select": "import select, socket\na, b = socket.socketpair(); b.send(b'24'); assert select.select([a], [], [], 1)[0]; return [int(n) for n in a.recv(2).decode()]",
    "pickle of functions": "import pickle\nreturn list(map(pickle.loads(pickle.dumps(double)), [1, 2]))",
    "logging and warnings": "import logging, warnings\nlogging.basicConfig(); logging.warning('w'); warnings.warn('v'); return [2, 4]",
    "compression": "import bz2, gzip, lzma, zipfile\nz = zipfile.ZipFile('z', 'w'); z.writestr('a', '24'); z.close()\n"
    "assert bz2.decompress(bz2.compress(b'x')) == lzma.decompress(lzma.compress(b'x')) == b'x'; return [int(n) for n in zipfile.ZipFile('z').read('a').decode()]",
    "localhost's name, uname": "import platform, socket, uuid\nassert platform.node() and platform.machine() and socket.gethostname(); uuid.getnode(); uuid.uuid1(); return [2, 4]",
    "counting processors": "import multiprocessing\nassert multiprocessing.cpu_count() >= 1 <= len(os.sched_getaffinity(0)) and os.nice(1) == 1; return [2, 4]",
    "locking files": "import fcntl\nf = open('x', 'w'); fcntl.flock(f, fcntl.LOCK_EX); fcntl.lockf(f, fcntl.LOCK_EX); return [2, 4]",
}


@pytest.mark.parametrize("code", RESULTS.values(), ids=RESULTS.keys())
def test_it_works_inside(jail: HostProcess, code: str) -> None:
    """Each is a real script that gives the right numbers back."""
    lines = code.replace("\n", "\n    ")
    script = f"{TOP}\ndef work():\n    {lines}\n" + body(
        "import pandas\nreturn pandas.DataFrame({'a': work()})"
    )
    reply = run_script(jail, script, memory_mb=1024, processes=64, disk_mb=64)
    assert (reply.code, reply.result) == (None, {"a": [2, 4]}), reply


def test_joblib_works_inside(jail: HostProcess) -> None:
    """Where joblib is installed its processes and its memory maps work; elsewhere the error says what is missing."""
    code = "import joblib\nprint(joblib.Parallel(2)(joblib.delayed(double)(n) for n in (1, 2)))"
    reply = run_script(jail, TOP + body(code), memory_mb=1024, processes=64)
    assert reply.log == "[2, 4]\n" or reply.code == "missing-library", reply


def test_pictures_come_in_order_of_creation(jail: HostProcess) -> None:
    """R-1.7: every picture left in the working directory, first made first, with its bytes."""
    code = """
os.mkdir('d')
starts = {'z.png': b'\\x89PNG\\r\\n\\x1a\\n', 'd/a.png': b'\\x89PNG\\r\\n\\x1a\\n', 'm.svg': b'<svg>', 'b.JPG': b'\\xff\\xd8\\xff'}
for size, (name, start) in enumerate(starts.items()):
    open(name, 'wb').write(start + b'x' * size)
    time.sleep(0.02)
"""
    reply = run_script(jail, TOP + body(code))
    kinds = ["image/png", "image/png", "image/svg+xml", "image/jpeg"]
    assert [list(picture) for picture in reply.pictures] == [
        [name, kind, size]
        for name, kind, size in zip(("z.png", "d/a.png", "m.svg", "b.JPG"), kinds, (8, 9, 7, 6), strict=True)
    ]
