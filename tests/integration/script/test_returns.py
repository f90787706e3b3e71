"""What azureml_main may return, and which output gets it: every form of R-1.4, run for real."""

from __future__ import annotations

import base64
import pickle

import pytest

PREPARE = (
    "import pandas as pd, numpy as np\nfrom pandas import *\nimport datetime\n"
    "a, b = pd.DataFrame({'x': [1, 2]}), pd.DataFrame({'y': ['k']})\n"
    "def objects(*items):\n    array = np.empty(len(items), dtype=object)\n"
    "    for i, item in enumerate(items): array[i] = item\n    return array\n"
    "class Thing: pass\n"
)
A, B = {"x": [1, 2]}, {"y": ["k"]}


def returning(child, expression, **options):
    """Run a script that returns the value of an expression."""
    return child.script(f"{PREPARE}def azureml_main(d=None):\n    return {expression}", **options)


@pytest.mark.parametrize(
    ("expression", "first", "second"),
    [
        ("a", A, None),
        ("a,", A, None),
        ("[a]", A, None),
        ("objects(a)", A, None),
        ("a, b", A, B),
        ("[a, b]", A, B),
        ("objects(a, b)", A, B),
        ("a, None", A, None),
        ("None, b", None, B),
        ("[None, b]", None, B),
        ("None", None, None),
        ("None, None", None, None),
        ("None, None, None", None, None),
        ("()", None, None),
        ("[]", None, None),
        ("[None]", None, None),
        ("a, b, None, None", A, B),
        ("__import__('collections').namedtuple('R', 'p q')(a, b)", A, B),
    ],
)
def test_frames_in_every_sequence_go_to_the_outputs_in_order(child, expression, first, second):
    """A list of frames is like a tuple, nothing is two empty datasets, without a warning (R-1.4)."""
    outcome = returning(child, expression)
    assert (outcome.rows(), outcome.rows("result_dataset2"), outcome.warnings) == (first, second, [])


def test_a_function_without_return_gives_empty_datasets(child):
    """1 % of old scripts return nothing (R-1.4)."""
    outcome = child.script("def azureml_main(d=None):\n    pass")
    assert outcome.report["outputs"] == {"result_dataset": None, "result_dataset2": None}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("pd.Series([1, 2], name='s')", {"s": [1, 2]}),
        ("pd.Series([1, 2])", {"column": [1, 2]}),
        ("pd.Index([1, 2])", {"column": [1, 2]}),
        ("{'p': [1, 2], 'q': ['u', 'v']}", {"p": [1, 2], "q": ["u", "v"]}),
        ("{'p': 1, 'q': 'u'}", {"p": [1], "q": ["u"]}),
        ("{}", {}),
        ("np.array([1, 2])", {"column": [1, 2]}),
        ("np.array([[1, 2], [3, 4]])", {"column_0": [1, 3], "column_1": [2, 4]}),
        ("np.array([[1], [3]])", {"column": [1, 3]}),
        ("np.matrix([[1, 2]])", {"column_0": [1], "column_1": [2]}),
        ("np.array(5)", {"column": [5]}),
        ("np.array(['u', 'v'])", {"column": ["u", "v"]}),
        ("np.array([(1, 2.5)], dtype=[('p', int), ('q', float)])", {"p": [1], "q": [2.5]}),
        ("pd.Categorical(['u', 'v'])", {"column": ["u", "v"]}),
        ("[1, 2]", {"column": [1, 2]}),
        ("[1, None, 3]", {"column": [1, None, 3]}),
        ("['u', 'v']", {"column": ["u", "v"]}),
        ("[[1, 2], [3]]", {"column": ["[1, 2]", "[3]"]}),
        ("[True, False]", {"column": [True, False]}),
        ("5", {"column": [5]}),
        ("5.5", {"column": [5.5]}),
        ("True", {"column": [True]}),
        ("'text'", {"column": ["text"]}),
        ("np.float64(2.5)", {"column": [2.5]}),
        ("datetime.datetime(2020, 1, 2)", {"column": ["2020-01-02 00:00:00"]}),
        ("pd.Timestamp('2020-01-02')", {"column": ["2020-01-02 00:00:00"]}),
        pytest.param(
            "__import__('pyarrow').table({'p': [1]})",
            {"p": [1]},
            marks=pytest.mark.needs(pyarrow=">=0.15", because="pyarrow.table"),
        ),
        (
            "__import__('scipy.sparse', fromlist=['x']).eye(2).tocsr()",
            {"column_0": [1, 0], "column_1": [0, 1]},
        ),
    ],
)
def test_other_values_become_one_table_with_documented_names(child, expression, expected):
    """Names as in the designer (facts/classic-formats.md 6.2), and a warning says what happened (R-1.4)."""
    outcome = returning(child, expression)
    assert (outcome.rows(), outcome.rows("result_dataset2")) == (expected, None)
    assert len(outcome.warnings) == 1
    assert "not a DataFrame; it became a table with the column" in outcome.warnings[0]


def test_elements_of_a_tuple_are_turned_into_tables_too(child):
    """The designer did so, and its scripts shall run unchanged (facts/classic-formats.md 6.2)."""
    outcome = returning(child, "a, pd.Series([7], name='s')")
    assert (outcome.rows(), outcome.rows("result_dataset2")) == (A, {"s": [7]})
    assert outcome.warnings[0].startswith("Element 2 of what azureml_main returned is a pandas.Series")


@pytest.mark.parametrize(
    ("expression", "summary", "hint"),
    [
        ("a, b, a", "returned 3 elements; the node has 2 outputs", "`outputs: {third: dataset}`"),
        ("a, b, a, Thing()", "returned 4 elements", "`outputs: {third: dataset, fourth: object}`"),
        (
            "(a, b, __import__('sklearn.linear_model', fromlist=['x']).LinearRegression())",
            "3 elements",
            "{model: object}",
        ),
        ("Thing()", "is a Thing, not a DataFrame", "outputs: {thing: object}"),
        ("a, Thing()", "Element 2 of what azureml_main returned", "as element 3"),
        ("[a, b, Thing()]", "returned 3 elements", "object"),
        (
            "__import__('sklearn.linear_model', fromlist=['x']).LinearRegression()",
            "LinearRegression",
            "model: object",
        ),
        ("(x for x in a)", "is a generator", "yield"),
        ("a.groupby('x')", "GroupBy", "aggregation"),
        ("len", "builtin_function_or_method", "to be called"),
        ("__import__('matplotlib.figure', fromlist=['x']).Figure()", "Figure", "python_device"),
        ("np.zeros((2, 2, 2))", "3 dimensions", "Make the DataFrame"),
        ("{'p': [1, 2], 'q': [1]}", "does not make a table", "Make the DataFrame"),
        ("tuple(range(1000))", "returned 1000 elements", "one DataFrame"),
        ("{1, 2}", "is a set", "outputs:"),
    ],
)
def test_what_makes_no_table_is_an_error_that_shows_the_way(child, expression, summary, hint):
    """A clear error that says how to declare more outputs (R-1.4)."""
    error = returning(child, expression).error
    assert (error["kind"], error["code"], error["line"]) == ("script", "bad-return", 10)
    assert (summary in error["summary"], hint in error["hint"]) == (True, True), error


def test_declared_outputs_take_further_elements_in_order(child):
    """Datasets and Python objects beyond the two, in the node's order (R-1.4, R-1.9)."""
    outcome = returning(
        child, "a, None, b, {'weights': [1.5]}", outputs={"third": "dataset", "model": "object"}
    )
    assert (outcome.rows(), outcome.rows("result_dataset2"), outcome.rows("third")) == (A, None, B)
    assert pickle.loads(outcome.bytes["model"], encoding="utf-8") == {"weights": [1.5]}
    assert outcome.report["outputs"]["model"] == {"rows": None, "columns": None}


def test_a_list_with_a_model_is_a_sequence_when_outputs_are_declared(child):
    """With more outputs declared a list of things is what was meant (R-1.4)."""
    outcome = returning(child, "[None, None, Thing]", outputs={"model": "object"})
    assert outcome.report["outputs"]["model"] == {"rows": None, "columns": None}


@pytest.mark.parametrize("value", ["Thing()", "(lambda x: x + 1)", "a.sum"])
def test_objects_of_the_script_itself_load_in_a_process_without_it(child, value):
    """The next job has no module of the script; cloudpickle carries its classes by value (R-1.9)."""
    outcome = returning(child, f"a, None, {value}", outputs={"thing": "object"})
    assert outcome.warnings == []
    data = base64.b64encode(outcome.bytes["thing"]).decode()
    text = f"import base64, pickle\nthing = pickle.loads(base64.b64decode({data!r}))\ndef azureml_main():\n    return [type(thing).__name__]"  # noqa: E501
    assert child.script(text, file="scripts/next.py").report["status"] == "ok"


def test_an_object_that_does_not_pickle_is_an_error(child):
    """A generator cannot travel."""
    error = returning(child, "a, None, (x for x in [1])", outputs={"thing": "object"}).error
    assert (error["code"], "pickle" in error["summary"]) == ("bad-return", True)


def test_bytes_go_to_outputs_of_type_file(child):
    """Any number of declared outputs (R-1.9)."""
    outcome = returning(child, "None, None, b'abc'", outputs={"letter": "file"})
    assert outcome.bytes == {"letter": b"abc"}
    assert returning(child, "None, None, 5", outputs={"letter": "file"}).error["code"] == "bad-return"


def test_a_value_whose_text_raises_does_not_fail_the_node(child):
    """Cells may hold anything; what has no text is named by its class, and the receipt says so (R-2.3)."""
    text = PREPARE + (
        "class Bad:\n    def __str__(self): raise ValueError('no')\n    __repr__ = __str__\n"
        "def azureml_main(d=None):\n    return pd.DataFrame({'x': [Bad(), Bad()]}),"
    )
    assert child.script(text).rows() == {"x": ["<Bad>", "<Bad>"]}


@pytest.mark.parametrize(
    ("expression", "lossy"),
    [
        ("a", False),
        ("pd.DataFrame({'x': [1]}, index=['k'])", True),
        ("pd.DataFrame([[1, 2]], columns=['x', 'x'])", False),
    ],
)
def test_a_strict_node_refuses_lossy_changes(child, expression, lossy):
    """A strict node fails where data would be lost, and lists what (R-2.4)."""
    outcome = returning(child, expression, strict=True)
    if lossy:
        assert (outcome.error["code"], outcome.error["port"]) == ("strict-lossy-change", "result_dataset")
        assert "index" in outcome.error["summary"]
    else:
        assert outcome.report["status"] == "ok"


def test_receipts_say_what_changed_at_the_border(child):
    """Each port records its changes (R-2.4)."""
    outcome = child.script(
        "def azureml_main(d):\n    return d.set_index('k'),", dataset1={"k": [1, 2], "v": [1.5, 2.5]}
    )
    assert [entry["code"] for entry in outcome.report["receipts"]["out:result_dataset"]] == ["index-dropped"]


def test_the_result_may_be_the_input_itself(child):
    """Most scripts return their own argument."""
    assert child.script("def azureml_main(d): return d,", dataset1=A).rows() == A
