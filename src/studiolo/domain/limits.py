"""What a job may use: limits and grants of a node, and which grants a workspace's pattern covers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Upper bounds of one job.

    Attributes:
        memory_mb: memory above what its inputs take, MiB, summed over its processes.
        cpu_seconds: CPU time, summed over its processes.
        wall_seconds: time from start to end.
        processes: processes and threads at once.
        disk_mb: size of its working directory, temporary folder and shared memory, MiB.
        files: number of files and folders there.
        output_mb: size of each output, MiB.
        log_kb: length of the log that is kept, KiB; the middle is cut.
    """

    memory_mb: int = 4096
    cpu_seconds: int = 3600
    wall_seconds: int = 3600
    processes: int = 64
    disk_mb: int = 512
    files: int = 8192
    output_mb: int = 8192
    log_kb: int = 1024

    def to_json(self) -> dict[str, Any]:
        """Give the limits as a JSON-ready dictionary."""
        return asdict(self)


LIMIT_NAMES = tuple(field.name for field in fields(Limits))


@dataclass(frozen=True)
class Grants:
    """What a job may reach beyond its own box. Nothing by default.

    Attributes:
        network: `host:port` names it may connect to; `*` for all.
        read: folders of the workspace it may read.
    """

    network: tuple[str, ...] = ()
    read: tuple[str, ...] = ()

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports of the hosts that are named."""
        named = (name.rpartition(":")[2] for name in self.network if name != "*")
        return tuple(sorted({int(port) for port in named if port.isdigit()}))

    @property
    def has_any_port(self) -> bool:
        """All public hosts are granted, or every port of one."""
        return any(name.endswith("*") for name in self.network)


def covers(pattern: str, name: str) -> bool:
    """Say whether a network pattern of the workspace allows a name that a node asks for.

    >>> covers("*.example.com:443", "data.example.com:443"), covers("example.com:443", "*")
    (True, False)
    """
    if pattern == "*" or name == "*":
        return pattern == "*"
    host, _, tcp_port = name.rpartition(":")
    allowed_host, _, allowed_port = pattern.rpartition(":")
    host, allowed_host = host.lower(), allowed_host.lower()
    same = host == allowed_host or ("[" not in allowed_host and fnmatchcase(host, allowed_host))
    return same and allowed_port in ("*", tcp_port)
