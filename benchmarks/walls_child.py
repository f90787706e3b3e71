"""Times the walls, or leaves some out, inside a copy of studiolo_child that benchmarks/walls.py makes.

Not imported from here: the copy's zygote imports it as `studiolo_child.walls_child` and calls `install`. What was
timed is in `TIMES` of each process; a job reads its own, and those of its cell from a file in its box.
"""

import json
import os
import time

from . import cells, landlock, seccomp, syscalls, walls  # type: ignore[attr-defined]

TIMES = []  # (what, microseconds) of this process since it was forked
POOL = []  # the same, of the zygote
CELL_FILE = "/box/tmp/cell-times.json"


def install(left_out):
    """Wrap the real functions; then take the walls named in `left_out` away."""
    for owner, name, label in (
        (syscalls, "unshare", _unshare_label),
        (syscalls, "setns", "enter the cell"),
        (syscalls, "mount", lambda source, target, *_: "mount of " + target),
        (syscalls, "map_ids", "map the user"),
        (syscalls, "drop_capabilities", "capabilities"),
        (syscalls, "close_all_except", "close descriptors"),
        (landlock, "restrict", "Landlock"),
        (seccomp, "install", "seccomp"),
        (walls, "limit", "resource limits"),
        (walls, "close_in", "all walls of the worker"),
        (walls, "build_cell", "all walls of the cell"),
    ):
        setattr(owner, name, _timed(getattr(owner, name), label))
    walls.build_cell = _told(walls.build_cell)
    os.fork = _fork(os.fork)
    for name in left_out:
        _LEFT_OUT[name]()


def measured():
    """Give what was timed for this job: `{"pool", "cell", "worker"}`, each a list of pairs."""
    found = {"pool": POOL, "worker": TIMES, "cell": []}
    if os.path.exists(CELL_FILE):
        with open(CELL_FILE) as file:
            found["cell"] = json.load(file)
    return json.dumps(found)


def _timed(act, label):
    def timed(*arguments, **named):
        began = time.perf_counter()
        try:
            return act(*arguments, **named)
        finally:
            text = label(*arguments) if callable(label) else label
            TIMES.append((text, (time.perf_counter() - began) * 1e6))

    return timed


def _unshare_label(flags):
    names = {
        syscalls.CLONE_NEWPID: "process namespace",
        syscalls.CLONE_NEWUSER: "user namespace",
        walls.CELL_NAMESPACES: "mount, network, IPC, host name and cgroup namespaces",
    }
    return names.get(flags, f"namespaces {flags:#x}")


def _fork(real):
    def fork():
        began = time.perf_counter()
        pid = real()
        if pid == 0:  # the clock is the same in all processes
            POOL.extend([pair for pair in TIMES if pair[0] == "seccomp"])
            before = [pair for pair in TIMES[-2:] if pair[0] == "process namespace"]
            TIMES[:] = [*before, ("fork", (time.perf_counter() - began) * 1e6)]
        return pid

    return fork


def _told(build_cell):
    def told(*arguments):
        build_cell(*arguments)
        with open(CELL_FILE, "w") as file:
            json.dump(TIMES, file)

    return told


class _NoCell(cells.Cell):
    """Looks like a cell whose init has ended."""

    def enter(self):
        pass

    def kill(self):
        pass


class _NoNursery:
    """Gives no cells."""

    is_bare = False
    pid = 0

    @classmethod
    def start(cls, *_):
        return cls()

    def place(self, *_):
        readable, writable = os.pipe()
        os.close(writable)
        return _NoCell(readable, None)


def _nothing(*_, **__):
    pass


def _without_cell():
    cells.Nursery = _NoNursery
    syscalls.setns = _nothing


def _without_network_namespace():
    walls.CELL_NAMESPACES &= ~syscalls.CLONE_NEWNET


def _without_user_namespace():
    unshare = syscalls.unshare
    syscalls.unshare = lambda flags: unshare(flags) if flags != syscalls.CLONE_NEWUSER else None
    syscalls.map_ids = _nothing


def _replace(owner, name):
    return lambda: setattr(owner, name, _nothing)


_LEFT_OUT = {
    "cell": _without_cell,
    "network": _without_network_namespace,
    "user": _without_user_namespace,
    "capabilities": _replace(syscalls, "drop_capabilities"),
    "Landlock": _replace(landlock, "restrict"),
    "seccomp": _replace(seccomp, "install"),
    "limits": _replace(walls, "limit"),
}
