"""Create Python Model: the user's class trains, travels and predicts (R-4.5)."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from studiolo.modules.evaluate.evaluate_model import evaluate_model
from studiolo.modules.python_language.create_python_model import TEMPLATE, create_python_model
from studiolo.modules.score.score_model import score_model
from studiolo.modules.train.train_model import train_model
from studiolo.sdk import ModuleError, ScriptText
from studiolo.sdk.roles import category_of, role_of, with_role

Refused = Callable[..., tuple[str, str, str]]

MEAN = """\
class AzureMLModel:
    def __init__(self):
        self.mean = None

    def train(self, df_train, df_label):
        self.columns = list(df_train.columns)
        self.kind = type(df_label).__name__
        self.name = df_label.name
        self.mean = df_label.mean()

    def predict(self, df):
        assert list(df.columns) == self.columns
        return [self.mean] * len(df)
"""


def table(rows: int = 60) -> pa.Table:
    """Give features of several types with a label of two classes."""
    draws = np.random.RandomState(0)
    age = draws.randn(rows)
    city = np.array(["Graz", "Oslo", None], dtype=object)[draws.randint(0, 3, rows)]
    return pa.table(
        {"age": age, "city": pa.array(city, pa.string()), "bought": np.where(age > 0.2, "yes", "no")}
    )


def train(text: str, data: pa.Table | None = None, label: str = "bought") -> Any:
    """Train a script."""
    untrained = create_python_model(python_script=text)
    return train_model(untrained, table() if data is None else data, label_column=[label])


def predicting(body: str) -> str:
    """Give a script whose predict has this body."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    head = "class AzureMLModel:\n    def train(self, df_train, df_label):\n        pass\n\n"
    return f"{head}    def predict(self, df):\n{lines}"


def test_the_template_trains_scores_and_can_be_evaluated() -> None:
    """R-4.5: a new node works before anything is typed, with text and gaps in the data."""
    scored = score_model(train(TEMPLATE), table())
    assert scored.column_names == ["age", "city", "bought", "Scored Labels", "Scored Probabilities"]
    marks = {name: (role_of(scored, name), category_of(scored, name)) for name in scored.column_names[2:]}
    assert marks == {
        "bought": ("label", None),
        "Scored Labels": ("score", "Binary Class Assigned Labels"),
        "Scored Probabilities": ("score", "Calibrated Score"),
    }
    assert evaluate_model(scored)[0]["AUC"][0].as_py() > 0.9


def test_the_class_gets_the_features_and_the_label_as_the_designer_gave_them() -> None:
    """Scripts of the designer run unchanged: a DataFrame of features and a Series of labels, none of them missing."""
    data = pa.table({"x": [1.0, 2.0, 3.0], "id": ["a", "b", "c"], "price": [2.0, None, 6.0]})
    data = with_role(data, ["id"], "none")
    model = train(MEAN, data, "price")
    assert vars(model._trained) == {"mean": 4.0, "columns": ["x"], "kind": "Series", "name": "price"}
    assert score_model(model, data)["Scored Labels"].to_pylist() == [4.0, 4.0, 4.0]


def test_another_process_opens_the_trained_object(tmp_path: Path) -> None:
    """R-4.2: objects on ports are opened by another job, which has to find the class of the script again."""
    (tmp_path / "model.pkl").write_bytes(
        pickle.dumps(train(MEAN, table().append_column("n", table()["age"]), "n"))
    )
    program = (
        "import pickle, sys, pyarrow\n"
        "model = pickle.load(open(sys.argv[1], 'rb'))\n"
        "print(model.scores(pyarrow.table({'age': [1.0], 'city': ['Graz'], 'bought': ['no']})).to_pydict())\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(tmp_path / "model.pkl")],
        capture_output=True,
        text=True,
    )
    expected = np.mean(table()["age"].to_numpy())
    assert done.stderr == "" and done.stdout == f"{{'Scored Labels': [{expected}]}}\n"


def test_objects_of_classes_that_pickle_does_not_know_travel_too() -> None:
    """Lambdas in pipelines are common."""
    text = MEAN.replace("self.mean = None", "self.mean, self.twice = None, lambda value: 2 * value")
    data = pa.table({"x": [1.0, 2.0], "price": [2.0, 4.0]})
    model = pickle.loads(pickle.dumps(train(text, data, "price")))
    assert model._trained.twice(model._trained.mean) == 6.0


def test_what_can_not_travel_is_told_in_training(refused: Refused) -> None:
    """Otherwise the node that scores would fail, which is not at fault."""
    text = MEAN.replace("self.mean = None", "self.lock = __import__('threading').Lock()")
    code, summary, hint = refused(train, text, table().append_column("n", table()["age"]), "n")
    assert code == "bad-return" and "AzureMLModel can't be kept" in summary and "pickled" in hint


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return list(df['age'])", {"Scored Labels": "double"}),
        ("return df['age'].to_numpy()", {"Scored Labels": "double"}),
        ("return df['age'].rename('guess')", {"guess": "double"}),
        ("return {'Scored Labels': ['x'] * len(df)}", {"Scored Labels": "string"}),
        (
            "import numpy as np\nreturn np.zeros((len(df), 2))",
            {"Scored Labels": "double", "Column 2": "double"},
        ),
        (
            "import pandas as pd\nreturn pd.DataFrame({'Scored Labels': 1, 7: True}, index=df.index[::-1])",
            {"Scored Labels": "int64", "7": "bool"},
        ),
    ],
)
def test_predict_may_return_what_makes_columns(body: str, expected: dict[str, str]) -> None:
    """Facts 4.11: the result columns are whatever predict returns."""
    scores = train(predicting(body)).scores(table())
    assert {field.name: str(field.type) for field in scores.schema} == expected
    assert {role_of(scores, name) for name in scores.column_names} == {"score"}


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        ("return None", "predict returned a NoneType for 60 rows."),
        ("return df.head(3)", "predict returned 3 rows for 60 rows."),
        ("return 7", "predict returned a int for 60 rows."),
        ("return df", "predict returned no column of its own."),
        (
            "return {'Scored Labels': ['x', 1] * (len(df) // 2)}",
            'The values of the column "Scored Labels" that predict returned are of different types.',
        ),
    ],
)
def test_what_makes_no_columns_is_refused(refused: Refused, body: str, summary: str) -> None:
    """The error says what came back, not where we stumbled over it."""
    assert refused(score_model, train(predicting(body)), table())[:2] == ("bad-return", summary)


def test_columns_of_the_dataset_that_come_back_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A script that adds its scores to df must not turn the features into scores."""
    model = train(predicting("df['Scored Labels'] = 'no'\ndf['age'] = 0\nreturn df"))
    scored = score_model(model, table())
    assert scored["age"] == table()["age"] and role_of(scored, "age") is None
    assert "they stay as they are there: age, city." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("labels", "predicted", "kind"),
    [
        ([1.5, 2.5, 3.0, 4.0], "[1.0] * len(df)", "Regression Assigned Labels"),
        ([1, 2, 3, 4], "[1.5] * len(df)", "Regression Assigned Labels"),
        ([1, 2, 3, 1], "[1] * len(df)", "Multi Class Assigned Labels"),
        (["a", "b", "a", "b"], "['a'] * len(df)", "Binary Class Assigned Labels"),
        ([True, False, True, True], "[True] * len(df)", "Binary Class Assigned Labels"),
    ],
)
def test_the_kind_of_scores_follows_from_the_label(labels: list[Any], predicted: str, kind: str) -> None:
    """Evaluate Model has to know what was predicted, and a script can't say it."""
    data = pa.table({"x": [1.0, 2.0, 3.0, 4.0], "y": labels})
    scores = train(predicting(f"return {predicted}"), data, "y").scores(data)
    assert category_of(scores, "Scored Labels") == kind


@pytest.mark.parametrize(
    ("text", "code", "line", "summary"),
    [
        ("import os\nx = (\n", "script-syntax", 2, "SyntaxError: '(' was never closed"),
        (
            "class Model:\n    pass\n",
            "missing-entry-point",
            None,
            "The Python script defines no class AzureMLModel.",
        ),
        (
            "class AzureMLModel:\n    pass\n",
            "missing-entry-point",
            None,
            "The class AzureMLModel has no method train.",
        ),
        (
            "import no_such_library\n",
            "missing-library",
            1,
            "ModuleNotFoundError: No module named 'no_such_library'",
        ),
        ("x = 1\nprint(1 / 0)\n", "script-raised", 2, "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)\n", "script-exited", 1, "SystemExit: 3"),
        (MEAN.replace("df_label.mean()", "df_label['no such']"), "script-raised", 9, "KeyError: 'no such'"),
    ],
)
def test_an_error_of_the_script_names_its_line(text: str, code: str, line: int | None, summary: str) -> None:
    """R-1.10: errors are the author's own, at their line."""
    with pytest.raises(ModuleError) as caught:
        train(text)
    error = caught.value
    assert (error.code, error.line, error.file) == (code, line, "python_script.py")
    assert error.summary.startswith(summary)


def test_the_stack_trace_begins_in_the_script_and_shows_no_frame_of_ours() -> None:
    """R-1.10: their traceback, first frame their script's; libraries below it stay."""
    text = MEAN.replace("df_label.mean()", "df_label.groupby('no such').mean()")
    with pytest.raises(ModuleError) as caught:
        train(text)
    lines = caught.value.traceback.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].startswith('  File "python_script.py", line 9, in train')
    assert lines[2].strip() == "self.mean = df_label.groupby('no such').mean()"
    assert any("pandas" in line for line in lines) and not any("studiolo" in line for line in lines)
    assert lines[-1] == "KeyError: 'no such'"


def test_two_scripts_of_the_same_name_show_each_its_own_lines() -> None:
    """Both are called python_script.py; the second one's lines must not stand in the first one's trace."""
    first = train(predicting("return 1 / 0  # first"))
    train(predicting("return 1 / 0  # second"))
    with pytest.raises(ModuleError) as caught:
        first.scores(table())
    assert "# first" in caught.value.traceback


def test_a_syntax_error_is_told_where_the_script_is_typed(refused: Refused) -> None:
    """The node that trains is not at fault; nothing of the script has run."""
    code, summary, _ = refused(create_python_model, python_script="def f(:\n")
    assert code == "script-syntax" and "line 1" in summary
    in_file = ScriptText("def f(:\n", "scripts/model.py")
    with pytest.raises(ModuleError) as caught:
        create_python_model(python_script=in_file)
    assert (caught.value.file, caught.value.parameter) == ("scripts/model.py", "")


def test_a_model_whose_script_fails_elsewhere_can_still_be_opened(tmp_path: Path) -> None:
    """The error belongs to the call, with its line, not to the opening of a port."""
    text = (
        f"import os\nif not os.path.exists({str(tmp_path / 'here')!r}):\n    raise OSError('gone')\n" + MEAN
    )
    (tmp_path / "here").touch()
    data = pa.table({"x": [1.0, 2.0], "price": [2.0, 4.0]})
    model = train(text, data, "price")
    kept = pickle.dumps(model)
    (tmp_path / "here").unlink()
    del sys.modules[model.source.name]
    opened = pickle.loads(kept)
    with pytest.raises(ModuleError) as caught:
        opened.scores(data)
    assert (caught.value.line, caught.value.summary) == (3, "OSError: gone")


def test_a_missing_column_and_no_rows_at_scoring(refused: Refused) -> None:
    """As of any trained model; most libraries refuse to predict no rows."""
    model = train(TEMPLATE)
    code, summary, _ = refused(score_model, model, table().drop_columns(["age"]))
    assert code == "missing-column" and '"age"' in summary
    empty = score_model(model, table().slice(0, 0))
    assert empty.num_rows == 0 and str(empty.schema.field("Scored Labels").type) == "string"


def test_cards_say_what_it_is() -> None:
    """The studio shows them; nothing of the objects is opened for it."""
    model = train(TEMPLATE)
    settings = dict(map(tuple, model.studiolo_card()["settings"]))
    assert settings["Label column"] == "bought" and settings["Columns"] == "age, city"
    assert dict(map(tuple, create_python_model().studiolo_card()["settings"]))["State"] == "untrained"


def test_pandas_values_come_back_as_studio_values() -> None:
    """Nullable and categorical columns of predict are as good as plain ones."""
    body = (
        "import pandas as pd\n"
        "return pd.DataFrame({'Scored Labels': pd.Categorical(['a'] * len(df)),"
        " 'n': pd.array([1, None] * (len(df) // 2), dtype='Int64'), 'f': [None, 1.5] * (len(df) // 2)})"
    )
    scores = train(predicting(body)).scores(table())
    assert [str(field.type) for field in scores.schema][1:] == ["int64", "double"]
    assert scores["f"].null_count == 0 and pd.isna(scores["f"].to_pylist()[0])
