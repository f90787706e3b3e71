"""The studio as people meet it: the real command, Debian's Chromium, a page that is signed in.

A test that takes `page` fails by every error in the console, by code that the policy refused and by every request to
another host, unless it said `faults.expect(...)`. Where it fails, trace and pictures are kept; their folder is printed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.acceptance.studio.studio_process import StudioProcess, copy_of

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

StartStudio = Callable[..., StudioProcess]
phases = pytest.StashKey[dict[str, pytest.TestReport]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens a browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.ui)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keep how each phase of a test went, for the fixtures that end after it."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    item.stash.setdefault(phases, {})[report.when or ""] = report
    return report  # type: ignore[return-value]


@pytest.fixture(scope="module")
def start_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartStudio]:
    """Starts studios: `start_studio("diabetes")`, or `start_studio(folder)` on a folder of the test's own."""
    started: list[StudioProcess] = []

    def start(workspace: str | Path = "diabetes", *more: str) -> StudioProcess:
        folder = workspace
        if isinstance(folder, str):
            folder = copy_of(EXAMPLES / folder, tmp_path_factory.mktemp("studio") / "work")
        started.append(StudioProcess(folder, *more))
        return started[-1]

    yield start
    for studio in started:
        studio.__exit__()


@pytest.fixture(scope="module")
def studio(start_studio: StartStudio) -> StudioProcess:
    """A studio on a copy of the diabetes example, which the tests of a file share."""
    return start_studio("diabetes")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Debian's Chromium; tests are skipped where there is none, or no page.

    One for each file: Playwright occupies the thread with an event loop, so that tests behind it could not run theirs.
    """
    built = Path(os.environ.get("STUDIOLO_WEBAPP") or ROOT / "src" / "studiolo" / "webapp") / "index.html"
    if not built.is_file():
        pytest.skip("the page is not built: make page")
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium: apt-get install chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)  # for machines that do other work too
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def faults(studio: StudioProcess):
    """What goes wrong on `page`."""
    from tests.acceptance.studio.watched_page import Faults

    return Faults(studio.address)


@pytest.fixture
def page(
    browser, studio: StudioProcess, faults, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[object]:
    """A page that is signed in. `@pytest.mark.dark` shows it in dark."""
    from tests.acceptance.studio.watched_page import close_context, open_context

    context = open_context(browser, dark=request.node.get_closest_marker("dark") is not None)
    page = context.new_page()
    faults.watch(page)
    page.goto(studio.link)
    yield page
    report = request.node.stash.get(phases, {}).get("call")
    unexpected = faults.unexpected()
    has_failed = report is not None and report.failed
    kept = tmp_path / "browser" if has_failed or unexpected else None
    close_context(context, kept)
    if kept is not None:
        print(f"\nKept in {kept}: pictures and trace.zip (playwright show-trace)")
        print("\n".join(unexpected))
    assert has_failed or unexpected == [], "the page showed faults"
