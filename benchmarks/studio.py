"""Benchmark `studio`: an experiment of 200 nodes opens in the browser; the first page of ten million rows (R-7.4)."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.places import ROOT, STUDIOLO, plain_environment, run_command, scratch_folder
from benchmarks.samples import round_robin

NODES = 200
ROWS = 10_000_000
LEAST_ROWS = 1_000
PAGE = "STUDIOLO_WEBAPP"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
TABLE = """\
import numpy as np
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    numbers = np.random.default_rng(1)
    count = {rows}
    return pd.DataFrame({{
        "day": numbers.integers(0, 365, count), "price": numbers.normal(100, 20, count),
        "amount": numbers.integers(1, 9, count), "share": numbers.random(count),
    }}),
"""


def measure(options: Options) -> list[Figure]:
    """Time both beside the same on one node and on a table of a thousand rows."""
    rows = LEAST_ROWS * 10 if options.quick else ROWS
    with scratch_folder("studio") as folder:
        workspace = folder / "work"
        built = os.environ.get(PAGE) or str(ROOT / "src" / "studiolo" / "webapp")
        if not (Path(built) / "index.html").is_file():
            raise RuntimeError("the page is not built: make page")
        environment = plain_environment(folder, {PAGE: built})
        run_command([STUDIOLO, "init", str(workspace)], environment)
        _write_chain(workspace, "many", NODES)
        _write_chain(workspace, "one", 1)
        for name, count in (("long", rows), ("short", LEAST_ROWS)):
            _write_table(workspace, name, count)
            run_command([STUDIOLO, "--workspace", str(workspace), "run", name], environment)
        with _studio(workspace, environment) as said:
            pages = _first_pages(said, options)
            opened = _openings(said, options)
    return [
        Figure(
            "studio",
            f"{NODES} nodes, navigation until drawn",
            "ms",
            opened["many"],
            "1 node",
            opened["one"],
            1000,
        ),
        Figure(
            "studio",
            f"first page of {rows:,} rows",
            "ms",
            pages["long"],
            f"of {LEAST_ROWS:,} rows",
            pages["short"],
            200,
        ),
    ]


def _write_chain(workspace: Path, name: str, count: int) -> None:
    """Write an experiment of so many script nodes, in rows of ten of which each feeds the next."""
    folder = workspace / "experiments" / name
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "pass.py").write_text(
        "def azureml_main(dataframe1=None, dataframe2=None):\n    return dataframe1,\n"
    )
    lines = ["nodes:"]
    for number in range(count):
        source = "" if number < 10 else f", inputs: {{dataset1: n{number - 10}}}"
        lines.append(f"  n{number}: {{module: execute-python-script, script: scripts/pass.py{source}}}")
    (folder / "experiment.yaml").write_text("\n".join(lines) + "\n")


def _write_table(workspace: Path, name: str, rows: int) -> None:
    folder = workspace / "experiments" / name
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "table.py").write_text(TABLE.format(rows=rows))
    (folder / "experiment.yaml").write_text(
        "nodes:\n  table:\n    module: execute-python-script\n    script: scripts/table.py\n"
    )


@contextmanager
def _studio(workspace: Path, environment: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Start the studio; gives what it said of itself."""
    command = [STUDIOLO, "--workspace", str(workspace), "start", "--port", "0", "--no-browser", "--json"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        text = line = ""
        while line != "}\n":
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("the studio has ended")
            text += line
        yield json.loads(text)
    finally:
        process.terminate()
        process.communicate()


def _first_pages(said: dict[str, Any], options: Options) -> dict[str, Any]:
    """Time the request for the first hundred rows, when the statistics of all columns are known."""
    parts = urlsplit(said["address"])
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    headers = {"Authorization": f"Bearer {said['token']}", "Content-Type": "application/json"}

    def ask(method: str, path: str, body: Any = None) -> Any:
        connection.request(method, f"/api{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {data[:500]!r}")
        return json.loads(data)

    digests = {}
    for name in ("long", "short"):
        outputs = ask("GET", f"/experiments/{name}/status")["nodes"]["table"]["outputs"]
        digests[name] = outputs["result_dataset"]["digest"]
        for column in range(4):
            ask("GET", f"/contents/{digests[name]}/columns/{column}")
    wish = {"offset": 0, "limit": 100, "first_column": 0, "column_count": 100, "sort": None, "filters": []}

    def page(name: str) -> float:
        began = time.perf_counter()
        found = ask("POST", f"/contents/{digests[name]}/page", wish)
        milliseconds = (time.perf_counter() - began) * 1000
        if len(found["rows"]) != 100:
            raise RuntimeError("the page has other than 100 rows")
        return milliseconds

    try:
        return round_robin(
            {name: lambda name=name: page(name) for name in digests}, options.rounds(25), warm_up=0
        )  # type: ignore[misc]
    finally:
        connection.close()


def _openings(said: dict[str, Any], options: Options) -> dict[str, Any]:
    """Time from the navigation until every node is in the page and has been painted, each in a page of its own."""
    from playwright.sync_api import sync_playwright

    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.new_page().goto(said["link"])

        def opened(name: str, count: int) -> float:
            page = context.new_page()
            try:
                page.goto(f"{said['address']}/#/experiments/{name}", wait_until="commit")
                return float(page.evaluate(DRAWN, count))
            finally:
                page.close()

        contestants = {"many": lambda: opened("many", NODES), "one": lambda: opened("one", 1)}
        samples = round_robin(contestants, options.rounds(11), warm_up=1)
        browser.close()
    return samples


DRAWN = """(count) => new Promise((done) => {
    const look = () => {
        const nodes = document.querySelectorAll(".react-flow__node");
        const isSeen = (one) => getComputedStyle(one).visibility === "visible";
        const isDrawn = nodes.length >= count && [...nodes].every(isSeen);
        if (!isDrawn) requestAnimationFrame(look);
        else requestAnimationFrame(() => setTimeout(() => done(performance.now())));
    };
    look();
})"""
"""Milliseconds from the beginning of the navigation, by the page's own clock, to the frame after the last node."""
