"""Answers what a script asks by `azureml.core`: registered datasets and models, and where it runs.

Every question comes from a hostile job. It is checked and bounded, and the answer is a reply, never an exception.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from studiolo.domain.dataset import RegisteredDataset
from studiolo.domain.experiment import Node
from studiolo.domain.nearest import did_you_mean
from studiolo.domain.run import Asked
from studiolo.errors import StudioloError
from studiolo.metadata import Metadata
from studiolo.scheduler.asked import list_digest, listed, registered, registered_digest
from studiolo.store.blobs import BlobStore
from studiolo.worker.copies import sealed_copy
from studiolo.worker.jobs import Answer

if TYPE_CHECKING:
    from studiolo.workspace.workspace import Workspace

QUESTION_LIMIT = 1000
NAME_LIMIT = 200
LARGEST_NUMBER = 1 << 63
PAGE_BYTES = 32 << 10

Reply = dict[str, Any]


class Answerer:
    """Answers the questions of one node's script and notes what it asked for (`scheduler.asked.Answering`).

    Args:
        place: what a script is told of where it runs: workspace, experiment, run, node.
        metadata: the registered datasets.
        blobs: their contents.
        content_bytes: how much content one attempt may have in all; each is copied into memory.
    """

    def __init__(self, place: Reply, metadata: Metadata, blobs: BlobStore, content_bytes: int) -> None:
        self._place = place
        self._metadata = metadata
        self._blobs = blobs
        self._content_bytes = content_bytes
        self._asked: dict[tuple[str, str, int | None], str] = {}

    def for_attempt(self) -> Callable[[Mapping[str, Any]], Answer]:
        """Give what answers one attempt at the node's job; what earlier ones asked is forgotten."""
        self._asked = {}
        return _Attempt(self._place, self._metadata, self._blobs, self._content_bytes, self._asked).answer

    def asked(self) -> tuple[Asked, ...]:
        """Give what the latest attempt asked for."""
        return tuple(Asked(*key, digest) for key, digest in self._asked.items())


def answering(workspace: Workspace, experiment: str, run: int) -> Callable[[Node], Answerer]:
    """Give what makes the answerer of a node in a run."""

    def of(node: Node) -> Answerer:
        place = {
            "workspace": {"name": workspace.name},
            "experiment": experiment,
            "run": run,
            "node": node.name,
        }
        return Answerer(place, workspace.metadata, workspace.blobs, node.limits.memory_mb << 20)

    return of


class _Attempt:
    """One attempt at a job, with what it has had so far."""

    def __init__(
        self,
        place: Reply,
        metadata: Metadata,
        blobs: BlobStore,
        content_bytes: int,
        asked: dict[tuple[str, str, int | None], str],
    ) -> None:
        self._place = place
        self._metadata = metadata
        self._blobs = blobs
        self._room = content_bytes
        self._allowed = content_bytes
        self._asked = asked
        self._count = 0
        self._kinds: dict[str, Callable[[Mapping[str, Any]], Answer]] = {
            "workspace": lambda question: Answer(self._place),
            "dataset": partial(self._registered, "dataset"),
            "model": partial(self._registered, "model"),
            "datasets": partial(self._list, "datasets"),
            "models": partial(self._list, "models"),
        }

    def answer(self, question: Mapping[str, Any]) -> Answer:
        """Answer one question. Never raises."""
        self._count += 1
        try:
            answer = self._answer(question)
        except _RefusedError as error:
            answer = Answer(error.reply)
        except StudioloError as error:
            answer = Answer(_refusal(error.code, error.summary, error.hint))
        except Exception as error:  # a fault of ours or of the machine must not end the run
            answer = Answer(
                _refusal("internal", f"studiolo could not answer: {type(error).__name__}: {error}")
            )
        number = question.get("id")
        known = number if type(number) is int and 0 <= number < LARGEST_NUMBER else 0
        return Answer({**answer.reply, "id": known}, answer.descriptors)

    def _answer(self, question: Mapping[str, Any]) -> Answer:
        if self._count > QUESTION_LIMIT:
            raise _RefusedError("refused", f"The script has asked {QUESTION_LIMIT} times; that is the most.")
        kind = question.get("ask")
        if not isinstance(kind, str) or kind not in self._kinds:
            raise _RefusedError("refused", f"Nobody answers {_shown(kind)}.")
        return self._kinds[kind](question)

    def _registered(self, what: str, question: Mapping[str, Any]) -> Answer:
        name, version = _name(question.get("name")), _version(question.get("version"))
        found = registered(self._metadata, what, name, version)
        self._asked[what, name, version] = registered_digest(found)
        if found is None:
            return Answer(self._missing(what, name, version))
        reply: Reply = {what: facts_of(found)}
        if question.get("content") is not True:
            return Answer(reply)
        return Answer(reply, (self._content(found),))

    def _content(self, found: RegisteredDataset) -> int:
        size = found.content.size
        if size > self._room:
            raise _RefusedError(
                "refused",
                f'"{found.name}" has {(size >> 20) + 1} MiB; of the {self._allowed >> 20} MiB that the node may read '
                f"in this way {self._room >> 20} are left.",
                "Connect it to an input of the node, or raise `limits: {memory_mb: ...}` of the node.",
            )
        try:
            descriptor = sealed_copy(self._blobs.path(found.content.digest))
        except FileNotFoundError:
            raise _RefusedError(
                "missing-content", f'The content of "{found.name}" is gone.', "Register it again."
            ) from None
        if os.fstat(descriptor).st_size != size:
            os.close(descriptor)
            raise _RefusedError("missing-content", f'The content of "{found.name}" is damaged.')
        self._room -= size
        return descriptor

    def _missing(self, what: str, name: str, version: int | None) -> Reply:
        if what == "dataset":
            error = self._metadata.missing_dataset(name, version)
            return _refusal(error.code, error.summary, error.hint)
        names = [model.name for model in listed(self._metadata, "models")]
        which = f" with a version {version}" if version is not None else ""
        hint = (
            did_you_mean(name, names, "model")
            if names
            else "Register one: studiolo dataset add NAME FILE.zip"
        )
        return _refusal("unknown-dataset", f'There is no model "{name}"{which}.', hint)

    def _list(self, what: str, question: Mapping[str, Any]) -> Answer:
        after = question.get("after")
        after = _name(after) if after is not None else None
        every = listed(self._metadata, what)
        self._asked[what, "", None] = list_digest(every)
        rest = [found for found in every if after is None or found.name > after]
        page: list[Reply] = []
        length = 0
        for found in rest:
            facts = facts_of(found)
            length += len(json.dumps(facts)) + 2
            if page and length > PAGE_BYTES:
                break
            page.append(facts)
        return Answer({what: page, "more": len(page) < len(rest)})


class _RefusedError(Exception):
    """The answer is no."""

    def __init__(self, code: str, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.reply = _refusal(code, text, hint)


def _refusal(code: str, text: str, hint: str = "") -> Reply:
    return {"error": code, "text": text[:2000], "hint": hint[:2000]}


def facts_of(found: RegisteredDataset) -> Reply:
    """Give what a script is told of a registered dataset or model."""
    return {
        "name": found.name,
        "version": found.version,
        "type": found.content.kind,
        "size": found.content.size,
        "rows": found.rows,
        "columns": found.columns,
        "file": _file_name(found),
    }


def _file_name(found: RegisteredDataset) -> str:
    """Give the name that its file gets in the job: that of the file it came from."""
    name = PurePath(found.origin.replace("\\", "/").partition("?")[0]).name
    ending = ".zip" if found.content.kind == "zip" else ""
    if not name or name in (".", "..") or len(name.encode("utf-8", "replace")) > NAME_LIMIT:
        name = f"{found.name}{ending}"
    return name.replace("/", "_").replace("\0", "_")


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= NAME_LIMIT:
        raise _RefusedError("refused", f"{_shown(value)} is no name of a dataset or model.")
    return value


def _version(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 < value < LARGEST_NUMBER:
        raise _RefusedError("refused", f"{_shown(value)} is no version.", "Versions are numbered from 1.")
    return value


def _shown(value: Any) -> str:
    text = "a value"
    with suppress(Exception):
        text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
