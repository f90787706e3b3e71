"""The link of the terminal signs in; nobody else gets in (R-12.1)."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def test_the_link_signs_in_and_leaves_no_token_in_the_address(page: Page, studio) -> None:
    """The token must not stay where bookmarks, history and shoulder surfers find it (R-12.1)."""
    expect(page.get_by_role("navigation").first).to_be_visible()
    assert studio.token not in page.url
    assert page.evaluate("document.cookie") == ""  # no script can read the session
    cookie = page.context.cookies()[0]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")


def test_a_page_without_a_session_asks_for_the_token_and_takes_the_whole_link(
    page: Page, studio, faults
) -> None:
    """Who opens the bare address is told what to do, and may paste what the terminal shows (R-12.1)."""
    faults.expect("status of 401")
    page.context.clear_cookies()
    page.goto(studio.address)
    page.get_by_role("textbox").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("not the token")).to_be_visible()
    page.get_by_role("textbox").fill(studio.link)
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation").first).to_be_visible()


def test_scripts_that_are_put_into_the_page_do_not_run(page: Page, faults) -> None:
    """A name or value that ends up as markup stays dead: the policy takes no code but the server's files (R-12.1)."""
    faults.expect("Content Security Policy|Refused to|violates the following|status of 404")
    page.evaluate(
        """() => {
            const holder = document.createElement("div");
            holder.innerHTML = '<img src="x" onerror="window.ran = 1">' +
                '<a id="bad" href="javascript:window.ran = 2">x</a>';
            document.body.append(holder);
            const script = document.createElement("script");
            script.textContent = "window.ran = 3";
            document.body.append(script);
            document.getElementById("bad").click();
        }"""
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.ran") is None


def test_another_site_can_neither_frame_the_page_nor_ask_in_its_name(
    page: Page, studio, start_studio, faults
) -> None:
    """A page of another origin, even on this machine, gets nothing with the session's cookie (R-12.1)."""
    other = start_studio("expression")
    faults.expect(r".")  # what the browser says of every refusal is its own affair
    page.goto(f"{other.address}/")
    tried = page.evaluate(
        """async (address) => {
            const outcomes = [];
            for (const init of [{}, {method: "POST", body: "{}", mode: "no-cors"}, {method: "DELETE"}]) {
                try {
                    const answer = await fetch(`${address}/api/experiments`, {credentials: "include", ...init});
                    outcomes.push(answer.type + answer.status);
                } catch (fault) { outcomes.push("failed"); }
            }
            return outcomes;
        }""",
        studio.address,
    )
    assert set(tried) <= {"failed", "opaque0"}
    answer = studio.call("GET", "/api/session", signed_in=False)
    assert re.search("frame-ancestors 'none'", answer.headers["content-security-policy"])
