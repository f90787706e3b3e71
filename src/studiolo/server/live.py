"""The published services as one server process answers them: loaded versions, switched without a gap."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from studiolo.domain.service import Service, ServiceVersion
from studiolo.errors import StudioloError, UserError
from studiolo.services.registry import Services
from studiolo.services.runtime import Runtime
from studiolo.workspace import Workspace

LOOK_SECONDS = 0.5
"""Between looks at the database: so soon a new version or key counts."""

DRAIN_SECONDS = 100.0
RETRY_SECONDS = 30.0

log = logging.getLogger("studiolo.server")


@dataclass
class Serving:
    """A service as it is answered now.

    Attributes:
        service: its settings.
        keys: slot to the SHA-256 of its key in hexadecimal.
        runtimes: loaded versions by number.
        error: why the live version can't be loaded, or None.
    """

    service: Service
    keys: Mapping[str, str]
    runtimes: dict[int, Runtime] = field(default_factory=dict)
    error: StudioloError | None = None

    def version(self) -> ServiceVersion | None:
        """Give the version that documents describe: the live one, or None while none is loaded."""
        runtime = self.runtimes.get(self.service.live) or next(iter(self.runtimes.values()), None)
        return runtime.version if runtime is not None else None

    def choose(self) -> Runtime:
        """Give the version that answers the next request, by the service's split of the traffic.

        Raises:
            StudioloError: none is loaded.
        """
        shares = {n: share for n, share in self.service.traffic.items() if n in self.runtimes}
        if shares:
            return self.runtimes[random.choices(list(shares), list(shares.values()))[0]]
        if self.service.live in self.runtimes:
            return self.runtimes[self.service.live]
        if self.runtimes:  # the new one does not load: the one before goes on
            return self.runtimes[max(self.runtimes)]
        raise self.error or UserError(
            "service-not-ready", f'The service "{self.service.name}" is being loaded.'
        )


class Live:
    """Loads the published versions of a workspace and follows what is published, rolled back or retired.

    Args:
        workspace: opened for this process.
        on_change: called when something was published, rolled back, configured or retired, and is loaded.
    """

    def __init__(self, workspace: Workspace, on_change: Callable[[], None] = lambda: None) -> None:
        self._workspace, self._on_change = workspace, on_change
        self._services = Services(workspace)
        self._by_name: dict[str, Serving] = {}
        self._by_id: dict[str, Serving] = {}
        self._seen: object = None
        self._task: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._failed: dict[tuple[str, int], float] = {}

    @property
    def workspace_id(self) -> str:
        """The workspace's 32 hexadecimal digits in the classic addresses."""
        return self._services.workspace_id

    def names(self) -> list[str]:
        """Give the names of all services that answer."""
        return sorted(self._by_name)

    def named(self, name: str) -> Serving | None:
        """Give a service by its name."""
        return self._by_name.get(name)

    def with_id(self, id: str) -> Serving | None:
        """Give a service by the id of its classic address."""
        return self._by_id.get(id.lower())

    async def start(self, *, waits: bool = True) -> None:
        """Load everything that is published, then follow changes.

        Args:
            waits: return when all is loaded; else loading begins soon.
        """
        if waits:
            await self._refresh()
        self._task = asyncio.get_running_loop().create_task(self._follow())

    async def close(self) -> None:
        """End every process of every service, after the requests that run."""
        if self._task is not None:
            self._task.cancel()
        runtimes = [runtime for serving in self._by_name.values() for runtime in serving.runtimes.values()]
        await asyncio.gather(*(runtime.close(DRAIN_SECONDS) for runtime in runtimes), *self._closing)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._refresh()
            except Exception:  # the database is locked or gone for a moment: what is loaded goes on
                log.exception("The services could not be looked at; trying again.")

    async def _refresh(self) -> None:
        changed = await asyncio.to_thread(self._services.changed)
        now = asyncio.get_running_loop().time()
        is_due = any(at <= now for at in self._failed.values())
        if changed == self._seen and not is_due:
            return
        listed = await asyncio.to_thread(self._services.list)
        await asyncio.gather(*(self._load(service) for service in listed if service.retired is None))
        gone = set(self._by_name) - {service.name for service in listed if service.retired is None}
        for name in gone:
            serving = self._by_name.pop(name)
            self._by_id.pop(serving.service.id, None)
            for runtime in serving.runtimes.values():
                self._retire(runtime)
        self._seen = changed
        self._on_change()

    async def _load(self, service: Service) -> None:
        """Load the versions that a service needs beside those it has; then let go of the others."""
        keys = await asyncio.to_thread(self._services.key_hashes, service.name)
        serving = self._by_name.get(service.name)
        if serving is None:
            serving = Serving(service, keys)
            self._by_name[service.name] = self._by_id[service.id] = serving
        serving.keys = keys
        wanted = set(service.traffic) or {service.live}
        wanted.add(service.live)
        is_resized = serving.service.children != service.children
        loaded: dict[int, Runtime] = {}
        for number in sorted(wanted):
            if number in serving.runtimes and not is_resized:
                loaded[number] = serving.runtimes[number]
                continue
            runtime = await self._runtime(serving, service, number)
            if runtime is not None:
                loaded[number] = runtime
            elif number in serving.runtimes:
                loaded[number] = serving.runtimes[number]
        before = serving.runtimes
        if loaded:  # else the last good version goes on
            serving.runtimes = loaded
        serving.service = service
        for number, runtime in before.items():
            if serving.runtimes.get(number) is not runtime:
                self._retire(runtime)

    async def _runtime(self, serving: Serving, service: Service, number: int) -> Runtime | None:
        place = (service.name, number)
        loop = asyncio.get_running_loop()
        if self._failed.get(place, 0.0) > loop.time():
            return None
        try:
            version = await asyncio.to_thread(self._services.version, service.name, number)
            runtime = Runtime(version, self._workspace, children=service.children)
            await runtime.start()
        except StudioloError as error:
            serving.error = error
            self._failed[place] = loop.time() + RETRY_SECONDS
            log.error("Version %d of %s can't be loaded: %s", number, service.name, error)
            return None
        self._failed.pop(place, None)
        serving.error = None
        for warning in runtime.warnings:
            log.warning("%s, version %d: %s", service.name, number, warning)
        log.info("%s, version %d, is ready.", service.name, number)
        return runtime

    def _retire(self, runtime: Runtime) -> None:
        task = asyncio.get_running_loop().create_task(runtime.close(DRAIN_SECONDS))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
