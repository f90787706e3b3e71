"""Keeps what was computed from the columns of a table, in memory and as files of the workspace's cache."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studiolo.store.digest import is_digest
from studiolo.studio.gates import Gate

FORM = 1
"""Grows when what is computed changes, so that figures of an older version are not shown."""

_IN_MEMORY = 2_000


class KeptFigures:
    """JSON documents by digest and name. Any may be lost at the cost of computing it again.

    Args:
        folder: made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._memory: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()

    def get(
        self, digest: str, name: str, compute: Callable[[], dict[str, Any]], gate: Gate
    ) -> dict[str, Any]:
        """Give what was kept, or compute and keep it.

        Raises:
            UserError: `table-busy`.
        """
        found = self._known(digest, name)
        if found is not None:
            return found
        with gate.entered():
            found = self._known(digest, name)
            if found is None:
                found = compute()
                self._keep(digest, name, found)
        return found

    def forget_lost(self, has: Callable[[str], bool]) -> None:
        """Remove the files of tables that are not in the store any more.

        Args:
            has: says whether a digest is in the store.
        """
        with contextlib.suppress(OSError):
            for folder in list(self._folder.iterdir()):
                if not is_digest(folder.name) or not has(folder.name):
                    shutil.rmtree(folder, ignore_errors=True)

    def _known(self, digest: str, name: str) -> dict[str, Any] | None:
        with self._lock:
            found = self._memory.get((digest, name))
            if found is not None:
                self._memory.move_to_end((digest, name))
                return found
        try:
            document = json.loads((self._folder / digest / f"{name}.json").read_bytes())
        except (OSError, ValueError):
            return None
        if not isinstance(document, dict) or document.get("form") != FORM:
            return None
        figures: dict[str, Any] = document["figures"]
        self._remember(digest, name, figures)
        return figures

    def _keep(self, digest: str, name: str, figures: dict[str, Any]) -> None:
        self._remember(digest, name, figures)
        folder = self._folder / digest
        temporary = folder / f".{name}.{os.getpid()}-{threading.get_ident()}"
        # A full disk costs only the time to compute it again.
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps({"form": FORM, "figures": figures}))
            temporary.rename(folder / f"{name}.json")

    def _remember(self, digest: str, name: str, figures: dict[str, Any]) -> None:
        with self._lock:
            self._memory[digest, name] = figures
            while len(self._memory) > _IN_MEMORY:
                self._memory.popitem(last=False)
