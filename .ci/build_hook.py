"""Puts the built page, its licences and the sample workspace into the wheel and the source distribution.

The page is built by npm where it is missing. A wheel without it would be a studio that nobody can open: it is refused.
An editable install takes what lies in the source tree, and `make page` puts it there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/studiolo/webapp")
SAMPLE = Path("examples/diabetes")
LEFT_OUT = {".studiolo", "__pycache__", ".vite", ".made-of"}
NEEDED = ("index.html", "third-party-licences.txt")


class StudioloBuildHook(BuildHookInterface):
    """Adds files that git does not hold."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files.

        Raises:
            RuntimeError: the page is missing and can't be built here.
        """
        if version == "editable":
            return
        root = Path(self.root)
        if not all((root / PAGE / name).is_file() for name in NEEDED):
            self._build(root)
        included = build_data.setdefault("force_include", {})
        target = PAGE if self.target_name == "sdist" else Path("studiolo/webapp")
        included.update(_files(root, PAGE, target))
        if self.target_name == "wheel":
            included.update(_files(root, SAMPLE, Path("studiolo/sample")))

    def _build(self, root: Path) -> None:
        frontend = root / "frontend"
        npm = shutil.which("npm")
        if npm is None or not frontend.is_dir():
            raise RuntimeError(
                "The page of the studio is not built, and npm is missing. Install Node.js 20.19 or newer, or run "
                "`make page` first."
            )
        for command in ([npm, "ci", "--no-audit", "--no-fund"], [npm, "run", "bundle"]):
            done = subprocess.run(command, cwd=frontend, env={**os.environ, "CI": "true"}, check=False)
            if done.returncode:
                said = " ".join(command[1:])
                raise RuntimeError(
                    f"`npm {said}` failed in {frontend}, so the page of the studio is missing. It needs Node.js 20.19 "
                    "or newer: `make page` fetches one."
                )


def _files(root: Path, folder: Path, target: Path) -> dict[str, str]:
    """Give the files below a folder, each with its place in the distribution."""
    found = sorted(path for path in (root / folder).rglob("*") if path.is_file())
    kept = (path for path in found if not LEFT_OUT & set(path.relative_to(root).parts))
    return {str(path): str(target / path.relative_to(root / folder)) for path in kept}
