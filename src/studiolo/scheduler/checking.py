"""Checks the scripts of a run before anything runs: syntax, undefined names, missing libraries (R-1.8).

The check itself runs in the jail, in the interpreter that will run the script: the host neither compiles nor
executes text of others. What was checked once is remembered by text, environment and bundle.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Node
from studiolo.domain.limits import Limits
from studiolo.environments import Environment
from studiolo.errors import StudioloError, UserError, Where
from studiolo.metadata import Metadata
from studiolo.worker.jobs import Job, JobEnd, JobInput, JobResult, path_in_store

AT_ONCE = 100  # scripts in one job: each bundle is a descriptor, and a message takes few of them
CHECK_LIMITS = Limits(memory_mb=1024, cpu_seconds=60, wall_seconds=120)
VERSION = "2"

Runner = Callable[[Job, Environment], tuple[JobResult, JobEnd]]


@dataclass(frozen=True)
class ScriptToCheck:
    """A node's script with what its imports may find.

    Attributes:
        node: the node.
        environment: where it will run.
        bundle: its script bundle, as far as it is known before the run.
        parameters: names of the node's values that the function has to take.
        inputs: names of its inputs beyond the declared ones, which the function has to take too.
        ports: names of the declared inputs.
        has_unknown_bundle: a bundle will come from another node, so missing imports can't be told yet.
    """

    node: Node
    environment: Environment
    bundle: Content | None = None
    has_unknown_bundle: bool = False
    parameters: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Name the check by everything it depends on."""
        script = self.node.script
        parts = (
            VERSION,
            script.text if script else "",
            script.file if script else "",
            self.environment.lock_digest,
            self.bundle.digest if self.bundle else str(self.has_unknown_bundle),
            *self.parameters,
            *(("inputs", *self.inputs) if self.inputs else ()),
        )
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def check_scripts(
    scripts: Iterable[ScriptToCheck], metadata: Metadata, run: Runner, folder: str
) -> list[StudioloError]:
    """Give every problem of the scripts, by node and line.

    Args:
        scripts: those of the nodes that may run.
        metadata: remembers earlier checks.
        run: runs a job in the pool of an environment and waits for it.
        folder: of the experiment, relative to the workspace; put before the scripts' file names.

    Raises:
        StudioloError: the check itself could not be run.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    waiting: dict[tuple[str, str], list[ScriptToCheck]] = {}
    listed = list(scripts)
    for script in listed:
        known = metadata.script_check(script.key)
        if known is None:
            environment = script.environment
            waiting.setdefault((environment.name, environment.lock_digest), []).append(script)
        else:
            found[script.node.name] = known
    groups = [group[at : at + AT_ONCE] for group in waiting.values() for at in range(0, len(group), AT_ONCE)]
    for group in groups:
        for script, problems in zip(group, _check_group(group, run), strict=True):
            metadata.put_script_check(script.key, problems)
            found[script.node.name] = problems
    return [
        _error(problem, script.node, folder) for script in listed for problem in found[script.node.name][:20]
    ]


def _check_group(group: list[ScriptToCheck], run: Runner) -> list[list[dict[str, Any]]]:
    inputs: list[JobInput] = []
    scripts = []
    for script in group:
        number = None
        if script.bundle is not None:
            number = len(inputs)
            blob = path_in_store(script.bundle.digest)
            inputs.append(JobInput(script.node.name, "zip", script.bundle.size, blob=blob))
        assert script.node.script is not None
        scripts.append(
            {
                "node": script.node.name,
                "text": script.node.script.text,
                "file": script.node.script.file,
                "bundle_fd": number,
                "has_unknown_bundle": script.has_unknown_bundle,
                "parameters": script.parameters,
                "inputs": script.inputs,
                "ports": script.ports,
            }
        )
    document = {"kind": "check", "node": None, "environment": group[0].environment.name, "scripts": scripts}
    job = Job(document, inputs=tuple(inputs), limits=CHECK_LIMITS)
    result, _ = run(job, group[0].environment)
    if result.error is not None:
        raise result.error
    by_node: dict[str, list[dict[str, Any]]] = {script.node.name: [] for script in group}
    for problem in result.report["problems"]:
        by_node.get(str(problem.get("node")), []).append(problem)
    return [by_node[script.node.name] for script in group]


def _error(problem: dict[str, Any], node: Node, folder: str) -> UserError:
    def number(name: str) -> int | None:
        value = problem.get(name)
        return value if isinstance(value, int) else None

    file = str(problem.get("file") or (node.script.file if node.script else ""))
    where = Where(
        node=node.name,
        file=f"{folder}/{file}" if folder else file,
        line=number("line"),
        column=number("column"),
    )
    code, summary = (
        str(problem.get("code", "script-problem")),
        str(problem.get("summary", "The script is wrong.")),
    )
    return UserError(code, summary, str(problem.get("hint", "")), where)
