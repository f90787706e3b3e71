"""The studio of one workspace: its parts, opened and closed together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from studiolo import __version__
from studiolo.studio.changes import Change
from studiolo.studio.document_json import Json
from studiolo.studio.documents import Documents
from studiolo.studio.events import EventHub
from studiolo.studio.experiments import Experiments
from studiolo.studio.following import Follower
from studiolo.studio.history import History
from studiolo.studio.languages import Languages
from studiolo.studio.lint import Lint
from studiolo.studio.modules import Modules
from studiolo.studio.runs import Runs, Wanted
from studiolo.studio.saving import Saved, save_changes
from studiolo.studio.scripts import Scripts
from studiolo.studio.statuses import Statuses
from studiolo.studio.tables import Tables
from studiolo.studio.uploads import Uploads
from studiolo.worker.walls_report import examine
from studiolo.workspace import Workspace
from studiolo.workspace.running import bury_dead_runs


class Studio:
    """What the page in the browser works on.

    Args:
        workspace: opened by this process, which closes it.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.languages = Languages(workspace)
        self.lint = Lint(workspace)
        self.events = EventHub(__version__)
        self.tables = Tables(workspace)
        self.modules = Modules(workspace)
        self.documents = Documents(workspace)
        self.statuses = Statuses(workspace)
        self.runs = Runs(workspace, self.events)
        self._follower = Follower(
            workspace,
            self.documents,
            self.statuses,
            self.events,
            self.runs.starting,
            self.modules.refresh,
        )
        self.runs.on_news(self._follower.wake)
        self.experiments = Experiments(workspace, self.documents)
        self.history = History(workspace, self.documents, self.statuses)
        self.scripts = Scripts(workspace)
        self.uploads = Uploads(workspace, lambda: self.events.publish("datasets", {}))

    @cached_property
    def badge(self) -> str:
        """The strongest jail that this machine can build: `full`, `reduced` or `none`."""
        return examine().badge

    def start(self) -> None:
        """Begin to follow what happens in the workspace.

        Raises:
            StudioloError: the modules of the workspace can't be loaded at all.
        """
        self.workspace.pools  # noqa: B018  made once, before threads ask for it
        self.workspace.registry  # noqa: B018
        self._follower.start()

    def save(self, name: str, changes: Sequence[Change]) -> Saved:
        """Apply changes to an experiment's files and tell the pages; see `save_changes`."""
        saved = save_changes(self.documents, name, changes)
        self._follower.saved(saved.document)
        return saved

    def run(self, name: str, wanted: Wanted) -> str:
        """Begin a run of an experiment and give its ticket; see `Runs.start`.

        Raises:
            UserError: `unknown-experiment`, `already-running`.
        """
        self.documents.folder(name)
        self.modules.refresh()  # no page may be listening, for which they would be looked at
        return self.runs.start(name, wanted)

    def status(self, name: str) -> Json:
        """Give the newest run and the status of each node of an experiment, as `StatusForm` has them.

        Raises:
            UserError: `unknown-experiment`.
        """
        bury_dead_runs(self.workspace, name)
        status = self.statuses.of(self.documents.read(name))
        return {**status, "starting": self.runs.starting(name)}

    def running(self) -> list[str]:
        """Give the names of the experiments that this server runs."""
        return self.runs.going()

    def close(self) -> None:
        """End what `start` began; does nothing the second time."""
        self.runs.close()
        self.languages.close()
        self._follower.close()
        self.uploads.close()
        self.events.close()
