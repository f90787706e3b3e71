"""The published services of a workspace: published, rolled back, split, configured, retired; their keys and log."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from studiolo.domain.nearest import did_you_mean
from studiolo.domain.service import (
    FRESH,
    PRIMARY,
    SECONDARY,
    SLOTS,
    STATES,
    RequestRow,
    Service,
    ServiceKey,
    ServiceVersion,
)
from studiolo.errors import UserError
from studiolo.metadata.services import WORKSPACE_ID
from studiolo.services import keys
from studiolo.services.frozen_json import version_from_json, version_to_json
from studiolo.services.publishing import freeze, run_to_publish

if TYPE_CHECKING:
    from studiolo.scheduler.leaving import Leash
    from studiolo.scheduler.progress import Listener
    from studiolo.workspace import Workspace

__all__ = ["Published", "RequestRow", "Services"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_RANGES = {
    "requests_per_minute": (1, 1_000_000),
    "max_rows": (1, 100_000_000),
    "max_body_mb": (1, 2048),
    "timeout_seconds": (1, 86_400),
    "children": (1, 256),
}


@dataclass(frozen=True)
class Published:
    """What publishing gave.

    Attributes:
        service: as it is now.
        version: that was made.
        keys: slot to key, the only time that they are known; None when the service has its keys already.
        is_live: the version answers from now on.
    """

    service: Service
    version: ServiceVersion
    keys: Mapping[str, str] | None
    is_live: bool


class Services:
    """The services of one workspace. Safe for several threads and processes.

    Args:
        workspace: opened.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._metadata = workspace.metadata

    @property
    def workspace_id(self) -> str:
        """The workspace's 32 lower-case hexadecimal digits in the classic addresses; made once."""
        return self._metadata.workspace_fact(WORKSPACE_ID, lambda: uuid.uuid4().hex)

    def publish(
        self,
        experiment: str,
        name: str,
        *,
        state: str | None = None,
        description: str | None = None,
        run: int | None = None,
        has_sample: bool = True,
        is_live: bool = True,
        listener: Listener | None = None,
        leash: Leash | None = None,
    ) -> Published:
        """Publish an experiment as the next version of a service; the first time the service is made.

        Args:
            experiment: its name.
            name: of the service: letters, digits, `-` and `_`.
            state: `fresh` or `kept`; as the version before, at first `fresh`.
            description: one line for people; as the version before, at first the experiment's title.
            run: publish what this run left; None runs what is not known yet.
            has_sample: take up to five rows of each input and output, and the values of categories, into the documents.
            is_live: it answers from now on; the first version always does.
            listener: is told of the run.
            leash: lets another thread leave the run unfinished.

        Raises:
            UserError: `no-web-service`, `wrong-name`, `unknown-experiment`, `unknown-run` and others.
            Problems: everything that keeps the experiment from being run or published.
            StudioloError: the first node that failed.
        """
        check_service_name(name)
        before = self._metadata.service(name)
        earlier = self._version_before(before)
        chosen = state or (earlier.state if earlier is not None else FRESH)
        if chosen not in STATES:
            raise UserError(
                "wrong-value", f'There is no state "{chosen}".', did_you_mean(chosen, STATES, "state")
            )
        if run is None:
            result = run_to_publish(self._workspace, experiment, listener, leash)
            result.raise_for_failure()
            run = result.number
        version = freeze(self._workspace, experiment, run, name, chosen, has_sample)
        told = (
            description
            if description is not None
            else (earlier.description if earlier else version.description)
        )
        published = self._write(replace(version, description=told), is_live)
        if description is None or published.service.description == description:
            return published
        return replace(published, service=self.configure(name, description=description))

    def _write(self, version: ServiceVersion, is_live: bool) -> Published:
        now, name = time.time(), version.service
        made = {slot: keys.new_key() for slot in SLOTS}
        service, number, took_keys = self._metadata.add_version(
            name,
            lambda number: version_to_json(replace(version, number=number)),
            Service(name, uuid.uuid4().hex, 1, created=now, description=version.description),
            [keys.kept_key(key, slot, now) for slot, key in made.items()],
            now,
            is_live=is_live,
        )
        published = replace(version, number=number)
        return Published(service, published, made if took_keys else None, service.live == number)

    def list(self) -> Sequence[Service]:
        """Give all services by name, retired ones too."""
        return self._metadata.services()

    def get(self, name: str) -> Service:
        """Give a service, also a retired one.

        Raises:
            UserError: `unknown-service`, with the nearest name.
        """
        found = self._metadata.service(name)
        if found is None:
            names = [service.name for service in self.list() if service.retired is None]
            hint = (
                did_you_mean(name, names, "service")
                if names
                else "Publish one: studiolo publish EXPERIMENT --name NAME"
            )
            raise UserError("unknown-service", f'There is no service "{name}".', hint)
        return found

    def version(self, name: str, number: int | None = None) -> ServiceVersion:
        """Give a version of a service, by default the live one.

        Raises:
            UserError: `unknown-service`, `unknown-version`.
        """
        service = self.get(name)
        wanted = service.live if number is None else number
        document = self._metadata.version_document(name, wanted)
        if document is None:
            raise self._unknown_version(name, wanted)
        return version_from_json(document)

    def versions(self, name: str) -> Sequence[ServiceVersion]:
        """Give the versions of a service, the newest first.

        Raises:
            UserError: `unknown-service`.
        """
        self.get(name)
        return [self.version(name, number) for number in reversed(self._metadata.version_numbers(name))]

    def warnings(self, version: ServiceVersion) -> tuple[str, ...]:
        """Say which environments of a version are not here any more as they were: its answers may differ."""
        from studiolo.services.environments import environment_of

        told = []
        for frozen in version.environments.values():
            try:
                told.append(environment_of(self._workspace.path, frozen)[1])
            except UserError as error:
                told.append(f"{error.summary} {error.hint}")
        return tuple(warning for warning in dict.fromkeys(told) if warning)

    def rollback(self, name: str, number: int | None = None) -> Service:
        """Let another version answer, by default the one before the live one; a split of the traffic ends.

        Raises:
            UserError: `unknown-service`, `unknown-version`, `retired-service`.
        """
        live = self._answering(name).live
        numbers = self._metadata.version_numbers(name)
        if number is None:
            number = max((one for one in numbers if one < live), default=None)
            if number is None:
                raise UserError(
                    "unknown-version",
                    f"There is no version of {name} before {live}, the live one.",
                    f"Name another one: studiolo services rollback {name} --to N",
                )
        if number not in numbers:
            raise self._unknown_version(name, number)
        chosen = number
        return self._change(name, lambda service: replace(service, live=chosen, traffic={}))

    def split(self, name: str, shares: Mapping[int, int]) -> Service:
        """Let several versions answer, each its share of the requests; no shares end the split.

        Args:
            name: of the service.
            shares: version to percent; the live version has what is left of 100.

        Raises:
            UserError: `unknown-service`, `unknown-version`, `wrong-value`, `retired-service`.
        """
        service = self._answering(name)
        numbers = self._metadata.version_numbers(name)
        for number in shares:
            if number not in numbers:
                raise self._unknown_version(name, number)
        total = sum(shares.values())
        if (
            any(share < 0 for share in shares.values())
            or total > 100
            or (total < 100 and service.live in shares)
        ):
            raise UserError(
                "wrong-value",
                f"The shares {', '.join(f'{number}: {share} %' for number, share in shares.items())} make no hundred.",
                "Give each version its percent, 100 in all; the live version may be left out and has the rest.",
            )
        traffic = dict(shares)
        if traffic and service.live not in traffic:
            traffic[service.live] = 100 - total
        traffic = {number: share for number, share in sorted(traffic.items()) if share}
        only = next(iter(traffic)) if len(traffic) == 1 else None
        if only is not None:
            return self._change(name, lambda now: replace(now, live=only, traffic={}))
        return self._change(name, lambda now: replace(now, traffic=traffic))

    def configure(self, name: str, **values: Any) -> Service:
        """Change what is configured, by the names of `Service`: limits, children, description, whether data is logged.

        Raises:
            UserError: `unknown-service`, `retired-service`, `wrong-value`.
        """
        self._answering(name)
        for key, value in values.items():
            low, high = _RANGES.get(key, (None, None))
            if low is None or (value is None and key == "requests_per_minute"):
                continue
            if type(value) is not int or not low <= value <= (high or low):
                raise UserError(
                    "wrong-value",
                    f"{key} of a service cannot be {value!r}.",
                    f"Give a whole number from {low:,} to {high:,}.",
                )
        return self._change(name, lambda service: replace(service, **values))

    def retire(self, name: str) -> Service:
        """End a service: it answers no more, its keys are forgotten, and what only it needed may be collected.

        Publishing under its name again brings it back with a new version and new keys.

        Raises:
            UserError: `unknown-service`.
        """
        now = time.time()
        if self.get(name).retired is not None:
            return self.get(name)
        return self._change(name, lambda service: replace(service, retired=now, traffic={}))

    # Keys

    def keys(self, name: str) -> dict[str, ServiceKey]:
        """Give what is kept of the keys of a service, by slot.

        Raises:
            UserError: `unknown-service`.
        """
        self.get(name)
        return self._metadata.service_keys(name)

    def key_hashes(self, name: str) -> dict[str, str]:
        """Give slot to the SHA-256 of its key in hexadecimal."""
        return {slot: key.hash for slot, key in self._metadata.service_keys(name).items()}

    def rotate_key(self, name: str, slot: str = PRIMARY) -> str:
        """Make a new key for one slot and give it; the old one opens nothing any more, the other slot's still does.

        Raises:
            UserError: `unknown-service`, `retired-service`, `wrong-value`.
        """
        self._answering(name)
        if slot not in SLOTS:
            hint = f"A service has two keys: {PRIMARY} and {SECONDARY}."
            raise UserError("wrong-value", f'There is no key "{slot}".', hint)
        key = keys.new_key()
        self._metadata.put_service_key(name, keys.kept_key(key, slot, time.time()))
        return key

    # Log, and what servers ask

    def log_requests(self, rows: Iterable[RequestRow]) -> None:
        """Write rows of the request log."""
        self._metadata.log_requests(rows)

    def requests(
        self, name: str, limit: int = 50, *, only_errors: bool = False, request_id: str | None = None
    ) -> Sequence[RequestRow]:
        """Give rows of the request log of a service, newest first.

        Raises:
            UserError: `unknown-service`.
        """
        self.get(name)
        return self._metadata.requests(name, limit, only_errors=only_errors, request_id=request_id)

    def request_counts(self, since: float) -> Mapping[str, tuple[int, int, float]]:
        """Count the requests to each service since a moment: all, those that failed, and the time of the newest."""
        return self._metadata.request_counts(since)

    def changed(self) -> int:
        """Give a number that grows when a service, a version in use or a key changes; cheap enough to ask often."""
        return self._metadata.services_generation()

    def addresses(self, service: Service) -> dict[str, str]:
        """Give the paths below a server at which a service answers."""
        classic = f"/workspaces/{self.workspace_id}/services/{service.id}"
        return {
            "own": f"/api/services/{service.name}",
            "classic": f"{classic}/execute?api-version=2.0&details=true",
            "batch": f"{classic}/jobs",
            "swagger": f"{classic}/swagger.json",
            "help": f"/services/{service.name}",
        }

    def _version_before(self, service: Service | None) -> ServiceVersion | None:
        if service is None:
            return None
        document = self._metadata.version_document(service.name, service.live)
        return None if document is None else version_from_json(document)

    def _answering(self, name: str) -> Service:
        service = self.get(name)
        if service.retired is not None:
            raise UserError(
                "retired-service",
                f"The service {name} is retired.",
                f"Publish it again: studiolo publish EXPERIMENT --name {name}",
            )
        return service

    def _change(self, name: str, change: Callable[[Service], Service]) -> Service:
        changed = self._metadata.change_service(name, change)
        return changed if changed is not None else self.get(name)

    def _unknown_version(self, name: str, number: int) -> UserError:
        known = self._metadata.version_numbers(name)
        shown = f"{known[0]} to {known[-1]}" if len(known) > 1 else ", ".join(map(str, known))
        hint = f"There are the versions {shown}." if len(known) > 1 else f"There is only version {shown}."
        return UserError("unknown-version", f"The service {name} has no version {number}.", hint)


def check_service_name(name: str) -> None:
    """Make sure that a service may have this name.

    Raises:
        UserError: `wrong-name`.
    """
    if not _NAME.fullmatch(name):
        raise UserError(
            "wrong-name",
            f"{name[:80]!r} can't be the name of a service.",
            "Take 1 to 64 letters of a to z, digits, - and _, beginning with a letter or digit.",
        )
