"""The help page of a module, made of its declaration and nothing else; how it is drawn is decided elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from studiolo.domain.column_rules import is_rules
from studiolo.domain.module import Declaration, Parameter, Port

EXAMPLE = "Example:"
_FILE_TITLE = re.compile(r"((?:scripts|data)/\w[\w.-]*):")
_OLD_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_PORTS = {
    "dataset": "dataset",
    "zip": "zip",
    "file": "file",
    "object": "Python object",
    "device": "printed text and pictures",
    "any": "anything",
}
_SOURCES = {
    "path": "a file of the workspace",
    "address": "an address",
    "columns": "columns",
    "boolean": "yes or no",
    "text": "text",
    "choice": "one of",
}
_LANGUAGES = {"python": "Python", "sql": "SQL", "r": "R"}


@dataclass(frozen=True)
class Passage:
    """A piece of running help.

    Attributes:
        kind: `paragraph` (one line, words between backticks are code), `list`, `table` or `code`.
        lines: the paragraph; the items; the lines of code. Empty for a table.
        rows: cells of a table, the first row its head.
    """

    kind: str
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class PagePort:
    """A port as people read of it.

    Attributes:
        name: as files write it.
        label: as the canvas shows it.
        holds: what goes through, such as `dataset` or `trained model`.
        optional: an input that may stay unconnected.
        old_names: names in the retired products.
    """

    name: str
    label: str
    holds: str
    optional: bool
    old_names: tuple[str, ...]


@dataclass(frozen=True)
class PageParameter:
    """A parameter as people read of it.

    Attributes:
        name: as files write it.
        label: as the panel shows it.
        takes: kind and range in words, such as `whole number from 1 to 10`.
        choices: of a choice.
        default: as text; empty where there is none.
        required: a node must give it.
        condition: when it counts, as a sentence; empty for always.
        help: what it does.
        old_names: names in the retired products.
    """

    name: str
    label: str
    takes: str
    choices: tuple[str, ...]
    default: str
    required: bool
    condition: str
    help: str
    old_names: tuple[str, ...]


@dataclass(frozen=True)
class ModulePage:
    """All that the help page of a module says, in its order.

    Attributes:
        id: name in files.
        name: what people call it.
        category: place in the palette.
        summary: one sentence.
        text: what it does, in passages.
        inputs: input ports.
        outputs: output ports.
        parameters: parameters.
        example: `nodes` of an experiment that runs as it stands, in YAML; empty where there is none.
        files: path to text of the files that the example names: `scripts/…` of the experiment, `data/…` of the
            workspace.
        old_names: names in the retired products.
        old_ids: identifiers in the retired products, by which exported experiments name it.
    """

    id: str
    name: str
    category: str
    summary: str
    text: tuple[Passage, ...]
    inputs: tuple[PagePort, ...]
    outputs: tuple[PagePort, ...]
    parameters: tuple[PageParameter, ...]
    example: str
    files: tuple[tuple[str, str], ...]
    old_names: tuple[str, ...]
    old_ids: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the page as a JSON-ready dictionary."""
        return asdict(self)

    def example_document(self) -> str:
        """Give the example as the text of an `experiment.yaml`; empty where there is none."""
        if not self.example:
            return ""
        nodes = "".join(f"  {line}".rstrip() + "\n" for line in self.example.splitlines())
        return f"name: Example of {self.name}\nnodes:\n{nodes}"


def module_page(declaration: Declaration) -> ModulePage:
    """Make the help page of a module."""
    text, code = _sections(declaration.description)
    first, _, more = text.partition("\n\n")
    if " ".join(first.split()) == " ".join(declaration.summary.split()):
        text = more
    old_ids = tuple(name for name in declaration.aliases if _OLD_ID.fullmatch(name.lower()))
    return ModulePage(
        declaration.id,
        declaration.name,
        declaration.category,
        declaration.summary,
        tuple(_passages(text)),
        tuple(_port(port) for port in declaration.inputs),
        tuple(_port(port) for port in declaration.outputs),
        tuple(_parameter(one, declaration) for one in declaration.parameters),
        code.pop(EXAMPLE, ""),
        tuple(code.items()),
        _other_names(tuple(name for name in declaration.aliases if name not in old_ids), declaration.name),
        old_ids,
    )


def _sections(description: str) -> tuple[str, dict[str, str]]:
    """Give the running text, and the indented texts below `Example:` and below paths of files."""
    rest: list[str] = []
    found: dict[str, list[str]] = {}
    at: list[str] | None = None
    for line in description.splitlines():
        file = _FILE_TITLE.fullmatch(line)
        if file or line == EXAMPLE:
            at = found.setdefault(file[1] if file else EXAMPLE, [])
        elif at is not None and (line.startswith("  ") or not line.strip()):
            at.append(line)
        else:
            at = None
            rest.append(line)
    return "\n".join(rest).strip(), {name: _dedented(lines) for name, lines in found.items()}


def _dedented(lines: list[str]) -> str:
    depth = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[depth:].rstrip() for line in lines).strip("\n") + "\n"


def _passages(text: str) -> Iterator[Passage]:
    groups: list[list[str]] = []
    for group in re.split(r"\n\s*\n", text):
        lines = [line for line in group.splitlines() if line.strip()]
        if groups and _is_code(lines) and _is_code(groups[-1]):
            groups[-1] += ["", *lines]
        elif lines:
            groups.append(lines)
    yield from map(_passage, groups)


def _is_code(lines: list[str]) -> bool:
    return all(line.startswith("    ") or not line for line in lines)


def _passage(lines: list[str]) -> Passage:
    if _is_code(lines):
        return Passage("code", tuple(_dedented(lines).splitlines()))
    if lines[0].startswith("|"):
        cells = [tuple(cell.strip() for cell in line.strip().strip("|").split("|")) for line in lines]
        return Passage("table", rows=tuple(row for row in cells if not set("".join(row)) <= set("-: ")))
    if lines[0].startswith(("* ", "- ")):
        items: list[str] = []
        for line in lines:
            if line.startswith(("* ", "- ")):
                items.append(line[2:].strip())
            else:
                items[-1] += " " + line.strip()
        return Passage("list", tuple(items))
    return Passage("paragraph", (" ".join(line.strip() for line in lines),))


def _port(port: Port) -> PagePort:
    holds = port.holds if port.type == "object" and port.holds else _PORTS.get(port.type, port.type)
    label = port.label or port.name
    return PagePort(port.name, label, holds, port.optional, _other_names(port.aliases, port.name, label))


def _other_names(aliases: tuple[str, ...], *known: str) -> tuple[str, ...]:
    """Give old names that say something else than the name and the label of today."""
    seen = {_letters(name) for name in known}
    return tuple(alias for alias in aliases if _letters(alias) not in seen)


def _letters(name: str) -> str:
    return re.sub(r"[\s_]", "", name.casefold())


def _parameter(parameter: Parameter, declaration: Declaration) -> PageParameter:
    return PageParameter(
        parameter.name,
        parameter.label or parameter.name,
        _takes(parameter, declaration),
        parameter.choices,
        _default_text(parameter),
        parameter.required,
        _condition(parameter, declaration),
        parameter.help,
        _other_names(parameter.aliases, parameter.name, parameter.label),
    )


def _takes(parameter: Parameter, declaration: Declaration) -> str:
    if parameter.kind == "code":
        language = _LANGUAGES.get(parameter.language)
        return f"text in {language}" if language else "text of several lines"
    if parameter.kind == "columns" and parameter.input:
        port = declaration.input(parameter.input)
        return f"columns of {port.label or port.name if port else parameter.input}"
    if parameter.kind not in ("integer", "number"):
        return _SOURCES.get(parameter.kind, parameter.kind)
    kind = "whole number" if parameter.kind == "integer" else "number"
    least, most = (
        None if one is None else _number_text(one) for one in (parameter.minimum, parameter.maximum)
    )
    if least is not None and most is not None:
        return f"{kind} from {least} to {most}"
    if least is not None:
        return f"{kind}, {least} or more"
    return kind if most is None else f"{kind}, {most} or less"


def _default_text(parameter: Parameter) -> str:
    value: Any = parameter.default
    if value is None or value == "" or value == []:
        return ""
    if parameter.kind == "boolean":
        return "yes" if value else "no"
    if parameter.kind == "columns":
        return _rules_text(value) if is_rules(value) else ", ".join(str(name) for name in value)
    return _number_text(value) if isinstance(value, float) else str(value)


def _number_text(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _rules_text(rules: Any) -> str:
    """Say column rules in words: `all columns, without the names id`."""
    said = "all columns" if rules["begin"] == "all" else "no columns"
    for rule in rules["rules"]:
        for verb, what in rule.items():
            pieces = what.items() if isinstance(what, Mapping) else ()
            chosen = [f"the {key} {', '.join(map(str, values))}" for key, values in pieces]
            said += f", {'with' if verb == 'include' else 'without'} {' and '.join(chosen) or 'all'}"
    return said.removeprefix("no columns, ")


def _condition(parameter: Parameter, declaration: Declaration) -> str:
    if parameter.when is None:
        return ""
    name, values = parameter.when
    parent = declaration.parameter(name)
    said = [_value_text(value, parent) for value in values]
    listed = " or ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
    return f"Only if {parent.label if parent and parent.label else name} is {listed}."


def _value_text(value: Any, parent: Parameter | None) -> str:
    if parent is not None and parent.kind == "boolean":
        return "yes" if str(value).lower() == "true" else "no"
    return str(value)
