"""A page in a real browser that notes every fault it shows to a developer: errors, refused code, strangers' hosts."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

VIEWPORT = {"width": 1440, "height": 900}
LOCAL_SCHEMES = ("data", "blob", "about")


class Faults:
    """What went wrong on a page; a test fails by it unless it said that it expects it."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._found: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def expect(self, pattern: str) -> None:
        """Allow faults that match, such as `"status of 409"`."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """Give the faults that nobody expected."""
        return [fault for fault in self._found if not any(one.search(fault) for one in self._expected)]

    def watch(self, page: Page) -> None:
        """Note the faults of a page from now on."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._found.append(f"error: {error}"))
        page.on("request", self._on_request)
        page.on("crash", lambda _: self._found.append("the page crashed"))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            place = message.location
            self._found.append(
                f"console {message.type}: {message.text} ({place['url']}:{place['lineNumber']})"
            )

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in LOCAL_SCHEMES and parts.netloc != self._host:
            self._found.append(f"a request to another host: {request.url}")


def open_context(browser: Browser, *, dark: bool = False) -> BrowserContext:
    """Open a fresh profile of the browser whose every step is kept until `close_context`."""
    context = browser.new_context(
        viewport=VIEWPORT, color_scheme="dark" if dark else "light", reduced_motion="reduce", locale="en-GB"
    )
    context.set_default_timeout(15_000)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.tracing.start(screenshots=True, snapshots=True)
    return context


def close_context(context: BrowserContext, kept: Path | None) -> None:
    """Close it; keep trace and pictures in a folder where the test has failed.

    Args:
        context: with its pages.
        kept: the folder, or None.
    """
    if kept is None:
        context.tracing.stop()
    else:
        kept.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(context.pages):
            page.screenshot(path=kept / f"page-{number}.png")
        context.tracing.stop(path=kept / "trace.zip")
    context.close()
