"""Lets a job say which line it is at when it is killed: Python's stack goes to a pipe that the host reads.

On Python 3 the standard library's `faulthandler` writes it, also while compiled code runs that never comes back
to the interpreter. Python 2.7 has none: there a signal handler writes the same text once the interpreter goes on,
and a crash leaves nothing.

The pipe also carries one line that says the most memory the process has had (see `tell_peak`).
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import fcntl
import os
import select
import signal

from . import watching

try:
    import faulthandler
except ImportError:  # Python 2.7
    faulthandler = None

TELL = int(signal.SIGUSR2)  # sent before a kill: say where you are
PEAK = "peak-memory-bytes "
_KILLED_SECONDS = 1.0  # until the kill that follows has come
_FRAMES = 100  # as many as faulthandler writes


def install(descriptor):
    """Write this process's stack to `descriptor` at `TELL`, at the end of its CPU time and when it crashes.

    The descriptor no longer blocks: a process must not wait for a reader while it is being killed. A script may
    use `faulthandler` itself; it then gets crashes in its log as it would anywhere, and their line is not known.
    """
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_NONBLOCK)
    fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    watching.remember_base()
    if faulthandler is None:
        _install_handlers(descriptor)
        return
    faulthandler.enable(descriptor, all_threads=False)
    # The kernel gives TELL to the main thread. SIGXCPU goes to the thread that computes, which may be one of a
    # compiled library that has no Python frames: hence all threads.
    faulthandler.register(TELL, descriptor, all_threads=False, chain=False)
    faulthandler.register(signal.SIGXCPU, descriptor, all_threads=True, chain=True)


def warm():
    """Touch the pages that `install` needs, before the job is there. Never raises."""
    try:
        ends = os.pipe()
        install(ends[1])
        os.close(ends[0])
        os.close(ends[1])
    except Exception:
        pass


def tell_peak(descriptor, input_bytes):
    """Write the most memory this process has had at once since `install` to `descriptor`. Never raises.

    Args:
        descriptor: as for `install`.
        input_bytes: size of the job's inputs.
    """
    try:
        text = "%s%d\n" % (PEAK, watching.own_peak(input_bytes))
        os.write(descriptor, text.encode("ascii"))
    except BaseException:  # the script closed the pipe or filled it: the host then has its own samples only
        pass


def _install_handlers(descriptor):
    def tell(number, frame):
        lines = ["Stack (most recent call first):\n"]
        while frame is not None and len(lines) <= _FRAMES:
            code = frame.f_code
            lines.append(
                '  File "%s", line %d in %s\n'
                % (_ascii(code.co_filename), frame.f_lineno, _ascii(code.co_name))
            )
            frame = frame.f_back
        try:
            os.write(descriptor, "".join(lines).encode("ascii"))
        except OSError:
            pass
        if number == signal.SIGXCPU:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        _wait_to_be_killed()

    for number in (TELL, signal.SIGXCPU):
        signal.signal(number, tell)


def _wait_to_be_killed():
    """Let no time pass for the script: the call that it waited in would fail, and its error would hide the limit."""
    until = watching.now() + _KILLED_SECONDS
    while watching.now() < until:
        try:
            select.select([], [], [], _KILLED_SECONDS)
        except (OSError, select.error):  # another signal
            pass


def _ascii(text):
    """Give a text as faulthandler writes it."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return "".join(letter if " " <= letter <= "~" else _escaped(ord(letter)) for letter in text[:500])


def _escaped(number):
    if number <= 0xFF:
        return "\\x%02x" % number
    return "\\u%04x" % number if number <= 0xFFFF else "\\U%08x" % number
