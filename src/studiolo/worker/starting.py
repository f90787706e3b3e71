"""What a launcher and its zygote are told when a pool starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from studiolo.worker.settings import SYSTEM_LIBRARIES, PoolSettings

LAUNCHER = Path(__file__).with_name("launcher.py")
CHILD = LAUNCHER.parents[2] / "studiolo_child"


def starting_documents(settings: PoolSettings, is_bare: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the settings of the launcher and the configuration of the zygote, both JSON-ready.

    Args:
        settings: of the pool.
        is_bare: without namespaces.
    """
    mount_point = settings.cache / "jail"  # one for all: each pool sees only its own mounts
    mount_point.mkdir(mode=0o755, parents=True, exist_ok=True)
    fonts = {file.name: file.read_text() for file in settings.cache.glob("fontlist-*.json")}
    shown = [*SYSTEM_LIBRARIES, *settings.read_only]
    document = {
        "python": settings.python,
        "flags": settings.flags,
        "read_only": shown,
        "child": str(CHILD),
        "tools": [str(path) for path in settings.tools],
        "blobs": str(settings.blobs),
        "folders": [str(path) for _, path in settings.folders],
        "mount_point": str(mount_point),
        "env": settings.environment_variables(),
        "matplotlib_files": fonts,
        "is_bare": is_bare,
    }
    configuration = {
        "disk_bytes": settings.room.disk_mb << 20,
        "files": settings.room.files,
        "prefork": settings.prefork,
        "processors": os.cpu_count() or 1,
        "watch_seconds": settings.watch_seconds,
        "preload": settings.preload,
        "below_tmp": [path for path in settings.read_only if path.startswith("/tmp/")],
        "has_folders": bool(settings.folders),
        "send_fonts": not fonts,
        "is_bare": is_bare,
        "readable": [*shown, str(CHILD), *map(str, settings.tools)] if is_bare else [],
    }
    return document, configuration
