"""Log bombs: whatever a script prints is bounded, costs the host little, and is inert on a terminal (R-1.8, R-6.3).

Numbers of cases are those of facts/sandbox-attacks.md.
"""

from __future__ import annotations

import re

import pytest

from studiolo.cli.plain_text import clean_line, clean_lines
from tests.jail.cases import EXCEPTION_GROUPS, cases
from tests.jail.hosts import HostProcess
from tests.jail.trials import body, host_peak, run, text

KEPT = 64  # KiB
MB = 1 << 20

BOMBS = {
    "case 55 lines": "for _ in range(40000): print('x' * 1000)",
    "case 55 without a newline": "for _ in range(40): sys.stdout.write('x' * MB)",
    "case 55 not UTF-8": "for _ in range(40): os.write(1, b'\\xff\\xfe\\x80' * (MB // 3))",
    "case 55 on both streams": "for _ in range(20): os.write(1, b'x' * MB); os.write(2, b'y' * MB)",
    "own: NUL": "for _ in range(40): os.write(1, bytes(MB))",
    "own: byte by byte": "for _ in range(200000): os.write(1, b'x')",
    "own: control sequences": "for _ in range(40): os.write(2, b'\\x1b[2J\\x1b]0;title\\x07' * (MB // 16))",
    "own: cut within characters": "text = u'ä日\\U0001f600'.encode('utf-8')[1:-1]\n"
    "for _ in range(40): os.write(1, text * (MB // 8))",
    "own: from children": text(
        """
        for _ in range(4):
            if os.fork() == 0:
                for _ in range(10):
                    os.write(1, b'x' * MB)
                os._exit(0)
        for _ in range(4):
            os.wait()
        """
    ),
    "own: past the streams": text(
        """
        sys.stdout = os.fdopen(os.dup(1), 'wb', 0)
        for _ in range(40):
            sys.stdout.write(b'x' * MB)
        """
    ),
    "own: through the largest pipe": "fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, MB)\n"
    "for _ in range(40): os.write(1, b'x' * MB)",
    "own: never blocking": text(
        """
        os.set_blocking(1, False)
        for _ in range(400):
            try:
                os.write(1, b'x' * MB)
            except BlockingIOError:
                pass
        os.set_blocking(1, True)
        """
    ),
}


@pytest.mark.parametrize("code", BOMBS.values(), ids=BOMBS.keys())
def test_a_log_is_cut_in_the_middle_and_costs_little(jail: HostProcess, code: str) -> None:
    """Case 55: its beginning and end are kept, what was cut is told, the job still ends, memory stays flat."""
    text = (
        f"import fcntl, os, sys\nMB = 1 << 20\nprint('first', flush=True)\n{code}\nos.write(1, b'\\nlast\\n')"
    )
    with host_peak(jail) as peak:
        reply = run(jail, text, log_kb=KEPT)
    assert reply.code is None, reply
    assert reply.log.startswith("first\n") and reply.log.endswith("\nlast\n")
    assert "bytes of output cut here" in reply.log
    assert len(reply.log.encode("utf-8", "surrogateescape")) < 3 * KEPT * 1024 + 200  # U+FFFD has three bytes
    assert peak.megabytes < 32


def test_a_log_without_end_ends_with_its_job(jail: HostProcess) -> None:
    """Case 55: a job that prints for ever is ended at its limit, also when it prints on being told to go."""
    code = text(
        """
        import signal
        for n in (15, 24):
            signal.signal(n, lambda *a: print('still here'))
        while True:
            print('x' * 1000)
        """
    )
    assert run(jail, code, wall_seconds=1, log_kb=KEPT).code == "wall-limit"
    assert run(jail, code, cpu_seconds=1, wall_seconds=60, log_kb=KEPT).code == "cpu-limit"


ERRORS = {
    "case 55 50 MB of text": "raise ValueError('x' * (50 << 20))",
    "case 55 50 MB without ASCII": "raise ValueError('日' * (15 << 20))",
    "own: a name of 1 MB": "raise type('E' * (1 << 20), (Exception,), {})()",
    "own: NUL and control sequences": "raise ValueError('\\x1b[2J\\x1b]0;owned\\x07\\0\\r\\x9b31m\\u202e\\ud800')",
    "own: many notes": text(
        r"""
        error = ValueError('x')
        for n in range(2000):
            error.add_note('\x1b[2J' + 'n' * 1000)
        raise error
        """
    ),
    "own: 20000 arguments": "raise ValueError(*(list(range(20000)) + ['\\x1b[2J'] * 1000))",
    "own: a line that is no line": "exec(compile('\\n' * 50000 + 'raise ValueError', '\\x1b[2Jnode.py', 'exec'))",
}
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


@pytest.mark.parametrize("code", cases(ERRORS, {"own: many notes": EXCEPTION_GROUPS}))
def test_the_text_of_an_error_is_short_and_inert(jail: HostProcess, code: str) -> None:
    """Case 55 and own: an error's text is bounded, and what the command line prints of it moves no cursor."""
    with host_peak(jail) as peak:
        reply = run(jail, code, log_kb=KEPT)
    assert reply.code == "script-raised", reply
    assert len(reply.summary) + len(reply.hint) + len(reply.traceback) < 60_000
    assert peak.megabytes < 32
    printed = [clean_line(reply.summary), clean_line(reply.hint), *clean_lines(reply.traceback)]
    assert not any(CONTROL.search(line) for line in printed)


SEQUENCES = (
    r"\x1b[2J \x1b[1;1H \x1b]0;title\x07 \x1b]52;c;cHduZWQ=\x07 \x1bP+q544e\x1b\\ \x9b2J "
    r"\x1b[6n \x1bc \x1b(0 \x07\x08\x08 \x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\ \x1b[?1049h \x1b[5i "
    r"\x1b_G\x1b\\ \x1b^x\x1b\\ \r over \x0b\x0c \x00 \x7f"
)


def test_what_a_script_prints_is_inert_on_a_terminal(jail: HostProcess) -> None:
    """Own: titles, clipboards, links, other screens, answers typed by the terminal: nothing of it is passed on."""
    reply = run(jail, f"import os\nos.write(1, b'before {SEQUENCES} after\\n\\x1b]0;never ended')")
    assert "\x1b]52" in reply.log  # the log itself is kept as it was written
    lines = clean_lines(reply.log)
    assert lines and not any(CONTROL.search(line) for line in lines)
    assert "after" in lines[0]


def test_a_job_reads_no_others_log(jail: HostProcess) -> None:
    """Own: its log is a pipe, which some accounts can open for reading; what is found there is the job's own."""
    other = jail.start(body("import time\nfor _ in range(40): print('other', flush=True); time.sleep(0.01)"))
    code = """
import os
found = b''
print('TRIED: to read', flush=True)
for number in range(64):
    try: reader = os.open('/proc/self/fd/%d' % number, os.O_RDONLY | os.O_NONBLOCK)
    except OSError: continue
    for _ in range(100):
        try: found += os.read(reader, 100)
        except OSError: break
os.write(2, b'BREACH' if b'other' in found else b'fine')
"""
    assert run(jail, code).log.endswith("fine")
    assert other.reply().log == "other\n" * 40
