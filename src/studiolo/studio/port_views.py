"""How a port of a finished node can be looked at, and the Python code that loads it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from studiolo.studio.downloads import PortLook, looks_like_text
from studiolo.workspace.results import NodeResult

if TYPE_CHECKING:
    from studiolo.workspace import Workspace
    from studiolo.workspace.output import Output

VIEWS = {"dataset": "table", "device": "device", "zip": "zip", "object": "object"}


def view_of(workspace: Workspace, number: int, node: str, port: str) -> PortLook:
    """Say how to look at what a port holds.

    Raises:
        UserError: `unknown-run`, `unknown-node` or `unknown-port`, also while the node has not finished;
            `missing-content`.
    """
    output = workspace.result(number)[node].output(port)
    view = VIEWS.get(output.kind)
    if view is None:
        descriptor = workspace.blobs.open(output.digest)
        try:
            view = "text" if looks_like_text(os.pread(descriptor, 4096, 0)) else "bytes"
        finally:
            os.close(descriptor)
    code = _code(workspace, number, node, port, output)
    return PortLook(view, output.name, output.kind, output.digest, output.size, code, output.card)


def _code(workspace: Workspace, number: int, node: str, port: str, output: Output) -> str:
    is_plain = port.isidentifier() and not port.startswith("_") and not hasattr(NodeResult, port)
    is_plain = is_plain and port != "node_run"
    way = f".{port}" if is_plain else f".output({port!r})"
    if output.kind == "dataset":
        use = f"dataframe = workspace.result({number})[{node!r}]{way}.to_pandas()"
    elif output.kind == "device":
        use = (
            f"node = workspace.result({number})[{node!r}]\n"
            'print(node.log.decode("utf-8", "replace"))\n'
            "pictures = [picture.path for picture in node.pictures]"
        )
    else:
        ending = {"zip": ".zip", "object": ".pkl"}.get(output.kind, "")
        name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in port)
        use = f"workspace.result({number})[{node!r}]{way}.save({name + ending!r})"
    return f"from studiolo import Workspace\n\nworkspace = Workspace({str(workspace.path)!r})\n{use}\n"
