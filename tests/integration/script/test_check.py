"""What is found before anything runs: syntax, names, entry point, imports (R-1.8)."""

from __future__ import annotations

import base64

import pytest
from tests.in_environments import is_before

PYFLAKES = pytest.mark.needs(pyflakes="", because="undefined names are found by pyflakes")
PYTHON_3 = pytest.mark.needs(python=">=3", because="it is there in Python 2")
MAIN = "\ndef azureml_main(a=None, b=None):\n    return a,\n"


def check(child, text, bundle=None, **script):
    """Check one script; give its problems."""
    inputs = (
        []
        if bundle is None
        else [{"name": "clean", "type": "zip", "data": base64.b64encode(bundle).decode()}]
    )
    document = {
        "kind": "check",
        "node": None,
        "environment": "current",
        "scripts": [
            {
                "node": "clean",
                "text": text,
                "file": "scripts/clean.py",
                "bundle_fd": None if bundle is None else 0,
                **script,
            }
        ],
    }
    outcome = child.request(document=document, inputs=inputs)
    assert (outcome.report["status"], outcome.log) == ("ok", ""), outcome.report
    return outcome.report["problems"]


@PYFLAKES
def test_a_problem_has_every_part(child):
    """Node, file, line, column, code, summary, hint."""
    assert check(child, "import pandas as pd" + MAIN.replace("a,", "dataframe,")) == [
        {
            "node": "clean",
            "file": "scripts/clean.py",
            "line": 3,
            "column": 12,
            "code": "undefined-name",
            "summary": 'The name "dataframe" is not defined.',
            "hint": "",
        }
    ]


@pytest.mark.parametrize(
    "text",
    [
        MAIN,
        "import pandas, numpy, os.path, xml.etree.ElementTree, sklearn.linear_model, matplotlib.pyplot"
        + MAIN,
        "from sklearn import linear_model; from os import path; from xml.dom import minidom" + MAIN,
        "import pandas as unused\nx = 1\nx = 2" + MAIN,
        "azureml_main = lambda a: a",
        "from os.path import join as azureml_main",
        "from os.path import *\n",
        "if True:\n    def azureml_main(a): pass",
        "try:\n    def azureml_main(a): pass\nexcept Exception: pass",
        "class azureml_main: pass",
        "globals()['azureml_main'] = len",
        "exec('def azureml_main(): pass')",
        "try:\n    import nosuch\nexcept ImportError:\n    nosuch = None" + MAIN,
        pytest.param(
            "try:\n    import nosuch\nexcept (KeyError, ModuleNotFoundError):\n    pass" + MAIN,
            marks=pytest.mark.needs(python=">=3.6", because="ModuleNotFoundError"),
        ),
        "try:\n    import nosuch\nexcept:\n    pass" + MAIN,
        "import sys\nif sys.version_info[0] == 2:\n    import urllib2\n    text = unicode" + MAIN,
        "try:\n    text = unicode\nexcept NameError:\n    text = str" + MAIN,
        "import os\nos.system('pip install nosuch')\nimport nosuch" + MAIN,
        "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', 'nosuch'])\nimport nosuch"  # noqa: E501
        + MAIN,
        "import sys\nsys.path.append('./Script Bundle/x.zip')\nimport nosuch" + MAIN,
        "exec(open('./Script Bundle/x.py').read())\nprint(made_there)" + MAIN,
        "from . import relative" + MAIN,
        "from __future__ import print_function" + MAIN,
        "print(__file__, __name__)" + MAIN,
        "import sklearn.not_a_known_module_of_old" + MAIN,
        "x = 'a\\d'" + MAIN,
        "\u00a0x = 1".strip() + MAIN,
    ],
)
def test_a_script_that_can_run_has_no_problems(child, text):
    """A false alarm stops work that would have gone well."""
    assert check(child, text) == []


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "summary", "hint"),
    [
        ("x = 1\ndef f(:", "script-syntax", 2, 7, "SyntaxError: invalid syntax", ""),
        pytest.param(
            "print 'x'",
            "script-syntax",
            1,
            1,
            "SyntaxError: Missing parentheses",
            "classic-py27",
            marks=PYTHON_3,
        ),
        ("", "missing-entry-point", None, None, "defines no function azureml_main", "Define it"),
        ("def azurml_main(): pass", "missing-entry-point", 1, None, "no function", 'Rename "azurml_main"'),
        pytest.param(
            "async def azureml_main(): pass",
            "bad-entry-point",
            1,
            1,
            "async def",
            "plain `def`",
            marks=pytest.mark.needs(python=">=3.5", because="async def"),
        ),
        pytest.param(
            "x = pd.DataFrame()" + MAIN, "undefined-name", 1, 5, '"pd"', "import pandas as pd", marks=PYFLAKES
        ),
        pytest.param(
            "count = 1\nx = coumt" + MAIN,
            "undefined-name",
            2,
            5,
            '"coumt"',
            'Did you mean "count"?',
            marks=PYFLAKES,
        ),
        pytest.param(
            "x = xrange(3)" + MAIN,
            "undefined-name",
            1,
            5,
            '"xrange"',
            "Today: range",
            marks=[PYFLAKES, PYTHON_3],
        ),
        pytest.param(
            "def azureml_main(a):\n    x = y\n    y = 1", "undefined-name", 2, 9, "y", "", marks=PYFLAKES
        ),
        (
            "import nosuch" + MAIN,
            "missing-library",
            1,
            1,
            'has no "nosuch"',
            'Add nosuch to the environment "current"',
        ),
        ("import pandsa" + MAIN, "missing-library", 1, 1, '"pandsa"', 'Did you mean "pandas"?'),
        ("import cv2" + MAIN, "missing-library", 1, 1, '"cv2"', "opencv-python-headless"),
        (
            "def azureml_main(a):\n    import nosuch.deep",
            "missing-library",
            2,
            5,
            '"nosuch.deep"',
            "Add nosuch",
        ),
        ("from nosuch import x" + MAIN, "missing-library", 1, 1, '"nosuch"', "Add nosuch"),
        pytest.param(
            "import urllib2" + MAIN, "missing-library", 1, 1, '"urllib2"', "urllib.request", marks=PYTHON_3
        ),
        pytest.param(
            "from sklearn import cross_validation" + MAIN,
            "missing-library",
            1,
            1,
            "sklearn.cross_validation",
            "model_selection",
            marks=pytest.mark.needs(**{"scikit-learn": ">=0.20"}, because="it is there before"),
        ),
        pytest.param(
            "from sklearn.externals import joblib" + MAIN,
            "missing-library",
            1,
            1,
            "sklearn.externals.joblib",
            "import joblib",
            marks=pytest.mark.needs(**{"scikit-learn": ">=0.23"}, because="it is there before"),
        ),
        pytest.param(
            "import pandas.tools.plotting" + MAIN,
            "missing-library",
            1,
            1,
            "pandas.tools.plotting",
            "pandas.plotting",
            marks=pytest.mark.needs(**{"pandas": ">=0.25"}, because="it is there before"),
        ),
        (
            "try:\n    import nosuch\nexcept KeyError:\n    pass" + MAIN,
            "missing-library",
            2,
            5,
            '"nosuch"',
            "Add",
        ),
    ],
)
def test_a_script_that_cannot_run_says_why_and_where(
    child, environment, text, code, line, column, summary, hint
):
    """Syntax errors, undefined names and missing imports are reported before anything runs (R-1.8)."""
    (problem,) = check(child, text)
    assert (problem["code"], problem["line"]) == (code, line)
    assert problem["column"] == column or is_before(environment, "3.9")  # the parser then told other places
    assert (summary in problem["summary"], hint in problem["hint"]) == (True, True), problem


def test_nothing_of_the_script_is_executed(child):
    """A check must be safe to run on every key stroke."""
    assert check(child, "print('ran')\nopen('left', 'w')\nraise ValueError" + MAIN) == []


def test_imports_of_the_bundle_are_there(child, zip_of):
    """Files and folders at the top level of the zip."""
    bundle = zip_of({"mymodule.py": "", "package/__init__.py": "", "folder/deep.py": ""})
    text = "import mymodule, package.sub, folder.deep\nimport nosuch" + MAIN
    assert [problem["summary"] for problem in check(child, text, bundle)] == [
        'The environment has no "nosuch".'
    ]


def test_a_bundle_that_is_not_known_yet_leaves_imports_to_the_run(child):
    """It comes from another node."""
    assert check(child, "import nosuch" + MAIN, has_unknown_bundle=True) == []


def test_a_damaged_bundle_is_a_problem(child):
    """It is looked at before anything runs."""
    assert [problem["code"] for problem in check(child, MAIN, b"no zip")] == ["bundle-damaged"]


@PYFLAKES
def test_problems_come_in_the_order_of_lines(child):
    """All at once, as they stand in the file."""
    text = "import nosuch\nx = missing\ndef main(): pass\n"
    assert [(p["code"], p["line"]) for p in check(child, text)] == [
        ("missing-library", 1), ("undefined-name", 2), ("missing-entry-point", 3),
    ]  # fmt: skip


def test_many_scripts_are_checked_at_once(child):
    """One job for all scripts of an environment."""
    scripts = [
        {"node": f"n{n}", "text": text, "file": "f.py", "bundle_fd": None}
        for n, text in enumerate([MAIN, "x ="])
    ]
    problems = child.request(document={"kind": "check", "node": None, "scripts": scripts}).report["problems"]
    assert [(problem["node"], problem["code"]) for problem in problems] == [("n1", "script-syntax")]
