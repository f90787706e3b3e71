"""The door of the API: bounds of bodies, one form of errors, headers of every answer (R-12.1, R-12.2)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse

from studiolo.errors import Problems, UserError, Where
from studiolo.server.studio import guard as guard_file
from studiolo.server.studio.guard import Guard
from studiolo.server.studio.origins import Origins
from studiolo.server.studio.problem_forms import ErrorAnswer
from studiolo.server.studio.problems import on_error
from studiolo.studio.access import Access

Ask = Callable[..., tuple[int, dict[str, str], bytes]]
SANDBOX = "sandbox allow-scripts; default-src 'none'"


def make_api() -> FastAPI:
    """An API whose routes fail in every way."""
    api = FastAPI(exception_handlers={UserError: on_error, Exception: on_error})

    @api.get("/problems")
    def problems() -> None:
        raise Problems(
            [
                UserError("missing-input", "\ud800 nothing.", where=Where(node="a")),
                UserError("cycle", "Round."),
            ]
        )

    @api.get("/fault")
    def fault() -> None:
        raise KeyError("a secret of the server")

    @api.get("/zero")
    def zero(name: str) -> str:
        return Path(f"{name}\0").read_text()

    @api.get("/huge/{number}")
    def huge(number: int) -> bytes:
        return number.to_bytes(8)

    @api.post("/body")
    async def body(request: Request) -> int:
        return len(await request.body())

    @api.get("/picture")
    def picture() -> Response:
        return Response("<svg/>", headers={"content-security-policy": SANDBOX, "cache-control": "private"})

    @api.get("/half")
    def half() -> StreamingResponse:
        async def pieces() -> Any:
            yield b"one"
            raise RuntimeError("in the middle")

        return StreamingResponse(pieces())

    return api


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Asks the API through the door, signed in; `pieces` are parts of the body, None one that never comes."""
    access = Access(tmp_path / "studio")
    guarded = Guard(make_api(), access, Origins("127.0.0.1"), "studiolo-1")

    def ask(path: str, method: str = "GET", pieces: tuple[bytes | None, ...] = (b"",), **more: str) -> Any:
        headers = {"host": "localhost", "authorization": f"Bearer {access.token}", **more}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
        }
        waiting = list(pieces)
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if not waiting or waiting[0] is None:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        run: Awaitable[None] = guarded(scope, receive, send)  # type: ignore[arg-type]
        asyncio.run(run)  # type: ignore[arg-type]
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])

    return ask


def test_several_problems_are_told_with_their_places_whatever_they_hold(ask: Ask) -> None:
    """The page marks each node; half a character in a name must not break the answer (R-12.2)."""
    status, headers, body = ask("/problems")
    error = ErrorAnswer.model_validate_json(body.replace(b"\\ud800", b"?")).error
    assert (status, headers["content-type"], headers["cache-control"]) == (
        422,
        "application/json",
        "no-store",
    )
    assert [(one.code, one.where.node) for one in error.problems] == [("missing-input", "a"), ("cycle", None)]


def test_a_fault_of_ours_has_a_number_and_tells_nothing_of_the_inside(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    """The number leads whoever may read the log to the rest (R-12.1)."""
    with caplog.at_level(logging.ERROR):
        status, _, body = ask("/fault")
    error = json.loads(body)["error"]
    assert (status, error["code"], b"secret" in body) == (500, "internal", False)
    assert [record.getMessage() for record in caplog.records] == [f"Error {error['details']['error_number']}"]
    assert "a secret of the server" in caplog.text


@pytest.mark.parametrize("path", ["/zero?name=x", "/huge/99999999999999999999999999", "/huge/-1", "/huge/x"])
def test_a_value_that_nothing_can_have_is_the_senders_fault(ask: Ask, path: str) -> None:
    """Zero bytes and numbers without end reach the system's functions; that is no fault of the server (R-12.2)."""
    assert ask(path)[0] in (404, 422)


def test_a_path_with_control_characters_leads_nowhere(ask: Ask) -> None:
    """No name of ours has one (R-12.2)."""
    assert ask("/huge/1\n2")[0] == 404


def test_a_body_is_bounded_in_length_and_in_patience(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends without end, or never ends sending, holds no memory and no request (R-12.2)."""
    monkeypatch.setattr(guard_file, "MOST_BODY_BYTES", 1 << 20)
    monkeypatch.setattr(guard_file, "PIECE_SECONDS", 0.01)
    half = b"a" * (1 << 19)
    assert ask("/body", "POST", (half, half)) == (200, ask("/body", "POST", (half, half))[1], b"1048576")
    assert ask("/body", "POST", (half, half, b"a"))[0] == 413
    assert ask("/body", "POST", (b"",), **{"content-length": "1048577"})[0] == 413
    assert ask("/body", "POST", (half, None))[0] == 408


def test_an_answer_keeps_its_own_policy_and_gets_all_other_headers(ask: Ask) -> None:
    """What a script made is shown in a sandbox that its route chose (R-12.1)."""
    _, headers, _ = ask("/picture")
    assert (headers["content-security-policy"], headers["cache-control"]) == (SANDBOX, "private")
    assert headers["x-content-type-options"] == "nosniff"


def test_an_answer_that_breaks_off_is_not_made_whole(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    """Half a file with an error at its end would look like a whole one (R-6.3)."""
    with pytest.raises(RuntimeError), caplog.at_level(logging.ERROR):
        ask("/half")
    assert "in the middle" in caplog.text
