"""The author's text: taken as it is, under its own name, as a real module (R-1.2, facts/compat-traps.md)."""

from __future__ import annotations

import pytest

RETURN = "def azureml_main(a=None, b=None):\n    return pandas.DataFrame({'got': [%s]}),"


def got(child, expression, before="", **options):
    """Give the value of an expression inside azureml_main."""
    outcome = child.script(f"import pandas\n{before}\n{RETURN % expression}", **options)
    return outcome.rows()["got"][0]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "é = 'é'\ndef azureml_main(a=None):\n    import pandas\n    return pandas.DataFrame({'got': [é]}),",
            marks=pytest.mark.needs(python=">=3", because="names beyond ASCII"),
        ),
        "# -*- coding: latin-1 -*-\ndef azureml_main(a=None):\n    import pandas\n    return pandas.DataFrame({'got': ['é']}),",  # noqa: E501
        "\ufeffdef azureml_main(a=None):\n    import pandas\n    return pandas.DataFrame({'got': ['é']}),",
        "def azureml_main(a=None):\r\n    import pandas\r\n    return pandas.DataFrame({'got': ['é']}),\r\n",
        "def azureml_main(a=None):\r    import pandas\r    return pandas.DataFrame({'got': ['é']}),\r",
    ],
    ids=["name", "coding-line", "byte-order-mark", "crlf", "cr"],
)
def test_text_of_any_form_is_read(child, text):
    """Non-ASCII is UTF-8, a coding line is honoured, line ends do not matter (facts/compat-traps.md, 9)."""
    outcome = child.script(text)
    assert (outcome.rows(), outcome.warnings) == ({"got": ["é"]}, [])


def test_no_break_spaces_are_read_as_spaces_and_said(child):
    """Code pasted from documentation holds U+00A0; those in strings stay (facts/compat-traps.md, 9)."""
    text = "import pandas\ndef\u00a0azureml_main(a=None):\n\u00a0\u00a0\u00a0 return pandas.DataFrame({'got': ['x\u00a0y']}),"  # noqa: E501
    outcome = child.script(text)
    assert outcome.rows() == {"got": ["x\u00a0y"]}
    assert outcome.warnings == ["4 no-break spaces (U+00A0, as pasted from a web page) were read as spaces."]


def test_no_break_spaces_stay_where_the_text_compiles(child):
    """The user's code is never rewritten without need."""
    outcome = child.script("import pandas  #\u00a0why\n" + RETURN % "'x\u00a0y'")
    assert (outcome.rows(), outcome.warnings) == ({"got": ["x\u00a0y"]}, [])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("__name__", "script_clean"),
        ("azureml_main.__module__", "script_clean"),
        ("__import__('os').path.basename(__file__)", "script_clean.py"),
        ("__import__('os').path.samefile(__import__('os').path.dirname(__file__), '.')", True),
        ("azureml_main.__code__.co_filename", "scripts/clean.py"),
        ("repr(__import__('sys').argv)", "['scripts/clean.py']"),
        ("__import__('sys').stdin.read()", ""),
        ("__import__('sys').modules[__name__].azureml_main is azureml_main", True),
        (
            "__import__('inspect').getsource(azureml_main)",
            RETURN % "__import__('inspect').getsource(azureml_main)" + "\n",
        ),
        ("__import__('linecache').getline('scripts/clean.py', 1)", "import pandas\n"),
        ("open(__file__).read().split()[0]", "import"),
        pytest.param(
            "__spec__.name", "script_clean", marks=pytest.mark.needs(python=">=3.4", because="module specs")
        ),
        ("hasattr(__import__('__main__'), '__file__')", False),
        ("__import__('os').getcwd() == __import__('os').environ['HOME']", True),
        ("__import__('tempfile').gettempdir() == __import__('os').environ['TMPDIR']", True),
        ("__import__('os').listdir('Script Bundle')", "[]"),
        ("__import__('sys').path[0].endswith('Script Bundle')", True),
        ("__import__('sys').path[-1] == __import__('os').getcwd()", True),
    ],
)
def test_the_script_is_a_real_module(child, expression, expected):
    """It is imported as a module, its name is not __main__ (facts/compat-traps.md, 8)."""
    assert got(child, expression) == expected


def test_code_under_a_main_guard_does_not_run(child):
    """13 % of old scripts have code at import time or a guard (facts/compat-traps.md)."""
    outcome = child.script("if __name__ == '__main__':\n    raise ValueError\ndef azureml_main(): pass")
    assert outcome.warnings == []


def test_the_script_is_imported_once(child):
    """Code at import time runs once per run (facts/compat-traps.md, 8)."""
    assert child.script("print('once')\ndef azureml_main(): pass").log == "once\n"


@pytest.mark.parametrize("name", ["json", "pandas", "random", "decimal", "sklearn", "pictures", "job"])
def test_a_script_called_like_a_library_shadows_nothing(child, name):
    """The author may call a script after what it does; the libraries must stay importable."""
    text = (
        f"import {name if name not in ('pictures', 'job') else 'json'} as library\nimport pandas\n"
        + RETURN % ("library.__name__")
    )
    outcome = child.script(text, file=f"scripts/{name}.py")
    assert outcome.rows() == {"got": [name if name not in ("pictures", "job") else "json"]}


@pytest.mark.parametrize(
    "file", ["scripts/my script-2.py", "größe.py", "x", "scripts/a.b.py", "scripts/clean.PY"]
)
def test_any_file_name_will_do(child, file):
    """Names of scripts are the author's business."""
    assert got(child, "azureml_main.__code__.co_filename", file=file) == file


CONTEXTS = pytest.mark.needs(python=">=3.4", because="ways to start a process can be chosen")


@pytest.mark.parametrize(
    "context",
    ["multiprocessing"]
    + [
        pytest.param(f"multiprocessing.get_context('{method}')", marks=CONTEXTS)
        for method in ("fork", "spawn", "forkserver")
    ],
)
def test_functions_of_the_script_reach_other_processes(child, context):
    """Multiprocessing unpickles functions by reference, so the script's module must be importable there."""
    text = f"""
import multiprocessing, pandas
def square(x):
    return x * x
def azureml_main(a=None):
    pool = {context}.Pool(2)
    got = pool.map(square, [1, 2, 3])
    pool.terminate()
    return pandas.DataFrame({{"got": got}}),
"""
    outcome = child.script(text)
    assert outcome.rows() == {"got": [1, 4, 9]}


def test_joblib_runs_functions_of_the_script(child):
    """scikit-learn's n_jobs goes through joblib's own processes."""
    text = """
import pandas
try:
    import joblib
except ImportError:
    from sklearn.externals import joblib
def square(x):
    return x * x
def azureml_main(a=None):
    return pandas.DataFrame({"got": joblib.Parallel(2)(joblib.delayed(square)(x) for x in [1, 2, 3])}),
"""
    assert child.script(text).rows() == {"got": [1, 4, 9]}


def test_instances_of_the_script_pickle_by_reference(child):
    """Pickle looks the class up by its module's name."""
    text = (
        "import pickle, pandas\nclass Thing:\n    x = 5\n" + RETURN % "pickle.loads(pickle.dumps(Thing())).x"
    )
    assert child.script(text).rows() == {"got": [5]}


def test_a_file_that_the_script_writes_can_be_imported(child):
    """Old scripts write a module and import it; the working directory is on the path."""
    assert got(child, "__import__('later').x", "open('later.py', 'w').write('x = 4')") == 4


def test_warnings_show_the_line_of_the_script(child):
    """Warnings go to the log with the script's own file and line (R-1.8)."""
    log = child.script("import warnings\ndef azureml_main():\n    warnings.warn('careful')").log
    assert log == "scripts/clean.py:3: UserWarning: careful\n  warnings.warn('careful')\n"


def test_random_numbers_differ_between_jobs(child):
    """Children are forked from one process and must not share its generator's state."""
    text = "import random, numpy, pandas\n" + RETURN % "repr((random.random(), numpy.random.rand()))"
    assert child.script(text).rows() != child.script(text).rows()


def test_nothing_of_one_job_is_seen_by_the_next(child):
    """Each job starts from its inputs (ARCHITECTURE, Why not a notebook kernel)."""
    text = (
        "import sys, pandas\nbuiltins = sys.modules[len.__module__]\n"
        "seen = hasattr(builtins, 'left')\nbuiltins.left = 1\n" + RETURN % "seen"
    )
    assert [child.script(text).rows()["got"][0] for _ in range(2)] == [False, False]
