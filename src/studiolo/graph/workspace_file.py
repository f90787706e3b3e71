"""Reads studiolo.toml, the file that makes a folder a workspace."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studiolo.domain.limits import Grants
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import Problems, StudioloError, UserError, Where
from studiolo.graph.permissions import grants_from
from studiolo.graph.places import by_line

FILE = "studiolo.toml"
BADGES = ("full", "reduced", "none")


@dataclass(frozen=True)
class WorkspaceFile:
    """What `studiolo.toml` says.

    Attributes:
        name: what people read; the folder's name when absent.
        environment: name of the environment of nodes that choose none.
        allow_badge: the weakest jail that runs are allowed in (R-6.2): `full`, `reduced` or `none`.
        grants: the most that nodes may ask for; nothing by default. `network` may hold patterns.
        slots: jobs at once, None for as many as there are cores.
        memory_mb: memory that the jobs of a run may declare in all, MiB; None for what the machine has.
    """

    name: str
    environment: str = "current"
    allow_badge: str = "full"
    grants: Grants = field(default_factory=Grants)
    slots: int | None = None
    memory_mb: int | None = None


def find_workspace(start: Path) -> Path:
    """Give the nearest folder at or above `start` that holds `studiolo.toml`.

    Raises:
        UserError: `no-workspace`.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise UserError(
        "no-workspace",
        f"{start} is not in a workspace: neither it nor a folder above has a {FILE}.",
        "Make it one with studiolo init, or change to a workspace's folder.",
    )


def workspace_file_text(name: str) -> str:
    """Give the text of a new workspace's file."""
    return f'name = {_toml_text(name)}\nenvironment = "current"\n'


def read_workspace_file(workspace: Path) -> WorkspaceFile:
    """Read `studiolo.toml` in `workspace`.

    Raises:
        UserError: `no-workspace` when there is none, `invalid-toml` with the line when it is not TOML.
        Problems: every unknown key and wrong value at once.
    """
    path = workspace / FILE
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise UserError(
            "no-workspace",
            f"{workspace} is no workspace: it has no {FILE}.",
            "Make it one with studiolo init.",
        ) from None
    except UnicodeDecodeError:
        raise UserError(
            "invalid-toml", f"{FILE} is not UTF-8 text.", "Save it as UTF-8.", Where(file=FILE)
        ) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _syntax_error(str(error)) from None
    return _Reader(text).read(data, workspace.resolve().name)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[StudioloError] = []

    def read(self, data: Mapping[str, Any], name: str) -> WorkspaceFile:
        self.known(data, "", ("name", "environment", "allow_badge", "grants", "run"))
        grants = self.table(data, "grants", ("network", "read"))
        run = self.table(data, "run", ("slots", "memory_mb"))
        file = WorkspaceFile(
            name=self.of_text(data, "name") or name,
            environment=self.of_text(data, "environment") or "current",
            allow_badge=self.badge(data),
            grants=self.ceiling(grants),
            slots=self.positive(run, "slots"),
            memory_mb=self.positive(run, "memory_mb"),
        )
        if self.problems:
            raise Problems(by_line(self.problems))
        return file

    def known(self, data: Mapping[str, Any], table: str, keys: tuple[str, ...]) -> None:
        for key in data:
            if key not in keys:
                place = f" in [{table}]" if table else ""
                self.add(
                    "unknown-key", f'Unknown key "{key}"{place}.', did_you_mean(key, keys, "key"), key, table
                )

    def table(self, data: Mapping[str, Any], name: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
        value = data.get(name, {})
        if not isinstance(value, dict):
            self.add("wrong-value", f'"{name}" must be a table.', f"Write [{name}] and its keys below.", name)
            return {}
        self.known(value, name, keys)
        return value

    def of_text(self, data: Mapping[str, Any], key: str) -> str | None:
        value = data.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.add("wrong-value", f'"{key}" must be a text.', f'Write {key} = "…".', key)
        return None

    def badge(self, data: Mapping[str, Any]) -> str:
        badge = self.of_text(data, "allow_badge") or "full"
        if badge in BADGES:
            return badge
        hint = did_you_mean(badge, BADGES, "badge")
        self.add("wrong-value", f'"allow_badge" is "{badge}", which is no badge.', hint, "allow_badge")
        return "full"

    def positive(self, data: Mapping[str, Any], key: str) -> int | None:
        value = data.get(key)
        if value is None or (type(value) is int and value > 0):
            return value
        self.add("wrong-value", f'"{key}" must be a whole number above 0.', f"Write {key} = 4.", key, "run")
        return None

    def ceiling(self, data: Mapping[str, Any]) -> Grants:
        found: dict[str, tuple[str, ...]] = {}
        for key in ("network", "read"):
            value = data.get(key, [])
            value = [value] if isinstance(value, str) else value
            if isinstance(value, list) and all(isinstance(one, str) for one in value):
                try:
                    given = {"network": (), "read": (), key: tuple(value)}
                    found[key] = getattr(grants_from(given["network"], given["read"], FILE), key)
                except UserError as problem:
                    self.add(problem.code, problem.summary, problem.hint, key, "grants")
            else:
                self.add(
                    "wrong-value", f'"{key}" must be a list of texts.', f'Write {key} = ["…"].', key, "grants"
                )
        return Grants(found.get("network", ()), found.get("read", ()))

    def add(self, code: str, summary: str, hint: str, key: str, table: str = "") -> None:
        self.problems.append(UserError(code, summary, hint, Where(file=FILE, line=self.line(key, table))))

    def line(self, key: str, table: str) -> int | None:
        """Give the line of a key by its look, since TOML readers do not tell; None when it looks odd."""
        current = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            header = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
            if header:
                current = header.group(1)
                if not table and current == key:
                    return number
            elif current == table and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line):
                return number
        return None


def _syntax_error(message: str) -> UserError:
    match = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line, column = (int(match[1]), int(match[2])) if match else (None, None)
    problem = re.sub(r"\s*\(at .*\)", "", message) if match else message
    return UserError(
        "invalid-toml",
        f"{FILE} is not valid TOML: {problem}.",
        "Texts stand in quotes, tables in brackets, one key a line.",
        Where(file=FILE, line=line, column=column),
    )


def _toml_text(text: str) -> str:
    escaped = "".join(
        "\\" + char if char in '"\\' else char if char.isprintable() else f"\\U{ord(char):08x}"
        for char in text
    )
    return f'"{escaped}"'
