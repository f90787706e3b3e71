"""The host treats what comes out of a job as hostile (R-6.3): forged results are refused, nothing is followed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Outcome, body

Run = Callable[..., Outcome]

PNG = "b'\\x89PNG\\r\\n\\x1a\\n' + b'x' * 100"


def forge(code: str) -> str:
    """Run `code` in the script, then say "done" on the job's socket and end, past our own code."""
    end = """
for n in list(range(3, 60)):
    try:
        s = socket.socket(fileno=os.dup(n))
        if s.family == socket.AF_UNIX: s.sendall(b'{"done": 1}')
    except OSError: pass
os._exit(0)
"""
    listing = """import os, socket
memfds = []
for n in range(3, 60):
    try:
        if 'memfd' in os.readlink('/proc/self/fd/%d' % n): memfds.append(n)
    except OSError: pass
"""
    return body(listing + code + end)


@pytest.mark.parametrize(
    "code",
    [
        "for n in memfds: os.write(n, b'not json')",
        "for n in memfds: os.write(n, b'[' * 100000)",
        "for n in memfds: os.write(n, b'{}')",
        'for n in memfds: os.write(n, b\'{"status": "ok", "outputs": {"result_dataset": {}}}\')',
        'for n in memfds: os.ftruncate(n, 1 << 40) if False else os.write(n, b\'{"status": "ok"}\' * 2)',
        "pass",
    ],
)
def test_a_forged_report_is_refused(run: Run, code: str) -> None:
    """facts/sandbox-attacks.md 62 to 66: a result only counts when it is sealed and what it says holds."""
    outcome = run(forge(code))
    assert outcome.code == "bad-result"


def test_a_hostile_frame_is_refused(run: Run) -> None:
    """R-6.3: frames are checked by bounds; one that claims more than it has is refused."""
    header = b'{"columns":[{"buffers":[[0,0],[0,80000]],"name":"a","nulls":0,"type":"int64"}],"rows":10000}'
    code = f"frame = b'STDLFRM1' + ({len(header)}).to_bytes(8, 'little') + {header!r}\n"
    code += 'report = b\'{"status": "ok", "outputs": {"result_dataset": {}}}\'\n'
    code += "for n in memfds: os.write(n, frame if n != memfds[0] else report)"
    first = run(forge(code))
    swapped = run(forge(code.replace("memfds[0]", "memfds[-1]")))
    assert {first.code, swapped.code} <= {"bad-result"}


def test_an_output_kept_open_for_writing_is_waited_for(run: Run) -> None:
    """A writable shared map forbids sealing: the host waits for the job's end, then takes or refuses the result."""
    code = """
import os, mmap, threading, time, pandas as pd
for n in range(3, 60):
    try:
        if 'memfd' in os.readlink('/proc/self/fd/%d' % n):
            os.ftruncate(n, 4096); keep = mmap.mmap(n, 4096); os.ftruncate(n, 0)
            globals().setdefault('k', []).append(keep)
    except (OSError, ValueError): pass
return pd.DataFrame({'a': [1]})
"""
    outcome = run(body(code))
    assert outcome.code in (None, "bad-result")


@pytest.mark.parametrize(
    "code",
    [
        "os.symlink('/etc/passwd', 'a.png')",
        "os.mkfifo('a.png')",
        "os.mkdir('a.png')",
        "os.symlink('/dev/zero', 'a.png')",
        "open('a.png', 'w').write('no picture')",
        "open('b', 'wb').write(PNG); os.symlink('b', 'a.png')",
        "f = open('a.png', 'wb'); f.write(PNG); f.truncate(1 << 28)",
        "os.mkdir('d'); open('d/x.png', 'wb').write(PNG); os.rename('d', 'e'); os.symlink('e', 'd')",
    ],
)
def test_what_is_no_plain_picture_is_left_out(run: Run, code: str) -> None:
    """facts/sandbox-attacks.md 57 to 60: links, pipes, folders and fakes are skipped and never block the host."""
    outcome = run(body(f"import os\nPNG = {PNG}\n{code}"))
    assert outcome.code is None
    assert [picture.name for picture in outcome.end.pictures] in ([], ["e/x.png"])


def test_pictures_come_in_order_of_creation(run: Run) -> None:
    """R-1.7: every picture left in the working directory, first made first."""
    code = f"import time\nPNG = {PNG}\nfor name in ('z.png', 'a.png', 'm.png'):\n"
    code += "    open(name, 'wb').write(PNG); time.sleep(0.02)"
    assert [picture.name for picture in run(body(code)).end.pictures] == ["z.png", "a.png", "m.png"]
