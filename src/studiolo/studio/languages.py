"""Language servers for scripts, each in the environment and the jail of its node (R-1.9); started when first needed."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from studiolo.domain.limits import Limits
from studiolo.environments import Environment
from studiolo.errors import WorkerError
from studiolo.studio.languages_place import (
    SERVER_MODULE,
    LanguagePlace,
    in_environment,
    place_of,
    server_files,
)
from studiolo.studio.languages_talk import LanguageServer
from studiolo.worker.jobs import Job, JobInput, path_in_store
from studiolo.workspace import Workspace

if TYPE_CHECKING:
    from studiolo.worker.pool import Pool

LIMITS = Limits(
    memory_mb=1024, cpu_seconds=3600, wall_seconds=86_400, processes=32, disk_mb=256, files=60_000, log_kb=64
)
IDLE_SECONDS = (
    600.0  # then a pool without editors ends; the routes end a server that was asked nothing for so long
)
MOST_SERVERS = 8  # each may take the memory of its limits
WARMED = (SERVER_MODULE, "studiolo_child.language_server")


@dataclass
class _Warm:
    """A pool whose zygote has read the libraries, and how many editors use it.

    Attributes:
        pool: of an environment.
        is_able: the language server's libraries could be loaded; None while that is not known.
        open: servers at work.
        used: when the last one was opened or closed.
    """

    pool: Pool
    is_able: bool | None = None
    open: int = 0
    used: float = field(default_factory=time.monotonic)


class Languages:
    """The language servers of one studio.

    Args:
        workspace: of the scripts.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._pools: dict[tuple[str, ...], _Warm] = {}
        self._sweeper: threading.Timer | None = None
        self._open = 0
        self._is_closed = False

    def place_of(self, experiment: str, node: str) -> LanguagePlace:
        """Give what a language server for a node's script needs; raises as `languages_place.place_of`."""
        return place_of(self._workspace, experiment, node)

    def open(self, place: LanguagePlace) -> tuple[LanguageServer, LanguagePlace]:
        """Start a language server and give it, with the place where it runs; some seconds for the first of a place.

        Raises:
            WorkerError: `too-many-editors`, `jail-refused`, `worker-lost`.
        """
        with self._lock:
            if self._open >= MOST_SERVERS:
                raise WorkerError(
                    "too-many-editors",
                    f"{MOST_SERVERS} script editors have a language server already.",
                    "Close an editor in another tab.",
                )
            self._open += 1
        try:
            warm = self._warm(place)
            if not self._is_able(warm, place):
                place = in_environment(place.environment, place.bundle, place.note, can_run=False)
                warm = self._warm(place)
                self._is_able(warm, place)
            job = self._job(place)
            server = LanguageServer(job, warm.pool.open(job))
        except BaseException:
            with self._lock:
                self._open -= 1
            raise
        with self._lock:
            warm.open, warm.used = warm.open + 1, time.monotonic()
        return server, place

    def release(self, place: LanguagePlace) -> None:
        """Take note that a server of `open` has been closed."""
        with self._lock:
            self._open -= 1
            warm = self._pools.get(_key(place))
            if warm is not None:
                warm.open, warm.used = warm.open - 1, time.monotonic()
            self._sweep_later()

    def process_ids(self) -> list[int]:
        """Give the ids of the pools' launchers, as far as they live."""
        with self._lock:
            return [pid for warm in self._pools.values() for pid in warm.pool.process_ids()]

    def close(self) -> None:
        """End every pool, and every server with it."""
        with self._lock:
            self._is_closed = True
            pools, self._pools = list(self._pools.values()), {}
            if self._sweeper is not None:
                self._sweeper.cancel()
        for warm in pools:
            warm.pool.close()

    def sweep(self) -> None:
        """End the pools that no editor has used for ten minutes."""
        with self._lock:
            last = time.monotonic() - IDLE_SECONDS
            idle = [key for key, warm in self._pools.items() if not warm.open and warm.used <= last]
            ended = [self._pools.pop(key) for key in idle]
            self._sweeper = None
            if self._pools:
                self._sweep_later()
        for warm in ended:
            warm.pool.close()

    def _sweep_later(self) -> None:
        if self._sweeper is None and not self._is_closed:
            self._sweeper = threading.Timer(IDLE_SECONDS + 1, self.sweep)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _warm(self, place: LanguagePlace) -> _Warm:
        with self._lock:
            if self._is_closed:
                raise WorkerError("worker-lost", "The studio is closing.", "Start it again.")
            warm = self._pools.get(_key(place))
            if warm is None:
                warm = self._pools[_key(place)] = _Warm(self._new_pool(place))
        warm.pool.start()
        return warm

    def _is_able(self, warm: _Warm, place: LanguagePlace) -> bool:
        """Wait until the pool is up; say whether a server can run in it, and refuse where none can."""
        if warm.is_able is None:
            missing = " ".join(warm.pool.facts().get("missing", ()))
            warm.is_able = not any(name in missing for name in WARMED)
            if not warm.is_able and place.is_read_only:
                raise WorkerError("worker-lost", f"The language server can't be loaded: {missing[:500]}")
        return warm.is_able

    def _new_pool(self, place: LanguagePlace) -> Pool:
        from studiolo.worker.pool import Pool  # few workspaces are opened for their editor
        from studiolo.worker.settings import LIBRARIES, PoolSettings

        runs_in, places = place.runs_in, self._workspace.places
        places.blobs.mkdir(mode=0o755, parents=True, exist_ok=True)
        variables: tuple[tuple[str, str], ...] = ()
        read_only = runs_in.read_only
        if place.is_read_only:
            variables = (("STUDIOLO_LANGUAGE", _facts(place.environment)),)
            read_only = tuple(dict.fromkeys((*read_only, *place.environment.read_only)))
        return Pool(
            PoolSettings(
                python=runs_in.python,
                flags=runs_in.flags,
                read_only=read_only,
                blobs=places.blobs,
                cache=places.cache,
                allow_badge=self._workspace.settings.allow_badge,
                preload=(*LIBRARIES, *WARMED),
                prefork=1,
                room=LIMITS,
                tools=server_files(),
                variables=variables,
            )
        )

    def _job(self, place: LanguagePlace) -> Job:
        inputs: tuple[JobInput, ...] = ()
        if place.bundle is not None:
            blob = path_in_store(place.bundle.digest)
            inputs = (JobInput("script_bundle", "zip", place.bundle.size, blob=blob),)
        document = {"kind": "language", "node": None}
        return replace(Job(document, inputs=inputs, limits=LIMITS), converses=True)


def _key(place: LanguagePlace) -> tuple[str, ...]:
    return (
        place.environment.name,
        place.environment.lock_digest,
        place.runs_in.name,
        place.runs_in.lock_digest,
    )


def _facts(environment: Environment) -> str:
    version = [int(part) for part in environment.version.split(".")[:3]]
    return json.dumps({"paths": list(environment.paths), "version": version})
