"""On a terminal: a live table that never wraps and leaves the screen tidy; help; completion in a real shell."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "studiolo.cli.main"]
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
HEAVY = ("rich", "pyarrow", "pandas", "numpy", "asyncio", "duckdb", "matplotlib")
SLOW = """\
import time


def azureml_main(dataframe1=None, dataframe2=None):
    print("at work", flush=True)
    time.sleep(0.4)
"""


@pytest.fixture(scope="module")
def shell(new_workspace, node_text):
    """A workspace with an experiment of 30 nodes, one of which takes a while and one of which fails."""
    shell = new_workspace("terminal")
    names = [f"node_of_many_{number:02d}" for number in range(28)]
    shell.experiment(
        "many",
        "".join(f"  {name}: {{module: enter-data-manually, parameters: {{data: a}}}}\n" for name in names)
        + node_text("slow")
        + node_text("bad"),
        {"slow.py": SLOW, "bad.py": "def azureml_main(a=None, b=None):\n    raise ValueError('x' * 200)\n"},
    )
    return shell


def in_terminal(shell, *args: str, width: int, height: int, interrupt_at: str = "", **environment: str):
    """Run a command in a terminal of that size; give its exit code and all that it wrote."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.chdir(shell.folder)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        os.execve(
            COMMAND[0], [*COMMAND, *args], {**kept, "HOME": str(shell.home), "TERM": "xterm", **environment}
        )
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    data = b""
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:
            break
        if not piece:
            break
        data += piece
        if interrupt_at and interrupt_at.encode() in data:
            os.write(descriptor, b"\x03")
            interrupt_at = ""
    os.close(descriptor)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), data.decode()


def lines_of(written: str) -> list[str]:
    """Give all lines that were ever on the screen, without control sequences."""
    return [line.strip("\r") for line in SEQUENCE.sub("", written).split("\n")]


def test_the_live_table_fits_a_small_screen_and_the_summary_stays(shell) -> None:
    """60 columns and 20 lines: nothing wraps, the table is never higher than the screen, the cursor comes back."""
    code, written = in_terminal(shell, "run", "many", "--logs", width=60, height=20)
    assert code == 1
    frames = written.split("\x1b[?2026h")[1:]
    assert len(frames) > 3
    tables = [lines_of(frame.split("\x1b[?2026l")[0]) for frame in frames]
    assert [line for table in tables for line in table if len(line) >= 60] == []
    assert max(len(table) for table in tables) <= 20
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")
    assert "slow | at work" in lines_of(written)
    stays = lines_of(written[written.rindex("\x1b[?2026l") :])
    assert sum(line.startswith("✓  node_of_many_") for line in stays) == 28
    assert re.fullmatch(r"run \d+ of many failed in .*: 1 failed, 29 ran", stays[-2])


def test_an_unchanged_run_draws_nothing_but_the_summary(shell) -> None:
    """A table that flashes up for 50 ms is noise."""
    shell.experiment("still", "  a: {module: enter-data-manually, parameters: {data: a}}\n")
    assert shell("run", "still").code == 0
    code, written = in_terminal(shell, "run", "still", width=80, height=24)
    assert code == 0
    assert "\x1b[?25l" not in written or written.count("\x1b[?2026h") < 12
    assert lines_of(written)[0].split() == ["node", "state", "rows", "x", "columns", "time", "why"]


def test_ctrl_c_in_a_terminal_leaves_it_usable(shell) -> None:
    """The cursor comes back and the summary tells what was cancelled."""
    code, written = in_terminal(
        shell,
        "run",
        "many",
        "--only",
        "slow",
        "--force",
        "--logs",
        width=80,
        height=24,
        interrupt_at="at work",
    )
    assert code == 130
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")
    assert "-  slow  cancelled" in written.replace("\x1b[0m", "").replace("\x1b[33m", "")


def test_no_colour_holds_on_a_terminal_too(shell) -> None:
    """no-color.org; also a terminal that can do nothing gets plain lines."""
    _, written = in_terminal(shell, "show", "many", width=80, height=24, NO_COLOR="1")
    assert re.findall(r"\x1b\[[0-9;]+m", written) == []
    _, written = in_terminal(shell, "run", "still", width=80, height=24, TERM="dumb")
    assert "\x1b" not in written
    assert "reused     a" in written


def test_help_names_every_command_with_what_it_does(shell) -> None:
    """The first page anybody sees: sections, short sentences, examples; it needs no workspace."""
    done = shell.inside("--help")
    assert done.code == 0
    names = ["init", "new", "check", "run", "cancel", "show", "logs", "runs", "export", "dataset", "doctor"]
    for name in [*names, "completion"]:
        assert re.search(rf"^  {name} +[A-Z]", done.out, re.M), name
        page = shell.inside(name, "--help")
        assert page.code == 0
        assert "Examples:" in page.out, name
        assert f"Usage: studiolo {name}" in page.out
    for name in ["add", "list", "show", "remove"]:
        assert "Examples:" in shell.inside("dataset", name, "--help").out
    assert shell.inside().out == done.out
    assert shell("--version").out.startswith("studiolo ")


@pytest.mark.parametrize("args", [["--help"], ["run", "--help"], ["run", "still"]], ids=" ".join)
def test_what_must_be_quick_loads_nothing_heavy(shell, args: list[str]) -> None:
    """R-7.2: an unchanged run takes 100 ms in all; pyarrow alone takes that long to load."""
    shell.experiment("still", "  a: {module: enter-data-manually, parameters: {data: a}}\n")
    assert shell("run", "still").code == 0
    code = (
        "import sys\nfrom studiolo.cli.main import main\n"
        f"code = main.carry_out({args!r})\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], code, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=shell.folder, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "[] 0"


@pytest.fixture(scope="module")
def in_bash(shell, tmp_path_factory: pytest.TempPathFactory):
    """A function that types a line in bash with our completion and gives what tab offers."""
    if shutil.which("bash") is None:
        pytest.skip("needs bash")
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "studiolo"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m studiolo.cli.main "$@"\n')
    command.chmod(0o755)

    def complete(line: str) -> list[str]:
        script = (
            'eval "$(studiolo completion bash)"\ncompopt() { :; }\n'
            f"COMP_LINE={line!r} COMP_POINT={len(line)}\n_studiolo_completion studiolo\n"
            'printf "%s\\n" "${COMPREPLY[@]}"\n'
        )
        done = subprocess.run(
            ["bash", "--norc", "-c", script],
            cwd=shell.folder,
            env={"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(shell.home)},
            capture_output=True,
            text=True,
        )
        assert done.stderr == ""
        return done.stdout.split()

    return complete


def test_bash_completes_commands_experiments_nodes_ports_and_parameters(shell, in_bash) -> None:
    """Names contain `:` and `=`, at which bash breaks words."""
    shell.experiment("still", "  a: {module: enter-data-manually, parameters: {data: a}}\n")
    assert shell("run", "still").code == 0
    assert in_bash("studiolo ru") == ["run", "runs"]
    assert in_bash("studiolo run ") == ["many", "still"]
    assert in_bash("studiolo run --fo") == ["--force"]
    assert in_bash("studiolo run many --to sl") == ["slow"]
    assert in_bash("studiolo show sti") == ["still"]
    assert in_bash("studiolo show still:") == ["a"]
    assert in_bash("studiolo show still:a.") == ["a.dataset"]
    assert in_bash("studiolo run still --set a.data_") == ["a.data_format="]
    assert in_bash("studiolo dataset l") == ["list"]
    assert in_bash("studiolo run nothing:x") == []


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_other_shells_get_a_script_that_they_can_read(shell, tmp_path: Path, name: str) -> None:
    """Where the shell is installed it is asked itself."""
    done = shell.inside("completion", name)
    assert (done.code, "_STUDIOLO_COMPLETE" in done.out) == (0, True)
    if shutil.which(name) is None:
        pytest.skip(f"needs {name}")
    script = tmp_path / "completion"
    script.write_text(done.out)
    checked = subprocess.run([name, "-n", str(script)], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_signals_are_as_before_after_a_run(shell) -> None:
    """A program that calls the command line inside keeps its own handlers."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    shell.experiment("still", "  a: {module: enter-data-manually, parameters: {data: a}}\n")
    assert shell.inside("run", "still").code == 0
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
