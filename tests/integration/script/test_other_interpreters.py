"""The script contract in interpreters and pandas of other times: Python 2.7 and 3.6 to 3.14 (R-5.2)."""

from __future__ import annotations

import os

import pytest

# Interpreters of environments that hold some pandas, separated by colons; unset in most places.
WITH_PANDAS = [path for path in os.environ.get("STUDIOLO_TEST_PANDAS", "").split(os.pathsep) if path]

TELL = """
import pandas
def said(value):
    return str(value.columns[0]) if isinstance(value, pandas.DataFrame) else repr(value)
def told(*values):
    return pandas.DataFrame({"got": [" ".join(said(value) for value in values)]}),
"""


@pytest.fixture(params=WITH_PANDAS or [""])
def old(request, start_child):
    """A child server on one of the named interpreters."""
    if not request.param:
        pytest.skip("STUDIOLO_TEST_PANDAS names no interpreter of an environment with another pandas")
    return start_child(request.param)


@pytest.mark.parametrize(
    ("signature", "dialect", "expected"),
    [
        ("def azureml_main(): return told()", "designer", ""),
        ("def azureml_main(a): return told(a)", "designer", "None"),
        ("def azureml_main(a): return told(a)", "classic", "right"),
        ("def azureml_main(a=None, b=5): return told(a, b)", "designer", "None right"),
        ("def azureml_main(a=None, b=5): return told(a, b)", "classic", "right 5"),
        ("def azureml_main(*a): return told(*a)", "classic", "right"),
        ("def azureml_main(a, b, c=3): return told(a, b, c)", "classic", "right None 8"),
        (
            "import functools\ndef f(x, a): return told(x, a)\nazureml_main = functools.partial(f, 7)",
            "classic",
            "7 right",
        ),
        ("class F(object):\n  def __call__(self, a): return told(a)\nazureml_main = F()", "classic", "right"),
        ("class F(object):\n  def run(self, a): return told(a)\nazureml_main = F().run", "classic", "right"),
    ],
)
def test_arguments_are_bound_alike(old, signature, dialect, expected):
    """The table of ports and arguments holds in every environment (R-1.3)."""
    parameters = {"c": 8} if "c=3" in signature else {}
    outcome = old.script(TELL + signature, dataset2={"right": [1]}, dialect=dialect, parameters=parameters)
    assert outcome.rows() == {"got": [expected]}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("d", {"x": [1, 2]}),
        ("d,", {"x": [1, 2]}),
        ("[d]", {"x": [1, 2]}),
        ("None", None),
        ("d.x", {"x": [1, 2]}),
        ("{'p': [1, 2]}", {"p": [1, 2]}),
        ("{'p': 1}", {"p": [1]}),
        ("d.values", {"column": [1, 2]}),
        ("[1, 2]", {"column": [1, 2]}),
        ("u'text'", {"column": ["text"]}),
        ("5", {"column": [5]}),
        ("d, d, d, {'w': 5}", {"x": [1, 2]}),
    ],
)
def test_results_are_taken_alike(old, expression, expected):
    """Every form of R-1.4 in every environment."""
    outputs = {"third": "dataset", "model": "object"} if "'w'" in expression else {}
    outcome = old.script(
        f"def azureml_main(d=None):\n    return {expression}", dataset1={"x": [1, 2]}, outputs=outputs
    )
    assert outcome.rows() == expected
    assert list(outcome.bytes) == (["model"] if outputs else [])


@pytest.mark.parametrize(
    "text",
    [
        "# -*- coding: latin-1 -*-\nimport pandas\ndef azureml_main(a=None):\n    return pandas.DataFrame({'got': [u'é']}),",  # noqa: E501
        "# coding: utf-8\r\nimport pandas\r\ndef azureml_main(a=None):\r\n    return pandas.DataFrame({'got': [u'é']}),\r\n",  # noqa: E501
        "\ufeffimport pandas\ndef azureml_main(a=None):\n    return pandas.DataFrame({'got': [u'é']}),",
        "import pandas\ndef\u00a0azureml_main(a=None):\n    return pandas.DataFrame({'got': [u'é']}),",
    ],
)
def test_text_of_any_form_is_read(old, text):
    """Non-ASCII is UTF-8 unless the text says otherwise (facts/compat-traps.md, 9)."""
    assert old.script(text).rows() == {"got": ["é"]}


def test_the_bundle_is_there(old, zip_of):
    """On the import path and as files (R-1.5)."""
    bundle = zip_of({"mymodule.py": "x = 7", "größe.txt": "y"})
    text = (
        "import io, os, pandas, mymodule\ndef azureml_main(a=None):\n    names = sorted(os.listdir(u'Script Bundle'))\n"
        "    return pandas.DataFrame({'got': [str(mymodule.x), u' '.join(names)]}),"
    )
    assert old.script(text, bundle=bundle).rows() == {"got": ["7", "größe.txt mymodule.py"]}


def test_windows_names_are_resolved(old, zip_of):
    """The classic product ran on Windows, and so did its readers in C (facts/compat-traps.md, 5)."""
    text = (
        "import pandas\ndef azureml_main(a=None):\n"
        "    first = open('.\\\\Script Bundle\\\\data\\\\X.csv').read().split()[0]\n"
        "    return pandas.DataFrame({'got': [first, pandas.read_csv('.\\\\Script Bundle\\\\Data\\\\x.csv').columns[0]]}),"  # noqa: E501
    )
    outcome = old.script(text, bundle=zip_of({"Data/x.csv": "abc\n1\n"}), dialect="classic")
    assert outcome.rows() == {"got": ["abc", "abc"]}


@pytest.mark.parametrize(
    ("body", "code", "summary", "hint"),
    [
        ("1 // 0", "script-raised", "ZeroDivisionError: integer division or modulo by zero", ""),
        ("return a['Agee'],", "script-raised", "KeyError", 'closest of its 1 columns is "Age"'),
        ("import nosuch", "missing-library", "No module named", "Add nosuch"),
        ("import sys; sys.exit(3)", "script-exited", "SystemExit: 3", "Return"),
        ("return azureml_main(a)", "script-raised", "maximum recursion depth exceeded", ""),
        ("raise ValueError(u'\\xe9')", "script-raised", "ValueError: é", ""),
        ("return object()", "bad-return", "is a object", "outputs:"),
    ],
)
def test_errors_are_told_alike(old, body, code, summary, hint):
    """The script's own line and no frame of ours, in every environment (R-1.8)."""
    error = old.script(f"def azureml_main(a=None):\n    {body}", dataset1={"Age": [1]}).error
    assert (error["code"], error["line"]) == (code, 1 if code == "bad-return" else 2)
    assert summary.replace("integer ", "").replace(" or modulo", "") in error["summary"].replace(
        "integer ", ""
    ).replace(" or modulo", "")
    assert hint in error["hint"]
    assert "studiolo_child" not in error.get("traceback", "")


def test_syntax_errors_are_told_alike(old):
    """Before anything runs."""
    error = old.script("x = 1\nx = = 2").error
    assert (error["code"], error["line"], error["summary"].split(":")[0]) == (
        "script-syntax",
        2,
        "SyntaxError",
    )


def test_the_log_keeps_its_order(old):
    """Print of Python 2 and 3, warnings, children (R-1.8)."""
    text = (
        "import os, sys, logging\ndef azureml_main():\n    print('one')\n    sys.stderr.write('two\\n')\n"
        "    os.system('echo three')\n    print(u'\\xe9')\n    logging.warning('careful')"
    )
    assert old.script(text).log == "one\ntwo\nthree\né\nWARNING:root:careful\n"


def test_pictures_are_taken(old):
    """Matplotlib of that time, without a display (R-1.7)."""
    text = (
        "import matplotlib.pyplot as plt\ndef azureml_main():\n    plt.plot([1, 2])\n    plt.show()\n"
        "    plt.figure()\n    plt.plot([1])\n    plt.savefig('mine.png')"
    )
    outcome = old.script(text)
    if outcome.report["status"] == "error" and "matplotlib" in outcome.error["summary"]:
        pytest.skip("the environment has no matplotlib")
    assert (outcome.report["pictures"], outcome.log) == (["mine.png", "figure-1.png"], "")


def test_a_check_works_without_pyflakes(old):
    """Compile and ast are enough for syntax, entry point and imports."""
    scripts = [
        ("x = = 1", "script-syntax"),
        ("def main(): pass", "missing-entry-point"),
        ("import nosuch\ndef azureml_main(): pass", "missing-library"),
        ("import pandas, os.path, numpy.linalg\ndef azureml_main(): pass", None),
        ("try:\n    import nosuch\nexcept ImportError:\n    pass\ndef azureml_main(): pass", None),
    ]
    document = {
        "kind": "check",
        "node": None,
        "scripts": [
            {"node": str(n), "text": text, "file": "f.py", "bundle_fd": None}
            for n, (text, _) in enumerate(scripts)
        ],
    }
    problems = old.request(document=document).report["problems"]
    expected = [(str(n), code) for n, (_, code) in enumerate(scripts) if code]
    assert [(problem["node"], problem["code"]) for problem in problems] == expected


def test_functions_of_the_script_reach_other_processes(old):
    """Multiprocessing and pickle by reference."""
    text = """
import multiprocessing, pandas
def square(x):
    return x * x
def azureml_main(a=None):
    pool = multiprocessing.Pool(2)
    got = pool.map(square, [1, 2, 3])
    pool.terminate()
    return pandas.DataFrame({"got": got}),
"""
    assert old.script(text).rows() == {"got": [1, 4, 9]}


def test_python_2_statements_run_in_python_2(old):
    """Old scripts run unchanged in the Python they were written for (R-5.2)."""
    text = "def azureml_main(a=None):\n    print 'x', 5\n    return a.ix[0:0],"
    outcome = old.script(text, dataset1={"x": [1, 2]})
    if outcome.report["status"] == "ok":
        assert (outcome.rows(), outcome.log.splitlines()[0]) == ({"x": [1]}, "x 5")
    else:
        assert outcome.error["code"] == "script-syntax"
