"""A workspace opened by a program: experiments, runs, datasets. The command line and the server stand on it."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Content, ReceiptEntry
from studiolo.domain.nearest import did_you_mean
from studiolo.domain.run import NodeRun, Run
from studiolo.environments import Environment, current_environment
from studiolo.environments.current import NAME as CURRENT
from studiolo.environments.names import FOLDER as ENVIRONMENTS
from studiolo.environments.names import environment_names
from studiolo.environments.programs import has_program, how_to_install
from studiolo.errors import Problems, StudioloError, UserError
from studiolo.graph.loading import load_experiment
from studiolo.graph.permissions import folder_problem
from studiolo.graph.reading import experiment_folder, experiment_names
from studiolo.graph.resolving import Resolution
from studiolo.graph.validation import Surroundings
from studiolo.graph.workspace_file import WorkspaceFile, find_workspace, read_workspace_file
from studiolo.metadata import Metadata
from studiolo.scheduler.logs import log_path
from studiolo.scheduler.progress import Listener
from studiolo.secrets import SecretStore
from studiolo.store.blobs import BlobStore
from studiolo.workspace.output import Output
from studiolo.workspace.places import Places, create_workspace
from studiolo.workspace.results import NodeResult, RunResult

if TYPE_CHECKING:
    from studiolo.registry.registry import Registry
    from studiolo.scheduler.leaving import Leash
    from studiolo.worker.pools import Pools
    from studiolo.workspace.doctor import DoctorReport
    from studiolo.workspace.experiment import Experiment
    from studiolo.workspace.shelf import Shelf


class Workspace:
    """A folder with experiments, datasets and their results.

    Worker processes are started when first needed and end with `close()`, at the end of a `with` block, or
    with this process.

    Args:
        path: the folder with `studiolo.toml`.

    Raises:
        UserError: `no-workspace`.
        Problems: the file has faults.
    """

    def __init__(self, path: str | Path) -> None:
        self.places = Places(Path(path).expanduser().resolve())
        self.settings: WorkspaceFile = read_workspace_file(self.places.root)
        self.places.make_own()
        self.blobs = BlobStore(self.places.blobs)
        self.metadata = Metadata(self.places.database)
        self._environments: dict[str, Environment] = {}

    @classmethod
    def create(cls, path: str | Path, name: str | None = None) -> Workspace:
        """Make a new workspace in a folder and open it.

        Raises:
            UserError: `workspace-exists`.
        """
        create_workspace(Path(path).expanduser(), name)
        return cls(path)

    @classmethod
    def find(cls, start: str | Path | None = None) -> Workspace:
        """Open the nearest workspace at or above a folder, by default the current one.

        Raises:
            UserError: `no-workspace`.
        """
        return cls(find_workspace(Path(start) if start is not None else Path.cwd()))

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Workspace {self.name} at {self.path}>"

    def close(self) -> None:
        """End the workers and close the database."""
        if "pools" in self.__dict__:
            self.pools.close()
        self.metadata.close()

    @property
    def path(self) -> Path:
        """The workspace's folder."""
        return self.places.root

    @property
    def name(self) -> str:
        """What people call it."""
        return self.settings.name

    # Experiments

    def experiment_names(self) -> list[str]:
        """Give the names of the experiments, sorted."""
        return experiment_names(self.path)

    def experiment(self, name: str) -> Experiment:
        """Open an experiment to look at it or change it.

        Raises:
            UserError: `unknown-experiment`.
            Problems: its file can't be read.
        """
        from studiolo.workspace.experiment import Experiment

        return Experiment.read(self, experiment_folder(self.path, name))

    def new_experiment(self, name: str, title: str | None = None) -> Experiment:
        """Make and save an experiment with one Execute Python Script node that holds the template.

        Raises:
            UserError: `experiment-exists`, `wrong-name`.
        """
        from studiolo.workspace.experiment import new_experiment

        return new_experiment(self, name, title)

    def check(self, name: str, *, listener: Listener | None = None) -> list[StudioloError]:
        """Give everything wrong with an experiment and its scripts; nothing of it runs.

        Args:
            name: of the experiment.
            listener: is told of packages that nodes ask for while they are installed.

        Raises:
            UserError: `unknown-experiment`.
        """
        from studiolo.scheduler.executors.local import LocalExecutor
        from studiolo.workspace.node_environments import node_environments
        from studiolo.workspace.running import missing_datasets, script_problems

        try:
            resolution = self._resolution(name)
        except Problems as problems:
            return [*self.registry.problems, *problems.problems]
        nodes = list(resolution.experiment.nodes.values())
        try:
            environments = node_environments(self, resolution.experiment, nodes, listener)
        except Problems as problems:
            return [*self.registry.problems, *problems.problems]
        executor = LocalExecutor(self.pools)
        missing = missing_datasets(self, nodes)
        missing += script_problems(self, resolution, nodes, environments, executor)
        return [*self.registry.problems, *missing]

    # Runs

    def run(
        self,
        name: str,
        *,
        to: Collection[str] = (),
        from_: Collection[str] = (),
        only: Collection[str] = (),
        set: Collection[str] = (),
        force: bool | Collection[str] = False,
        listener: Listener | None = None,
        leash: Leash | None = None,
    ) -> RunResult:
        """Run an experiment and wait for its end. A failed node does not raise; look at the result's state.

        An interrupted run of the same work is continued. In the main thread the first SIGINT or SIGTERM
        cancels the run, which then ends within a second.

        Args:
            name: of the experiment.
            to: run these nodes and all before them.
            from_: run these nodes and all behind them, on the results that earlier runs left.
            only: run these nodes alone.
            set: parameter values for this run, as `node.parameter=value`.
            force: run all nodes, or these, although their results could be reused.
            listener: told of every step; see `studiolo.scheduler.progress`.
            leash: lets another thread leave the run unfinished.

        Raises:
            Problems: what is wrong with the experiment or its scripts; nothing has run then.
            UserError: a name is unknown.
            WorkerError: `jail-refused`.
        """
        from studiolo.workspace.running import Wish, run_experiment

        wish = Wish(tuple(to), tuple(from_), tuple(only), tuple(set), force)
        number = run_experiment(self, self._resolution(name), wish, listener or _nobody, leash)
        return self.result(number)

    def runs(self, name: str | None = None, limit: int = 50) -> list[Run]:
        """List runs, newest first; those whose host has died are `interrupted`."""
        from studiolo.workspace.running import bury_dead_runs

        bury_dead_runs(self)
        return self.metadata.runs(name, limit)

    def result(self, number: int) -> RunResult:
        """Give a run with its nodes.

        Raises:
            UserError: `unknown-run`.
        """
        run = self.metadata.run(number)
        if run is None:
            raise self.metadata.unknown_run(number)
        return RunResult(self, run, self.metadata.node_runs(number))

    def latest(self, name: str) -> RunResult | None:
        """Give the newest run of an experiment, or None."""
        runs = self.runs(name, limit=1)
        return self.result(runs[0].number) if runs else None

    def cancel(self, number: int) -> bool:
        """Ask a run of any process to end; give False when it had ended already.

        Raises:
            UserError: `unknown-run`.
        """
        return self.metadata.request_cancel(number)

    def find_node(self, experiment: str, node: str, run: int | None = None) -> NodeResult:
        """Give a node of a run: of the one named, or of the newest that has it.

        Raises:
            UserError: `unknown-experiment`, `unknown-node`, `unknown-run`, `never-run`.
        """
        if run is not None:
            return self.result(run)[node]
        known: dict[str, None] = {}
        for earlier in self.runs(experiment):
            row = self.metadata.node_run(earlier.number, node)
            if row is not None:
                return NodeResult(self, row)
            known.update(dict.fromkeys(one.node for one in self.metadata.node_runs(earlier.number)))
        name = experiment_folder(self.path, experiment).name
        if not known:
            raise UserError("never-run", f"{name} has not run yet.", f"Run it: studiolo run {name}")
        raise UserError(
            "unknown-node", f'No run of {name} has a node "{node}".', did_you_mean(node, known, "node")
        )

    # Datasets

    @cached_property
    def datasets(self) -> Shelf:
        """The registered datasets."""
        from studiolo.workspace.shelf import Shelf

        return Shelf(self)

    # For the other files of this package

    @cached_property
    def pools(self) -> Pools:
        """The workers; loaded when first needed, which an unchanged run never does."""
        from studiolo.worker.pools import Pools

        return Pools(self.places.blobs, self.places.cache, self.settings.allow_badge, self._folders_to_read)

    def _folders_to_read(self) -> tuple[tuple[str, Path], ...]:
        """Give the folders that the workspace's file lets nodes read, as far as they are there."""
        return tuple(
            (folder, (self.path / folder).resolve())
            for folder in self.settings.grants.read
            if folder_problem(folder, self.path) is None
        )

    @cached_property
    def registry(self) -> Registry:
        """Every module that experiments here can use."""
        from studiolo.workspace.describing import load_registry

        return load_registry(self)

    def reload_registry(self) -> None:
        """Look at the files of modules again when somebody next asks for one."""
        self.__dict__.pop("registry", None)

    @property
    def processors(self) -> int:
        """Number of cores."""
        return os.cpu_count() or 1

    @property
    def memory_mb(self) -> int:
        """Memory that jobs may declare together, MiB: four fifths of the machine's."""
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 0.8) >> 20

    def environment(self, name: str | None) -> Environment:
        """Give an environment by name, the workspace's own by None."""
        named = name or self.settings.environment
        if named not in self._environments:
            self._environments[named] = self._ready_environment(named)
        return self._environments[named]

    def _ready_environment(self, name: str) -> Environment:
        if name == CURRENT:
            return current_environment()
        from studiolo.environments.registry import Environments  # most commands need only `current`

        return Environments(self.path).ready(name)

    @property
    def secrets(self) -> SecretStore:
        """The passwords and keys that addresses name."""
        return SecretStore(self.places.own)

    def surroundings(self) -> Surroundings:
        """Give what experiments are checked against."""
        names = environment_names(self.path / ENVIRONMENTS)
        programs = (has_program, how_to_install)
        return Surroundings(
            self.path, self.settings.grants, names, secrets=self.secrets.names(), programs=programs
        )

    def output(self, content: Content, name: str, receipt: Sequence[ReceiptEntry] = ()) -> Output:
        """Give content of the store as an output."""
        from studiolo.workspace.saving import save_output

        def saver(output: Output, path: Path, format: str | None) -> None:
            save_output(self, output, path, format)

        return Output(content, self.blobs, saver, name, receipt)

    def log_of(self, node_run: NodeRun) -> bytes:
        """Give the log of a node run; that of a reused one is the log of the node that made its result."""
        try:
            return self.log_file(node_run).read_bytes()
        except FileNotFoundError:
            return b""

    def log_file(self, node_run: NodeRun) -> Path:
        """Give the file of a node run's log, which is there once something was printed; see `log_of`.

        The node that made a reused result may have had another name: nodes are renamed freely, and equal work
        is shared.
        """
        run, node = node_run.run, node_run.node
        if node_run.reused_run is not None:
            run = node_run.reused_run
            made = [
                row.node for row in self.metadata.node_runs(run) if row.fingerprint == node_run.fingerprint
            ]
            node = node if node in made or not made else made[0]
        return log_path(self.places.runs, run, node)

    def pictures_folder(self, device: Content) -> Path:
        """Give the folder where the pictures of a Python device lie as files with names."""
        return self.places.pictures / device.digest[:12]

    def doctor(self) -> DoctorReport:
        """Examine this machine and workspace: walls, environments, store."""
        from studiolo.workspace.doctor import examine_workspace

        return examine_workspace(self)

    def _resolution(self, name: str) -> Resolution:
        folder = experiment_folder(self.path, name)
        return load_experiment(folder, self.path, self.registry, self.surroundings())


def _nobody(progress: Any) -> None:
    """Listen to nothing."""
