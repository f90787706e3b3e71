"""Scripts to look at, and what is found in them."""

from __future__ import annotations

from studiolo.server.studio.form import Form


class LintFinding(Form):
    """One finding in a script; lines and columns from 1, in code points. `severity`: `error`, `warning` or `info`."""

    code: str
    message: str
    severity: str
    line: int
    column: int
    end_line: int
    end_column: int
    hint: str = ""
    address: str = ""


class LintWish(Form):
    """A script to look at. With `experiment` and `node` the node's own packages and bundle count."""

    text: str
    environment: str | None = None
    experiment: str | None = None
    node: str | None = None


class LintAnswer(Form):
    """What was found; `note` says why some faults could not be looked for."""

    findings: list[LintFinding]
    note: str = ""


class FormatAnswer(Form):
    """A script laid out anew."""

    text: str
