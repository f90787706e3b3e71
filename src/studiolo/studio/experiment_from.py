"""Makes an experiment from a changed document; what was not changed stays as its file has it, names and all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from studiolo.domain.experiment import Experiment, Node, Script, Source
from studiolo.domain.service import ParameterTarget, WebService
from studiolo.studio.changes import Changed, renamed_service, same
from studiolo.studio.document_json import Json, facts_from, source_from, target_from
from studiolo.studio.documents import Document

Noun = TypeVar("Noun")


def experiment_from(document: Document, changed: Changed) -> Experiment:
    """Give what the file is to say.

    Args:
        document: as it was before.
        changed: the document's content with the changes.
    """
    return _Reader(document, changed).experiment()


class _Reader:
    def __init__(self, document: Document, changed: Changed) -> None:
        self.document = document
        self.raw = document.reading.experiment
        self.before: Json = document.content
        self.after: Json = changed.content
        self.origins = changed.origins
        self.renamed = {old: new for new, old in changed.origins.items()}

    def experiment(self) -> Experiment:
        title = self.raw.title if self.after["title"] == self.before["title"] else self.after["title"]
        nodes = {name: self.node(name, data) for name, data in self.after["nodes"].items()}
        return replace(self.raw, title=title, nodes=nodes, web_service=self.web_service())

    def node(self, name: str, data: Json) -> Node:
        facts = {**facts_from(data), "script": _script(data)}
        old_name = self.origins.get(name)
        if old_name is None:
            inputs = {port: source_from(text) for port, text in data["inputs"].items()}
            return Node(name, inputs=inputs, parameters=data["parameters"], **facts)
        raw, old = self.raw.nodes[old_name], self.before["nodes"][old_name]
        kept = {field: getattr(raw, field) for field in facts if same(data[field], old[field])}
        resolved = self.document.resolution.experiment.nodes[old_name]
        return Node(
            name,
            inputs=self.inputs(raw, resolved, data["inputs"], old["inputs"]),
            parameters=_entries(
                data["parameters"],
                old["parameters"],
                _as_written(raw.parameters, resolved.parameters),
                lambda value: value,
            ),
            **{**facts, **kept},
        )

    def inputs(self, raw: Node, resolved: Node, now: Json, before: Json) -> dict[str, Source]:
        moved = {port: self.moved_text(text) for port, text in before.items()}
        written = {
            port: (name, self.moved(source))
            for port, (name, source) in _as_written(raw.inputs, resolved.inputs).items()
        }
        return _entries(now, moved, written, source_from)

    def web_service(self) -> WebService | None:
        now, before, raw = self.after["web_service"], self.before["web_service"], self.raw.web_service
        if now is None:
            return None
        if before is None or raw is None:
            before, raw = {"inputs": {}, "outputs": {}, "parameters": {}}, WebService()
        moved = before
        for old, new in self.renamed.items():
            if old != new:
                moved = renamed_service(moved, old, f"\0{new}")  # a new name may be another's old one
        moved = _unmarked(moved)

        def ports(section: str) -> dict[str, Source]:
            sources = {name: (name, self.moved(source)) for name, source in getattr(raw, section).items()}
            return _entries(now[section], moved[section], sources, source_from)

        targets: dict[str, tuple[str, ParameterTarget]] = {
            name: (name, replace(target, node=self.renamed.get(target.node, target.node)))
            for name, target in raw.parameters.items()
        }
        parameters = _entries(now["parameters"], moved["parameters"], targets, target_from)
        return WebService(ports("inputs"), ports("outputs"), parameters)

    def moved(self, source: Source) -> Source:
        return Source(self.renamed.get(source.node, source.node), source.port)

    def moved_text(self, text: str) -> str:
        node, dot, port = text.partition(".")
        return f"{self.renamed.get(node, node)}{dot}{port}"


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unmarked(one) for name, one in value.items()}
    return value.removeprefix("\0") if isinstance(value, str) else value


def _as_written(raw: Mapping[str, Noun], resolved: Mapping[str, Any]) -> dict[str, tuple[str, Noun]]:
    """Give declared name to name and value as written: resolving keeps the order, unless a name stands twice."""
    if len(raw) != len(resolved):
        return {name: (name, raw[name]) for name in resolved if name in raw}
    return {name: (written, value) for name, (written, value) in zip(resolved, raw.items(), strict=True)}


def _entries(
    now: Json, before: Json, written: Mapping[str, tuple[str, Noun]], read: Callable[[Any], Noun]
) -> dict[str, Noun]:
    """Give the entries of a mapping; those that did not change as they were written."""
    entries: dict[str, Noun] = {}
    for name, value in now.items():
        if name in before and name in written and same(value, before[name]):
            written_name, noun = written[name]
            entries[written_name] = noun
        elif name in before and name in written:
            entries[written[name][0]] = read(value)
        else:
            entries[name] = read(value)
    return entries


def _script(data: Json) -> Script | None:
    script = data["script"]
    return None if script is None else Script(script["file"], script["text"])
