"""The help page of a module as the page shows it; see `domain.module_page`."""

from __future__ import annotations

from typing import Literal

from studiolo.server.studio.form import Form


class PassageForm(Form):
    """A piece of running help: `lines` of a paragraph, a list or code, or `rows` of a table."""

    kind: Literal["paragraph", "list", "table", "code"]
    lines: list[str] = []
    rows: list[list[str]] = []


class PagePortForm(Form):
    """A port, with what goes through it."""

    name: str
    label: str
    holds: str
    optional: bool
    old_names: list[str] = []


class PageParameterForm(Form):
    """A parameter, with what it takes in words."""

    name: str
    label: str
    takes: str
    choices: list[str] = []
    default: str = ""
    required: bool
    condition: str = ""
    help: str = ""
    old_names: list[str] = []


class ModulePageForm(Form):
    """The help page of a module. `files` are those that the example names: path and text."""

    id: str
    name: str
    category: str
    summary: str
    text: list[PassageForm]
    inputs: list[PagePortForm]
    outputs: list[PagePortForm]
    parameters: list[PageParameterForm]
    example: str
    files: list[tuple[str, str]]
    old_names: list[str]
    old_ids: list[str]


class ExampleForm(Form):
    """The experiment that was made of an example."""

    experiment: str
