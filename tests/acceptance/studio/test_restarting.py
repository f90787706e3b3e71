"""A page that is open while the studio ends and starts again goes on by itself (issue 6, bad input)."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.acceptance.studio.watched_page import Faults, close_context, open_context

LOOK_AWAY = """(isHidden) => {
    Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_an_open_page_reconnects_and_shows_what_has_changed_meanwhile(browser, start_studio) -> None:
    """Nobody should have to reload, or sign in again, after an update of the server (UX 4)."""
    first = start_studio("diabetes")
    faults = Faults(first.address)
    faults.expect(
        "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_ABORTED"
    )
    context = open_context(browser)
    page = context.new_page()
    faults.watch(page)
    page.goto(first.link)
    expect(page.get_by_text("What tells diabetes").first).to_be_visible()
    assert first.stop() == 0
    first.command("new", "later", "--title", "Made meanwhile")
    start_studio(first.folder, "--port", str(first.tcp_port))
    expect(page.get_by_text("Made meanwhile").first).to_be_visible(timeout=30_000)
    close_context(context, None)
    assert faults.unexpected() == []


def test_a_tab_that_nobody_looks_at_gives_its_connection_back(page, studio) -> None:
    """A browser has six connections for all its tabs: with seven tabs that hold one, none could load (issue 6, 9)."""
    expect(page.get_by_text("What tells diabetes").first).to_be_visible()
    with page.expect_event("requestfailed", lambda request: "/api/events" in request.url):
        page.evaluate(LOOK_AWAY, True)
    studio.command("new", "unseen", "--title", "Made unseen")
    with page.expect_request("**/api/events*"):
        page.evaluate(LOOK_AWAY, False)
    expect(page.get_by_text("Made unseen").first).to_be_visible()
