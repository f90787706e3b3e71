"""Writes a node of a run to a folder where it runs without studiolo: inputs, script, bundle, packages (R-1.9, 2)."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Experiment, Node, Script
from studiolo.domain.run import NodeRun, Run
from studiolo.errors import UserError
from studiolo.graph.script_header import wanted_packages
from studiolo.scheduler.asked import registered_digest
from studiolo.store.failures import storing
from studiolo.workspace.answering import facts_of
from studiolo.workspace.pulled_files import (
    launch_text,
    lock_text,
    readme_text,
    requirements_text,
    run_local_text,
    runner_files,
)

if TYPE_CHECKING:
    from studiolo.domain.module import Declaration
    from studiolo.workspace.workspace import Workspace

FACTS = "node.json"
INPUTS = "inputs"
BUNDLE = "Script Bundle"
RUNNER = "studiolo_local"
FURTHER_ENDINGS = {"dataset": ".frame", "object": ".pkl", "zip": ".zip"}
OWN_FOLDERS = (INPUTS, BUNDLE, RUNNER, "outputs", "registered", "script")
TAKEN = frozenset(("run_local", "pandas", "numpy", *OWN_FOLDERS, *sys.stdlib_module_names))
"""Names that a script beside `run_local.py` must not have: imports in that folder would find it instead."""

SMALL_BYTES = 4 << 20
"""Inputs up to this size are written as CSV too."""


@dataclass
class Pulled:
    """What was pulled.

    Attributes:
        folder: where it lies.
        run: number of the run.
        node: name of the node.
        script: the script's file in the folder.
        inputs: connected dataset input to rows and columns.
        environment: name of the environment.
        warnings: sentences about what could not be had as it was.
    """

    folder: Path
    run: int
    node: str
    script: str
    inputs: dict[str, tuple[int, int]] = field(default_factory=dict)
    environment: str = ""
    warnings: list[str] = field(default_factory=list)


def pull_node(
    workspace: Workspace,
    experiment: str,
    node: str,
    folder: Path,
    *,
    run: int | None = None,
    with_csv: bool = False,
    is_forced: bool = False,
) -> Pulled:
    """Write a script node as it was in a run to `folder`, whole or not at all.

    Args:
        workspace: where it ran.
        experiment: name of the experiment.
        node: name of the node.
        folder: absolute path; new or empty.
        run: number of the run; by default the newest in which the node had its inputs.
        with_csv: write inputs of any size as CSV too.
        is_forced: write over an earlier pull, or beside other files, in `folder`.

    Raises:
        UserError: `unknown-node`, `unknown-run`, `never-run`, `nothing-to-pull`, `not-a-script`, `folder-exists`,
            `missing-content`, `workspace-unwritable`, `workspace-disk-full`.
    """
    row = _row_of(workspace, experiment, node, run)
    recorded = workspace.result(row.run).run
    if not is_forced:
        _check_free(folder)
    made = folder.parent / f".{folder.name}.part-{os.urandom(6).hex()}"
    try:
        with storing(folder.parent):
            made.mkdir(parents=True)
            pulled = _Puller(workspace, recorded, row, made).pull(with_csv)
            _place(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    pulled.folder = folder
    return pulled


def _row_of(workspace: Workspace, experiment: str, node: str, run: int | None) -> NodeRun:
    row = workspace.metadata.last_node_run(experiment, node) if run is None else None
    row = row or workspace.find_node(experiment, node, run).node_run
    if row.fingerprint is None:
        raise UserError(
            "nothing-to-pull",
            f"Node {node} never had its inputs in run {row.run}: it is {row.state}.",
            f"Run it: studiolo run {experiment} --to {node}",
        )
    return row


class _Puller:
    """Writes one node of one run to an empty folder."""

    def __init__(self, workspace: Workspace, run: Run, row: NodeRun, folder: Path) -> None:
        self._workspace = workspace
        self._run = run
        self._row = row
        self._folder = folder
        self._node: Mapping[str, Any] = run.snapshot["experiment"]["nodes"][row.node]
        self._declaration: Declaration = workspace.registry.get(self._node["module"])
        if self._declaration.runner != "script" or not self._node.get("script"):
            raise UserError(
                "not-a-script",
                f"Node {row.node} is no script, but {self._declaration.name}.",
                f"Its results can be taken: studiolo export {run.experiment}:{row.node} FILE",
            )
        self._pulled = Pulled(folder, row.run, row.node, "")

    def pull(self, with_csv: bool) -> Pulled:
        """Write everything."""
        pulled = self._pulled
        pulled.script = self._write_script()
        inputs = self._write_inputs(with_csv)
        facts = self._facts(inputs)
        facts["registered"] = self._write_registered()
        self._write(FACTS, json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
        self._write_environment()
        names = (self._run.experiment, self._row.node, self._row.run)
        self._write("run_local.py", run_local_text(*names))
        self._write("README.md", readme_text(*names, pulled.script, pulled.environment))
        self._write(".vscode/launch.json", launch_text())
        for path, data in runner_files().items():
            self._write(f"{RUNNER}/{path}", data)
        return pulled

    def _facts(self, inputs: list[dict[str, str]]) -> dict[str, Any]:
        """Give what `studiolo_child.local` needs to know."""
        node, declaration = self._node, self._declaration
        declared = {parameter.name: parameter.default for parameter in declaration.parameters}
        given = dict(node["parameters"])
        outputs = [(port.name, port.type) for port in declaration.outputs if port.type != "device"]
        outputs += list(node["outputs"].items())
        wanted = {"integers_with_missing": "float", **declared, **given}
        place = {
            "workspace": {"name": self._workspace.name},
            "experiment": self._run.experiment,
            "run": self._row.run,
            "node": self._row.node,
        }
        return {
            "experiment": self._run.experiment,
            "node": self._row.node,
            "run": self._row.run,
            "script": self._pulled.script,
            "parameters": {name: value for name, value in given.items() if name not in declared},
            "dialect": node["dialect"],
            "strict": node["strict"],
            "integers_with_missing": wanted["integers_with_missing"],
            "environment": self._environment_name,
            "ports": [port.name for port in declaration.inputs if port.type == "dataset"],
            "declared": [port.name for port in declaration.inputs],
            "inputs": inputs,
            "outputs": [
                {"name": name, "type": "file" if type_ == "any" else type_} for name, type_ in outputs
            ],
            "digests": {port: content.digest for port, content in self._row.outputs.items()},
            "place": place,
        }

    def _write_script(self) -> str:
        from studiolo.graph.scripts import declared_coding

        script = self._node["script"]
        name = Path(script["file"]).name
        if Path(name).stem in TAKEN or name in TAKEN:
            name = f"script/{name}"
        coding = declared_coding(script["text"][:4096]) or "utf-8"
        try:
            data = script["text"].encode(coding)
        except (LookupError, UnicodeError):
            data = script["text"].encode("utf-8", "replace")
        self._write(name, data)
        return name

    def _write_inputs(self, with_csv: bool) -> list[dict[str, str]]:
        """Write the inputs of the node; give all but the bundle, which lies unpacked in a folder of its own."""
        found = []
        for port in self._declaration.inputs:
            kind, _, digest = self._row.parts.get(f"input:{port.name}", "").partition(" ")
            if kind == "dataset":
                self._write_dataset(port.name, digest, with_csv)
                found.append({"name": port.name, "type": kind, "file": f"{INPUTS}/{port.name}.frame"})
            elif kind == "zip":
                self._unpack(digest)
        if "bundle" in self._row.parts:
            self._unpack(self._row.parts["bundle"])
        for part, value in self._row.parts.items():
            name = part.removeprefix("input:")
            if part.startswith("input:") and self._declaration.input(name) is None:
                kind, _, digest = value.partition(" ")
                found.append(self._further_input(name, kind, digest, with_csv))
        return found

    def _further_input(self, name: str, kind: str, digest: str, with_csv: bool) -> dict[str, str]:
        """Write an input that the script takes by keyword."""
        ending = FURTHER_ENDINGS.get(kind, "")
        if kind == "dataset":
            self._write_dataset(name, digest, with_csv)
        else:
            self._copy(digest, self._folder / INPUTS / f"{name}{ending}")
        return {"name": name, "type": kind, "file": f"{INPUTS}/{name}{ending}"}

    def _write_dataset(self, name: str, digest: str, with_csv: bool) -> None:
        target = self._folder / INPUTS / f"{name}.frame"
        size = self._copy(digest, target)
        output = self._workspace.output(Content("dataset", digest, size), f"{self._row.node}.{name}")
        self._pulled.inputs[name] = (output.rows, len(output.columns))
        endings = [".parquet", ".csv"] if with_csv or size <= SMALL_BYTES else [".parquet"]
        for ending in endings if output.columns else []:
            try:
                output.save(target.with_suffix(ending))
            except UserError as error:
                if error.code != "format-cannot-hold":
                    raise
                self._pulled.warnings.append(f"There is no {name}{ending}: {error.summary}")

    def _unpack(self, digest: str) -> None:
        from studiolo_child.bundle import Bundle
        from studiolo_child.failing import JobError

        folder = self._folder / BUNDLE
        folder.mkdir()
        descriptor = self._workspace.blobs.open(digest)
        try:
            with Bundle(descriptor, self._node["limits"]["disk_mb"] << 20) as bundle:
                bundle.unpack(str(folder))
        except JobError as error:
            raise UserError(error.code, error.summary, error.hint) from None
        finally:
            os.close(descriptor)

    def _write_registered(self) -> list[dict[str, Any]]:
        """Write the registered datasets and models that the script asked for; give what answers it again."""
        found = []
        for asked in self._row.asked:
            if asked.what not in ("dataset", "model") or not asked.digest:
                continue
            versions = self._workspace.metadata.dataset_versions(asked.name)
            known = [one for one in versions if registered_digest(one) == asked.digest]
            if not known:
                self._pulled.warnings.append(
                    f'The {asked.what} "{asked.name}" that the script asked for is no longer registered.'
                )
                continue
            file = f"registered/{asked.digest.partition(' ')[2][:16]}"
            self._copy(known[-1].content.digest, self._folder / file)
            named = {"what": asked.what, "name": asked.name, "version": asked.version}
            found.append({**named, "file": file, "facts": facts_of(known[-1])})
        return found

    @property
    def _environment_name(self) -> str:
        return self._node["environment"] or self._workspace.settings.environment

    def _write_environment(self) -> None:
        from studiolo.environments import packages
        from studiolo.environments.registry import Environments

        if self._write_own_packages():
            return
        name = self._pulled.environment = self._environment_name
        try:
            environment = self._workspace.environment(name)
        except UserError as error:
            self._pulled.warnings.append(f"There are no requirements: {error.summary}")
            return
        if environment.lock_digest != self._row.parts.get("environment"):
            self._pulled.warnings.append(
                f"The environment {name} has changed since run {self._row.run}; requirements.txt is of today."
            )
        lock = Environments(self._workspace.path).built_lock(name)
        text = requirements_text(packages(environment)) if lock is None else lock_text(lock)
        self._write("requirements.txt", text)
        self._write(".python-version", f"{environment.version}\n")

    def _write_own_packages(self) -> bool:
        """Write the packages that the node itself asked for; say whether it did."""
        from studiolo.environments.building import environment_digest
        from studiolo.workspace.node_environments import kept_lock

        script = self._node["script"]
        node = Node(
            self._row.node,
            self._node["module"],
            script=Script(script["file"], script["text"]),
            environment=self._node["environment"],
            requirements=tuple(self._node.get("requirements", ())),
        )
        wanted = wanted_packages(node)
        if wanted is None or not wanted.requirements:
            return False
        self._pulled.environment = "packages of its own"
        folder = self._run.snapshot["experiment"]["folder"]
        experiment = Experiment(self._run.experiment, "", {}, folder)
        try:
            found = kept_lock(self._workspace, experiment, node)
        except UserError as error:
            self._pulled.warnings.append(f"There are no requirements: {error.summary}")
            return True
        if found is None or environment_digest(*found[:2]) != self._row.parts.get("environment"):
            self._pulled.warnings.append(
                f"The packages of node {node.name} were locked anew since run {self._row.run}; "
                + ("requirements.txt is of today." if found else "there are no requirements.")
            )
        if found is not None:
            interpreter, lock, _ = found
            self._write("requirements.txt", "".join(f"{one}\n" for one in sorted(lock.requirements)))
            self._write("requirements.lock", lock.text)
            self._write(".python-version", f"{interpreter.version}\n")
        return True

    def _copy(self, digest: str, target: Path) -> int:
        """Copy content of the store to a file and give its length."""
        target.parent.mkdir(exist_ok=True)
        descriptor = self._workspace.blobs.open(digest)
        with os.fdopen(descriptor, "rb") as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
            return file.tell()

    def _write(self, path: str, content: str | bytes) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def _check_free(folder: Path) -> None:
    try:
        is_free = folder.is_dir() and not any(folder.iterdir())
    except OSError:
        is_free = False
    if not is_free and os.path.lexists(folder):
        raise UserError(
            "folder-exists",
            f'"{folder}" is there already.',
            "Name another folder, or write over what was pulled, with your changes to it: --force",
        )


def _place(made: Path, folder: Path) -> None:
    """Move what was made to its place. Of an earlier pull there nothing stays but files that it did not write."""
    if not os.path.lexists(folder):
        made.rename(folder)
        return
    if (folder / FACTS).is_file():
        for name in OWN_FOLDERS:
            old = folder / name
            if old.is_symlink():
                old.unlink()
            elif old.is_dir():
                shutil.rmtree(old)
    for source in sorted(made.rglob("*")):
        target = folder / source.relative_to(made)
        if source.is_dir():
            target.mkdir(exist_ok=True)
        else:
            source.replace(target)
