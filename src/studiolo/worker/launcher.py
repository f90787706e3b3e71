"""Builds the jail of one pool around an interpreter and becomes its keeper. A program, started by `pool.py`.

Started as `python -I -S launcher.py CONTROL` with the number of an inherited SOCK_SEQPACKET socket whose first
packet carries a file with the settings. Imports only the standard library and `studiolo_child`. It makes a root
of read-only mounts, enters fresh namespaces, and runs `studiolo_child.zygote` there under the interpreter of
the environment. It ends when the zygote ends; the zygote ends when the host closes the control socket.

With `is_bare` in the settings it builds nothing: the zygote runs on the machine's own file system, and what walls
there are stand around each job (docs/security.md, "Degrees").
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

if __name__ == "__main__":  # -I -S: no search path but the standard library's
    sys.path.append(str(Path(__file__).resolve().parents[2]))

from studiolo_child import descriptors, syscalls

NAMESPACES = (
    syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWPID
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUTS
    | syscalls.CLONE_NEWCGROUP
    | syscalls.CLONE_NEWNET
)
# Not zero: a shared mapping of it is memory that no limit counts.
DEVICES = ("null", "full", "random", "urandom")
CHILD_HOME = "/opt/studiolo"
PACKAGE = f"{CHILD_HOME}/package"  # our own and its tools, first on the import path
SECRETS = ("pip.conf", ".condarc", "condarc", "uv.toml", ".netrc", ".pypirc", ".env", ".git/config")
ROOT_SIZE = "size=8m,nr_inodes=8192,mode=755"
KERNEL_UID = 2_000_000_001  # used when the host is root: an account that owns nothing
ETC = {
    "passwd": "studiolo:x:1000:1000::/box/work:/bin/false\n",
    "group": "studiolo:x:1000:\n",
    "hosts": "127.0.0.1 localhost\n",
    "nsswitch.conf": "passwd: files\nhosts: files dns\n",
    "resolv.conf": "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n",  # a job with a network asks its gate
}
FOLDERS = f"{CHILD_HOME}/read"
BARE_ROOM = 1 << 30  # bytes that the boxes of a bare jail should find free


def main() -> None:
    """Build the jail, start the zygote, wait for its end."""
    control = socket.socket(fileno=int(sys.argv[1]))
    greeting, received = descriptors.receive(control)
    if greeting is None:
        return
    with os.fdopen(received[0], "rb") as document:
        document.seek(0)
        settings: dict[str, Any] = json.loads(document.read())
    if settings["is_bare"]:
        _keep_bare(settings, control)
    is_root = os.getuid() == 0
    try:
        blobs = _detached_read_only(settings["blobs"]) if is_root else -1
        if is_root:
            syscalls.unshare(syscalls.CLONE_NEWNS)
            _build_root(settings)
            _mount_proc()
            _become_nobody()
        uid, gid = os.getuid(), os.getgid()
        syscalls.unshare(syscalls.CLONE_NEWUSER | NAMESPACES)
        syscalls.map_ids(uid, gid, 0, 0)
        pid = os.fork()
        if pid == 0:
            _be_first(settings, control, blobs, is_root)
    except OSError as error:
        descriptors.send(control, {"up": 0, "unbuilt": 1, "error": f"the jail can't be built: {error}"})
        return
    _be_keeper(pid, control)


def _be_keeper(pid: int, control: socket.socket, bare_folder: str | None = None) -> NoReturn:
    """Wait for the end of the zygote `pid`, remove what a bare jail has left, and end as it ended."""
    control.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGKILL))
    ended, status = 0, 0
    while ended != pid:
        ended, status = os.waitpid(-1, 0)
    if bare_folder is not None:
        from studiolo_child import boxes

        boxes.remove(bare_folder)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _be_first(settings: dict[str, Any], control: socket.socket, blobs: int, is_root: bool) -> None:
    """Become pid 1 of the jail and run the zygote; never returns."""
    try:
        syscalls.die_with_parent()
        if not is_root:
            blobs = _detached_read_only(settings["blobs"])
            _build_root(settings, proc=True)
        else:
            _mount_proc(options="subset=pid")
        _fill_box(settings)
        os.chdir("/box/work")
        _become_zygote(settings, control, blobs, PACKAGE, settings["env"])
    except BaseException as error:
        descriptors.send(control, {"up": 0, "unbuilt": 1, "error": f"the jail can't be built: {error}"})
    finally:
        os._exit(1)


def _become_zygote(
    settings: dict[str, Any], control: socket.socket, blobs: int, package: str, env: dict[str, str]
) -> NoReturn:
    """Run the environment's interpreter in this process, with nothing open but the control socket and the store."""
    kept = [control.fileno()] + ([blobs] if blobs >= 0 else [])
    for number in kept:
        os.set_inheritable(number, True)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    syscalls.close_all_except(kept)
    start = (
        f"import sys; sys.path.insert(0, {package!r}); "
        f"from studiolo_child import zygote; zygote.main({control.fileno()}, {blobs})"
    )
    os.execve(settings["python"], [settings["python"], *settings["flags"], "-c", start], env)


def _keep_bare(settings: dict[str, Any], control: socket.socket) -> NoReturn:
    """Start the zygote without any namespace, in a folder of its own, and become its keeper."""
    import tempfile  # only here, as the next: most pools have namespaces and start without them

    from studiolo_child import boxes
    from studiolo_child.bare import FOLDER_VARIABLE

    is_root = os.getuid() == 0
    if is_root and all(_is_open_to_all(path) for path in (settings["python"], settings["child"])):
        _become_nobody()
    parent = boxes.parent_folder(["/dev/shm", tempfile.gettempdir()], BARE_ROOM)
    boxes.sweep(parent, [KERNEL_UID] if is_root else [])
    folder, _lock = boxes.claim(parent)  # held open: the lock says that the folder is in use
    for name in ("package", "boxes", "matplotlib", "zygote"):
        os.mkdir(f"{folder}/{name}", 0o700)
    os.symlink(settings["child"], f"{folder}/package/studiolo_child")
    for path in settings["tools"]:
        os.symlink(path, f"{folder}/package/{os.path.basename(path)}")
    for name, text in settings["matplotlib_files"].items():
        for kept in ("matplotlib", "zygote"):
            Path(f"{folder}/{kept}/{name}").write_text(text)
    own = f"{folder}/zygote"
    env = {**settings["env"], "HOME": own, "TMPDIR": own, "MPLCONFIGDIR": own, FOLDER_VARIABLE: folder}
    pid = os.fork()
    if pid == 0:
        try:
            syscalls.die_with_parent()
            os.chdir(own)
            _become_zygote(settings, control, -1, f"{folder}/package", env)
        except BaseException as error:
            descriptors.send(control, {"up": 0, "error": f"the interpreter can't be started: {error}"})
        finally:
            os._exit(1)
    _be_keeper(pid, control, folder)


def _is_open_to_all(path: str) -> bool:
    """Say whether every account may reach a file."""
    real = Path(path).resolve()
    return all(folder.stat().st_mode & 0o001 for folder in real.parents) and bool(real.stat().st_mode & 0o005)


def _detached_read_only(folder: str) -> int:
    """Give a descriptor of `folder` on a read-only mount that hangs nowhere: what is opened below it stays so."""
    if os.getuid() != 0:
        syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    tree: int = syscalls.open_tree(folder)
    syscalls.make_read_only("", descriptor=tree, recursive=False, noexec=True)
    return tree


def _build_root(settings: dict[str, Any], proc: bool = False) -> None:
    """Make a small root of read-only binds on a tmpfs and change into it; the old root is gone afterwards."""
    new = settings["mount_point"]
    syscalls.mount(None, "/", None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    syscalls.mount("tmpfs", new, "tmpfs", syscalls.MS_NOSUID | syscalls.MS_NODEV, ROOT_SIZE)
    for name in ("proc", "dev", "box", "etc", "old", "run", "var"):
        os.mkdir(f"{new}/{name}", 0o755)
    for path in settings["read_only"]:
        if os.path.lexists(path):
            _bind(path, new + path)
            _hide_secrets(new + path)
    _bind(settings["child"], f"{new}{PACKAGE}/studiolo_child")
    for path in settings["tools"]:
        _bind(path, f"{new}{PACKAGE}/{os.path.basename(path)}")
    os.mkdir(f"{new}{FOLDERS}")
    for number, folder in enumerate(settings["folders"]):
        _bind(folder, f"{new}{FOLDERS}/{number}")
    for name in DEVICES:
        _bind(f"/dev/{name}", f"{new}/dev/{name}", device=True)
    for link, target in (("/dev/fd", "/proc/self/fd"), ("/dev/shm", "/box/shm"), ("/tmp", "/box/tmp")):
        if not os.path.lexists(new + link):
            os.symlink(target, new + link)
    for name, text in ETC.items():
        Path(f"{new}/etc/{name}").write_text(text)
    os.mkdir(f"{new}{CHILD_HOME}/matplotlib", 0o755)
    for name, text in settings["matplotlib_files"].items():  # for jobs that import it themselves
        Path(f"{new}{CHILD_HOME}/matplotlib/{name}").write_text(text)
    if proc:  # while the host's /proc is in sight: later the kernel refuses one in a user namespace
        _mount_proc(f"{new}/proc", "subset=pid")
    os.chdir(new)
    syscalls.pivot_root(".", "old")
    os.chdir("/")
    syscalls.unmount("/old")
    os.rmdir("/old")
    flags = syscalls.MS_REMOUNT | syscalls.MS_RDONLY | syscalls.MS_NOSUID | syscalls.MS_NODEV
    syscalls.mount(None, "/", None, flags, ROOT_SIZE)


def _hide_secrets(prefix: str) -> None:
    """Cover the files of an environment that may hold the key of a private package index."""
    for name in SECRETS:
        if os.path.isfile(f"{prefix}/{name}"):
            syscalls.mount("/dev/null", f"{prefix}/{name}", None, syscalls.MS_BIND)


def _bind(source: str, target: str, device: bool = False) -> None:
    if os.path.islink(source) and not device:
        if not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.symlink(os.readlink(source), target)
        return
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    syscalls.mount(source, target, None, syscalls.MS_BIND | syscalls.MS_REC)
    if not device:
        syscalls.make_read_only(target)


def _mount_proc(target: str = "/proc", options: str | None = None) -> None:
    quiet = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
    syscalls.mount("proc", target, "proc", quiet, options)


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(KERNEL_UID, KERNEL_UID, KERNEL_UID)
    os.setresuid(KERNEL_UID, KERNEL_UID, KERNEL_UID)
    syscalls.set_dumpable(1)  # else /proc/self/uid_map belongs to root and can't be written


def _fill_box(settings: dict[str, Any]) -> None:
    """Give the zygote a small writable place, with the font list that a former zygote found."""
    quiet = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
    syscalls.mount("tmpfs", "/box", "tmpfs", quiet, "size=16m,nr_inodes=512,mode=700")
    for name in ("work", "tmp", "shm", "matplotlib"):
        os.mkdir(f"/box/{name}")
    for name, text in settings["matplotlib_files"].items():
        Path(f"/box/matplotlib/{name}").write_text(text)


if __name__ == "__main__":
    main()
