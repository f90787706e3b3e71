"""Makes, copies and removes experiments for pages; what is removed is kept in the workspace's own folder."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from studiolo.domain import experiment as nouns
from studiolo.domain.module_page import ModulePage
from studiolo.errors import UserError
from studiolo.graph.experiment_json import experiment_from_json
from studiolo.graph.reading import FILE
from studiolo.graph.writing import write_experiment
from studiolo.store.failures import storing
from studiolo.studio.changes import Set
from studiolo.studio.document_json import Json
from studiolo.studio.documents import Documents
from studiolo.studio.layouts import FILE as LAYOUT
from studiolo.studio.layouts import layout_bytes
from studiolo.studio.saving import locked, save_changes
from studiolo.workspace import Workspace
from studiolo.workspace.experiment import Experiment, new_experiment

COPY_LIMIT_BYTES = 64 * 1024 * 1024


class Experiments:
    """The experiments of a workspace as a list that can be added to.

    Args:
        workspace: that holds them.
        documents: reads them.
    """

    def __init__(self, workspace: Workspace, documents: Documents) -> None:
        self._workspace = workspace
        self._documents = documents

    def rows(self) -> list[Json]:
        """Give every experiment with its newest run, the last edited first, as `ExperimentRow` has them."""
        newest = self._workspace.metadata.newest_runs()
        rows = []
        for name in self._documents.names():
            try:
                document = self._documents.read(name)
            except UserError:  # removed a moment ago
                continue
            run = newest.get(name)
            rows.append(
                {
                    "name": name,
                    "title": document.content["title"],
                    "nodes": len(document.content["nodes"]),
                    "edited": document.edited,
                    "run": run.number if run else None,
                    "run_state": run.state if run else None,
                    "run_started": run.started if run else None,
                    "is_readable": document.is_readable,
                }
            )
        return sorted(rows, key=lambda row: (-row["edited"], row["name"]))

    def create(self, name: str, title: str | None, *, has_script: bool = False) -> None:
        """Make an experiment without nodes, or with one script node that holds the template.

        Raises:
            UserError: `experiment-exists`, `wrong-name`.
        """
        folder = self._new_folder(name)
        if has_script:
            new_experiment(self._workspace, name, title)
            return
        self._workspace.places.write_schema()
        with storing(folder.parent):
            write_experiment(nouns.Experiment(name, title or name, {}), folder)

    def copy(self, source: str, name: str, title: str | None) -> None:
        """Make an experiment that has the files of another one.

        Raises:
            UserError: `unknown-experiment`, `experiment-exists`, `wrong-name`.
        """
        origin, folder = self._documents.folder(source), self._new_folder(name)
        with storing(folder.parent), locked(origin):
            _copy_files(origin, folder)
        self._name(name, title or name)

    def copy_run(self, number: int, name: str, title: str | None) -> None:
        """Make an experiment as another one was when it ran.

        Raises:
            UserError: `unknown-run`, `experiment-exists`, `wrong-name`.
        """
        run = self._workspace.metadata.run(number)
        if run is None:
            raise self._workspace.metadata.unknown_run(number)
        experiment, folder = experiment_from_json(run.snapshot["experiment"]), self._new_folder(name)
        with storing(folder.parent):
            write_experiment(
                nouns.Experiment(
                    name, title or name, experiment.nodes, f"experiments/{name}", experiment.web_service
                ),
                folder,
            )
            layout = layout_bytes(self._workspace.path / "experiments" / run.experiment)
            if layout:
                (folder / LAYOUT).write_bytes(layout)

    def begin_example(self, page: ModulePage) -> str:
        """Make an experiment of the example on a module's help page, and give its name.

        Files of the workspace that the example reads are written where there are none of that name.

        Raises:
            UserError: `unknown-example`: the page has none.
        """
        if not page.example:
            raise UserError(
                "unknown-example",
                f"The help page of {page.name} has no example.",
                "A module's docstring may have one below `Example:`; docs/own-modules.md shows how.",
            )
        name = self._free_name(f"Example of {page.name}")
        folder = self._new_folder(name)
        self._workspace.places.write_schema()
        with storing(folder.parent):
            (folder / "scripts").mkdir(parents=True)
            for path, text in page.files:
                file = (folder if path.startswith("scripts/") else self._workspace.path) / path
                if not file.exists():
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text, encoding="utf-8")
            (folder / FILE).write_text(page.example_document(), encoding="utf-8")
        return name

    def remove(self, name: str) -> Path:
        """Move an experiment's folder into the workspace's own folder, and give where it is now.

        Its runs stay.

        Raises:
            UserError: `unknown-experiment`.
        """
        folder = self._documents.folder(name)
        kept = self._workspace.places.own / "removed"
        with storing(kept.parent), locked(folder):
            kept.mkdir(exist_ok=True)
            stamp = time.strftime("%Y%m%d-%H%M%S")
            target = kept / f"{name}-{stamp}"
            number = 1
            while target.exists():
                number += 1
                target = kept / f"{name}-{stamp}-{number}"
            folder.rename(target)
        self._documents.forget(name)
        return target

    def _free_name(self, wanted: str) -> str:
        name, number = wanted, 1
        while (self._workspace.path / "experiments" / name).exists():
            number += 1
            name = f"{wanted} {number}"
        return name

    def _new_folder(self, name: str) -> Path:
        folder = Experiment(self._workspace, name).folder  # checks the name
        if folder.exists():
            raise UserError(
                "experiment-exists", f"There is an experiment {name} already.", "Choose another name."
            )
        return folder

    def _name(self, name: str, title: str) -> None:
        document = self._documents.read(name)
        if document.is_readable:
            save_changes(self._documents, name, [Set(("title",), document.content["title"], title)])


def _copy_files(origin: Path, folder: Path) -> None:
    """Copy what a person keeps in an experiment's folder: no hidden files, nothing very large, links as links."""

    def left_out(parent: str, names: list[str]) -> set[str]:
        return {one for one in names if one.startswith(".") or _is_large(Path(parent) / one)}

    shutil.copytree(origin, folder, symlinks=True, ignore=left_out)
    if not (folder / FILE).is_file():
        raise OSError("the experiment vanished while it was copied")


def _is_large(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > COPY_LIMIT_BYTES
