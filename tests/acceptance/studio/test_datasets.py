"""Datasets on the screen: upload in pieces, errors of reading, versions, zips (R-2.6, R-2.7, UX 2, 3)."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, Route, expect
from tests.acceptance.studio.studio_process import StudioProcess
from tests.acceptance.studio.visualizing import rows, save_as, statistics

pytestmark = pytest.mark.xdist_group("studio_datasets")

CHUNK = 8 << 20


def choose(page: Page, studio: StudioProcess, *files: Path) -> None:
    """Go to the datasets and choose files to upload."""
    page.goto(f"{studio.address}/#/datasets")
    page.get_by_label("Files to upload").set_input_files([str(file) for file in files])


def add(page: Page, name: str) -> None:
    """Press the button that makes a dataset of the upload, and wait for it."""
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("button", name="Add dataset").click()
    expect(page.get_by_text(re.compile(rf"^{re.escape(name)} version \d+ is here"))).to_be_visible(
        timeout=60_000
    )


def test_a_csv_becomes_a_dataset_that_opens(page: Page, studio: StudioProcess, tmp_path: Path) -> None:
    """Upload with the options of Import Data; what is shown is what the file says (R-2.7, UX 2)."""
    file = tmp_path / "fruit prices.csv"
    file.write_text("day;fruit;price\n31.01.2024;apple;1,5\n01.02.2024;pear;\n02.02.2024;fig;2,25\n")
    choose(page, studio, file)
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("fruit prices")
    page.get_by_text("More options").click()
    page.get_by_label("Decimal mark").select_option(",")
    page.get_by_label("Column types").fill("day: DateTime(%d.%m.%Y)")
    add(page, "fruit")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("heading", name="fruit", exact=True)).to_be_visible()
    shown = rows(page, 3)
    assert [row[1:] for row in shown] == [["apple", "1.5"], ["pear", "missing"], ["fig", "2.25"]]
    assert [row[0][:10] for row in shown] == ["2024-01-31", "2024-02-01", "2024-02-02"]
    told = statistics(page, "price")
    assert (told["Mean"], told["Missing values"]) == ("1.875", "1")
    frame = pd.read_parquet(save_as(page, "Parquet", tmp_path))
    assert frame["fruit"].tolist() == ["apple", "pear", "fig"]


def test_a_wrong_file_is_told_with_its_line_and_can_be_read_otherwise(
    page: Page, studio: StudioProcess, tmp_path: Path
) -> None:
    """The error has line and value, the options stay open, and the file needn't be sent again (R-2.7)."""
    file = tmp_path / "wrong.csv"
    file.write_text("a,b\n1,x\n2,y;z,extra\n")
    choose(page, studio, file)
    page.get_by_role("button", name="Add dataset").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("line 3", timeout=60_000)
    expect(alert).to_contain_text('"extra"')
    page.get_by_label("Delimiter").fill("semicolon")
    page.get_by_label("Has header row").uncheck()
    page.get_by_role("button", name="Cancel upload").click()
    expect(page.get_by_role("list", name="Uploads")).to_have_count(0)

    file.write_text("a,b\n1,x\n2;3,y,extra\n")
    choose(page, studio, file)
    page.get_by_role("button", name="Add dataset").click()
    expect(alert).to_contain_text("line 3", timeout=60_000)
    page.get_by_label("Format").select_option("text")
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_text("wrong version 1 is here: 3 × 1.")).to_be_visible(timeout=60_000)


def test_a_zip_stays_a_zip_and_shows_its_files(page: Page, studio: StudioProcess, tmp_path: Path) -> None:
    """Bundles are looked into, not unpacked (UX 2); hostile names in it are text."""
    file = tmp_path / "pack.zip"
    with zipfile.ZipFile(file, "w") as bundle:
        bundle.writestr("tools/clean.py", "x = 1\n")
        bundle.writestr("<img src=x onerror=alert(1)>.txt", "y")
    choose(page, studio, file)
    expect(page.get_by_text("A zip stays a zip")).to_be_visible()
    add(page, "pack")
    page.goto(f"{studio.address}/#/datasets/pack")
    files = page.get_by_role("list", name="Files in the zip")
    expect(files).to_contain_text("clean.py")
    expect(files).to_contain_text("<img src=x onerror=alert(1)>.txt")


def test_an_upload_that_is_cut_off_goes_on_where_it_was(
    page: Page, studio: StudioProcess, faults, tmp_path: Path
) -> None:
    """The network breaks twice, once after the server has the bytes: no byte is lost or doubled (R-2.7)."""
    faults.expect("net::|status of (409|503)")
    file = tmp_path / "large.csv"
    with file.open("w") as stream:
        stream.write("number,text\n")
        stream.writelines(f"{number},{'x' * 90}\n" for number in range(200_000))
    size = file.stat().st_size
    assert size > 2 * CHUNK
    sent: list[int] = []

    def breaking(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        sent.append(int(re.search(r"offset=(\d+)", route.request.url)[1]))  # type: ignore[index]
        if len(sent) == 1:
            route.abort("connectionreset")  # before a byte has come
        elif len(sent) == 3:
            route.fetch()  # the server has it, the answer is lost
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/uploads/**", breaking)
    choose(page, studio, file)
    add(page, "large")
    assert sent == [0, 0, CHUNK, 2 * CHUNK]
    page.goto(f"{studio.address}/#/datasets/large")
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "200001")
    told = statistics(page, "number")
    assert (told["Unique values"], told["Max"]) == ("200,000", "199,999")


def test_a_reloaded_page_goes_on_with_the_same_file(
    page: Page, studio: StudioProcess, faults, tmp_path: Path
) -> None:
    """Who chooses the file again after a reload sends only what is missing (R-2.7)."""
    faults.expect("net::")
    file = tmp_path / "again.csv"
    file.write_text("a\n" + "1\n" * (CHUNK // 2 + 1000))
    os.utime(file, (1_700_000_000, 1_700_000_000))
    offsets: list[str] = []
    is_broken = True

    def breaking(route: Route) -> None:
        offset = route.request.url.partition("offset=")[2]
        offsets.append(offset)
        if is_broken and offset != "0":
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/uploads/*offset=*", breaking)
    choose(page, studio, file)
    expect(page.get_by_text("the server does not answer; trying again").first).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())  # leaving while a file is sent is asked about
    page.reload()
    is_broken = False
    offsets.clear()
    choose(page, studio, file)
    add(page, "again")
    assert offsets == [str(CHUNK)]


def test_versions_are_listed_opened_and_removed(page: Page, studio: StudioProcess, tmp_path: Path) -> None:
    """The same name again is a new version; the old one stays until it is removed (UX 2, 3)."""
    file = tmp_path / "v.csv"
    for text in ("a\n1\n", "a\n1\n2\n"):
        file.write_text(text)
        choose(page, studio, file)
        add(page, "versioned")
    page.goto(f"{studio.address}/#/datasets")
    page.get_by_role("searchbox", name="Search datasets").fill("versio")
    row = page.get_by_role("row", name=re.compile("^versioned"))
    expect(row).to_contain_text("2 × 1")
    expect(page.get_by_role("row")).to_have_count(2)
    row.get_by_role("link", name="versioned").click()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "3")
    page.get_by_role("combobox", name="Version").select_option("1")
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "2")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("menuitem", name="Remove version 1").click()
    expect(page.get_by_text("Version 1 of versioned is removed.")).to_be_visible()
    assert [one["version"] for one in studio.call("GET", "/api/datasets/versioned").document] == [2]


def test_files_can_be_dropped_on_the_screen_and_given_up(page: Page, studio: StudioProcess) -> None:
    """Drag and drop anywhere; several in a row; cancel takes them off the server too (UX 2, 6)."""
    page.goto(f"{studio.address}/#/datasets")
    expect(page.get_by_role("heading", name="Datasets")).to_be_visible()
    transfer = page.evaluate_handle(
        """() => {
            const transfer = new DataTransfer();
            for (const name of ["one.csv", "two.csv"]) transfer.items.add(new File(["a\\n1\\n"], name));
            return transfer;
        }"""
    )
    page.get_by_role("heading", name="Datasets").dispatch_event("drop", {"dataTransfer": transfer})
    expect(page.get_by_role("dialog", name="Upload one.csv")).to_be_visible()
    page.get_by_role("button", name="Cancel upload").click()
    expect(page.get_by_role("dialog", name="Upload two.csv")).to_be_visible()
    add(page, "two")
    expect(page.get_by_role("list", name="Uploads")).to_have_count(0)
    assert "one" not in [row["name"] for row in studio.call("GET", "/api/datasets").document]


def test_an_empty_file_and_a_wrong_name_are_told(
    page: Page, studio: StudioProcess, faults, tmp_path: Path
) -> None:
    """What the server refuses is said where it can be mended (R-2.7)."""
    faults.expect("status of 4")
    file = tmp_path / "empty.csv"
    file.write_text("")
    choose(page, studio, file)
    expect(page.get_by_role("alert")).to_contain_text("empty")
    page.get_by_role("button", name="Cancel upload").click()
    file.write_text("a\n1\n")
    choose(page, studio, file)
    page.get_by_role("textbox", name="Name", exact=True).fill("no\u0007name")
    page.get_by_role("button", name="Add dataset").click()
    expect(page.get_by_role("alert")).to_be_visible()
    add(page, "named")
