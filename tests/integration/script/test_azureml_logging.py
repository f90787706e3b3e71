"""What scripts log and upload by `azureml.core` (R-11.5), in every environment; no walls."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.script.azureml_scripts import script

PNG = "b'\\x89PNG\\r\\n\\x1a\\n' + b'0' * 20"


def test_metrics_and_tags_are_in_the_report(child: Any) -> None:
    """Repeated values become lists, rows become columns, as the vendor's `get_metrics` gives them."""
    outcome = child.script(
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


def test_what_was_logged_before_an_error_is_kept(child: Any) -> None:
    """The values up to a failure are what one wants to see."""
    outcome = child.script(script("Run.get_context().log('loss', 1)", "raise ValueError('x')"))
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
def test_wrong_calls_are_told(child: Any, line: str, text: str) -> None:
    """The exceptions are those that scripts for the vendor's package catch."""
    outcome = child.script(
        script(
            "from azureml.exceptions import UserErrorException",
            "run = Run.get_context()",
            f"try: {line}",
            "except UserErrorException as error: print(error.message)",
        )
    )
    assert text in outcome.log
    assert "metrics" not in outcome.report


def test_lists_of_files_must_match(child: Any) -> None:
    """TypeError, as in the vendor's package."""
    error = child.script(script("Run.get_context().upload_files(['a'], [])")).error
    assert error["summary"] == "TypeError: 1 names were given for 0 paths."


def test_uploads_are_kept_and_pictures_shown_once(child: Any) -> None:
    """R-1.7: what `run.upload_file` takes shows on the device, and not also under the name it was saved as."""
    outcome = child.script(
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


def test_logging_is_bounded(child: Any) -> None:
    """A loop that logs for ever does not cost the job its report."""
    outcome = child.script(
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


def test_logging_from_other_processes_is_told_to_be_lost(child: Any) -> None:
    """Their memory is not the job's; silence would lose values unseen."""
    outcome = child.script(
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
