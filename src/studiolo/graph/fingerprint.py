"""Names a node's computation by everything that can change its result, and says why a node runs (R-3.3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Node, Script
from studiolo.domain.module import Declaration
from studiolo.graph.normalised import normalised_script
from studiolo.graph.parameters import effective_parameters

SHORT = 200
"""Parameter values up to this many characters are kept as they are, longer ones as a digest."""


def fingerprint_parts(
    node: Node,
    declaration: Declaration,
    *,
    inputs: Mapping[str, Content],
    environment: str,
    bundle: str | None = None,
    files: Mapping[str, str] | None = None,
    source: Script | None = None,
    programs: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Give everything that can change what a node puts out, part by part.

    The node's name, comment, position and limits are not among them, nor the names of the nodes before
    it: only the digests of what they gave count.

    Args:
        node: resolved.
        declaration: of its module.
        inputs: connected input port to content.
        environment: digest of the environment's lock.
        bundle: digest of the zip or folder that the node's `bundle` names.
        files: `path` or `address` parameter to the digest of the bytes that the job gets.
        source: file of a user's own module, None for built-in ones.
        programs: program of the machine that the job starts to its version.

    Returns:
        Part to short text or digest: `module`, `environment`, `dialect`, `strict`, and as far as the node
        has them `source`, `script`, `bundle`, `outputs`, `grants`, `program:NAME`, `parameter:NAME`,
        `file:NAME` and `input:PORT`.
    """
    parts = {
        "module": f"{declaration.id} {declaration.version}",
        "environment": environment,
        "dialect": node.dialect,
        "strict": "true" if node.strict else "false",
    }
    if source is not None:
        parts["source"] = _digest(normalised_script(source.text, source.file))
    if node.script is not None:
        parts["script"] = _digest(normalised_script(node.script.text, node.script.file))
    if bundle is not None:
        parts["bundle"] = bundle
    if node.outputs:
        parts["outputs"] = ", ".join(f"{name}: {kind}" for name, kind in node.outputs.items())
    if node.grants.network or node.grants.read:
        parts["grants"] = _canonical(
            {"network": sorted(node.grants.network), "read": sorted(node.grants.read)}
        )
    for name, value in effective_parameters(declaration, node.parameters).items():
        declared = declaration.parameter(name)
        if declared is not None and declared.kind == "number" and type(value) is int:
            value = float(value)
        text = _canonical(value)
        parts[f"parameter:{name}"] = text if len(text) <= SHORT else _digest(text)
    for name, digest in (files or {}).items():
        parts[f"file:{name}"] = digest
    for name, version in (programs or {}).items():
        parts[f"program:{name}"] = version
    for port, content in inputs.items():
        parts[f"input:{port}"] = f"{content.kind} {content.digest}"
    return parts


def fingerprint(parts: Mapping[str, str]) -> str:
    """Give the SHA-256, in hexadecimal, of the parts as canonical JSON; their order does not matter."""
    return _digest(_canonical(dict(parts)))


def never_reused(node: Node, declaration: Declaration) -> str | None:
    """Say why a node's results are never reused, or None when they may be.

    Results of modules that are not deterministic, and of jobs that can reach the network or folders beside
    their inputs, may differ although the fingerprint is the same.
    """
    if not declaration.deterministic:
        return f"never reused: the module {declaration.id} is not deterministic"
    if node.grants.network:
        return "never reused: it may reach the network"
    if node.grants.read:
        return f"never reused: it may read {', '.join(node.grants.read)}, whose content may change"
    return None


def reused(run: int) -> str:
    """Give the reason of a node whose earlier result is used.

    >>> reused(12)
    'reused from run 12'
    """
    return f"reused from run {run}"


def why(
    previous: Mapping[str, str] | None,
    parts: Mapping[str, str],
    *,
    never: str | None = None,
    is_forced: bool = False,
) -> str:
    """Say in one sentence why a node runs.

    Args:
        previous: parts of the node's latest run in this experiment, None when it never ran.
        parts: its parts now.
        never: what `never_reused` said.
        is_forced: the author asked for it.
    """
    if is_forced:
        return "ran because it was forced"
    if previous is None:
        return "first run"
    changes = changed_parts(previous, parts)
    if changes:
        shown = changes if len(changes) <= 4 else [*changes[:3], f"{len(changes) - 3} other things changed"]
        return "ran because " + (shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1])
    if never is not None:
        return never
    return "ran because its earlier result did not finish or is no longer kept"


def changed_parts(previous: Mapping[str, str], parts: Mapping[str, str]) -> list[str]:
    """Say part by part what changed, the author's own changes first, then inputs.

    >>> changed_parts({"parameter:count": "3"}, {"parameter:count": "5"})
    ['parameter count changed from 3 to 5']
    """
    names = dict.fromkeys((*previous, *parts))
    differing = [name for name in names if previous.get(name) != parts.get(name)]
    order = (
        "module",
        "source",
        "script",
        "parameter",
        "file",
        "bundle",
        "outputs",
        "dialect",
        "strict",
        "grants",
    )

    def rank(name: str) -> int:
        kind = name.partition(":")[0]
        return order.index(kind) if kind in order else len(order) + (kind == "input")

    return [_change(name, previous.get(name), parts.get(name), parts) for name in sorted(differing, key=rank)]


def _change(name: str, before: str | None, now: str | None, parts: Mapping[str, str]) -> str:
    kind, _, one = name.partition(":")
    if kind == "parameter":
        return _parameter_change(one, before, now)
    if kind == "file":
        path = parts.get(f"parameter:{one}", "").strip('"')
        return (
            f"the content of {path or one} changed"
            if before and now
            else f"the file of parameter {one} changed"
        )
    if kind == "input":
        verb = "was connected" if before is None else "was disconnected" if now is None else "changed"
        return f"input {one} {verb}"
    if kind == "module" and before and now:
        old, new = before.split(" "), now.split(" ")
        what = (
            f"module {new[0]} has version {new[-1]} now"
            if old[0] == new[0]
            else f"the module changed from {old[0]}"
        )
        return what if old[0] == new[0] else f"{what} to {new[0]}"
    if kind == "program":
        return f"{one} changed" + (f" from {before} to {now}" if before and now else "")
    if kind == "dialect" and before and now:
        return f"the dialect changed from {before} to {now}"
    if kind == "strict":
        return "strict was switched " + ("on" if now == "true" else "off")
    texts = {
        "source": "the module's file changed",
        "script": "the script changed",
        "bundle": "the script bundle changed",
        "outputs": "the declared outputs changed",
        "grants": "the grants changed",
        "environment": "the environment changed",
    }
    return texts.get(kind, f"{name} changed")


def _parameter_change(name: str, before: str | None, now: str | None) -> str:
    if before is None:
        return f"parameter {name} is new"
    if now is None:
        return f"parameter {name} is gone"
    if max(len(before), len(now)) > 40:
        return f"parameter {name} changed"
    return f"parameter {name} changed from {before} to {now}"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
