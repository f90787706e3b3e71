"""What a port holds, on the screen: numbers equal pandas, and nothing in the data runs (R-2.6, UX 56-69)."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect
from tests.acceptance.studio.conftest import EXAMPLES, StartStudio
from tests.acceptance.studio.studio_process import StudioProcess, copy_of
from tests.acceptance.studio.visualizing import (
    chart_numbers,
    open_port,
    row_numbers,
    rows,
    save_as,
    statistics,
)

pytestmark = pytest.mark.xdist_group("studio_visualize")

ODD_SCRIPT = """
    import pandas as pd


    def azureml_main(dataframe1=None, dataframe2=None):
        with open("picture.svg", "w") as file:
            file.write('<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40">'
                       '<script>document.title="ran"</script><rect width="80" height="40" fill="teal"/></svg>')
        with open("page.html", "w") as file:
            file.write("<!doctype html><title>t</title><p id='p'>before</p><script>"
                       "document.getElementById('p').textContent = 'after';"
                       "try { parent.document.title = 'ran' } catch (e) {}</script>")
        print("hello from the script")
        hostile = pd.DataFrame({
            "<img src=x onerror=document.title='ran'>": [
                "<script>document.title='ran'</script>", "\\u202eRTL", "plain"],
            "long": ["x" * 1_000_000 + "THE END", "b", None],
            "big": [2**60 + 1, 2, 3],
        }, index=[5, 6, 7])
        return hostile, pd.DataFrame({f"c{i}": [float(i), -float(i)] for i in range(5000)})
"""


@pytest.fixture(scope="module")
def studio(start_studio: StartStudio, tmp_path_factory: pytest.TempPathFactory) -> StudioProcess:
    """A studio on the diabetes example and an experiment of odd data; both have run, diabetes twice."""
    folder = copy_of(EXAMPLES / "diabetes", tmp_path_factory.mktemp("studio") / "work")
    odd = folder / "experiments" / "odd"
    (odd / "scripts").mkdir(parents=True)
    (odd / "scripts" / "odd.py").write_text(dedent(ODD_SCRIPT))
    (odd / "experiment.yaml").write_text(
        "nodes:\n  odd:\n    module: execute-python-script\n    script: scripts/odd.py\n"
    )
    studio = start_studio(folder)
    studio.command("run", "odd")
    studio.command("run", "diabetes")
    prepare = folder / "experiments" / "diabetes" / "scripts" / "prepare.py"
    kept = prepare.read_text()
    prepare.write_text(_returning_less(kept))
    studio.command("run", "diabetes", "--to", "prepare")
    prepare.write_text(kept)
    return studio


def _returning_less(script: str) -> str:
    """A script that gives what `script` gives, with 700 rows, and without one column."""
    return script + dedent(
        """

        _whole = azureml_main


        def azureml_main(dataframe1=None, dataframe2=None):
            table, *others = _whole(dataframe1)
            return (table.head(700).drop(columns="mass"), *others)
        """
    )


@pytest.fixture(scope="module")
def frame(studio: StudioProcess, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """What `prepare` gave in its first run, by another way than the page."""
    path = tmp_path_factory.mktemp("export") / "prepare.parquet"
    studio.command("export", "diabetes:prepare.result_dataset", str(path), "--run", "2")
    return pd.read_parquet(path)


@pytest.fixture
def table(page: Page, studio: StudioProcess) -> Page:
    """The page with the result of `prepare` of the first run open."""
    open_port(page, studio, "diabetes/runs/2", "prepare", "result_dataset")
    return page


def number(text: str) -> float:
    """Read a statistic as it is shown."""
    return float(text.replace(",", ""))


def test_statistics_on_the_screen_equal_pandas(table: Page, frame: pd.DataFrame) -> None:
    """Statistics are over all rows, not over the page that is shown (R-2.6, UX 61, 64, 65)."""
    expect(table.get_by_role("grid")).to_have_attribute("aria-rowcount", str(len(frame) + 1))
    expect(table.get_by_role("grid")).to_have_attribute("aria-colcount", str(frame.shape[1] + 1))
    for column in ("glucose", "mass"):
        told, values = statistics(table, column), frame[column].astype(float)
        expected = [values.mean(), values.median(), values.min(), values.max(), values.std()]
        names = ["Mean", "Median", "Min", "Max", "Standard deviation"]
        assert [number(told[name]) for name in names] == pytest.approx(expected, rel=1e-5)
        assert number(told["Unique values"]) == values.nunique()
        assert number(told["Missing values"]) == values.isna().sum()
        assert told["Feature type"].startswith("Double")


def test_rows_are_those_of_the_table_in_each_order(table: Page, frame: pd.DataFrame) -> None:
    """Sorting is over all rows, stable, missing last; row numbers stay those of the table (UX 63, 69)."""
    shown = [[float(cell) for cell in row[:5]] for row in rows(table, 5)]
    assert shown == frame.iloc[:5, :5].astype(float).to_numpy().tolist()
    table.get_by_role("button", name="Menu of column glucose").click()
    table.get_by_role("menuitem", name="Sort descending").click()
    expect(table.get_by_role("columnheader", name="glucose")).to_have_attribute("aria-sort", "descending")
    ordered = frame.reset_index(drop=True).sort_values("glucose", ascending=False, kind="stable").head(20)
    expect(table.get_by_role("rowheader").first).to_have_text(str(ordered.index[0] + 1))
    assert row_numbers(table, 20) == [str(at + 1) for at in ordered.index]
    table.get_by_role("button", name="Sorted descending by glucose").click()
    expect(table.get_by_role("rowheader").first).to_have_text("1")


def test_filters_keep_what_pandas_keeps_and_say_how_many(table: Page, frame: pd.DataFrame) -> None:
    """Filters are over all rows; several hold at once; a wrong value is told, and taken back (UX 69)."""
    table.get_by_role("button", name="Filters").click()
    table.get_by_label("Comparison for glucose").select_option("at-least")
    table.get_by_role("textbox", name="Filter glucose").fill("150")
    kept = frame[frame["glucose"] >= 150]
    expect(table.get_by_text(f"{len(kept)} of {len(frame)} rows")).to_be_visible()
    table.get_by_label("Comparison for mass").select_option("less")
    table.get_by_role("textbox", name="Filter mass").fill("30")
    kept = kept[kept["mass"] < 30]
    expect(table.get_by_text(f"{len(kept)} of {len(frame)} rows")).to_be_visible()
    expect(table.get_by_role("grid")).to_have_attribute("aria-rowcount", str(len(kept) + 1))
    positions = np.flatnonzero((frame["glucose"] >= 150) & (frame["mass"] < 30))
    assert row_numbers(table, 10) == [str(at + 1) for at in positions[:10]]
    table.get_by_role("button", name="Remove filter mass < 30").click()
    table.get_by_role("button", name="Remove all").click()
    expect(table.get_by_role("grid")).to_have_attribute("aria-rowcount", str(len(frame) + 1))


def test_a_filter_that_can_not_be_read_says_what_to_type(table: Page, faults) -> None:
    """The server's words stand above the table, and the filter can be mended (UX 69)."""
    faults.expect("status of 422")
    table.get_by_role("button", name="Filters").click()
    table.get_by_role("textbox", name="Filter glucose").fill("many")
    expect(table.get_by_role("alert")).to_contain_text("glucose")
    table.get_by_role("textbox", name="Filter glucose").fill("100")
    expect(table.get_by_role("alert")).to_have_count(0)


def test_the_last_rows_and_columns_are_reached_by_keys(table: Page, frame: pd.DataFrame) -> None:
    """A grid with arrow keys; only what is in sight is in the page (UX 63, R-8)."""
    grid = table.get_by_role("grid")
    rows(table, 1)
    grid.focus()
    table.keyboard.press("Control+End")
    last = grid.get_by_role("row").last
    expect(last).to_have_attribute("aria-rowindex", str(len(frame) + 1))
    expect(last.get_by_role("rowheader")).to_have_text(str(len(frame)))
    assert last.get_by_role("gridcell").last.inner_text() == str(frame.iloc[-1, -1])
    marked = grid.get_attribute("aria-activedescendant")
    expect(table.locator(f"[id='{marked}']")).to_have_attribute("aria-colindex", str(frame.shape[1] + 1))
    assert grid.get_by_role("row").count() < 60
    table.keyboard.press("Control+Home")
    expect(table.get_by_role("rowheader").first).to_have_text("1")


def test_a_histogram_has_the_counts_of_numpy_for_any_number_of_bins(table: Page, frame: pd.DataFrame) -> None:
    """Bins are counted on all rows; logarithms change the scale only (UX 62, 66)."""
    statistics(table, "glucose")
    for bins in (10, 25):
        table.get_by_label("bins").fill(str(bins))
        expect(
            table.get_by_role("img", name=re.compile(rf"^Histogram of glucose: {bins} bars"))
        ).to_be_visible()
        lines = chart_numbers(table)[1:]
        counts, edges = np.histogram(frame["glucose"].astype(float), bins=bins)
        assert [int(line[3]) for line in lines] == counts.tolist()
        assert [float(line[1]) for line in lines] == pytest.approx(edges[:-1].tolist())
    table.get_by_label("frequency log scale").check()
    table.get_by_label("value log scale").check()
    expect(table.get_by_role("img", name=re.compile("^Histogram of glucose: 25 bars"))).to_be_visible()
    values = np.log10(frame["glucose"].astype(float))
    expected = np.histogram(values, bins=25)[0]
    assert [int(line[3]) for line in chart_numbers(table)[1:]] == expected.tolist()


def test_columns_are_compared_by_scatter_boxes_and_crosstab(table: Page, frame: pd.DataFrame) -> None:
    """Compare to: two numbers are points; the numbers are those of the table (UX 66)."""
    statistics(table, "glucose")
    table.get_by_label("compare to").select_option("mass")
    expect(table.get_by_role("img", name=re.compile("^Scatter plot of mass against glucose"))).to_be_visible()
    header, *points = chart_numbers(table)
    assert header == ["glucose", "mass"]
    pairs = frame[["glucose", "mass"]].astype(float).dropna()
    assert [[float(x), float(y)] for x, y in points] == pairs.to_numpy().tolist()
    table.get_by_label("view as").select_option("box plots")
    table.get_by_label("compare to").select_option("none")
    expect(table.get_by_role("img", name=re.compile("^glucose – box plot"))).to_be_visible()
    box = [float(cell) for cell in chart_numbers(table)[1][2:]]
    assert box == pytest.approx(frame["glucose"].astype(float).quantile([0, 0.25, 0.5, 0.75, 1]).tolist())


def test_a_download_holds_the_table(table: Page, frame: pd.DataFrame, tmp_path: Path) -> None:
    """All rows, in the format that was chosen, under a name that tells what it is (UX 56)."""
    csv = save_as(table, "CSV", tmp_path)
    assert csv.suffix == ".csv"
    expected = frame.reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.read_csv(csv), expected, check_dtype=False)
    pd.testing.assert_frame_equal(pd.read_parquet(save_as(table, "Parquet", tmp_path)), expected)


def test_a_result_is_kept_as_a_dataset_and_its_code_loads_it(
    table: Page, studio: StudioProcess, frame: pd.DataFrame
) -> None:
    """Save as dataset and "copy Python code", from the dialog (UX 56)."""
    table.get_by_role("button", name="Copy Python code to load this").click()
    expect(table.get_by_text("is copied")).to_be_visible()
    found: dict[str, pd.DataFrame] = {}
    exec(table.evaluate("navigator.clipboard.readText()"), found)
    pd.testing.assert_frame_equal(found["dataframe"], frame)
    found["workspace"].close()  # type: ignore[operator]
    table.get_by_role("button", name="Save as dataset").click()
    table.get_by_role("textbox", name="Name").fill("prepared")
    table.get_by_role("button", name="Save", exact=True).click()
    expect(table.get_by_text("prepared version 1 is a dataset now.")).to_be_visible()
    assert "prepared" in studio.command("dataset", "list")


def test_another_run_stands_beside(table: Page, studio: StudioProcess) -> None:
    """Rows, columns and statistics of the same port in another run, with what differs (UX 69)."""
    table.get_by_text("Compare with another run").click()
    table.get_by_label("Compare with run").select_option(index=1)
    compared = table.get_by_role("table", name="Compared with run 3")
    expect(compared.get_by_role("row", name="Rows")).to_contain_text("768700")
    expect(table.get_by_role("listitem").filter(has_text=re.compile("^mass$"))).to_be_visible()
    table.get_by_role("button", name="glucose", exact=True).click()
    told = table.get_by_role("table", name="Statistics of glucose")
    expect(told.get_by_role("columnheader", name="run 3")).to_be_visible()
    expect(told.get_by_role("row", name="Missing values")).to_contain_text("00")


def test_hostile_names_and_values_are_only_text(page: Page, studio: StudioProcess) -> None:
    """Markup in names and values is shown as it is; big integers keep each digit (R-12.1, bad input)."""
    open_port(page, studio, "odd", "odd", "result_dataset")
    title = page.title()
    name = "<img src=x onerror=document.title='ran'>"
    shown = rows(page, 3)
    assert shown[0][0] == "<script>document.title='ran'</script>"
    assert shown[0][2] == str(2**60 + 1)
    assert shown[2][1] == "missing"
    statistics(page, name)
    page.get_by_label("compare to").select_option("long")
    expect(page.get_by_role("img", name=re.compile("^Counts of <img"))).to_be_visible()
    page.get_by_role("gridcell").first.hover()
    assert page.title() == title
    assert page.locator("main img, [role=dialog] img").count() == 0


def test_a_long_cell_is_cut_and_can_be_read_whole(page: Page, studio: StudioProcess) -> None:
    """A megabyte in one cell costs 300 characters of the page; Enter opens it (bad input: giant cell values)."""
    open_port(page, studio, "odd", "odd", "result_dataset")
    assert len(rows(page, 1)[0][1]) == 301
    page.get_by_role("gridcell").nth(1).click()
    page.get_by_role("grid").focus()
    page.keyboard.press("Enter")
    whole = page.get_by_label("Whole cell")
    expect(whole).to_be_visible()
    assert len(whole.inner_text()) == 200_000
    expect(page.get_by_role("dialog", name="long, row 1")).to_contain_text("1,000,007 characters")


def test_the_receipt_says_what_the_border_changed(page: Page, studio: StudioProcess) -> None:
    """The index that was dropped is told beside the table (R-2.4, UX 69)."""
    open_port(page, studio, "odd", "odd", "result_dataset")
    expect(page.get_by_role("list", name="Type receipt")).to_contain_text("index")


def test_the_last_of_5000_columns_is_found_by_its_name(page: Page, studio: StudioProcess) -> None:
    """Only the columns in sight are drawn; typing finds one and brings it there (bad input: 5,000 columns)."""
    open_port(page, studio, "odd", "odd", "result_dataset2")
    rows(page, 1)
    assert page.get_by_role("columnheader").count() < 40
    page.get_by_role("combobox", name="Find a column").fill("c4999")
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="c4999")).to_be_in_viewport()
    expect(page.get_by_role("row").nth(1).get_by_role("gridcell").last).to_have_text("4999")
    expect(page.get_by_role("table", name="Statistics of c4999")).to_be_visible()


def test_a_device_shows_text_and_pictures_and_runs_no_code_in_the_page(
    page: Page, studio: StudioProcess, faults
) -> None:
    """SVG is a picture, HTML waits for a click and runs in a closed frame (R-12.1, UX 68)."""
    faults.expect("Blocked a frame|sandbox|Content Security Policy|SecurityError")
    dialog = open_port(page, studio, "odd", "odd", "python_device")
    title = page.title()
    expect(dialog.get_by_text("hello from the script")).to_be_visible()
    picture = dialog.get_by_role("img", name="picture.svg")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 80
    assert dialog.locator("iframe").count() == 0
    dialog.get_by_role("button", name="Show page.html").click()
    expect(dialog.frame_locator("iframe").get_by_text("after")).to_be_visible()
    assert dialog.locator("iframe").get_attribute("sandbox") == "allow-scripts"
    assert page.title() == title


def test_the_diabetes_picture_is_shown(page: Page, studio: StudioProcess) -> None:
    """The picture that a script saved is on its device port (UX 68)."""
    dialog = open_port(page, studio, "diabetes", "picture", "python_device")
    picture = dialog.get_by_role("img", name="scatter-matrix.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 500
