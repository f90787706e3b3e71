"""Loads the registry of a workspace; modules of users are described in the jail, never here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studiolo.environments.current import NAME as CURRENT
from studiolo.registry.registry import Registry
from studiolo.scheduler.checking import CHECK_LIMITS
from studiolo.worker.jobs import Job

if TYPE_CHECKING:
    from studiolo.workspace.workspace import Workspace


def load_registry(workspace: Workspace) -> Registry:
    """Give every module that the workspace can use; what was described before costs no job."""

    def describe(text: str, file: str) -> list[dict[str, Any]]:
        return _described(workspace, {"source": {"text": text, "file": file}, "entry": ""})

    def describe_installed(entry: str) -> list[dict[str, Any]]:
        return _described(workspace, {"source": None, "entry": entry})

    return Registry.load(
        workspace.path,
        describe=describe,
        describe_installed=describe_installed,
        remembered=workspace.metadata.declarations,
        remember=workspace.metadata.put_declarations,
    )


def _described(workspace: Workspace, module: dict[str, Any]) -> list[dict[str, Any]]:
    job = Job({"kind": "describe", "node": None, "module": module}, limits=CHECK_LIMITS)
    running = workspace.pools.get(workspace.environment(CURRENT)).submit(job)
    try:
        result = running.result()
        running.end()
    finally:
        running.close()
    if result.error is not None:
        raise result.error
    declarations: list[dict[str, Any]] = result.report["declarations"]
    return declarations
