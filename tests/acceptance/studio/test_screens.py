"""Every screen in light and dark: as a person saw and approved it, and without a grave fault of accessibility (UX 8).

The approved pictures are in `screens/`; how they are compared is told in `pictures.py`. `STUDIOLO_NEW_SCREENS=1` writes
them anew: look at each before it is committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.acceptance.studio import pictures
from tests.acceptance.studio.screens import SCREENS, fill, write_workspace
from tests.acceptance.studio.studio_process import StudioProcess

pytestmark = pytest.mark.xdist_group("studio_screens")

ROOT = Path(__file__).parents[3]
APPROVED = Path(__file__).parent / "screens"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
CHECK = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map(({ target, html }) => ({ id, impact, help, target: target.join(" "), html: html.slice(0, 200) })));
}
"""


@pytest.fixture(scope="module")
def studio(
    start_studio: Callable[..., StudioProcess], tmp_path_factory: pytest.TempPathFactory
) -> StudioProcess:
    """One studio for all screens, with runs, datasets and a service."""
    started = start_studio(write_workspace(tmp_path_factory.mktemp("screens") / "work"))
    fill(started)
    return started


def grave_faults(page: Page) -> list[str]:
    """What axe finds on the page and calls serious or critical; nothing where axe isn't installed."""
    if not AXE.is_file():
        return []
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(CHECK)
    return [
        f"{one['id']}: {one['help']}: {one['target']}: {one['html']}"
        for one in found
        if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_as_approved_and_is_accessible_in_light_and_dark(
    page: Page, studio: StudioProcess, faults: Any, tmp_path: Path, name: str
) -> None:
    """Nothing is missing from it, and names, roles and contrast are such that everyone can use it (UX 8)."""
    if name == "sign-in":
        faults.expect("status of 401")
    SCREENS[name](page, studio)
    wrong: list[str] = []
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        wrong += [f"{look}: {fault}" for fault in grave_faults(page)]
        seen = pictures.take(page)
        approved = APPROVED / f"{name}-{look}.png"
        if os.environ.get("STUDIOLO_NEW_SCREENS"):
            pictures.keep(seen, approved)
        difference = (
            pictures.difference(seen, approved) if approved.is_file() else "there is no approved picture"
        )
        if difference is not None:
            kept = tmp_path / "browser" / approved.name
            kept.parent.mkdir(exist_ok=True)
            seen.save(kept)
            wrong.append(f"{look}: {difference}; as seen: {kept}")
    assert wrong == []
