"""The workspace: modules, environments, files."""

from __future__ import annotations

from fastapi import APIRouter

from studiolo import __version__
from studiolo.server.studio.module_page_forms import ExampleForm, ModulePageForm
from studiolo.server.studio.reaching import StudioOfRequest
from studiolo.server.studio.workspace_forms import (
    EnvironmentForm,
    FileForm,
    ModulesForm,
    WorkspaceForm,
)
from studiolo.studio.workspace_lists import environment_of, environments_of, files_of

__all__ = ["router"]

router = APIRouter(tags=["workspace"])


@router.get("/workspace", response_model=WorkspaceForm, operation_id="getWorkspace")
def get_workspace(studio: StudioOfRequest) -> WorkspaceForm:
    """Give the workspace and the server's version."""
    workspace, badge = studio.workspace, studio.badge
    return WorkspaceForm(
        name=workspace.name,
        path=str(workspace.path),
        version=__version__,
        environment=workspace.settings.environment,
        badge=badge,
        is_fully_jailed=badge == "full",
        network=list(workspace.settings.grants.network),
        read=list(workspace.settings.grants.read),
    )


@router.get("/modules", response_model=ModulesForm, operation_id="listModules")
def list_modules(studio: StudioOfRequest) -> ModulesForm:
    """List every module."""
    return ModulesForm.model_validate(studio.modules.to_json())


@router.get("/modules/{name}/page", response_model=ModulePageForm, operation_id="getModulePage")
def get_module_page(name: str, studio: StudioOfRequest) -> ModulePageForm:
    """Give the help page of a module."""
    return ModulePageForm.model_validate(studio.modules.page(name))


@router.post(
    "/modules/{name}/example",
    response_model=ExampleForm,
    operation_id="beginExample",
    status_code=201,
)
def begin_example(name: str, studio: StudioOfRequest) -> ExampleForm:
    """Make an experiment of the example on a module's help page."""
    made = studio.experiments.begin_example(studio.modules.page(name))
    studio.events.publish("experiments")
    return ExampleForm(experiment=made)


@router.get("/environments", response_model=list[EnvironmentForm], operation_id="listEnvironments")
def list_environments(studio: StudioOfRequest) -> list[EnvironmentForm]:
    """List the environments, without packages."""
    return [EnvironmentForm.model_validate(one) for one in environments_of(studio.workspace)]


@router.get("/environments/{name}", response_model=EnvironmentForm, operation_id="getEnvironment")
def get_environment(name: str, studio: StudioOfRequest) -> EnvironmentForm:
    """Give an environment with its packages."""
    return EnvironmentForm.model_validate(environment_of(studio.workspace, name))


@router.get("/files", response_model=list[FileForm], operation_id="listFiles")
def list_files(studio: StudioOfRequest, folder: str = "") -> list[FileForm]:
    """List a folder of the workspace, as parameters and grants may name it."""
    return [FileForm.model_validate(one) for one in files_of(studio.workspace, folder)]
