"""Runs commands of pip for a script, as a program of its own: `python pip_program.py PLAN`, PLAN being JSON.

    {"pip": folder or wheel that holds pip, "prefix": folder to install to, or "", "site": folder of packages in it,
     "commands": [{"arguments", "out", "error", "after": see pip_words, "names": [what is to be installed]}]}

pip is made to believe in a virtual environment at `prefix` that sees the packages of the environment. So it keeps
what is there already, installs the rest to `prefix`, and never tries to change the environment.

For each command a line of JSON goes to `prefix`/said: what was to be installed, the status, whether the disk was full.
Imports nothing of this package.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json
import os
import shutil
import subprocess
import sys
import threading

PIECE = 1 << 16
_FULL = (b"[Errno 28]", b"No space left on device", b"[Errno 122]", b"Disk quota exceeded")
_OVERLAP = 64


def main(plan):
    """Run the commands one after the other and give the status of the last one that ran."""
    status = 0
    for command in plan["commands"]:
        if (command["after"] == "&&" and status) or (command["after"] == "||" and not status):
            continue
        before = _listed(plan["site"])
        status, is_full = _run(plan, command)
        if status and is_full:
            _remove(plan["site"], _listed(plan["site"]) - before)
        if plan["prefix"]:
            said = {"names": command["names"], "status": status, "is_full": is_full}
            _note(os.path.join(plan["prefix"], "said"), said)
    return status


def _run(plan, command):
    """Run one command in a process of its own; give its status and whether the disk was full."""
    one = {"pip": plan["pip"], "prefix": plan["prefix"], "site": plan["site"], "one": command["arguments"]}
    out = _opened(command["out"], 1)
    error = out if command["error"] == "out" else _opened(command["error"], 2)
    flags = ["-I", "-B"] if sys.version_info[0] > 2 else ["-E", "-s", "-B"]
    is_same = _is_same(out, error)
    process = subprocess.Popen(
        [sys.executable] + flags + [os.path.abspath(__file__), json.dumps(one)],
        stdout=subprocess.PIPE if is_same else out,
        stderr=subprocess.STDOUT if is_same else subprocess.PIPE,
    )
    found = []
    reader = threading.Thread(target=_pass_on, args=(process.stdout or process.stderr, error, found))
    reader.start()
    status = process.wait()
    reader.join()
    return (status if status >= 0 else 128 - status), bool(found)


def _listed(folder):
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()


def _remove(folder, names):
    """Remove what a full disk has left of packages: half a library can crash who imports it."""
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)


def _pass_on(source, target, found):
    """Copy what pip says as it comes, and look for the words of a full disk in it."""
    before = b""
    while True:
        data = os.read(source.fileno(), PIECE)
        if not data:
            return
        if any(sign in before + data for sign in _FULL):
            found.append(True)
        before = data[-_OVERLAP:]
        while data:
            data = data[os.write(target, data) :]


def _opened(target, number):
    if target is None:
        return number
    path, is_appended = target
    return os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if is_appended else os.O_TRUNC), 0o644)


def _is_same(out, error):
    one, two = os.fstat(out), os.fstat(error)
    return (one.st_dev, one.st_ino) == (two.st_dev, two.st_ino)


def _note(path, said):
    try:
        with io.open(path, "ab") as file:
            file.write((json.dumps(said) + "\n").encode("ascii"))
    except (IOError, OSError):  # the disk is full: then what the script says next tells it
        pass


def _be_pip(plan):
    """Become pip with the words of `one`."""
    import runpy

    if plan["prefix"]:
        if sys.version_info[0] == 2:
            sys.real_prefix = sys.prefix
        sys.prefix = sys.exec_prefix = str(plan["prefix"])
        places = [
            place
            for place, path in enumerate(sys.path)
            if os.path.basename(path) in ("site-packages", "dist-packages")
        ]
        sys.path.insert(places[0] if places else len(sys.path), str(plan["site"]))
    if not os.path.isdir(plan["pip"]):
        sys.path.insert(0, str(plan["pip"]))
    elif plan["pip"] not in sys.path:
        sys.path.append(str(plan["pip"]))
    sys.argv = [str("pip")] + [
        word if sys.version_info[0] > 2 else word.encode("utf-8") for word in plan["one"]
    ]
    runpy.run_module(str("pip"), run_name=str("__main__"), alter_sys=True)


if __name__ == "__main__":
    _plan = json.loads(sys.argv[1])
    _here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != _here]  # where flags leave it
    if "one" in _plan:
        _be_pip(_plan)
    else:
        sys.exit(main(_plan))
