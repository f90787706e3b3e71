"""Scripts for the vendor's cloud with `azureml.core`, run and shown by the command (R-11.5)."""

from __future__ import annotations

from pathlib import Path

import pytest

SCRIPT = """
def azureml_main(dataframe1 = None, dataframe2 = None):
    from azureml.core import Run, Dataset
    run = Run.get_context(allow_offline=True)
    ws = run.experiment.workspace
    people = Dataset.get_by_name(ws, name='people').to_pandas_dataframe()
    from matplotlib import pyplot as plt
    plt.plot(people["age"])
    plt.savefig("line.png")
    run.upload_file("graphics/line.png", "line.png")
    for epoch in range(3):
        run.log("loss", 1 / (epoch + 1))
    run.log("rows", len(people))
    run.log("note\\x1b[31m", "red\\nnews")
    run.log_row("scores", fold=1, accuracy=0.75)
    run.log_table("empty", {"x": []})
    run.tag("kind", "trial")
    return people
"""


@pytest.fixture(scope="module")
def asking(new_workspace, node_text):
    """A workspace with a registered dataset and an experiment that reads it, run once."""
    shell = new_workspace("asking")
    shell.write("people.csv", "age,name\n30,Ada\n41,Bob\n")
    assert shell("dataset", "add", "people", "people.csv").code == 0
    shell.experiment("metrics", node_text("read"), {"read.py": SCRIPT})
    done = shell("run", "metrics")
    assert done.code == 0, done.err
    return shell


def test_show_a_node_tells_its_metrics_tags_and_pictures(asking) -> None:
    """Lists with their length and last value, tables by column, nothing that moves the cursor."""
    lines = asking("show", "metrics:read").out.splitlines()
    start = lines.index("metrics")
    assert [line.rstrip() for line in lines[start : start + 10]] == [
        "metrics",
        "  loss    3 values, the last 0.3333333333333333",
        "  rows    2",
        "  note    red\\nnews",
        "  scores  fold: 1, accuracy: 0.75",
        "  empty   x: 0 values",
        "",
        "tags",
        "  kind  trial",
        "",
    ]
    pictures = [line.strip() for line in lines if line.endswith(".png")]
    assert len(pictures) == 1
    assert Path(pictures[0]).read_bytes().startswith(b"\x89PNG")


def test_show_for_a_program_has_every_value(asking) -> None:
    """`--json` cuts nothing."""
    node = asking("show", "metrics:read", "--json").document
    assert node["metrics"]["loss"] == [1.0, 0.5, 1 / 3]
    assert node["metrics"]["scores"] == {"fold": 1, "accuracy": 0.75}
    assert node["tags"] == {"kind": "trial"}
    assert [picture["name"] for picture in node["pictures"]] == ["outputs/graphics/line.png"]


def test_a_new_version_of_the_dataset_runs_the_node_again(asking) -> None:
    """And the same one does not."""
    assert "reused" in asking("run", "metrics").out
    asking.write("more.csv", "age,name\n30,Ada\n")
    assert asking("dataset", "add", "people", "more.csv").code == 0
    out = asking("run", "metrics").out
    assert 'ran because the dataset "people", which its script asked for, changed' in " ".join(out.split())


def test_check_finds_our_package_and_says_nothing(asking) -> None:
    """`azureml` is there in every environment: not a missing library."""
    assert asking("check", "metrics").code == 0
