"""Datasets and models by `azureml.core` (R-11.5), with a host inside the script, in every environment."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.script.azureml_scripts import MODELS, asking


def test_datasets_are_read_as_inputs_are(child: Any) -> None:
    """Each call gives a frame of its own; the host is asked for the content once."""
    outcome = child.script(
        asking(
            "ws = Run.get_context(allow_offline=True).experiment.workspace",
            "dataset = Dataset.get_by_name(ws, name='people')",
            "first = dataset.to_pandas_dataframe()",
            "first['age'] = 0",
            "second = dataset.to_pandas_dataframe(on_error='fail', out_of_range_datetime='null')",
            "third = Dataset.get_by_name(ws, 'people', version=3).to_pandas_dataframe()",
            "assert second.equals(third) and not second.equals(first)",
            "assert (dataset.id, dataset.name, dataset.version, dataset.tags) == ('people:3', 'people', 3, {})",
            "assert Dataset.get_by_id(ws, dataset.id).version == 3",
            "assert len([q for q in questions if q.get('content')]) == 1",
            "return second",
        )
    )
    assert outcome.rows() == {"age": [1.0, 2.0, None], "name": ["é", "b", "c"]}
    assert outcome.warnings == []


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ("take(2)", {"age": [1.0, 2.0], "name": ["é", "b"]}),
        ("skip(2)", {"age": [None], "name": ["c"]}),
        ("skip(1).take(1).keep_columns('name')", {"name": ["b"]}),
        ("drop_columns(['age'])", {"name": ["é", "b", "c"]}),
        ("take_sample(1.0, seed=1)", {"age": [1.0, 2.0, None], "name": ["é", "b", "c"]}),
        ("random_split(0.0, seed=1)[1].take(1)", {"age": [1.0], "name": ["é"]}),
    ],
)
def test_chains_of_a_table(child: Any, expression: str, rows: dict[str, Any]) -> None:
    """What the SDK does to a table before it is read."""
    outcome = child.script(
        asking(f"return Dataset.get_by_name(None, 'people').{expression}.to_pandas_dataframe()")
    )
    assert outcome.rows() == rows


def test_a_split_gives_every_row_once(child: Any) -> None:
    """Without a seed too."""
    outcome = child.script(
        asking(
            "one, two = Dataset.get_by_name(None, 'people').random_split(0.5)",
            "return pandas.concat([one.to_pandas_dataframe(), two.to_pandas_dataframe()])[['name']]",
        )
    )
    rows = outcome.rows()
    assert rows is not None
    assert sorted(rows["name"]) == ["b", "c", "é"]


def test_where_a_script_runs(child: Any) -> None:
    """Run, experiment and workspace tell their names."""
    outcome = child.script(
        asking(
            "run = Run.get_context(allow_offline=False)",
            "ws = run.experiment.workspace",
            "assert Run.get_submitted_run() is run and ws.get_details()['name'] == 'Shop'",
            "assert Workspace.from_config().name == Workspace.get('Shop').name == 'Shop'",
            "print(' '.join([run.id, run.name, str(run.number), run.experiment.name, ws.name, run.get_status()]))",
            "print(' '.join(Dataset.get_all(ws)), ' '.join(ws.datasets), ws.datasets['z'].version)",
            "with run: pass",
            "run.flush(); print(run.get_details()['status']); run.fail('bad data'); run.cancel()",
        )
    )
    assert outcome.log == ("churn_7_clean clean 7 churn Shop Running\npeople z people z 3\nCompleted\n")
    assert outcome.warnings == [
        "The script called run.fail: bad data. The node went on.",
        "The script called run.cancel. The node went on.",
    ]


@pytest.mark.parametrize(
    ("line", "name", "text"),
    [
        ("Dataset.get_by_name(None, 'pople')", "UserErrorException", "There is no dataset."),
        ("Dataset.get_by_name(None, 'people', 'x')", "UserErrorException", "is no version."),
        ("Dataset.get_by_name(None, 'people', 0)", "UserErrorException", "0 is no version."),
        ("Dataset.get_by_name(None, None)", "UserErrorException", "A name is needed, not None."),
        ("Model.get_model_path('x', '1')", "UserErrorException", "is a whole number"),
        ("Model(None, 'nothing')", "ModelNotFoundException", "There is no dataset."),
        ("Workspace('a', 'b', 'Other')", "WorkspaceException", 'it cannot open "Other"'),
        ("Run(None, 'other')", "UserErrorException", "its own run only"),
    ],
)
def test_wrong_questions_are_told(child: Any, line: str, name: str, text: str) -> None:
    """With the hint of the host where there is one."""
    error = child.script(asking(line)).error
    assert error["summary"].startswith(name)
    assert text in error["summary"]
    assert "no dataset" not in text or error["hint"] == 'Did you mean "people"?'


@pytest.mark.parametrize(
    ("change", "summary"),
    [
        ("ours.close()", "RunEnvironmentException: studiolo does not answer"),
        (
            "globals()['answer'] = lambda question: ({'dataset': PEOPLE}, [])",
            "UserErrorException: The content of",
        ),
    ],
)
def test_a_host_that_is_gone_or_gives_nothing_is_told(child: Any, change: str, summary: str) -> None:
    """Never a hang, never a traceback of ours."""
    error = child.script(
        asking(
            "import shutil",
            "dataset = Dataset.get_by_name(None, 'people')",
            change.replace("ours.close()", "ours.shutdown(socket.SHUT_RDWR); ours.close()"),
            "dataset.to_pandas_dataframe()",
        )
    ).error
    assert error["summary"].startswith(summary)
    assert error["hint"]


def test_a_question_broken_off_does_not_answer_the_next(child: Any) -> None:
    """A script may have a timeout of its own around what it reads."""
    outcome = child.script(
        asking(
            "import signal, time",
            "real = answer",
            "def slow(question):",
            "    time.sleep(1)",
            "    return real(question)",
            "def stop(number, frame): raise KeyError('stop')",
            "globals()['answer'] = slow",
            "signal.signal(signal.SIGALRM, stop)",
            "signal.setitimer(signal.ITIMER_REAL, 0.3)",
            "try: Workspace().name",
            "except KeyError: print('broken off')",
            "globals()['answer'] = real",
            "return Dataset.get_by_name(None, 'people').to_pandas_dataframe()[['name']]",
        )
    )
    assert (outcome.log, outcome.rows()) == ("broken off\n", {"name": ["é", "b", "c"]})


def test_other_processes_may_not_ask(child: Any) -> None:
    """Two readers of one socket would get each other's answers."""
    outcome = child.script(
        asking(
            "pid = os.fork()",
            "if pid == 0:",
            "    try: Dataset.get_by_name(None, 'people')",
            "    except Exception as error: os.write(1, (type(error).__name__ + ': ' + str(error)).encode('ascii'))",
            "    os._exit(0)",
            "os.waitpid(pid, 0)",
            "print('')",
            "print(Dataset.get_by_name(None, 'people').version)",
        )
    )
    assert outcome.log == (
        "RunEnvironmentException: A process that the script started cannot ask studiolo for datasets or models.\n3\n"
    )


def test_models_are_files_or_folders(child: Any) -> None:
    """`Model.get_model_path` puts what is registered below azureml-models, a zip unpacked."""
    outcome = child.script(
        asking(
            "print(' '.join(model.name for model in Model.list(None)), ' '.join(sorted(Workspace().models)))",
            "for name in ('single', 'several', 'plain', 'single', 'several', 'plain'):",
            "    path = Model.get_model_path(name)",
            "    print(path, sorted(os.listdir(path)) if os.path.isdir(path) else open(path).read())",
            "model = Model(None, 'plain')",
            "print(model.id, model.download('there'), open('there/f.bin').read())",
            "from azureml.exceptions import UserErrorException, WebserviceException",
            "try: model.download('there')",
            "except WebserviceException as error: print(error.message)",
            "try: Model.get_model_path('broken')",
            "except UserErrorException as error: print(error.message)",
        ).replace("from azureml.core", MODELS + "from azureml.core", 1)
    )
    plain = outcome.log.splitlines()
    assert plain[0].split()[:4] == ["broken", "plain", "several", "single"]
    for start in (1, 4):
        assert "azureml-models/single/2/model.pkl" in plain[start] and "model.pkl" in plain[start].split()[-1]
        assert plain[start + 1].startswith("azureml-models/several/2") and "a" in plain[start + 1]
        assert "azureml-models/plain/2/f.bin" in plain[start + 2]
    assert "there/f.bin" in plain[7] and plain[8].startswith('There is "there/f.bin" already')
    assert plain[9].startswith('The zip "broken" cannot be read')


def test_files_are_downloaded(child: Any) -> None:
    """A registered zip is a FileDataset."""
    outcome = child.script(
        asking(
            "dataset = Dataset.get_by_name(None, 'plain')",
            "from azureml.data import FileDataset",
            "assert isinstance(dataset, FileDataset) and list(dataset.to_path()) == ['/f.bin']",
            "path, = dataset.download('d')",
            "assert path == os.path.abspath('d/f.bin') and open(path).read() == 'data'",
            "assert open(dataset.download()[0]).read() == 'data'",
            "with dataset.mount() as mounted: assert os.listdir(mounted.mount_point) == ['f.bin']",
            "assert not os.path.exists(mounted.mount_point)",
            "dataset.download('d', overwrite=True)",
            "dataset.download('d')",
        ).replace("from azureml.core", MODELS + "from azureml.core", 1)
    )
    assert "already." in outcome.error["summary"]
