"""Lets a script run pip as it would outside: by `os.system`, `os.popen`, `subprocess` and `pip.main` (R-1.9 (4)).

Other commands and programs are left alone. What a command of pip may do is for `pip_installing` to say.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import functools
import os
import subprocess
import sys

from . import pip_imports, pip_words
from .pip_installing import Installing
from .report import write_all

_SAY = "import sys; getattr(sys.stdout, 'buffer', sys.stdout).write(%r); sys.exit(%d)"
_POPEN = (
    "bufsize",
    "executable",
    "stdin",
    "stdout",
    "stderr",
    "preexec_fn",
    "close_fds",
    "shell",
    "cwd",
    "env",
)


def install(document, folder):
    """Take over commands of pip in this process and give the `Installing` that answers them.

    Args:
        document: of the job.
        folder: see `Installing`.
    """
    installing = Installing(document, folder)
    os.system = _system(installing, os.system)
    subprocess.Popen.__init__ = _start(installing, subprocess.Popen.__init__)
    if sys.version_info[0] == 2:
        os.popen = _popen(os.popen)
    pip_imports.install(functools.partial(main, installing))
    return installing


def main(installing, arguments=None):
    """Do what `pip.main` does: run one command of pip and give its status."""
    words = sys.argv[1:] if arguments is None else arguments
    return _status(installing, [pip_words.Command([pip_words.as_text(word) for word in words])])


def _status(installing, commands):
    words, told, status = installing.answer(commands)
    if words is None:
        write_all(1, told.encode("utf-8"))
        return status
    process = subprocess.Popen(words, env=dict(os.environ, **told))
    status = process.wait()
    installing.take_up()
    return status


def _system(installing, original):
    @functools.wraps(original)
    def system(command):
        commands = pip_words.commands_of(command, True)
        if commands is None:
            return original(command)
        status = _status(installing, commands)
        return status << 8 if status >= 0 else -status

    return system


def _start(installing, original):
    @functools.wraps(original)
    def start(self, args, *rest, **named):
        commands = None
        if len(rest) <= len(_POPEN):
            is_shell = named.get("shell", rest[7] if len(rest) > 7 else False)
            commands = pip_words.commands_of(args, is_shell)
        if commands is None:
            original(self, args, *rest, **named)
            return
        named.update(zip(_POPEN, rest))
        words, told, status = installing.answer(commands)
        if words is None:
            flags = ["-I", "-S"] if sys.version_info[0] > 2 else ["-E", "-s", "-S"]
            words, told = [sys.executable] + flags + ["-c", _SAY % (told.encode("utf-8"), status)], {}
        before = named.get("env")
        named["env"] = dict(os.environ if before is None else before, **told)
        named["shell"], named["executable"] = False, None
        _when_ended(self, installing.take_up)
        original(self, words, **named)
        self.args = args

    return start


def _when_ended(process, act):
    """Call `act` as soon as it is known here that a process has ended."""
    handle = process._handle_exitstatus

    def ended(*facts, **more):
        result = handle(*facts, **more)
        act()
        return result

    process._handle_exitstatus = ended


def _popen(original):
    @functools.wraps(original)
    def popen(command, *rest):
        if pip_words.commands_of(command, True) is None:
            return original(command, *rest)
        return subprocess.Popen(command, shell=True, stdout=subprocess.PIPE).stdout

    return popen
