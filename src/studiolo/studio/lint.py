"""Finds faults in a script while it is typed: with ruff, and with the check that a run makes in the jail (R-1.8)."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Any

from studiolo.environments import Environment
from studiolo.errors import StudioloError
from studiolo.scheduler.checking import CHECK_LIMITS
from studiolo.scheduler.preloading import wanted_libraries
from studiolo.studio.languages_place import LanguagePlace, in_environment, place_of
from studiolo.studio.ruff import SYNTAX, Finding, findings, formatted
from studiolo.worker.jobs import Job, JobInput, path_in_store
from studiolo.workspace import Workspace

AT_ONCE = 2  # checks; a page asks while somebody types, and the last answer counts
_NAME = re.compile(r'"([^"]+)"')


@dataclass(frozen=True)
class Text:
    """A script that somebody types.

    Attributes:
        text: of the script.
        environment: by name; the workspace's own by None.
        experiment, node: where it belongs, when that is known: then the node's own packages and bundle count too.
    """

    text: str
    environment: str | None = None
    experiment: str | None = None
    node: str | None = None


class Lint:
    """Looks at scripts of one workspace.

    Args:
        workspace: of the scripts.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._turn = threading.Semaphore(AT_ONCE)

    def look(self, script: Text) -> tuple[list[Finding], str]:
        """Give the findings by line, and why some could not be looked for, if that is so.

        Raises:
            UserError: `script-too-long`, `unknown-environment`, `environment-not-built`.
        """
        place = self._place(script)
        by_ruff = findings(script.text, place.environment.version)
        try:
            with self._turn:
                checked, note = self._checked(script, place), ""
        except StudioloError as error:
            return _sorted(by_ruff), error.summary
        return _sorted([*checked, *_beside(by_ruff, checked, place.environment)]), note

    def format(self, script: Text) -> str:
        """Give the script laid out anew.

        Raises:
            UserError: `script-syntax`, `script-too-long`, `unknown-environment`.
        """
        return formatted(script.text, self._place(script).environment.version)

    def _place(self, script: Text) -> LanguagePlace:
        if script.experiment is not None and script.node is not None:
            try:
                return place_of(self._workspace, script.experiment, script.node)
            except StudioloError:  # the file is being edited elsewhere, or the node is not saved yet
                pass
        return in_environment(self._workspace.environment(script.environment))

    def _checked(self, script: Text, place: LanguagePlace) -> list[Finding]:
        """Check in the interpreter that will run it, in the jail; nothing of it runs."""
        inputs: tuple[JobInput, ...] = ()
        if place.bundle is not None:
            blob = path_in_store(place.bundle.digest)
            inputs = (JobInput("script_bundle", "zip", place.bundle.size, blob=blob),)
        asked = {
            "node": script.node or "script",
            "text": script.text,
            "file": "script.py",
            "bundle_fd": 0 if inputs else None,
            "has_unknown_bundle": script.node is None or self._has_bundle_port(script),
            "parameters": (),
        }
        document = {"kind": "check", "node": None, "environment": place.environment.name, "scripts": [asked]}
        pool = self._workspace.pools.get(place.environment, self._preload(script))
        running = pool.submit(Job(document, inputs=inputs, limits=CHECK_LIMITS))
        try:
            result = running.result()
            running.end()
        finally:
            running.close()
        if result.error is not None:
            raise result.error
        lines = script.text.splitlines() or [""]
        found = [_problem(one, lines) for one in result.report["problems"]]
        if self._has_entry_point(script):
            return found
        return [one for one in found if one.code != "missing-entry-point"]

    def _has_entry_point(self, script: Text) -> bool:
        """Say whether the script is that of Execute Python Script; other modules want other names defined."""
        try:
            graph = self._workspace.experiment(script.experiment or "").graph
            return self._workspace.registry.get(graph.nodes[script.node or ""].module).runner == "script"
        except (StudioloError, KeyError):
            return True

    def _has_bundle_port(self, script: Text) -> bool:
        try:
            graph = self._workspace.experiment(script.experiment or "").graph
            node = graph.nodes[script.node or ""]
        except (StudioloError, KeyError):
            return True
        return node.bundle is None and any("bundle" in port for port in node.inputs)

    def _preload(self, script: Text) -> tuple[str, ...]:
        """Give what a run of the experiment would load beforehand: the first use of a pool decides that."""
        try:
            graph = self._workspace.experiment(script.experiment or "").graph
            registry = self._workspace.registry
            return wanted_libraries((node, registry.get(node.module)) for node in graph.nodes.values())
        except StudioloError:
            return ()


def _beside(by_ruff: list[Finding], checked: list[Finding], environment: Environment) -> list[Finding]:
    """Leave out what ruff says worse than the check, or wrongly: it can't read Python 2."""
    is_valid = not any(one.code == "script-syntax" for one in checked)
    if is_valid and any(one.code == SYNTAX for one in by_ruff):
        return []  # valid there, so it is only ruff that can't read it
    told = {(one.line, one.message.split('"')[1] if '"' in one.message else "") for one in checked}
    kept = []
    for one in by_ruff:
        if one.code == SYNTAX and not is_valid:
            continue
        names = set(_NAME.findall(one.message.replace("`", '"')))
        if one.code == "F821" and any((one.line, name) in told for name in names):
            continue
        kept.append(one)
    return kept


def _problem(one: dict[str, Any], lines: list[str]) -> Finding:
    """Give a problem of the check with the word that it concerns marked."""
    line = one["line"] if isinstance(one.get("line"), int) else 1
    line = min(max(line, 1), len(lines))
    text = lines[line - 1]
    summary = str(one.get("summary", ""))
    named = next((name for name in _NAME.findall(summary) if name in text), None)
    column = min(_column(one, text, named), len(text) + 1)
    rest = text[column - 1 :]
    word = re.match(r"[\w.]+", rest)
    length = (
        len(named) if named and rest.startswith(named) else len(word.group()) if word else len(rest.rstrip())
    )
    return Finding(
        str(one.get("code", "script-problem")),
        summary,
        "error",
        line,
        column,
        line,
        column + max(length, 1),
        hint=str(one.get("hint") or ""),
    )


def _sorted(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda one: (one.line, one.column, one.code))


def _column(one: dict[str, Any], text: str, named: str | None) -> int:
    """Give where a problem is in its line, from 1: at the word that it names, else where the check says.

    Checks of names count bytes, as Python's syntax trees do; those of syntax count characters.
    """
    given = one["column"] if isinstance(one.get("column"), int) else 0
    if named is not None:
        near = len(text.encode("utf-8", "surrogatepass")[: max(given - 1, 0)].decode("utf-8", "ignore"))
        places = [match.start() for match in re.finditer(re.escape(named), text)]
        return min(places, key=lambda place: abs(place - near)) + 1
    return given if given > 0 else len(text) - len(text.lstrip()) + 1
