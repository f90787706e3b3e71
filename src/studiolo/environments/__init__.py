"""Environments: interpreters with locked packages: `current`, ready-made ones and those of a workspace's files."""

from __future__ import annotations

from pathlib import Path

from studiolo.domain.nearest import did_you_mean
from studiolo.environments.current import NAME, current_environment, packages
from studiolo.environments.environment import Environment, Package
from studiolo.errors import UserError

__all__ = ["NAMES", "Environment", "Package", "current_environment", "environment", "packages"]

NAMES = (NAME,)


def environment(name: str, cache_folder: Path | None = None) -> Environment:
    """Give the environment of a name.

    Args:
        name: one of `NAMES`.
        cache_folder: see `current_environment`.

    Raises:
        UserError: `unknown-environment` or `broken-environment`.
    """
    if name not in NAMES:
        raise UserError(
            "unknown-environment",
            f'There is no environment "{name}".',
            did_you_mean(name, NAMES, "environment"),
        )
    return current_environment(cache_folder)
