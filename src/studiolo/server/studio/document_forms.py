"""An experiment as the page edits it: the document, and changes to it."""

from __future__ import annotations

from typing import Any, Literal

from studiolo.server.studio.form import Form
from studiolo.server.studio.problem_forms import ErrorForm


class ScriptForm(Form):
    """A node's script: path relative to the experiment's folder, and the text."""

    file: str
    text: str


class GrantsForm(Form):
    """What a node's job may reach: `host:port` names, or `*`; folders of the workspace."""

    network: list[str] = []
    read: list[str] = []


class NodeForm(Form):
    """A node, with the fields of `domain.experiment.Node`; `limits` has only those that differ from the default."""

    module: str
    parameters: dict[str, Any] = {}
    inputs: dict[str, str] = {}
    script: ScriptForm | None = None
    bundle: str | None = None
    environment: str | None = None
    dialect: str = "designer"
    limits: dict[str, int] = {}
    grants: GrantsForm = GrantsForm()
    strict: bool = False
    outputs: dict[str, str] = {}
    comment: str = ""
    requirements: list[str] = []


class ServiceParameterForm(Form):
    """A parameter of the web service: `node.parameter`, and what a request may leave out."""

    target: str
    default: Any = None
    has_default: bool = False
    required: bool = False
    description: str = ""


class WebServiceForm(Form):
    """What the experiment offers when published: names to `node.port`."""

    inputs: dict[str, str] = {}
    outputs: dict[str, str] = {}
    parameters: dict[str, ServiceParameterForm] = {}


class PositionForm(Form):
    """Left top corner of a box on the canvas, in pixels at zoom 1."""

    x: float
    y: float


class LayoutForm(Form):
    """Positions: of nodes by name; of web service boxes by `input:NAME` or `output:NAME`."""

    nodes: dict[str, PositionForm] = {}
    services: dict[str, PositionForm] = {}


class DocumentForm(Form):
    """An experiment as the files hold it now.

    `revision` names this state of the files. Where the file can't be read, `is_readable` is false and `problems`
    says why; else `problems` has what validation finds in the graph.
    """

    name: str
    title: str
    revision: str
    nodes: dict[str, NodeForm]
    web_service: WebServiceForm | None = None
    layout: LayoutForm = LayoutForm()
    is_readable: bool = True
    problems: list[ErrorForm] = []


class SetChange(Form):
    """Puts `value` where `before` stands now; null is absent."""

    op: Literal["set"] = "set"
    path: list[str]
    before: Any = None
    value: Any = None


class RenameChange(Form):
    """Renames a node, also where others use it."""

    op: Literal["rename"]
    node: str
    to: str


class ChangesForm(Form):
    """Changes that are applied together or not at all. `base` is the revision that the page had; for the log only."""

    base: str = ""
    changes: list[SetChange | RenameChange]


class SavedForm(Form):
    """The state of the files after the changes.

    `scripts` has the nodes whose script got another file than asked for. Where `is_as_asked` is false the document is
    another one than the changes alone make: the page fetches it.
    """

    revision: str
    saved: float
    problems: list[ErrorForm] = []
    scripts: dict[str, str] = {}
    is_as_asked: bool = True


class ExperimentRow(Form):
    """An experiment in the list."""

    name: str
    title: str
    nodes: int
    edited: float
    run: int | None = None
    run_state: str | None = None
    run_started: float | None = None
    is_readable: bool = True


class NewExperimentForm(Form):
    """A new experiment: blank, with one script node, or as a copy of another one."""

    name: str
    title: str | None = None
    start: Literal["blank", "script", "copy"] = "blank"
    copy_of: str | None = None
    copy_of_run: int | None = None


class KeywordsForm(Form):
    """Keyword parameters that a node's script declares with a default, found without running it."""

    keywords: dict[str, Any] = {}
    problems: list[ErrorForm] = []
