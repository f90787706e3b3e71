"""Finds the environment of a published version on this machine."""

from __future__ import annotations

from pathlib import Path

from studiolo.domain.service import FrozenEnvironment
from studiolo.environments import Environment, current_environment
from studiolo.errors import StudioloError, UserError


def environment_of(workspace: Path, frozen: FrozenEnvironment) -> tuple[Environment, str]:
    """Give the environment that a version was published with, and a warning when it has changed since.

    One that studiolo has built is found by its digest, whatever the workspace says now. `current` and adopted
    environments are not studiolo's to keep: they may have changed.

    Raises:
        UserError: `environment-not-built`, and what looking for it raises.
    """
    from studiolo.environments.building import built_environment
    from studiolo.environments.registry import Environments
    from studiolo.services.built_environments import remembered

    built = remembered(frozen.digest) or built_environment(frozen.name, frozen.digest)
    if built is not None:
        return built, ""
    if frozen.name == "current":
        found = current_environment()
    else:
        try:
            found = Environments(workspace).ready(frozen.name)
        except StudioloError as error:
            raise UserError(
                "environment-not-built",
                f'The environment "{frozen.name}" of the published version is not here: {error.summary}',
                f"Build it again: studiolo env build {frozen.name}",
            ) from error
    if found.lock_digest == frozen.digest:
        return found, ""
    return found, (
        f'The packages of the environment "{frozen.name}" have changed since the version was published; '
        "its answers may differ."
    )
