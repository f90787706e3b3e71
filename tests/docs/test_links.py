"""Links between the files of the repository lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """Give the anchors that a page's headings have on a forge."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_relative_link_leads_to_a_file_and_its_heading(pages: list[Path], root: Path) -> None:
    """A dead link is a promise that was broken by a rename."""
    found, dead = 0, []
    for page in pages:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:", target):
                continue
            found += 1
            name, _, anchor = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            is_alive = path.exists() and (not anchor or anchor in anchors(path))
            if not is_alive:
                dead.append(f"{page.relative_to(root)}: {target}")
    assert dead == []
    assert found > 10


def test_every_decision_is_in_the_list(root: Path) -> None:
    """A decision that nobody finds is taken a second time."""
    folder = root / "docs" / "decisions"
    listed = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}


def test_every_decision_says_context_decision_cost_and_what_would_change_it(root: Path) -> None:
    """Without its cost and its end a decision is a dogma."""
    for page in sorted((root / "docs" / "decisions").glob("[0-9]*.md")):
        headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.M)
        wanted = {"Context", "Decision", "Cost", "What would change our mind"}
        assert wanted - set(headings) == set(), page.name
        assert re.match(rf"# {page.name[:4]} \S", page.read_text(encoding="utf-8")), page.name
