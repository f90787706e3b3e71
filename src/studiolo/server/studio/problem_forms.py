"""Errors as the API tells them."""

from __future__ import annotations

from typing import Any

from studiolo.server.studio.form import Form


class PlaceForm(Form):
    """Where an error belongs; see `errors.Where`."""

    node: str | None = None
    port: str | None = None
    parameter: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None


class ErrorForm(Form):
    """An error that a person can read and act on; `problems` has the parts of one that is several."""

    kind: str
    code: str
    summary: str
    hint: str = ""
    where: PlaceForm = PlaceForm()
    details: dict[str, Any] = {}
    traceback: str = ""
    problems: list[ErrorForm] = []


class ErrorAnswer(Form):
    """The body of every answer that is no success."""

    error: ErrorForm
