"""The pools of one host process: one for each environment, started when first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from studiolo.environments import Environment
from studiolo.environments.programs import shown_for_programs

if TYPE_CHECKING:
    from studiolo.worker.pool import Pool


class Pools:
    """Gives the pool of an environment.

    Args:
        blobs: the store's folder of blobs.
        cache: a folder for what makes the next start faster.
        allow_badge: the weakest jail that jobs may run in.
        folders: gives the folders that jobs may be granted to read (see `PoolSettings.folders`); asked each
            time, because folders come and go while a host runs.
    """

    def __init__(
        self,
        blobs: Path,
        cache: Path,
        allow_badge: str = "full",
        folders: Callable[[], tuple[tuple[str, Path], ...]] = tuple,
    ) -> None:
        self._blobs = blobs
        self._cache = cache
        self._allow_badge = allow_badge
        self._folders = folders
        self._lock = threading.Lock()
        self._pools: dict[tuple[object, ...], Pool] = {}

    def get(self, environment: Environment, preload: Iterable[str] = ()) -> Pool:
        """Give the pool of `environment`, started if it was not.

        Args:
            environment: where the jobs run.
            preload: further libraries to import before the first job; only the first call decides.
        """
        from studiolo.worker.pool import Pool  # an unchanged run never comes here
        from studiolo.worker.settings import LIBRARIES, PoolSettings

        folders = self._folders()
        key = (environment.name, environment.lock_digest, folders)
        with self._lock:
            pool = self._pools.get(key)
            if pool is None:
                self._blobs.mkdir(mode=0o755, parents=True, exist_ok=True)
                paths, variables = shown_for_programs()
                settings = PoolSettings(
                    python=environment.python,
                    flags=environment.flags,
                    read_only=(*environment.read_only, *paths),
                    variables=variables,
                    blobs=self._blobs,
                    cache=self._cache,
                    folders=folders,
                    allow_badge=self._allow_badge,
                    preload=tuple(dict.fromkeys((*LIBRARIES, *preload))),
                )
                pool = self._pools[key] = Pool(settings)
        pool.start()
        return pool

    def close(self) -> None:
        """End every pool and all their processes."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()
