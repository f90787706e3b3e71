"""The folders and files of a workspace, and how a new one begins."""

from __future__ import annotations

from pathlib import Path

from studiolo.errors import UserError
from studiolo.graph.workspace_file import FILE, workspace_file_text

IGNORED = "# studiolo's own store: results, runs and caches; it can be made again\n.studiolo/\n"


class Places:
    """Where things lie in the workspace at `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.own = root / ".studiolo"
        self.blobs = self.own / "blobs"
        self.runs = self.own / "runs"
        self.pictures = self.own / "pictures"
        self.cache = self.own / "cache"
        self.database = self.own / "studiolo.db"
        self.schema = self.own / "experiment.schema.json"

    def make_own(self) -> None:
        """Make the folder of the store, closed to other users."""
        self.own.mkdir(mode=0o700, exist_ok=True)
        for folder in (self.runs, self.cache):
            folder.mkdir(exist_ok=True)

    def write_schema(self) -> None:
        """Write the JSON Schema that the files of new experiments name, so that editors complete and check them."""
        from studiolo.graph.schema import schema_text

        self.schema.write_text(schema_text(), encoding="utf-8")


def create_workspace(root: Path, name: str | None = None) -> None:
    """Make the files of a new workspace in `root`, which may exist and hold other files.

    Raises:
        UserError: `workspace-exists`.
    """
    if (root / FILE).exists():
        raise UserError(
            "workspace-exists",
            f"{root} is a workspace already.",
            "Use it as it is, or choose another folder.",
        )
    for folder in ("experiments", "data", "bundles", "modules"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / FILE).write_text(workspace_file_text(name or root.resolve().name), encoding="utf-8")
    ignored = root / ".gitignore"
    if not ignored.exists():
        ignored.write_text(IGNORED, encoding="utf-8")
