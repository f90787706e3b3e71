"""The sample workspace: the diabetes example, which comes with the package, to begin with."""

from __future__ import annotations

import shutil
from pathlib import Path

from studiolo.errors import UserError
from studiolo.graph.workspace_file import FILE
from studiolo.store.failures import storing

_PACKAGE = Path(__file__).parents[1]
PLACES = (_PACKAGE / "sample", _PACKAGE.parents[1] / "examples" / "diabetes")
"""In a wheel; in a source tree."""

LEFT_OUT = (".studiolo", "__pycache__")


def make_sample_workspace(root: Path) -> None:
    """Copy the sample's files to a new workspace in `root`; files that are there stay as they are.

    Raises:
        UserError: `workspace-exists`, `workspace-unwritable`, `workspace-disk-full`, `missing-sample`.
    """
    if (root / FILE).exists():
        raise UserError(
            "workspace-exists",
            f"{root} is a workspace already.",
            "Use it as it is, or choose another folder.",
        )
    sample = next((place for place in PLACES if (place / FILE).is_file()), None)
    if sample is None:
        raise UserError(
            "missing-sample",
            "The sample experiment is not part of this installation.",
            "Begin with an empty workspace: studiolo init",
        )
    with storing(root.parent if root.parent.exists() else Path.cwd()):
        root.mkdir(parents=True, exist_ok=True)
        for path in sorted(
            sample.rglob("*"), key=lambda path: path.name == FILE
        ):  # what makes it one comes last
            relative = path.relative_to(sample)
            target = root / relative
            if path.is_dir() or target.exists() or set(relative.parts) & set(LEFT_OUT):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        ignored = root / ".gitignore"
        if not ignored.exists():
            ignored.write_text(".studiolo/\n", encoding="utf-8")
