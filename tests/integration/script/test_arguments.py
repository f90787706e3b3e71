"""What azureml_main is called with: every row of the table in studiolo_child/arguments.py, run for real (R-1.3)."""

from __future__ import annotations

import pytest

LEFT, RIGHT = {"left": [1]}, {"right": [2]}

# Each signature returns what it got, as text: the column name of the frame it holds, or None.
TELL = """
import pandas
def said(value):
    return value.columns[0] if isinstance(value, pandas.DataFrame) else repr(value)
def told(*values):
    return pandas.DataFrame({"got": [" ".join(said(value) for value in values)]}),
"""
SIGNATURES = {
    "none": "def azureml_main():\n    return told()",
    "one": "def azureml_main(a):\n    return told(a)",
    "one_default": "def azureml_main(a='own'):\n    return told(a)",
    "two": "def azureml_main(a, b):\n    return told(a, b)",
    "two_defaults": "def azureml_main(a=None, b='own'):\n    return told(a, b)",
    "star": "def azureml_main(*frames):\n    return told(*frames)",
    "one_star": "def azureml_main(a, *frames):\n    return told(a, *frames)",
    "three_defaults": "def azureml_main(a=None, b=None, c=3):\n    return told(a, b, c)",
    "keyword": "def azureml_main(a=None, b=None, *, c=3):\n    return told(a, b, c)",
    "kwargs": "def azureml_main(a=None, b=None, **more):\n    return told(a, b, *more)",
    "partial": "import functools\ndef f(x, a, b=None):\n    return told(x, a, b)\nazureml_main = functools.partial(f, 7)",  # noqa: E501
    "instance": "class F:\n    def __call__(self, a, b=None):\n        return told(a, b)\nazureml_main = F()",
    "method": "class F:\n    def run(self, a, b=None):\n        return told(a, b)\nazureml_main = F().run",
    "decorated": (
        "import functools\ndef outer(f):\n    @functools.wraps(f)\n    def g(*args, **kwargs):\n"
        "        return f(*args, **kwargs)\n    return g\n@outer\ndef azureml_main(a):\n    return told(a)"
    ),
    "narrowed": (
        "import functools\ndef outer(f):\n    @functools.wraps(f)\n    def g(a):\n"
        "        return f(a, 5)\n    return g\n@outer\ndef azureml_main(a, b):\n    return told(a, b)"
    ),
    "lambda": "azureml_main = lambda a, b=None: told(a, b)",
    "cached": "import functools\n@functools.lru_cache()\ndef f(): return told(1)\nazureml_main = f",
}
PYTHON_3 = pytest.mark.needs(python=">=3", because="keyword-only arguments")
NEEDS = {
    "keyword": PYTHON_3,
    "decorated": pytest.mark.needs(python=">=3.2", because="functools.wraps tells what it wraps"),
    "narrowed": pytest.mark.needs(python=">=3.2", because="functools.wraps tells what it wraps"),
    "cached": pytest.mark.needs(python=">=3.2", because="functools.lru_cache"),
}
PORTS = {"neither": (None, None), "first": (LEFT, None), "second": (None, RIGHT), "both": (LEFT, RIGHT)}

DESIGNER = {
    "none": ("", "", "", ""),
    "one": ("None", "left", "None", "left"),
    "one_default": ("None", "left", "None", "left"),
    "two": ("None None", "left None", "None right", "left right"),
    "two_defaults": ("None None", "left None", "None right", "left right"),
    "star": ("None None", "left None", "None right", "left right"),
    "one_star": ("None None", "left None", "None right", "left right"),
    "three_defaults": ("None None 3", "left None 3", "None right 3", "left right 3"),
    "keyword": ("None None 3", "left None 3", "None right 3", "left right 3"),
    "kwargs": ("None None", "left None", "None right", "left right"),
    "partial": ("7 None None", "7 left None", "7 None right", "7 left right"),
    "instance": ("None None", "left None", "None right", "left right"),
    "method": ("None None", "left None", "None right", "left right"),
    "decorated": ("None", "left", "None", "left"),
    "narrowed": ("None 5", "left 5", "None 5", "left 5"),
    "lambda": ("None None", "left None", "None right", "left right"),
    "cached": ("1", "1", "1", "1"),
}
CLASSIC = {
    "none": ("", "", "", ""),
    "one": ("None", "left", "right", "left"),
    "one_default": ("'own'", "left", "right", "left"),
    "two": ("None None", "left None", "right None", "left right"),
    "two_defaults": ("None 'own'", "left 'own'", "right 'own'", "left right"),
    "star": ("", "left", "right", "left right"),
    "one_star": ("None", "left", "right", "left right"),
    "three_defaults": ("None None 3", "left None 3", "right None 3", "left right 3"),
    "keyword": ("None None 3", "left None 3", "right None 3", "left right 3"),
    "kwargs": ("None None", "left None", "right None", "left right"),
    "partial": ("7 None None", "7 left None", "7 right None", "7 left right"),
    "instance": ("None None", "left None", "right None", "left right"),
    "method": ("None None", "left None", "right None", "left right"),
    "decorated": ("None", "left", "right", "left"),
    "narrowed": ("None 5", "left 5", "right 5", "left 5"),
    "lambda": ("None None", "left None", "right None", "left right"),
    "cached": ("1", "1", "1", "1"),
}
ROWS = [
    pytest.param(dialect, signature, ports, table[signature][place], marks=NEEDS.get(signature, ()))
    for dialect, table in (("designer", DESIGNER), ("classic", CLASSIC))
    for signature in SIGNATURES
    for place, ports in enumerate(PORTS)
]


@pytest.mark.parametrize(("dialect", "signature", "ports", "expected"), ROWS)
def test_the_table_of_ports_and_arguments_holds(child, dialect, signature, ports, expected):
    """Old scripts bind by position, count by signature, and differ by dialect (R-1.3)."""
    dataset1, dataset2 = PORTS[ports]
    outcome = child.script(
        TELL + SIGNATURES[signature], dataset1=dataset1, dataset2=dataset2, dialect=dialect
    )
    assert outcome.rows() == {"got": [expected]}


@pytest.mark.parametrize(
    ("dialect", "signature", "ports", "expected"),
    [
        ("designer", "none", "both", ["dataset1 is connected", "dataset2 is connected"]),
        ("designer", "one", "both", ["dataset2 is connected"]),
        ("classic", "one", "both", ["dataset2 is connected"]),
        ("classic", "two", "first", ["azureml_main requires more datasets than are connected: b got None."]),
        ("classic", "two_defaults", "first", []),
        ("designer", "two_defaults", "first", ["dataset2 is not connected, so azureml_main got None for b"]),
    ],
)
def test_what_was_not_passed_or_made_up_is_said(child, dialect, signature, ports, expected):
    """A dataset that goes nowhere, or a None out of nowhere, must not be silent (R-1.3)."""
    dataset1, dataset2 = PORTS[ports]
    outcome = child.script(
        TELL + SIGNATURES[signature], dataset1=dataset1, dataset2=dataset2, dialect=dialect
    )
    assert [said[: len(start)] for said, start in zip(outcome.warnings, expected, strict=True)] == expected


@pytest.mark.parametrize("signature", ["three_defaults", pytest.param("keyword", marks=PYTHON_3), "kwargs"])
def test_parameters_of_the_node_reach_keywords(child, signature):
    """Extra keyword parameters with defaults become parameters of the node (R-1.3)."""
    outcome = child.script(TELL + SIGNATURES[signature], dataset1=LEFT, parameters={"c": 8})
    assert outcome.rows() == {"got": ["left None 8" if signature != "kwargs" else "left None 'c'"]}


@pytest.mark.parametrize("star", ["", pytest.param("*, ", marks=PYTHON_3)])
def test_the_defaults_of_keywords_are_reported(child, star):
    """The panel shows them as parameters of the node; what has no JSON form is left out (R-9.6)."""
    others = "d='x', e=[1], f=None, g=open, h=float('nan')"
    text = f"def azureml_main(a=None, b=None, c=3, {star}{others}):\n    pass"
    assert child.script(text).report["keywords"] == {"c": 3, "d": "x", "e": [1], "f": None}


@pytest.mark.parametrize(
    ("text", "parameters", "code", "hint"),
    [
        (
            "def azureml_main(a=None, b=None, threshold=1): pass",
            {"treshold": 2},
            "unknown-parameter",
            "threshold",
        ),
        ("def azureml_main(a=None, b=None): pass", {"alpha": 2}, "unknown-parameter", "*, alpha="),
        ("def azureml_main(a=None, alpha=1): pass", {"alpha": 2}, "unknown-parameter", "place of a dataset"),
        pytest.param(
            "def azureml_main(a=None, b=None, *, alpha): pass",
            {},
            "missing-parameter",
            "alpha: ...",
            marks=PYTHON_3,
        ),
        ("def azureml_main(a, b, c): pass", {}, "missing-parameter", "Give it a default"),
        pytest.param(
            "def azureml_main(a, b, c, /): pass",
            {},
            "bad-entry-point",
            "Give it a default",
            marks=pytest.mark.needs(python=">=3.8", because="positional-only arguments"),
        ),
    ],
)
def test_parameters_that_do_not_fit_are_errors(child, text, parameters, code, hint):
    """A misspelt name must not be dropped; the nearest one is named (R-1.3, CONVENTIONS)."""
    error = child.script(text, parameters=parameters).error
    assert (error["code"], hint in error["hint"]) == (code, True)


def test_integers_with_missing_is_no_parameter_of_the_function(child):
    """It is the module's own parameter, and effective parameters may hold it."""
    outcome = child.script(
        TELL + SIGNATURES["two"], dataset1=LEFT, parameters={"integers_with_missing": "float"}
    )
    assert outcome.rows() == {"got": ["left None"]}


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        pytest.param(
            "async def azureml_main(a): return a,",
            "bad-entry-point",
            "plain `def`",
            marks=pytest.mark.needs(python=">=3.5", because="async def"),
        ),
        ("azureml_main = 5", "bad-entry-point", "Define it"),
        ("def azurml_main(a): return a,", "missing-entry-point", 'Rename "azurml_main"'),
        ("def main(a): return a,", "missing-entry-point", 'Rename "main"'),
        ("x = 1", "missing-entry-point", "Define it"),
        ("", "missing-entry-point", "Define it"),
    ],
)
def test_a_script_without_a_usable_function_says_so(child, text, code, hint):
    """The entry point is a plain function of that name (R-1.2)."""
    error = child.script(text, dataset1=LEFT).error
    assert (error["kind"], error["code"], error["file"], hint in error["hint"]) == (
        "user", code, "scripts/clean.py", True,
    )  # fmt: skip


def test_a_script_may_change_its_input_in_place(child):
    """32 % of old scripts do, and nobody else's data changes (facts/compat-traps.md)."""
    text = "def azureml_main(a):\n    a.loc[0, 'left'] = 9\n    a['more'] = a['left'] + 1\n    return a,"
    assert child.script(text, dataset1={"left": [1, 2]}).rows() == {"left": [9, 2], "more": [10, 3]}
