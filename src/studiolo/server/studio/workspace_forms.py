"""What the page needs to know of the workspace: modules, environments, files."""

from __future__ import annotations

from typing import Any

from studiolo.server.studio.form import Form
from studiolo.server.studio.problem_forms import ErrorForm


class WorkspaceForm(Form):
    """The workspace and the server."""

    name: str
    path: str
    version: str
    environment: str
    badge: str
    is_fully_jailed: bool
    network: list[str]
    read: list[str]


class PortForm(Form):
    """A port of a module; see `domain.module.Port`."""

    name: str
    type: str
    optional: bool = False
    label: str = ""
    aliases: list[str] = []
    holds: str = ""


class ParameterForm(Form):
    """A parameter of a module; see `domain.module.Parameter`."""

    name: str
    kind: str
    label: str = ""
    default: Any = None
    required: bool = False
    choices: list[str] = []
    minimum: float | None = None
    maximum: float | None = None
    language: str = ""
    when: tuple[str, list[str]] | None = None
    help: str = ""
    aliases: list[str] = []
    input: str = ""


class ModuleForm(Form):
    """A module as the palette and the properties show it; see `domain.module.Declaration`."""

    id: str
    name: str
    category: str
    summary: str = ""
    description: str = ""
    version: int = 1
    inputs: list[PortForm] = []
    outputs: list[PortForm] = []
    parameters: list[ParameterForm] = []
    runner: str = "function"
    template: str = ""
    aliases: list[str] = []
    origin: str = ""


class ModulesForm(Form):
    """Every module, and what is wrong with files that should give some."""

    modules: list[ModuleForm]
    problems: list[ErrorForm] = []


class PackageForm(Form):
    """A package of an environment."""

    name: str
    version: str


class EnvironmentForm(Form):
    """An environment; `state` is `ready`, `not-built` or why it can't be used."""

    name: str
    state: str
    is_default: bool = False
    python: str = ""
    summary: str = ""
    packages: list[PackageForm] = []


class FileForm(Form):
    """A file or folder of the workspace that a `path` parameter, a bundle or a grant may name."""

    path: str
    is_folder: bool
    size: int = 0


class SignIn(Form):
    """The token from the terminal."""

    token: str


class SessionForm(Form):
    """Whether the caller is signed in."""

    is_signed_in: bool
    version: str
