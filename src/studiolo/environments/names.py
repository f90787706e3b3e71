"""The names of environments, told without loading what locks and builds them: every command asks for them."""

from __future__ import annotations

from pathlib import Path

from studiolo.environments.current import NAME

FOLDER = "environments"
READY_MADE = Path(__file__).with_name("ready_made")


def environment_names(own: Path | None) -> tuple[str, ...]:
    """Give all names: `current`, the ready-made, then those of a workspace in order.

    Args:
        own: the workspace's folder of environments, or None.
    """
    found = sorted(path.stem for path in own.glob("*.toml")) if own else []
    ready = [path.stem for path in sorted(READY_MADE.glob("*.toml"))]
    return tuple(dict.fromkeys([NAME, *ready, *found]))
