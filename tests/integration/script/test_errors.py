"""Errors of scripts: their own line, their own stack trace, a hint for the usual suspects (R-1.8)."""

from __future__ import annotations

import re

import pytest

PYTHON_3 = pytest.mark.needs(python=">=3", because="it is there in Python 2")
TABLE = {"Age": [1, 2], "Name": ["a", "b"]}
MAIN = "def azureml_main(a=None, b=None):\n    "


def test_the_stack_trace_is_the_scripts_alone(child):
    """The whole trace with the frames of our code removed, file name and line right (R-1.8)."""
    text = "import pandas\n\ndef inner(x):\n    return int(x)\n\ndef azureml_main(a=None):\n    return inner('z')\n"
    error = child.script(text).error
    lines = error["traceback"].splitlines(keepends=True)
    error["traceback"] = "".join(line for line in lines if set(line.strip()) - set("^~"))  # of 3.11 and later
    assert error == {
        "kind": "script",
        "code": "script-raised",
        "summary": "ValueError: invalid literal for int() with base 10: 'z'",
        "hint": "",
        "file": "scripts/clean.py",
        "line": 4,
        "traceback": (
            "Traceback (most recent call last):\n"
            '  File "scripts/clean.py", line 7, in azureml_main\n'
            "    return inner('z')\n"
            '  File "scripts/clean.py", line 4, in inner\n'
            "    return int(x)\n"
            "ValueError: invalid literal for int() with base 10: 'z'\n"
        ),
    }


@pytest.mark.parametrize("depth", [1, 2, 7])
@pytest.mark.parametrize("blank", [0, 3])
@pytest.mark.parametrize("at_import", [True, False])
def test_the_line_is_right_wherever_the_error_is(child, depth, blank, at_import):
    """The line is the script's own innermost one, also at import time."""
    lines = ["#"] * blank + ["def f0():", "    raise ValueError('x')"]
    for number in range(1, depth):
        lines += [f"def f{number}():", "    pass", f"    f{number - 1}()"]
    lines += ["def azureml_main():", f"    f{depth - 1}()"]
    lines += [f"f{depth - 1}()"] if at_import else []
    assert child.script("\n".join(lines)).error["line"] == blank + 2


def test_the_line_is_the_scripts_when_a_library_raises(child):
    """The innermost line of the script's file, not of pandas."""
    error = child.script(MAIN + "x = a\n    return x['Agee'],", dataset1=TABLE).error
    assert (error["line"], "pandas" in error["traceback"]) == (3, True)


def test_the_line_is_the_scripts_when_the_bundle_raises(child, zip_of):
    """Frames of the bundle stay, as files of the bundle."""
    bundle = zip_of({"tool.py": "def run():\n    raise KeyError('k')\n"})
    error = child.script("import tool\n" + MAIN + "tool.run()", bundle=bundle).error
    assert (error["line"], error["summary"]) == (3, "KeyError: 'k'")
    assert '  File "Script Bundle/tool.py", line 2, in run\n' in error["traceback"]
    assert "studiolo_child" not in error["traceback"]


@pytest.mark.needs(python=">=3", because="raise ... from")
def test_chained_causes_are_kept(child):
    """`raise ... from` says why; every link of the chain is cleaned."""
    text = (
        MAIN
        + "try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise RuntimeError('x') from e"
    )
    trace = child.script(text).error["traceback"]
    assert "ZeroDivisionError" in trace and "direct cause" in trace and "studiolo" not in trace


@pytest.mark.needs(python=">=3.11", because="exception groups")
def test_groups_of_exceptions_are_told(child):
    """Python 3.11 has exception groups; members are cleaned too."""
    error = child.script(MAIN + "raise ExceptionGroup('several', [ValueError(1), KeyError(2)])").error
    assert error["summary"] == "ExceptionGroup: several (2 sub-exceptions)"
    assert "KeyError: 2" in error["traceback"]


@pytest.mark.parametrize(
    ("statement", "code", "summary"),
    [
        ("raise ValueError('no\\n  good')", "script-raised", "ValueError: no good"),
        ("raise ValueError", "script-raised", "ValueError"),
        ("raise ValueError(u'é')", "script-raised", "ValueError: é"),
        ("assert a is None", "script-raised", "AssertionError"),
        ("raise KeyboardInterrupt", "script-raised", "KeyboardInterrupt"),
        ("raise GeneratorExit", "script-raised", "GeneratorExit"),
        ("__import__('sys').exit(3)", "script-exited", "SystemExit: 3"),
        ("__import__('sys').exit()", "script-exited", "SystemExit"),
        ("exit(0)", "script-exited", "SystemExit: 0"),
        ("return azureml_main(a)", "script-raised",
         r"(RecursionError|RuntimeError): maximum recursion depth exceeded.*"),
        ("raise MemoryError", "script-raised", "MemoryError"),
        ("import nosuchlibrary", "missing-library", r"(ModuleNotFound|Import)Error: No module named '?nosuchlibrary'?"),
        ("eval('1 +')", "script-raised",
         r"SyntaxError: (invalid syntax|unexpected EOF while parsing) \(<string>, line 1\)"),
        ("raise type('Odd', (Exception,), {'__str__': lambda s: 1 / 0})()", "script-raised",
         "Odd: <its text cannot be shown: __str__ raised>"),
        ("raise type('Odd', (Exception,), {'__str__': lambda s: 5})()", "script-raised",
         "Odd: <its text cannot be shown: __str__ raised>"),
        ("raise ValueError('x' * 10**7)", "script-raised", r"ValueError: x{485}\.\.\."),
    ],
)  # fmt: skip
def test_whatever_is_raised_is_told(child, statement, code, summary):
    """Any BaseException is an error with the script's line and a bounded summary (R-1.8)."""
    error = child.script(MAIN + statement, dataset1=TABLE).error
    assert (error["kind"], error["code"], error["line"]) == ("script", code, 2)
    assert re.fullmatch(summary, error["summary"]), error["summary"]
    assert len(error["traceback"]) < 21_000


@pytest.mark.parametrize(
    ("text", "line", "summary"),
    [
        ("x = 1\ndef azureml_main(:\n    pass", 2, r"SyntaxError: invalid syntax \(clean.py, line 2\)"),
        ("if True:\nx = 1", 2, r"IndentationError: expected an indented block.* \(clean.py, line 2\)"),
        ("x = 'abc", 1, r"SyntaxError: (unterminated|EOL while scanning) string literal .*\(clean.py, line 1\)"),
        pytest.param("if 1:\n\tx = 1\n        y = 2", 3, r"TabError: inconsistent use of tabs.* \(clean.py, line 3\)",
                     marks=pytest.mark.needs(python=">=3", because="a tab is eight spaces in Python 2")),
        ("x = 1\nx = \0", None, r"SyntaxError: .*null bytes.*"),
        ("x = " + "(" * 300 + ")" * 300, 1,
         r"SyntaxError: (too many nested parentheses|the text is nested too deeply) .*"),
    ],
)  # fmt: skip
def test_syntax_errors_name_their_line(child, text, line, summary):
    """Nothing has run, and the trace is Python's own picture of the line."""
    error = child.script(text).error
    assert error["code"] == "script-syntax"
    assert re.fullmatch(summary, error["summary"]), error["summary"]
    assert error["line"] == line or "too deeply" in error["summary"]  # parsers before 3.9 do not tell where


def test_a_syntax_error_in_the_bundle_is_told_at_the_import(child, zip_of):
    """The line to mark is in the script; the trace shows the bundle's line."""
    error = child.script("x = 1\nimport bad\n" + MAIN + "pass", bundle=zip_of({"bad.py": "\ndef :"})).error
    assert (error["code"], error["line"]) == ("script-syntax", 2)
    assert 'File "Script Bundle/bad.py", line 2' in error["traceback"]


def test_the_trace_of_a_syntax_error_is_short(child):
    """Only the line and its marker, none of our frames."""
    assert child.script("x = = 1").error["traceback"] == (
        '  File "scripts/clean.py", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n'
    )


def gone(statement, hint, package, version):
    """Give a case of a name that is gone since a version: before, it works."""
    return pytest.param(
        statement, hint, marks=pytest.mark.needs(**{package: version}, because="it is there before")
    )


HINTS = [
    ("return a['Agee'],", 'dataset1 has no column "Agee". The closest of its 2 columns is "Age".'),
    ("return a[['Age', 'Nme']],", 'has no column "Nme". The closest of its 2 columns is "Name"'),
    gone("return a.drop(columns='age'),", 'The closest of its 2 columns is "Age"', "pandas", ">=0.21"),
    ("return a.age,", 'The closest of its 2 columns is "Age"'),
    gone("return a.as_matrix(),", ".to_numpy()", "pandas", ">=1"),
    gone("return a.ix[0],", "designer-py36", "pandas", ">=1"),
    gone("return a.append(a),", "pd.concat", "pandas", ">=2"),
    gone("return a.sort('Age'),", ".sort_values(by=...)", "pandas", ">=0.20"),
    gone(
        "import pandas\n    return pandas.rolling_mean(a, 2),", ".rolling(window).mean()", "pandas", ">=0.23"
    ),
    gone("import numpy\n    return numpy.float(1)", "Today: float", "numpy", ">=1.24"),
    gone("import time\n    time.clock()", "time.perf_counter", "python", ">=3.8"),
    gone("'x'.decode('utf8')", "text is text already", "python", ">=3"),
    gone("{}.iteritems()", ".items()", "python", ">=3"),
    gone("xrange(3)", "Today: range", "python", ">=3"),
    gone("import urllib2", "urllib.request", "python", ">=3"),
    gone("import sklearn.cross_validation", "sklearn.model_selection", "scikit-learn", ">=0.20"),
    gone("from sklearn import cross_validation", "sklearn.model_selection", "scikit-learn", ">=0.20"),
    gone("from sklearn.externals import joblib", "import joblib", "scikit-learn", ">=0.23"),
    ("import nosuch.deep", 'Add nosuch to the environment "current" (Python'),
    ("import cv2", "Add opencv-python-headless to"),
    ("bytearray(1 << 62)", "memory_mb"),
    ("import numpy\n    numpy.zeros(1 << 58)", "memory_mb"),
    ("open('C:\\\\data\\\\x.csv')", "C:\\data\\x.csv is a path on another machine"),
    ("open(r'\\\\server\\share\\x.csv')", "a path on another machine"),
    ("import pandas\n    pandas.read_csv('D:/x.csv')", "./Script Bundle/x.csv"),
    (
        "raise OSError(13, 'Permission denied', '/etc/x.csv')",
        "working directory only: use a relative name such as 'x.csv'",
    ),
    ("open('/nowhere/x.csv')", "sees its working directory only"),
    ("open('nothing.csv')", "no script bundle is connected"),
    ("import socket\n    socket.create_connection(('127.0.0.1', 9))", "grants: {network"),
    (
        "try: from urllib.request import urlopen\n    except ImportError: from urllib2 import urlopen\n"
        "    urlopen('http://no.invalid/')",
        "grants: {network",
    ),
    ("raise OSError(28, 'No space left on device')", "disk_mb"),
    ("raise OSError(11, 'Resource temporarily unavailable')", "limits: {processes"),
    ('raise RuntimeError("can\'t start new thread")', "limits: {processes"),
    ("raise OSError(24, 'Too many open files')", "Close files"),
    ("__import__('sys').exit(1)", "Return from azureml_main instead"),
]


@pytest.mark.parametrize(("statement", "hint"), HINTS)
def test_the_usual_suspects_get_a_hint(child, statement, hint):
    """What to do next, in one sentence (CONVENTIONS, Errors; facts/compat-traps.md)."""
    error = child.script(MAIN + statement, dataset1=TABLE, environment="current").error
    assert hint in error["hint"], error


@pytest.mark.needs(python=">=3", because="Python 2 runs it")
@pytest.mark.parametrize(
    ("text", "hint"),
    [("print 'x'", "classic-py27"), ("try:\n    pass\nexcept ValueError, e:\n    pass", "classic-py27")],
)
def test_python_2_is_recognised(child, text, hint):
    """9 % of old scripts have some Python 2 trait (facts/compat-traps.md)."""
    error = child.script(text).error
    assert (error["code"], hint in error["hint"]) == ("script-syntax", True)


@pytest.mark.parametrize("statement", ["{}['Agee']", "raise KeyError('zzzzzz')", "a['zzzzzzzz']"])
def test_no_hint_is_made_up(child, statement):
    """A wrong hint costs more than none."""
    assert child.script(MAIN + statement, dataset1=TABLE).error["hint"] == ""


def test_a_missing_file_of_the_bundle_names_the_nearest(child, zip_of):
    """Names in a bundle are often off by case or folder."""
    bundle = zip_of({"data/Sample.csv": "x"})
    error = child.script(MAIN + "open('./Script Bundle/sample.csv')", bundle=bundle).error
    assert error["hint"] == "There is './Script Bundle/data/Sample.csv'."


def test_memory_that_runs_out_bit_by_bit_is_still_told(child):
    """The report needs no memory that the script has not left (facts/sandbox-attacks.md)."""
    text = MAIN + "things = []\n    while True:\n        things.append([0] * 1000)"
    outcome = child.script(text, limits={"RLIMIT_DATA": 1 << 29})
    assert (outcome.error["code"], outcome.error["summary"], outcome.error["line"]) == (
        "script-raised", "MemoryError", 4,
    )  # fmt: skip
    assert "memory_mb" in outcome.error["hint"]


@pytest.mark.parametrize(
    "statement",
    [
        "import sys\n    sys.stdout = None\n    sys.stderr = None",
        "import sys\n    sys.stdout.close()\n    sys.stderr.close()",
        "import os\n    os.close(1)\n    os.close(2)",
        "import sys\n    sys.setrecursionlimit(100)",
        "import sys\n    sys.settrace(lambda *a: 1 / 0)",
        "import signal\n    signal.signal(signal.SIGALRM, lambda *a: 1 / 0)\n    signal.setitimer(signal.ITIMER_REAL, 1e-3)",  # noqa: E501
        "import os, shutil\n    shutil.rmtree(os.getcwd())",
        "import os\n    os.chdir('/')",
        "import os\n    os.open = os.write",
        "import gc\n    gc.disable()",
        "import sys\n    sys.modules[len.__module__].open = None",
        "import sys\n    sys.modules.clear()",
        "import os\n    os.environ.clear()",
        "import threading\n    threading.Thread(target=__import__('time').sleep, args=(60,)).start()",
    ],
)
def test_a_script_that_breaks_its_surroundings_still_gives_its_result(child, statement):
    """The contract must survive what scripts do to their interpreter (issue 2, Bad input)."""
    outcome = child.script(MAIN + statement + "\n    return a,", dataset1={"x": [1]})
    assert outcome.rows() == {"x": [1]}


def test_os_exit_leaves_no_report(child):
    """The host then knows that the process ended itself."""
    assert child.script(MAIN + "__import__('os')._exit(3)").report is None
