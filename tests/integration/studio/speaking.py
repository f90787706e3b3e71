"""Speaks the Language Server Protocol as an editor does, over the studio's WebSocket."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

from websockets.sync.client import ClientConnection, connect

URI = "file:///box/work/script.py"


class Editor:
    """An editor on the script of a node; use it in a `with` block.

    Args:
        port: of the API.
        experiment: of the node.
        node: whose script is edited.
    """

    def __init__(self, port: int, experiment: str, node: str) -> None:
        address = f"ws://127.0.0.1:{port}/language/{experiment}/{node}"
        self._opened = ExitStack()
        self.socket: ClientConnection = self._opened.enter_context(
            connect(address, max_size=None, open_timeout=60)
        )
        self._number = 0

    def __enter__(self) -> Editor:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def hear(self) -> Any:
        """Give the next message."""
        return json.loads(self.socket.recv(timeout=60))

    def begin(self, text: str) -> Any:
        """Wait for the server, open a text in it; give what it says of its environment."""
        hello = self.hear()
        assert hello["method"] == "studiolo/environment", hello
        self.capabilities = self.ask("initialize", {"capabilities": {}})["capabilities"]
        self.tell("initialized", {})
        document = {"uri": URI, "languageId": "python", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return hello["params"]

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.socket.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    def ask(self, method: str, params: Any) -> Any:
        """Send a request and give its result."""
        self._number += 1
        self.socket.send(
            json.dumps({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        )
        while True:
            message = self.hear()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def at(self, method: str, line: int, character: int) -> Any:
        """Ask about a place in the text; lines and characters from 0."""
        place = {"line": line, "character": character}
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": URI}, "position": place})

    def completions(self, line: int, character: int) -> list[str]:
        """Give what is offered at a place."""
        answer = self.at("completion", line, character)
        return [item["label"] for item in (answer or {"items": []})["items"]]
