"""Scripts that ask their workspace by `azureml.core`, in real jailed workers (R-11.5)."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pandas
import pytest

from studiolo import Workspace
from studiolo.workspace import NodeResult

# The forms in which the vendor's documents read a registered dataset and upload a picture.
READING = """
def azureml_main(dataframe1 = None, dataframe2 = None):
    print(f'Input pandas.DataFrame #1: {dataframe1}')
    from azureml.core import Run
    run = Run.get_context(allow_offline=True)
    ws = run.experiment.workspace
    from azureml.core import Dataset
    dataset = Dataset.get_by_name(ws, name='people')
    dataframe1 = dataset.to_pandas_dataframe()
    return dataframe1,
"""
UPLOADING = """
import pandas as pd
def azureml_main(dataframe1 = None, dataframe2 = None):
    from matplotlib import pyplot as plt
    plt.plot([1, 2, 3, 4])
    plt.ylabel('some numbers')
    img_file = "line.png"
    plt.savefig(img_file)
    from azureml.core import Run
    run = Run.get_context(allow_offline=True)
    run.upload_file(f"graphics/{img_file}", img_file)
    return dataframe1,
"""
PEOPLE = pandas.DataFrame({"age": [30, 41], "name": ["Ada", None]})


def script(*lines: str) -> str:
    head = "from azureml.core import Dataset, Model, Run\n"
    return head + "def azureml_main(a=None, b=None):\n" + "".join(f"    {line}\n" for line in lines)


def ran(workspace: Workspace, text: str, name: str = "x", **settings: object) -> NodeResult:
    """Run a script as the only node of an experiment."""
    if name not in workspace.experiment_names():
        experiment = workspace.new_experiment(name).remove("script")
        experiment.add("n", script=text, **settings)
        experiment.save()
    return workspace.run(name)["n"]


def test_a_registered_dataset_is_read_by_name(workspace: Workspace) -> None:
    """The documented form; no network, no grant."""
    workspace.datasets.add("people", PEOPLE)
    node = ran(workspace, READING)
    assert (node.error, node.warnings) == (None, ())
    assert node.result_dataset.to_pandas().equals(PEOPLE)
    assert node.receipts == {}


def test_an_uploaded_picture_shows_on_the_node(workspace: Workspace) -> None:
    """The documented form, R-1.7: once, under the name of the upload."""
    node = ran(workspace, UPLOADING)
    assert node.error is None
    assert [(picture.name, picture.media_type) for picture in node.pictures] == [
        ("outputs/graphics/line.png", "image/png")
    ]


def test_reuse_heeds_what_the_script_asked_for(workspace: Workspace) -> None:
    """R-3.3: what a script reads beside its inputs is not in its fingerprint, so it is looked at again."""
    workspace.datasets.add("people", PEOPLE)
    assert ran(workspace, READING).reason == "first run"
    assert ran(workspace, READING).reason == "reused from run 1"
    workspace.datasets.add("others", PEOPLE)
    assert ran(workspace, READING).reason == "reused from run 1"
    workspace.datasets.add("people", PEOPLE.head(1))
    node = ran(workspace, READING)
    assert node.reason == 'ran because the dataset "people", which its script asked for, changed'
    assert node.result_dataset.rows == 1
    assert ran(workspace, READING).reason == "reused from run 4"
    workspace.datasets.remove("people", 2)
    node = ran(workspace, READING)
    assert (node.reason[:24], node.result_dataset.rows) == ('ran because the dataset ', 2)  # fmt: skip


def test_a_named_version_stays_what_it_is(workspace: Workspace) -> None:
    """A newer version does not concern a script that names its own."""
    workspace.datasets.add("people", PEOPLE)
    text = READING.replace("name='people'", "name='people', version=1")
    ran(workspace, text)
    workspace.datasets.add("people", PEOPLE.head(1))
    node = ran(workspace, text)
    assert (node.reason, node.result_dataset.rows) == ("reused from run 1", 2)


def test_lists_and_what_was_missing_count_too(workspace: Workspace) -> None:
    """A script that looks what there is depends on it."""
    text = script("return __import__('pandas').DataFrame({'name': sorted(Dataset.get_all(None))}),")
    assert ran(workspace, text).result_dataset.rows == 0
    workspace.datasets.add("people", PEOPLE)
    node = ran(workspace, text)
    assert node.reason == "ran because the list of registered datasets, which its script asked for, changed"
    assert node.result_dataset.rows == 1
    trying = script(
        "try: return Dataset.get_by_name(None, 'late').to_pandas_dataframe()", "except Exception: return None"
    )
    assert ran(workspace, trying, "trying").result_dataset.rows == 0
    workspace.datasets.add("late", PEOPLE)
    assert ran(workspace, trying, "trying").result_dataset.rows == 2


def test_a_missing_model_may_be_missing_again(workspace: Workspace) -> None:
    """A table of that name is no model, the second time too."""
    workspace.datasets.add("people", PEOPLE)
    text = script(
        "try: Model.get_model_path('people')", "except Exception as error: print(type(error).__name__)"
    )
    assert ran(workspace, text).log == b"ModelNotFoundException\n"
    assert ran(workspace, text).reason == "reused from run 1"


def test_metrics_and_tags_are_kept_with_the_node_run(workspace: Workspace) -> None:
    """Also when the node fails, and when its result is reused."""
    lines = [
        "run = Run.get_context()",
        "run.log('loss', 0.5)",
        "run.log('bad', float('nan'))",
        "run.tag('k', 'v')",
    ]
    node = ran(workspace, script(*lines))
    expected = {"loss": 0.5, "bad": "NaN"}
    assert (node.metrics, node.tags) == (expected, {"k": "v"})
    assert node.to_json()["metrics"] == expected
    again = ran(workspace, "")
    assert (again.state, again.metrics, again.tags) == ("reused", expected, {"k": "v"})
    failed = ran(workspace, script(*lines, "raise ValueError('x')"), "failing")
    assert (failed.state, failed.metrics, failed.tags) == ("failed", expected, {"k": "v"})


def test_unknown_names_are_told_with_the_nearest(workspace: Workspace) -> None:
    """The error is the script's, at its line."""
    workspace.datasets.add("people", PEOPLE)
    error = ran(workspace, READING.replace("'people'", "'poeple'")).error
    assert error is not None
    assert (error.code, error.where.line) == ("script-raised", 8)
    assert error.summary == 'UserErrorException: There is no dataset "poeple".'
    assert error.hint == 'Did you mean "people"?'


def test_a_zip_is_a_file_and_a_model(workspace: Workspace, tmp_path: Path) -> None:
    """What is registered and is no table."""
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("model.pkl", "pickled")
    workspace.datasets.add("risk", tmp_path / "m.zip")
    workspace.datasets.add("people", PEOPLE)
    node = ran(
        workspace,
        script(
            "ws = Run.get_context().experiment.workspace",
            "path = Model.get_model_path('risk')",
            "print([m.name for m in Model.list(ws)], list(ws.models), path, open(path).read())",
            "print(Dataset.get_by_name(ws, 'risk').download('there')[0].split('/')[-1])",
            "try: Model.get_model_path('people')",
            "except Exception as error: print(error, error.studiolo_hint)",
        ),
    )
    assert node.error is None
    assert node.log.decode() == (
        "['risk'] ['risk'] azureml-models/risk/1/model.pkl pickled\n"
        "m.zip\n"
        'There is no model "people". Known models: risk.\n'
    )


def test_threads_may_ask_and_other_processes_may_not(workspace: Workspace) -> None:
    """One question at a time, each with its own answer."""
    workspace.datasets.add("people", PEOPLE)
    workspace.datasets.add("one", PEOPLE.head(1))
    node = ran(
        workspace,
        script(
            "import os, threading",
            "wrong = []",
            "def work():",
            "    for _ in range(30):",
            "        for name, rows in (('people', 2), ('one', 1)):",
            "            if len(Dataset.get_by_name(None, name).to_pandas_dataframe()) != rows: wrong.append(name)",
            "threads = [threading.Thread(target=work) for _ in range(4)]",
            "for thread in threads: thread.start()",
            "for thread in threads: thread.join()",
            "print(wrong)",
            "pid = os.fork()",
            "if pid == 0:",
            "    try: Dataset.get_by_name(None, 'one')",
            "    except Exception as error: print(type(error).__name__, error, flush=True)",
            "    os._exit(0)",
            "os.waitpid(pid, 0)",
        ),
    )
    assert node.error is None
    assert node.log.decode() == (
        "[]\nRunEnvironmentException A process that the script started cannot ask studiolo for datasets or models.\n"
    )


def test_content_is_bounded_by_the_memory_of_the_node(workspace: Workspace) -> None:
    """A job that asks for everything again and again must not fill the host's memory."""
    workspace.datasets.add("big", pandas.DataFrame({"x": range(20_000_000 // 8)}))
    node = ran(
        workspace,
        script(
            "from studiolo_child import asking",
            "kept = []",
            "try:",
            "    while True: kept += asking.ask({'ask': 'dataset', 'name': 'big', 'content': True})[1]",
            "except asking.RefusedError as error: print(len(kept), error, error.studiolo_hint)",
            "print(Dataset.get_by_name(None, 'big').version)",
        ),
        limits={"memory_mb": 256},
    )
    assert node.error is None
    first, second = node.log.decode().splitlines()
    assert first.startswith('13 "big" has 20 MiB; of the 256 MiB')
    assert "memory_mb" in first
    assert second == "1"


def test_content_cannot_be_written(workspace: Workspace) -> None:
    """What a job gets is a sealed copy: neither the store's file nor another job's."""
    workspace.datasets.add("people", PEOPLE)
    file = workspace.blobs.path(workspace.datasets.get("people").content.digest)
    before = file.stat()
    node = ran(
        workspace,
        script(
            "import os, mmap",
            "from studiolo_child import asking",
            "number = asking.ask({'ask': 'dataset', 'name': 'people', 'content': True})[1][0]",
            "for attempt in (lambda: os.pwrite(number, b'x', 0), lambda: os.ftruncate(number, 0),",
            "                lambda: mmap.mmap(number, 0, access=mmap.ACCESS_WRITE)):",
            "    try: attempt(); print('BREACH')",
            "    except (OSError, ValueError) as error: print(type(error).__name__)",
            "try: os.fchmod(number, 0o777)",
            "except OSError: pass",
            "print(os.readlink('/proc/self/fd/%d' % number))",
            "return Dataset.get_by_name(None, 'people').to_pandas_dataframe()",
        ),
    )
    assert node.error is None
    assert node.log.decode().splitlines()[:3] == ["PermissionError"] * 3
    assert node.log.decode().splitlines()[3].startswith("/memfd:input")
    assert node.result_dataset.rows == 2
    after = file.stat()
    assert (after.st_mode, after.st_mtime_ns, after.st_size) == (
        before.st_mode,
        before.st_mtime_ns,
        before.st_size,
    )


def test_a_flood_of_questions_does_not_disturb_the_job(workspace: Workspace) -> None:
    """A thousand answers, then refusals; the log goes on and the result is used."""
    node = ran(
        workspace,
        script(
            "from studiolo_child import asking",
            "told = set()",
            "for number in range(1500):",
            "    try: asking.ask({'ask': 'workspace'})",
            "    except asking.RefusedError as error: told.add(str(error))",
            "print(told)",
        ),
    )
    assert node.error is None
    assert node.log.decode() == "{'The script has asked 1000 times; that is the most.'}\n"


@pytest.mark.parametrize(
    "lines",
    [
        ["host.shutdown(socket.SHUT_RDWR)"],
        ["host.send(b'')"],
        ["host.send(b'{')", "host.send(b'[]')", "host.send(b'\\xff' * 100)", "host.send(b'9' * 60000)"],
        [
            "for _ in range(3000):",
            '    try: host.send(b\'{"ask": "datasets"}\', socket.MSG_DONTWAIT)',
            "    except OSError: pass",
        ],
        [
            "from studiolo_child import descriptors",
            "try:",
            "    for _ in range(50): descriptors.send(host, {}, [1] * 200)",
            "except OSError: pass",
        ],
    ],
)
def test_a_job_that_breaks_its_socket_still_ends_well(workspace: Workspace, lines: list[str]) -> None:
    """Whatever comes on it, the host goes on and takes the result."""
    node = ran(
        workspace,
        script(
            "import socket",
            "from studiolo_child import asking",
            "host = asking._hosts[0]._socket",
            *lines,
            "print('done')",
            "return __import__('pandas').DataFrame({'x': [1]}),",
        ),
    )
    assert node.error is None
    assert (node.log, node.result_dataset.rows) == (b"done\n", 1)


def test_a_strict_node_is_strict_with_what_it_asks_for(workspace: Workspace) -> None:
    """R-2.4 holds for registered datasets as for inputs: integers with gaps become floats."""
    import pyarrow

    workspace.datasets.add("gaps", pyarrow.table({"n": [2**60 + 1, None]}))
    text = script("return Dataset.get_by_name(None, 'gaps').to_pandas_dataframe()")
    loose = ran(workspace, text, "loose")
    assert list(loose.receipts) == ["in:registered gaps"]
    assert ran(workspace, text, "tight", strict=True).error.code == "strict-lossy-change"  # type: ignore[union-attr]


WEAKER = """
import sys
import pyarrow
from studiolo import Workspace
folder, script = sys.argv[1:]
Workspace.create(folder).close()
with open(folder + "/studiolo.toml", "a") as file:
    file.write('\\nallow_badge = "none"\\n')
with Workspace(folder) as workspace:
    workspace.datasets.add("people", pyarrow.table({"age": [30, 41]}))
    experiment = workspace.new_experiment("x").remove("script")
    experiment.add("n", script=script)
    experiment.save()
    node = workspace.run("x")["n"]
    print(node.error, node.result_dataset.rows, "badge reduced" in node.warnings[0], "badge none" in node.warnings[0])
"""


@pytest.mark.parametrize(
    ("missing", "said"),
    [("namespaces", "None 2 True False\n"), ("namespaces,seccomp", "None 2 False True\n")],
)
def test_asking_works_in_weaker_jails(tmp_path: Path, missing: str, said: str) -> None:
    """Where a workspace allows them; the copies are sealed there too."""
    command = [sys.executable, "-m", "tests.jail.deny", missing, "--", sys.executable, "-c", WEAKER]
    root = Path(__file__).parents[3]
    done = subprocess.run([*command, str(tmp_path / "w"), READING], cwd=root, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (said, "")
