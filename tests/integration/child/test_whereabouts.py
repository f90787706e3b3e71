"""What a process that is asked, out of CPU time or crashing writes of itself, on every interpreter."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from studiolo.worker.whereabouts import peak, place, read_trace
from studiolo_child.whereabouts import PEAK, TELL

SOURCE = str(Path(__file__).parents[3] / "src")
VERSIONS = ["2.7", *[f"3.{minor}" for minor in range(6, 15)]]
FILE = "scripts/é.py"
PROGRAM = """
from __future__ import print_function, unicode_literals
import os, sys
sys.path.insert(0, sys.argv[1])
from studiolo_child import exhausted, whereabouts
whereabouts.warm()
whereabouts.install(int(sys.argv[2]))
file = "scripts/\\u00e9.py"
text = sys.argv[3] if str is not bytes else sys.argv[3].decode("utf-8")
print("ready")
sys.stdout.flush()
try:
    exec(compile(text, file if str is not bytes else file.encode("utf-8"), str("exec")), {})
except MemoryError as error:
    limits = {"memory_mb": 100, "processes": 8, "disk_mb": 8, "files": 8, "output_mb": 8}
    assert exhausted.exhausted(error, limits, file, "text")["details"]["allowed"] == 100
whereabouts.tell_peak(int(sys.argv[2]), 0)
"""


def interpreters() -> list[str]:
    """Give the interpreters of this machine, this one first."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [str(path) for version in VERSIONS for path in sorted(pyenv.glob(f"{version}.*/bin/python"))]
    on_path = [shutil.which(f"python{version}") for version in VERSIONS] if not found else []
    return [sys.executable, *found, *filter(None, on_path)]


def run(python: str, text: str, number: int | None = None) -> tuple[bytes, int]:
    """Run a text under an interpreter and send it a signal; give what it wrote and how it ended."""
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    command = [python, "-B", "-c", PROGRAM, SOURCE, str(theirs), text]
    with subprocess.Popen(
        command, pass_fds=[theirs], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        assert child.stdout.readline() == b"ready\n", child.stderr.read()
        if number is not None:
            child.stdout.readline()
            child.send_signal(number)
        child.wait(30)
    os.close(theirs)
    data = read_trace(ours)
    os.close(ours)
    return data, child.returncode


LINES = (2, 3, 4, 5)  # it may not have come to its loop yet
LOOP = "import sys\ndef turn():\n    print('in')\n    sys.stdout.flush()\n    while True: pass\nturn()"
ENDING = "import os, sys, time\nprint('in')\nsys.stdout.flush()\nend = time.time() + 0.3\nwhile time.time() < end: pass"


@pytest.mark.parametrize("python", interpreters(), ids=lambda path: "-".join(Path(path).parts[-3:]))
def test_every_interpreter_says_where_it_is(python: str) -> None:
    """R-5.2, issue 3 (4): Python 2.7 and 3.6 to 3.14 alike; SIGXCPU still kills."""
    document = {"script": {"file": FILE}}
    data, status = run(python, LOOP, signal.SIGXCPU)
    found = place(data, document)
    assert found is not None and (found.file, found.line in LINES, status) == (FILE, True, -signal.SIGXCPU)
    data, status = run(python, ENDING, TELL)
    found = place(data, document)
    assert found is not None and (found.file, found.line in LINES, status) == (FILE, True, 0)
    data, status = run(python, "raise MemoryError")
    assert (data.startswith(PEAK.encode()), status) == (True, 0)


def test_memory_that_was_held_for_a_moment_is_in_the_peak() -> None:
    """Issue 3 (4): between two samples of the watcher."""
    data, status = run(sys.executable, "x = bytearray(200_000_000)\ndel x")
    assert status == 0 and 180e6 < peak(data) < 220e6
    data, status = run(sys.executable, "pass")
    assert status == 0 and peak(data) < 5e6


def test_a_crash_has_its_place_and_still_kills() -> None:
    """Issue 3 (4): SIGSEGV of compiled code."""
    data, status = run(sys.executable, "import ctypes\nctypes.string_at(0)")
    found = place(data, {"script": {"file": FILE}})
    assert found is not None and (found.file, found.line, status) == (FILE, 2, -signal.SIGSEGV)


def test_a_full_pipe_does_not_keep_a_process_alive() -> None:
    """R-6.1: a process that fills its own trace pipe dies of the signal all the same."""
    fill = "import os, sys\nos.write(int(sys.argv[2]), bytes(1 << 20))\n" + LOOP
    assert run(sys.executable, fill, signal.SIGXCPU)[1] == -signal.SIGXCPU
