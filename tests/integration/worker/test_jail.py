"""What a script can't do in its jail, tried for real (R-6.1, R-1.10)."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Outcome

Run = Callable[..., Outcome]


def body(code: str) -> str:
    lines = "\n".join("    " + line for line in code.strip().splitlines())
    return f"def azureml_main(dataframe1=None, dataframe2=None):\n{lines}\n"


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/shadow').read()",
        "open('/boot/grub/grub.cfg').read()",
        "import os; os.listdir('/var/log')",
        "import os; os.listdir('/sys')",
        "open('/proc/1/environ').read()",
        "open('/usr/lib/planted', 'w')",
        "open('/planted', 'w')",
        "open('/dev/planted', 'w')",
        "import pandas; open(pandas.__file__, 'a')",
        "import os, pandas; os.chmod(pandas.__file__, 0o777)",
        "import os; os.mknod('device', 0o60600, os.makedev(254, 0))",
        "import os; os.chroot('.')",
        "import ctypes, os\nif ctypes.CDLL(None).unshare(0x10000000): raise OSError(ctypes.get_errno())",
        "import ctypes, os\nif ctypes.CDLL(None, use_errno=True).mount(b'x', b'.', b'tmpfs', 0, 0): raise OSError()",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
        "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "import socket; socket.socket(40, socket.SOCK_STREAM)",
        "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:1/')",
        "import os; os.setuid(0)",
        "import os; os.kill(1, 9) or os.kill(-1, 0)",
        "import subprocess; subprocess.check_call(['/bin/sh', '-c', 'true'])",
        "import subprocess; subprocess.check_call(['/usr/bin/sh', '-c', 'true'])",
    ],
)
def test_an_attempt_to_leave_the_box_fails_with_an_error(run: Run, attempt: str) -> None:
    """R-6.1: no network, no other files, no rights; the error is the script's, and names its line."""
    outcome = run(body(attempt))
    assert outcome.result.error is not None
    assert outcome.result.error.where.file == "scripts/node.py"


def test_a_listener_of_the_host_sees_no_connection(run: Run) -> None:
    """R-6.1: the network namespace is empty; nothing arrives even where the port is known."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        tcp_port = server.getsockname()[1]
        outcome = run(body(f"import socket\nsocket.create_connection(('127.0.0.1', {tcp_port}), 1)"))
        with pytest.raises(TimeoutError):
            server.accept()
    assert outcome.code == "script-raised"


def test_the_environment_of_the_host_is_not_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-6.1: secrets in the host's environment variables never reach a script."""
    assert "PATH" in os.environ
    outcome = run(
        body("import os\nprint(sorted(set(os.environ) & {'PWD', 'SHELL', 'PIP_CERT', 'SSH_AUTH_SOCK'}))")
    )
    assert outcome.log == "[]\n"


def test_files_of_one_job_are_gone_in_the_next(run: Run) -> None:
    """R-1.10: the working directory, temporary folder and shared memory vanish with the job."""
    write = "for place in ('.', '/tmp', '/dev/shm'): open(place + '/left.txt', 'w').write('x')"
    look = "import os\nprint([os.path.exists(place + '/left.txt') for place in ('.', '/tmp', '/dev/shm')])"
    assert run(body(write)).code is None
    assert run(body(look)).log == "[False, False, False]\n"


def test_only_its_own_processes_are_visible(run: Run) -> None:
    """R-6.1: a script sees the init of its cell and itself, nothing of the pool or the host."""
    outcome = run(body("import os\nprint(len([n for n in os.listdir('/proc') if n.isdigit()]))"))
    assert int(outcome.log) <= 2


def test_capabilities_are_gone_and_the_filter_is_on(run: Run) -> None:
    """R-6.1: no capability is left in any set, no new privilege can come, seccomp filters."""
    code = "print([l.split()[1] for l in open('/proc/self/status') if l.split(':')[0] in "
    code += "('CapPrm', 'CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp')])"
    assert run(body(code)).log == "['0000000000000000', '0000000000000000', '0000000000000000', '1', '2']\n"


def test_descriptors_of_the_host_are_not_inherited(run: Run) -> None:
    """Only the job's own descriptors are open: log, socket, outputs, report, working directory, inputs."""
    code = "import os\nprint([os.readlink('/proc/self/fd/' + n).split(':')[0].split(' ')[0] "
    code += "for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + n) or True][:40])"
    log = run(
        body("try:\n" + "\n".join("    " + line for line in code.splitlines()) + "\nexcept OSError: pass")
    ).log
    assert "/work" not in log and ".db" not in log and "blobs" not in log


def test_a_library_of_the_environment_is_unchanged_after_attempts(run: Run) -> None:
    """R-6.1: what the script reads of the environment is the host's file, and it stays as it is."""
    import pandas

    before = Path(pandas.__file__).read_bytes()
    for attempt in (
        "import pandas, os; os.unlink(pandas.__file__)",
        "import pandas; open(pandas.__file__, 'w')",
    ):
        assert run(body(attempt)).result.error is not None
    assert Path(pandas.__file__).read_bytes() == before


@pytest.mark.parametrize(
    "code",
    [
        "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p: assert p.map(abs, [-1, 2]) == [1, 2]",
        "import threading\nt = threading.Thread(target=print); t.start(); t.join()",
        "import sqlite3\nassert sqlite3.connect('x.db').execute('select 1').fetchone() == (1,)",
        "import tempfile\nwith tempfile.NamedTemporaryFile() as f: f.write(b'x')",
        "import asyncio\nasync def f(): return 1\nassert asyncio.run(f()) == 1",
        "import pandas as pd\npd.DataFrame({'a': [1]}).to_parquet('x.parquet'); pd.read_parquet('x.parquet')",
        "import getpass\nassert getpass.getuser() == 'studiolo'",
        "import zoneinfo\nzoneinfo.ZoneInfo('Europe/Vienna')",
        "import ctypes\nctypes.CFUNCTYPE(ctypes.c_int)(lambda: 1)()",
        "import numpy as np\nassert np.linalg.inv(np.eye(300)).trace() == 300",
        "from multiprocessing import shared_memory as s\nm = s.SharedMemory(None, True, 4096); m.close(); m.unlink()",
    ],
)
def test_what_scripts_need_works_inside(run: Run, code: str) -> None:
    """False alarms cost more users than holes (facts/sandbox-attacks.md): these must go on working."""
    outcome = run(body(code))
    assert outcome.result.error is None, str(outcome.result.error)


def test_random_numbers_differ_between_jobs(run: Run) -> None:
    """A forked child must not repeat its sister's random numbers."""
    code = "import random, numpy as np\nprint(random.random(), np.random.rand())"
    assert run(body(code)).log != run(body(code)).log


def test_changes_to_libraries_do_not_reach_the_next_job(run: Run) -> None:
    """Each job is a fresh fork: a patched library is whole again in the next."""
    assert run(body("import pandas as pd\npd.DataFrame = None")).code is None
    assert run(body("import pandas as pd\nreturn pd.DataFrame({'a': [len('xy')]})")).code is None
