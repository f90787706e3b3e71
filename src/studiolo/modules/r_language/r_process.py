"""R as a child process inside the jail: where it is, how it starts, and a conversation by two pipes.

Its console is the job's own log. R's start files are not read: a job is the same on every machine. The process
and all that it starts end with the job.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from studiolo.sdk import ModuleError

SESSION = Path(__file__).parent  # session.R and what it reads
# R reads a file given by --file in time that grows with the square of its length, sys.source does not.
START = (
    'sys.source(file.path(Sys.getenv("STUDIOLO_R_SESSION"), "session.R"), new.env(parent=baseenv()), '
    "keep.source=FALSE)"
)
HOME_VARIABLE, FOLDERS_VARIABLE = "STUDIOLO_R_HOME", "STUDIOLO_R_LIBRARY_FOLDERS"
HOMES = ("/usr/lib/R", "/usr/lib64/R", "/usr/local/lib/R", "/usr/local/lib64/R")
LIBRARIES = ("/usr/local/lib/R/site-library", "/usr/lib/R/site-library")
SHARED = "/usr/share/R"  # where Debian keeps what other machines could use too
PIPE_BYTES = 1 << 20
WRITE_BYTES = 1 << 20


class RGoneError(Exception):
    """R has ended before it gave its answer.

    Attributes:
        status: exit status, negative for a signal.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def home_of_r() -> Path:
    """Give the folder of the R installation that the jail shows.

    Raises:
        ModuleError: `missing-program`.
    """
    for home in (os.environ.get(HOME_VARIABLE, ""), *HOMES):
        if home and os.access(f"{home}/bin/exec/R", os.X_OK):
            return Path(home)
    raise ModuleError(
        "Execute R Script needs R, and there is none on this machine.",
        "Install it: apt-get install r-base-core.",
        code="missing-program",
    )


class RProcess:
    """A running R; end it with `close`.

    Args:
        pieces: the bytes that it reads, made while it reads them.

    Raises:
        ModuleError: `missing-program`, or `program-not-started` where the jail allows no processes.
    """

    def __init__(self, pieces: Iterator[bytes | memoryview]) -> None:
        home = home_of_r()
        self._folder = tempfile.TemporaryDirectory(prefix="r-home-")
        their_in, our_out = os.pipe()
        our_in, their_out = os.pipe()
        arguments = [
            "--no-echo",
            "--no-restore",
            "--no-save",
            "--no-environ",
            "--no-site-file",
            "--no-init-file",
        ]
        numbers = [str(their_in), str(their_out)]
        try:
            self._process = subprocess.Popen(
                [str(home / "bin/exec/R"), *arguments, "-e", START, "--args", *numbers],
                env=_environment(home, Path(self._folder.name)),
                stdin=subprocess.DEVNULL,
                pass_fds=(their_in, their_out),
            )
        except OSError as error:
            for number in (our_in, our_out):
                os.close(number)
            raise _not_started(error) from None
        finally:
            for number in (their_in, their_out):
                os.close(number)
        self._in = our_in
        self._pidfd = os.pidfd_open(self._process.pid)
        for number in (our_in, our_out):
            _widen(number)
        self._fault: BaseException | None = None
        self._writer = threading.Thread(target=self._write, args=(our_out, pieces), daemon=True)
        self._writer.start()

    def fill(self, target: memoryview) -> None:
        """Read as many bytes as `target` has.

        Raises:
            RGoneError: R has ended first.
            ModuleError: what should go to R could not be made.
        """
        poller = select.poll()
        poller.register(self._in, select.POLLIN)
        poller.register(self._pidfd, select.POLLIN)
        at = 0
        while at < len(target):
            ready = {number for number, _ in poller.poll()}
            count = os.readv(self._in, [target[at:]]) if self._in in ready else 0
            if not count:  # R has ended, though a process that it started may still hold the pipe
                raise self._fault or RGoneError(self._process.wait())
            at += count

    def finish(self) -> None:
        """Wait until R has ended by itself."""
        self._process.wait()

    def close(self) -> None:
        """End R if it still runs, and forget it."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._writer.join()
        os.close(self._in)
        os.close(self._pidfd)
        self._folder.cleanup()

    def _write(self, number: int, pieces: Iterator[bytes | memoryview]) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPIPE])  # else it ends the job when R has ended
        try:
            for piece in pieces:
                view = memoryview(piece)
                while len(view):
                    view = view[os.write(number, view[:WRITE_BYTES]) :]
        except BrokenPipeError:  # R has ended: whoever reads its answer learns why
            pass
        except BaseException as error:
            self._fault = error
            self._process.kill()
        finally:
            os.close(number)


def signal_name(number: int) -> str:
    """Give the name of a signal, such as SIGKILL."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _environment(home: Path, folder: Path) -> dict[str, str]:
    """Give R's environment; its start files lie in /etc, which the jail does not show, so it gets its own home."""
    for path in home.iterdir():
        if path.name not in ("etc", "share", "doc", "include"):
            (folder / path.name).symlink_to(path)
    (folder / "etc").mkdir()
    (folder / "etc" / "Renviron").write_text("R_PAPERSIZE=a4\n")
    shared = Path(SHARED) if home == Path("/usr/lib/R") else home
    libraries = [path for path in (*LIBRARIES, str(home / "site-library")) if Path(path).is_dir()]
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MPL"))},
        "STUDIOLO_R_SESSION": str(SESSION),
        "R_HOME": str(folder),
        "R_SHARE_DIR": str(shared / "share"),
        "R_INCLUDE_DIR": str(shared / "include"),
        "R_DOC_DIR": str(shared / "doc"),
        "R_LIBS_SITE": ":".join(dict.fromkeys(libraries)),
        "R_LIBS_USER": "",
        "R_DEFAULT_PACKAGES": "NULL",  # session.R loads them
        "R_ARCH": "",
        "XDG_CACHE_HOME": f"{tempfile.gettempdir()}/cache",
        "R_SESSION_TMPDIR": "",
        "LD_LIBRARY_PATH": ":".join(filter(None, (str(home / "lib"), os.environ.get(FOLDERS_VARIABLE, "")))),
        "TAR": "internal",
        "R_UNZIPCMD": "internal",
        "EDITOR": "vi",  # none of them is there; without names R's own packages do not load
        "PAGER": "cat",
        "R_BROWSER": "false",
        "R_PDFVIEWER": "false",
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }


def _widen(number: int) -> None:
    """Let a pipe hold more, so that both sides change less often; a full budget of pipes is no error."""
    try:
        fcntl.fcntl(number, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except OSError:
        pass


def _not_started(error: OSError) -> ModuleError:
    if error.errno in (errno.EPERM, errno.EACCES):
        return ModuleError(
            "R could not be started: the jail of this machine lets no job start a process.",
            "studiolo doctor says which walls are missing and what would make the jail full.",
            code="program-not-started",
        )
    return ModuleError(
        f"R could not be started: {error.strerror}.",
        "Raise limits: {processes: ..., memory_mb: ...} of the node, or look at studiolo doctor.",
        code="program-not-started",
    )
