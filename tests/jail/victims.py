"""What attacks aim at: files, sockets, shared memory and a process, all made for the tests.

Nothing else of the machine is a target: where a wall fails, only these are harmed, and their state tells.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import resource
import secrets
import selectors
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

SECRET_MARK = "studiolo-secret-"  # each secret is this and 32 hexadecimal digits: attacks look for the form
VARIABLE = "STUDIOLO_VICTIM_SECRET"

_libc = ctypes.CDLL(None, use_errno=True)
_libc.shmat.restype = ctypes.c_void_p
_VICTIM = "import sys; secret = sys.argv[1]; sys.stdin.read()"
_IPC_RMID = 0


def new_secret() -> str:
    """Give a text that exists nowhere else."""
    return SECRET_MARK + secrets.token_hex(16)


class Victims:
    """Makes the targets in `folder`; `facts()` tells attacks where they are, `state()` what became of them.

    Args:
        folder: an empty folder of the account that runs the jobs.
        watched: further files that must stay as they are.
    """

    def __init__(self, folder: Path, watched: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self._secret = new_secret()
        self._files = [*watched, *self._make_files()]
        self._counts = {"tcp": 0, "udp": 0, "unix": 0}
        self._selector = selectors.DefaultSelector()
        self._facts: dict[str, Any] = {"folder": str(folder), "variable": VARIABLE, "host": os.getpid()}
        self._open_sockets()
        threading.Thread(target=self._listen, daemon=True).start()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _VICTIM, self._secret], stdin=subprocess.PIPE
        )
        self._facts |= {
            "victim": self._process.pid,
            "secret_file": str(folder / "secret.txt"),
            "writable_file": str(folder / "writable.txt"),
            "shared_memory": self._share_memory(),
            "library": watched[0] if watched else "",
        }

    def facts(self) -> dict[str, Any]:
        """Give names and numbers of the targets; no secret among them."""
        return dict(self._facts)

    def state(self) -> dict[str, Any]:
        """Give everything that an attack could have changed."""
        pid = self._process.pid
        status = _status(pid) if self._process.poll() is None else {"State": "dead"}
        is_alive = status["State"] != "dead"
        return {
            "files": {name: _looks(name) for name in self._files},
            "folder": sorted(os.listdir(self.folder)),
            "connections": dict(self._counts),
            "shared_memory": ctypes.string_at(self._memory, 64).rstrip(b"\0").decode("ascii", "replace"),
            "victim": {
                "state": "stopped" if status["State"][:1] in "tT" else "dead" if not is_alive else "alive",
                "tracer": status.get("TracerPid"),
                "nice": os.getpriority(os.PRIO_PROCESS, pid) if is_alive else None,
                "processors": len(os.sched_getaffinity(pid)) if is_alive else None,
                "policy": os.sched_getscheduler(pid) if is_alive else None,
                "files": resource.prlimit(pid, resource.RLIMIT_NOFILE) if is_alive else None,
            },
        }

    def close(self) -> None:
        """End the process and close the sockets."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]

    def _make_files(self) -> list[str]:
        for name, mode in (("secret.txt", 0o644), ("writable.txt", 0o666)):
            (self.folder / name).write_text(self._secret)
            (self.folder / name).chmod(mode)
        return [str(self.folder / "secret.txt"), str(self.folder / "writable.txt")]

    def _open_sockets(self) -> None:
        abstract = f"studiolo-victim-{secrets.token_hex(8)}"
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        self._facts |= {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "abstract": abstract}
        self._facts["socket_file"] = str(self.folder / "s")
        opened = [("tcp", tcp), ("udp", udp)]
        if socket.has_ipv6:
            try:
                tcp6 = socket.create_server(("::1", self._facts["tcp"]), family=socket.AF_INET6)
                opened.append(("tcp", tcp6))
            except OSError:  # no IPv6 on this machine
                pass
        for address in ("\0" + abstract, _short_name(self.folder / "s")):
            unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            unix.bind(address)
            unix.listen()
            opened.append(("unix", unix))
        (self.folder / "s").chmod(0o777)
        for kind, opened_socket in opened:
            self._selector.register(opened_socket, selectors.EVENT_READ, kind)

    def _listen(self) -> None:
        while True:
            try:
                for key, _ in self._selector.select():
                    self._counts[key.data] += 1
                    if key.data == "udp":
                        key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
                    else:
                        key.fileobj.accept()[0].close()  # type: ignore[union-attr]
            except (OSError, ValueError):
                return

    def _share_memory(self) -> int:
        """Give the id of a System V segment with the secret, which goes with this process."""
        number = int(_libc.shmget(0, ctypes.c_size_t(4096), 0o1666))
        self._memory = _libc.shmat(number, None, 0)
        ctypes.memmove(self._memory, self._secret.encode(), len(self._secret))
        _libc.shmctl(number, _IPC_RMID, None)
        return number


def _short_name(path: Path) -> str:
    """Give a name for bind(2), which takes 107 bytes, of a file below any folder."""
    return os.path.relpath(path) if len(os.path.relpath(path)) < len(str(path)) else str(path)


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def _looks(name: str) -> list[Any]:
    """Give content, mode, owner and times of a file; ctime changes with chmod, chown, link and setxattr."""
    try:
        facts = os.lstat(name)
        content = hashlib.sha256(Path(name).read_bytes()).hexdigest() if facts.st_size < 1 << 22 else ""
    except OSError as error:
        return [str(error)]
    owner = [facts.st_uid, facts.st_gid]
    return [
        content,
        facts.st_size,
        oct(facts.st_mode),
        *owner,
        facts.st_nlink,
        facts.st_mtime_ns,
        facts.st_ctime_ns,
    ]
