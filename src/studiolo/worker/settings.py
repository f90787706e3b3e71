"""What a pool is built from: the interpreter, what its jail may see, and how many children wait ready."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from studiolo.domain.limits import Limits

SYSTEM_LIBRARIES = (
    "/usr/lib",
    "/lib",
    "/lib64",
    "/usr/lib64",
    "/lib32",
    "/usr/lib32",
    "/etc/ld.so.cache",
    "/usr/share/zoneinfo",
    "/usr/share/fonts",
    "/etc/fonts",
    "/etc/ssl/certs",  # whom a job with a network may trust; never /etc/ssl/private
    "/etc/ssl/openssl.cnf",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
)
LIBRARIES = ("numpy", "pandas", "pyarrow")


@dataclass(frozen=True)
class PoolSettings:
    """The settings of one pool.

    Attributes:
        python: interpreter of the environment.
        read_only: files and folders outside the system's library folders that the interpreter needs.
        blobs: the store's folder of blobs; jobs get single files of it, opened read-only.
        cache: a folder where the pool keeps what makes the next start faster (matplotlib's font list).
        folders: folders that jobs may be granted to read: name as a node writes it, and where it is.
        allow_badge: the weakest jail that jobs may run in.
        flags: the interpreter's flags that shut out the user's own configuration.
        preload: import names loaded before any job; a missing one is no error.
        prefork: children that wait, walled in, for a job.
        room: limits whose `disk_mb` and `files` the waiting children have; other jobs wait for a fork.
        watch_seconds: how often memory and CPU of long jobs are looked at.
        tools: further files and folders that lie beside `studiolo_child`, before the environment's packages.
        variables: further environment variables of the zygote and its jobs.
    """

    python: str
    read_only: tuple[str, ...]
    blobs: Path
    cache: Path
    folders: tuple[tuple[str, Path], ...] = ()
    allow_badge: str = "full"
    flags: tuple[str, ...] = ("-I",)
    preload: tuple[str, ...] = LIBRARIES
    prefork: int = field(default_factory=lambda: min(4, max(2, os.cpu_count() or 1)))
    room: Limits = field(default_factory=Limits)
    watch_seconds: float = 0.05
    tools: tuple[Path, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()

    def environment_variables(self) -> dict[str, str]:
        """Give the whole environment of the zygote: nothing of the host's own goes in.

        One thread for each numeric library: a process with threads can't be forked safely.
        """
        return {
            "PATH": "/usr/bin",
            "HOME": "/box/work",
            "TMPDIR": "/box/tmp",
            "USER": "studiolo",
            "LOGNAME": "studiolo",
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": "/box/matplotlib",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait by spinning take the cores from those that work
            "MKL_NUM_THREADS": "1",
            "NUMEXPR_NUM_THREADS": "1",
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
            "ARROW_DEFAULT_MEMORY_POOL": "system",
            **dict(self.variables),
        }
