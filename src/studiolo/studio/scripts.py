"""Tells which keyword parameters a node's script declares; found in the jail without running it."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import Any

from studiolo.environments import Environment
from studiolo.errors import StudioloError
from studiolo.graph.editing import known_node
from studiolo.scheduler.checking import CHECK_LIMITS
from studiolo.studio.documents import Document
from studiolo.worker.jobs import Job
from studiolo.workspace import Workspace

KEPT = 500

Answer = tuple[dict[str, Any], list[StudioloError]]


class Scripts:
    """Reads the scripts of a workspace in the jail; what was read once is remembered.

    Args:
        workspace: of the scripts.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def keywords(self, document: Document, node: str) -> Answer:
        """Give the keyword parameters of a node's script with their defaults, and why they can't be told.

        Raises:
            UserError: `unknown-node`.
        """
        found = known_node(document.resolution.experiment, node)
        declaration = document.resolution.declared.get(node)
        if found.script is None or (declaration is not None and declaration.runner != "script"):
            return {}, []
        try:
            environment = self._workspace.environment(found.environment)
            return self._read(found.script.text, environment), []
        except StudioloError as error:
            return {}, [error.at(node=node)]

    def _read(self, text: str, environment: Environment) -> dict[str, Any]:
        parts = (text, environment.name, environment.lock_digest)
        key = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        keywords = self._ask(text, environment)
        with self._lock:
            self._known[key] = keywords
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return keywords

    def _ask(self, text: str, environment: Environment) -> dict[str, Any]:
        script: dict[str, Any] = {
            "node": "script",
            "text": text,
            "file": "script.py",
            "bundle_fd": None,
            "has_unknown_bundle": True,
            "parameters": [],
        }
        document = {"kind": "check", "node": None, "environment": environment.name, "scripts": [script]}
        running = self._workspace.pools.get(environment).submit(Job(document, limits=CHECK_LIMITS))
        try:
            result = running.result()
            running.end()
        finally:
            running.close()
        if result.error is not None:
            raise result.error
        keywords = result.report["keywords"].get("script")
        return dict(keywords) if isinstance(keywords, dict) else {}
