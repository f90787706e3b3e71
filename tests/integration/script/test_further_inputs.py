"""Inputs beyond the declared ones: objects, datasets and bytes that a script takes by keyword (R-1.9)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from tests.integration.script.conftest import DATASETS, ChildServer, Outcome

DECLARED = {"inputs": ["dataset1", "dataset2"], "declared": ["dataset1", "dataset2", "script_bundle"]}
# Python 2 has no keyword-only parameters: there what comes behind the datasets is taken by name too.
TAKES = """\
def azureml_main(dataframe1=None, dataframe2=None, model=None, extra=None):
    import pandas
    told = {"model": [str(model)], "extra": ["-" if extra is None else " ".join(extra.columns)]}
    return pandas.DataFrame(told, columns=["model", "extra"])
"""
MAKES = """\
class Model(object):
    def __init__(self, total):
        self.total = total
    def __str__(self):
        return "a model of %d" % self.total
    def studiolo_card(self):
        return {"title": u"Model", "settings": [["total", self.total], [b"bytes", u"\\xfc"]], "tables": []}

def azureml_main(dataframe1=None, dataframe2=None):
    return None, None, Model(3)
"""


def run(child: ChildServer, text: str, inputs: dict[str, tuple[str, Any]], **more: Any) -> Outcome:
    """Run a script with further inputs: name to (type, bytes or table)."""
    ports = []
    for name, (kind, value) in inputs.items():
        port = {"name": name, "type": kind}
        is_table = kind == "dataset"
        port |= {"table": value} if is_table else {"data": base64.b64encode(value).decode()}
        ports.append(port)
    return child.request(
        document={
            "kind": "script",
            "node": "score",
            "environment": "designer-py36",
            "ports": DECLARED,
            "parameters": {},
            "script": {"text": text, "file": "scripts/score.py"},
            "dialect": "designer",
            "integers_with_missing": "float",
            "strict": False,
            **more,
        },
        inputs=ports,
        outputs=[{"name": name, "type": "dataset"} for name in DATASETS],
    )


def test_an_object_of_one_script_is_a_keyword_of_the_next(child):
    """R-1.9 (3): a trained model goes from script to script in every environment, Python 2.7 too."""
    made = child.script(MAKES, outputs={"model": "object"})
    if made.warnings:  # without cloudpickle the class of the script stays with the script, and it says so
        assert "cannot" in made.warnings[0] or "can only be loaded" in made.warnings[0]
        return
    table = {"a": [1], "b": [2]}
    outcome = run(child, TAKES, {"model": ("object", made.bytes["model"]), "extra": ("dataset", table)})
    assert outcome.rows() == {"model": ["a model of 3"], "extra": ["a b"]}


def test_an_object_carries_its_card_behind_the_pickle(child):
    """The host shows what a model says of itself without opening it; also what Python 2 wrote."""
    made = child.script(MAKES, outputs={"model": "object"})
    text = '{"settings":[["total",3],["bytes","\\u00fc"]],"tables":[],"title":"Model"}'
    assert text.encode() in made.bytes["model"]
    assert made.bytes["model"].endswith(b"\nstudiolo-card-1\n")


def test_bytes_and_unconnected_keywords(current_child):
    """A file comes as bytes, as one goes out; what is not connected keeps its default."""
    text = "import pandas\ndef azureml_main(a=None, b=None, *, note=b'-', other='own'):\n"
    text += "    return pandas.DataFrame({'note': [note.decode()], 'other': [other]})\n"
    assert run(current_child, text, {"note": ("file", b"hello")}).rows() == {
        "note": ["hello"],
        "other": ["own"],
    }
    assert run(current_child, text, {"note": ("zip", b"PK")}).rows() == {"note": ["PK"], "other": ["own"]}
    assert run(current_child, text, {}).rows() == {"note": ["-"], "other": ["own"]}


def test_a_further_dataset_is_no_third_positional_argument(current_child):
    """Declared ports bind by position, further ones by name only, in both dialects (R-1.3)."""
    text = "def azureml_main(*frames, extra):\n    assert len(frames) == COUNT\n    return extra\n"
    inputs = {"dataset1": ("dataset", {"x": [1]}), "extra": ("dataset", {"y": [2]})}
    for dialect, count in (("designer", 2), ("classic", 1)):
        outcome = run(current_child, text.replace("COUNT", str(count)), inputs, dialect=dialect)
        assert outcome.rows() == {"y": [2]}


@pytest.mark.parametrize(
    ("signature", "hint"),
    [
        ("a=None, b=None, *, models=None", 'Did you mean "models"?'),
        ("a=None, model=None", '"model" is the place of a dataset. Write `*, model=...` in the signature'),
        ("a=None, b=None", "Add it to the signature with a default: `def azureml_main("),
    ],
)
def test_a_script_that_does_not_take_the_input_is_told(current_child, signature, hint):
    """A misspelt keyword must not leave a model unused in silence."""
    made = current_child.script(MAKES, outputs={"model": "object"})
    outcome = run(
        current_child,
        f"def azureml_main({signature}):\n    return a\n",
        {"model": ("object", made.bytes["model"])},
    )
    error = outcome.error
    assert (error["code"], error["port"]) == ("unknown-port", "model")
    assert (
        error["summary"]
        == 'azureml_main has no keyword parameter "model", to which an input of the node is connected.'
    )
    assert error["hint"].startswith(hint)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"cno_such_library.models\nModel\n.", 'it needs "no_such_library", which cannot be imported'),
        (b"ccollections\nNoSuchClass\n.", "AttributeError: "),
        (b"\x80\x63.", "it was written by a newer Python (unsupported pickle protocol: 99)"),
        (b"hello", "UnpicklingError: "),
        (b"", "EOFError: Ran out of input"),
    ],
)
def test_an_object_of_another_environment_says_so(current_child, data, reason):
    """Unpickling fails in obscure ways where a library is missing; the author is told which, and what to do."""
    error = run(current_child, TAKES, {"model": ("object", data)}).error
    assert (error["code"], error["port"], error["kind"]) == ("unreadable-object", "model", "user")
    start = "The object at the input model can't be opened in the environment designer-py36: "
    assert error["summary"].startswith(start + reason)
    assert "in the same environment" in error["hint"]
