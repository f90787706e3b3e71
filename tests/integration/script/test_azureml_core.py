"""`azureml.core` in scripts (R-11.5), on this interpreter and on those of `STUDIOLO_TEST_PANDAS`; no host, no walls."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OTHERS = [path for path in os.environ.get("STUDIOLO_TEST_PANDAS", "").split(os.pathsep) if path]
SOURCES = Path(__file__).parents[3] / "src"
PNG = "b'\\x89PNG\\r\\n\\x1a\\n' + b'0' * 20"
NOTHING = "The package azureml-core takes its place when the node's environment has it."

# A host inside the script: `answer(question)` gives a reply and descriptors.
HOST = """# coding: utf-8
from __future__ import print_function
import os, socket, tempfile, threading
import pandas
from studiolo_child import asking, descriptors
from studiolo_child.frames.pandas_out import write_frame
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
asking.connect(os.dup(theirs.fileno()))
theirs.close()
questions = []
def written(data):
    number, path = tempfile.mkstemp()
    os.write(number, data)
    os.unlink(path)
    return number
def framed(table):
    target = tempfile.TemporaryFile()
    write_frame(target.fileno(), pandas.DataFrame(table), [], "designer", False)
    return os.dup(target.fileno())
def serve():
    while True:
        question, _ = descriptors.receive(ours)
        if question is None:
            return
        questions.append(question)
        reply, made = answer(question)
        descriptors.send(ours, dict(reply, id=question["id"]), made)
        descriptors.close_all(made)
thread = threading.Thread(target=serve)
thread.daemon = True
thread.start()
PEOPLE = {"name": u"people", "version": 3, "type": u"dataset", "size": 9, "rows": 3, "columns": 2, "file": u"p.csv"}
def answer(question):
    if question["ask"] == "workspace":
        return {"workspace": {"name": u"Shop"}, "experiment": u"churn", "run": 7, "node": u"clean"}, []
    if question["ask"] == "datasets":
        return {"datasets": [PEOPLE] if question["after"] is None else [dict(PEOPLE, name=u"z")],
                "more": question["after"] is None}, []
    if question["name"] != "people":
        return {"error": u"unknown-dataset", "text": u"There is no dataset.", "hint": u"Did you mean \\"people\\"?"}, []
    reply = {"dataset": PEOPLE}
    table = {"age": [1.0, 2.0, None], "name": [u"\\xe9", u"b", u"c"]}
    return reply, [framed(table)] if question.get("content") else []
"""


@pytest.fixture(params=[sys.executable, *OTHERS])
def anywhere(request: pytest.FixtureRequest, start_child: Callable[[str], Any]) -> Any:
    """A child server on this interpreter, and on each of those that are named."""
    return start_child(request.param)


def script(*lines: str, before: str = "") -> str:
    """Give a script whose function does these lines."""
    head = "from azureml.core import Run\n" if "Run" in "".join(lines) else ""
    before = before or "from __future__ import print_function\n"
    return f"{before}{head}def azureml_main(a=None, b=None):\n" + "".join(f"    {line}\n" for line in lines)


def asking(*lines: str) -> str:
    """Give a script with a host of its own that prints what `lines` print."""
    head = "from azureml.core import Dataset, Experiment, Model, Run, Workspace\n"
    return script(*lines, before=HOST + head).replace("from azureml.core import Run\n", "", 1)


def test_metrics_and_tags_are_in_the_report(anywhere: Any) -> None:
    """Repeated values become lists, rows become columns, as the vendor's `get_metrics` gives them."""
    outcome = anywhere.script(
        script(
            "import numpy, json",
            "run = Run.get_context(allow_offline=True)",
            "run.log('one', 0.5)",
            "for value in (1, 2, 3): run.log('many', numpy.int64(value), description='d', step=1)",
            "run.log('text', u'\\xe9'); run.log('flag', True); run.log('none', None)",
            "run.log('odd', {1: 2}); run.log('huge', 10 ** 30); run.log('real', numpy.float32(0.5))",
            "run.log_list('list', [1, 2]); run.log_list('list', range(2))",
            "run.log_row('row', x=1); run.log_row('rows', 'd', x=1, y=2); run.log_row('rows', x=3, y=4)",
            "run.log_table('table', {'x': [1, 2], 'y': (3, 4)}); run.log_table('table', {'x': [5], 'y': [6]})",
            "run.log_confusion_matrix('cm', {'schema_type': 'c', 'data': {'matrix': [[1, 2]]}})",
            "run.log_accuracy_table('at', json.dumps({'data': 1}))",
            "run.tag('kind', 'trial'); run.tag('bare'); run.set_tags({'a': 1}); run.tag('gone', 'x')",
            "run.remove_tags(['gone'])",
            "run.child_run('part').log('loss', 1)",
            "assert run.get_metrics()['many'] == [1, 2, 3] and run.get_metrics('one') == {'one': 0.5}",
            "assert dict(run.get_tags()) == {'kind': 'trial', 'bare': '', 'a': '1'} == dict(run.tags)",
            "assert list(run.get_children())[0].get_metrics() == {'loss': 1}",
        )
    )
    assert outcome.warnings == []
    assert outcome.report["metrics"] == {
        "one": 0.5,
        "many": [1, 2, 3],
        "text": "é",
        "flag": True,
        "none": None,
        "odd": "{1: 2}",
        "huge": 1e30,
        "real": 0.5,
        "list": [1, 2, 0, 1],
        "row": {"x": 1},
        "rows": {"x": [1, 3], "y": [2, 4]},
        "table": {"x": [1, 2, 5], "y": [3, 4, 6]},
        "cm": {"schema_type": "c", "data": {"matrix": [[1, 2]]}},
        "at": {"data": 1},
        "part/loss": 1,
    }
    assert outcome.report["tags"] == {"kind": "trial", "bare": "", "a": "1"}


def test_what_was_logged_before_an_error_is_kept(anywhere: Any) -> None:
    """The values up to a failure are what one wants to see."""
    outcome = anywhere.script(script("Run.get_context().log('loss', 1)", "raise ValueError('x')"))
    assert (outcome.error["summary"], outcome.report["metrics"]) == ("ValueError: x", {"loss": 1})


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("run.log('x', [1])", "takes a single value, not a list"),
        ("run.log('x', (i for i in ()))", "takes a single value, not a generator"),
        ("run.log_row('x', a=[1])", "takes a single value"),
        ("run.log_table('x', [1])", "dictionary of columns"),
        ("run.log_table('x', {'a': [1], 'b': [1, 2]})", "differ in length"),
        ("run.log_residuals('x', 'no')", "is not JSON"),
        ("run.log_predictions('x', 5)", "dictionary or JSON, not a int"),
        ("run.log_image('x')", "either a path or a plot"),
        ("run.log_image('x', path='a.txt')", "no picture by its name"),
        ("run.log_image('x', plot=5)", "int is no plot"),
        ("run.upload_file('../x', 'x')", "cannot be kept under the name"),
        ("run.upload_file('', 'x')", "A name is needed"),
        ("run.upload_file('x', 5)", "from a path or a stream, not from a int"),
        ("run.upload_folder('x', 'nothing')", 'There is no folder "nothing"'),
        ("run.download_file('nothing')", 'has no file "nothing"'),
    ],
)
def test_wrong_calls_are_told(anywhere: Any, line: str, text: str) -> None:
    """The exceptions are those that scripts for the vendor's package catch."""
    outcome = anywhere.script(
        script(
            "from azureml.exceptions import UserErrorException",
            "run = Run.get_context()",
            f"try: {line}",
            "except UserErrorException as error: print(error.message)",
        )
    )
    assert text in outcome.log
    assert "metrics" not in outcome.report


def test_lists_of_files_must_match(anywhere: Any) -> None:
    """TypeError, as in the vendor's package."""
    error = anywhere.script(script("Run.get_context().upload_files(['a'], [])")).error
    assert error["summary"] == "TypeError: 1 names were given for 0 paths."


def test_uploads_are_kept_and_pictures_shown_once(anywhere: Any) -> None:
    """R-1.7: what `run.upload_file` takes shows on the device, and not also under the name it was saved as."""
    outcome = anywhere.script(
        script(
            "import io, os",
            f"with open('line.png', 'wb') as f: f.write({PNG})",
            f"with open('late.png', 'wb') as f: f.write({PNG})",
            f"os.mkdir('plots'); open('plots/p.png', 'wb').write({PNG}); open('plots/q.csv', 'w').write('q')",
            f"os.mkdir('outputs'); open('outputs/o.png', 'wb').write({PNG})",
            "run = Run.get_context(allow_offline=True)",
            "run.upload_file('graphics/line.png', 'line.png')",
            "run.upload_file(name='./outputs/o.png', path_or_stream='outputs/o.png')",
            "run.upload_file('s.txt', io.BytesIO(b'stream'))",
            "run.upload_file('t.txt', io.StringIO(u'\\xe9'))",
            "run.upload_file('late.png', 'late.png')",
            "open('late.png', 'ab').write(b'more')",
            "run.upload_files(['one.csv'], ['plots/q.csv'])",
            "run.upload_folder('folder', 'plots')",
            "run.log_image('image', path='plots/p.png')",
            "print(' '.join(run.get_file_names()))",
            "run.download_file('s.txt'); run.download_file('s.txt', 'copy.txt')",
            "run.download_files(prefix='folder', output_directory='down')",
            "print(open('s.txt').read() + open('copy.txt').read(), sorted(os.listdir('down/folder')))",
        )
    )
    names = (
        "folder/p.png folder/q.csv graphics/line.png late.png one.csv outputs/o.png plots/p.png s.txt t.txt"
    )
    assert outcome.log.splitlines()[0] == names
    assert "streamstream" in outcome.log
    assert sorted(outcome.report["pictures"]) == [
        "down/folder/p.png",
        "late.png",
        "outputs/folder/p.png",
        "outputs/graphics/line.png",
        "outputs/late.png",
        "outputs/o.png",
        "outputs/plots/p.png",
    ]
    assert [text[:61] for text in outcome.warnings] == [
        "Uploaded files other than pictures are gone with the job: s.t"
    ]
    assert outcome.report["metrics"] == {"image": "plots/p.png"}


def test_a_plot_is_kept_as_a_picture(drawing_child: Any) -> None:
    """`log_image(plot=)` takes matplotlib, and the figure is not saved a second time."""
    outcome = drawing_child.script(
        script(
            "import matplotlib.pyplot as plt",
            "plt.plot([1, 2])",
            "Run.get_context().log_image('curve', plot=plt)",
        )
    )
    assert [name.rpartition("_")[0] for name in outcome.report["pictures"]] == ["outputs/curve"]


def test_logging_is_bounded(anywhere: Any) -> None:
    """A loop that logs for ever does not cost the job its report."""
    outcome = anywhere.script(
        script(
            "run = Run.get_context()",
            "for i in range(100000): run.log('loss', 0.1234567890123 * i)",
            "for i in range(2000): run.log('m%d' % i, 1); run.tag('t%d' % i, 'x' * 5000)",
            "run.log('x' * 5000, 'y' * 5000)",
            "return a",
        )
    )
    assert outcome.report["status"] == "ok"
    assert 10000 < len(outcome.report["metrics"]["loss"]) < 30000
    assert outcome.warnings == [
        "More was logged than is kept of metrics and tags; the rest is left out.",
    ]


def test_logging_from_other_processes_is_told_to_be_lost(anywhere: Any) -> None:
    """Their memory is not the job's; silence would lose values unseen."""
    outcome = anywhere.script(
        script(
            "import os",
            "run = Run.get_context()",
            "run.log('x', 1)",
            "pid = os.fork()",
            "if pid == 0:",
            "    run.log('x', 2); run.log('x', 3); run.tag('a', 'b'); os._exit(0)",
            "os.waitpid(pid, 0)",
        )
    )
    assert outcome.report["metrics"] == {"x": 1}
    assert outcome.log == "studiolo: metrics from a process that the script started are not kept.\n"


@pytest.mark.parametrize(
    ("line", "summary", "hint"),
    [
        (
            "from azureml.core import Environment",
            "studiolo's azureml.core has no Environment.",
            "It has Dataset",
        ),
        ("from azureml.core import Rum", "studiolo's azureml.core has no Rum.", 'Did you mean "Run"?'),
        ("import azureml.train.automl", "studiolo's azureml has no train.", "It has core, data, exceptions."),
        ("from azureml.core.compute import X", "studiolo's azureml.core has no compute.", NOTHING),
        (
            "from azureml.exceptions import No",
            "studiolo's azureml.exceptions has no No.",
            "UserErrorException",
        ),
        ("import azureml.core as c; c.Keyvault", "studiolo's azureml.core has no Keyvault.", NOTHING),
        ("from azureml.core import Run; Run.list", "studiolo's Run has no list.", "get_context"),
        (
            "from azureml.core import Run; Run.get_context().register_model('x')",
            "studiolo's Run has no register_model.",
            "upload_file",
        ),
        ("from azureml.core import Model; Model.deploy", "studiolo's Model has no deploy.", "get_model_path"),
        (
            "from azureml.core import Dataset; Dataset.Tabular.from_delimited_files('x')",
            "studiolo's Dataset.Tabular has no from_delimited_files.",
            "Read files with pandas",
        ),
    ],
)
def test_what_is_not_there_says_what_is(anywhere: Any, line: str, summary: str, hint: str) -> None:
    """Issue 4, 7: anything else of the SDK raises an error that names what exists."""
    error = anywhere.script(f"def azureml_main(a=None):\n    {line}").error
    name = error["summary"].partition(": ")[0]
    kinds = (
        ("AttributeError",)
        if "import" not in line or "; " in line
        else ("ImportError", "ModuleNotFoundError")
    )
    assert (error["code"], error["line"]) == ("script-raised", 2)
    assert name in kinds
    assert error["summary"].partition(": ")[2] == summary
    assert hint in error["hint"]
    assert "studiolo_child" not in error["traceback"]


def test_looking_for_what_is_not_there_is_no_error(anywhere: Any) -> None:
    """`hasattr` and caught imports are how scripts find out what they run on."""
    outcome = anywhere.script(
        script(
            "import azureml.core, copy",
            "print(hasattr(azureml.core, 'Environment'), hasattr(Run, 'list'), hasattr(Run.get_context(), 'x'))",
            "try: from azureml.core import Environment",
            "except ImportError: print('caught')",
            "copy.copy(azureml.core.Experiment(None, 'x')).name",
        )
    )
    assert outcome.log == "False False False\ncaught\n"


def test_datastores_are_refused_with_what_to_do(anywhere: Any) -> None:
    """The vendor's documents save pictures there."""
    error = anywhere.script(
        "from azureml.core import Datastore\ndef azureml_main():\n    Datastore.get(None, datastore_name='blob')"
    ).error
    assert error["summary"] == 'UserErrorException: studiolo has no datastores, so no "blob".'
    assert "run.upload_file" in error["hint"]


def test_a_package_of_the_environment_wins(anywhere: Any) -> None:
    """R-11.5: present unless the environment holds the vendor's."""
    outcome = anywhere.script(
        script(
            "import os, sys",
            "os.makedirs('lib/azureml/core')",
            "for name in ('lib/azureml', 'lib/azureml/core'): open(name + '/__init__.py', 'w').write('mine = 1')",
            "sys.path.insert(0, os.path.abspath('lib'))",
            "import azureml.core",
            "print(azureml.core.mine)",
        )
    )
    assert outcome.log == "1\n"


@pytest.mark.parametrize("text", ["__path__ = __import__('pkgutil').extend_path(__path__, __name__)", None])
def test_other_packages_of_the_vendor_stand_beside_ours(anywhere: Any, text: str | None) -> None:
    """`azureml.something` of the environment is found, and our core too."""
    if text is None and "py2" in str(anywhere.python):
        pytest.skip("Python 2 has no namespace packages")
    first = f"open('lib/azureml/__init__.py', 'w').write({text!r})" if text else "pass"
    outcome = anywhere.script(
        script(
            "import os, sys",
            "os.makedirs('lib/azureml/something')",
            first,
            "open('lib/azureml/something/__init__.py', 'w').write('mine = 1')",
            "sys.path.insert(0, os.path.abspath('lib'))",
            "import azureml.something, azureml.core",
            "print(azureml.something.mine, azureml.core.Model.__name__)",
        )
    )
    assert outcome.log == "1 Model\n"


def test_datasets_are_read_as_inputs_are(anywhere: Any) -> None:
    """Each call gives a frame of its own; the host is asked for the content once."""
    outcome = anywhere.script(
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
def test_chains_of_a_table(anywhere: Any, expression: str, rows: dict[str, Any]) -> None:
    """What the SDK does to a table before it is read."""
    outcome = anywhere.script(
        asking(f"return Dataset.get_by_name(None, 'people').{expression}.to_pandas_dataframe()")
    )
    assert outcome.rows() == rows


def test_a_split_gives_every_row_once(anywhere: Any) -> None:
    """Without a seed too."""
    outcome = anywhere.script(
        asking(
            "one, two = Dataset.get_by_name(None, 'people').random_split(0.5)",
            "return pandas.concat([one.to_pandas_dataframe(), two.to_pandas_dataframe()])[['name']]",
        )
    )
    rows = outcome.rows()
    assert rows is not None
    assert sorted(rows["name"]) == ["b", "c", "é"]


def test_where_a_script_runs(anywhere: Any) -> None:
    """Run, experiment and workspace tell their names."""
    outcome = anywhere.script(
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
def test_wrong_questions_are_told(anywhere: Any, line: str, name: str, text: str) -> None:
    """With the hint of the host where there is one."""
    error = anywhere.script(asking(line)).error
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
def test_a_host_that_is_gone_or_gives_nothing_is_told(anywhere: Any, change: str, summary: str) -> None:
    """Never a hang, never a traceback of ours."""
    error = anywhere.script(
        asking(
            "import shutil",
            "dataset = Dataset.get_by_name(None, 'people')",
            change.replace("ours.close()", "ours.shutdown(socket.SHUT_RDWR); ours.close()"),
            "dataset.to_pandas_dataframe()",
        )
    ).error
    assert error["summary"].startswith(summary)
    assert error["hint"]


def test_a_question_broken_off_does_not_answer_the_next(anywhere: Any) -> None:
    """A script may have a timeout of its own around what it reads."""
    outcome = anywhere.script(
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


def test_other_processes_may_not_ask(anywhere: Any) -> None:
    """Two readers of one socket would get each other's answers."""
    outcome = anywhere.script(
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


MODELS = """
import io, zipfile
def zipped(*names):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return target.getvalue()
def answer(question):
    name = question.get("name")
    kinds = {"single": "zip", "several": "zip", "plain": "file", "broken": "zip"}
    facts = dict((name, dict(PEOPLE, name=name, type=kinds[name], version=2, file="f.bin")) for name in kinds)
    if question["ask"] == "models":
        return {"models": [facts[name] for name in sorted(facts)], "more": False}, []
    contents = {"single": zipped("model.pkl"), "several": zipped("a/b", "c"), "plain": b"data", "broken": b"data"}
    made = [written(contents[name])] if question.get("content") else []
    return {question["ask"]: facts[name]}, made
"""


def test_models_are_files_or_folders(anywhere: Any) -> None:
    """`Model.get_model_path` puts what is registered below azureml-models, a zip unpacked."""
    outcome = anywhere.script(
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


def test_files_are_downloaded(anywhere: Any) -> None:
    """A registered zip is a FileDataset."""
    outcome = anywhere.script(
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


OFFLINE = """
import os
from azureml.core import Dataset, Model, Run
run = Run.get_context(allow_offline=True)
assert run.id.startswith("OfflineRun_")
run.log("loss", 0.5)
run.log_list("losses", [1, 2])
run.log_row("row", x=1)
run.tag("kind", "trial")
open("x.txt", "w").write("text")
run.upload_file("kept/x.txt", "x.txt")
assert open("outputs/kept/x.txt").read() == "text"
with run: pass
assert dict(run.get_metrics())["loss"] == 0.5
os.makedirs("azureml-models/m/3")
open("azureml-models/m/3/m.pkl", "w").close()
print(Model.get_model_path("m"))
for wrong in (lambda: Run.get_context(allow_offline=False), lambda: Dataset.get_by_name(None, "x"),
              lambda: run.experiment.workspace.name, lambda: Model.get_model_path("no"),
              lambda: Model.get_model_path("m", 4)):
    try: wrong()
    except Exception as error: print("%s: %s" % (type(error).__name__, error))
"""


@pytest.mark.parametrize("python", [sys.executable, *OTHERS])
def test_outside_of_a_job_it_works_on_local_files(python: str, tmp_path: Path) -> None:
    """`allow_offline=True`: scripts are tried out on one's own machine."""
    environment = {**os.environ, "PYTHONPATH": f"{SOURCES}:{SOURCES / 'studiolo_child' / 'site'}"}
    told = subprocess.run(
        [python, "-c", OFFLINE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    lines = told.stdout.splitlines()
    assert told.stderr == ""
    assert lines[:2] == ["Attempted to log scalar metric loss:", "0.5"]
    assert "Attempted to add tag kind with value trial" in lines
    assert "Attempted to track file kept/x.txt at x.txt" in lines
    assert lines[-8].startswith("[START] Run ID context: OfflineRun_")
    assert lines[-6:] == [
        "azureml-models/m/3/m.pkl",
        "RunEnvironmentException: This script does not run as a node of an experiment.",
        "RunEnvironmentException: There is no studiolo to ask: this script does not run as a node of an experiment.",
        "RunEnvironmentException: There is no studiolo to ask: this script does not run as a node of an experiment.",
        'ModelNotFoundException: There is no model "no" in azureml-models/no, and none in the current folder.',
        'WebserviceException: The model "m" has no version 4 in azureml-models/m.',
    ]
