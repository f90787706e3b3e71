"""Each learner, trained and scored through the modules: what it gives, in what form, and how well (R-4.1)."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from studiolo.modules import initialize_model
from studiolo.modules.initialize_model.decision_forest_regression import decision_forest_regression
from studiolo.modules.initialize_model.linear_regression import linear_regression
from studiolo.modules.initialize_model.one_vs_all_multiclass import one_vs_all_multiclass
from studiolo.modules.initialize_model.two_class_boosted_decision_tree import two_class_boosted_decision_tree
from studiolo.modules.initialize_model.two_class_logistic_regression import two_class_logistic_regression
from studiolo.modules.initialize_model.two_class_neural_network import two_class_neural_network
from studiolo.modules.learning import decision_forests
from studiolo.modules.score.score_model import score_model
from studiolo.modules.train.train_anomaly_detection_model import train_anomaly_detection_model
from studiolo.modules.train.train_model import train_model
from studiolo.sdk import ModuleError
from studiolo.sdk.roles import category_of, columns_with_role, with_role

from .learning_tables import NAN, ROWS, halves, mixed, public

FOLDER = Path(initialize_model.__file__).parent
REDUCTIONS = ("one_vs_all_multiclass", "one_vs_one_multiclass", "ordinal_regression")
NAMES = sorted(
    path.stem for path in FOLDER.glob("*.py") if "\nLEARNER = " in path.read_text(encoding="utf-8")
)
EVERY = pytest.mark.parametrize("name", NAMES)
DETECTORS = (
    "one_class_support_vector_machine",
    "pca_based_anomaly_detection",
)  # there is no label to be right about
SUBSTITUTES = (
    *("two_class_bayes_point_machine", "two_class_decision_jungle", "multiclass_decision_jungle"),
    "two_class_locally_deep_support_vector_machine",
)


def learner(name: str, **settings: Any) -> Any:
    """Configure a learner; those of several classes around logistic regression."""
    function = getattr(importlib.import_module(f"{initialize_model.__name__}.{name}"), name)
    if name in REDUCTIONS:
        return function(two_class_logistic_regression(**settings))
    return function(**settings)


def trained(untrained: Any, table: pa.Table, label: str = "ziel") -> Any:
    """Train, by the module that fits the learner."""
    if untrained.task == "anomaly":
        return train_anomaly_detection_model(untrained, table)
    return train_model(untrained, table, label_column=[label])


def added(name: str, naming: str = "designer") -> dict[str, tuple[str, str | None]]:
    """Give type and kind of each column that scoring adds to the mixed table."""
    task = learner(name).task
    model = pickle.loads(pickle.dumps(trained(learner(name), mixed(task))))
    result = score_model(model, mixed(task), naming=naming)
    scores = columns_with_role(result, "score")
    assert result.column_names == [*mixed(task).column_names, *scores]
    return {one: (str(result.schema.field(one).type), category_of(result, one)) for one in scores}


LABELS = "Scored Labels"
SHARE = ("double", "Calibrated Score")
FORMS: Mapping[str, dict[str, tuple[str, str | None]]] = {
    "two-class": {LABELS: ("string", "Binary Class Assigned Labels"), "Scored Probabilities": SHARE},
    "multiclass": {
        **{f"Scored Probabilities_{one}": SHARE for one in ("a", "b", "ß")},
        LABELS: ("string", "Multi Class Assigned Labels"),
    },
    "regression": {LABELS: ("double", "Regression Assigned Labels")},
    "quantile": {
        f"Scores for quantile :{one}": ("double", "Regression Assigned Labels")
        for one in ("0.250", "0.500", "0.750")
    },
    "anomaly": {LABELS: ("int64", "Anomaly Detection Assigned Labels"), "Scored Probabilities": SHARE},
}


def test_every_file_of_a_learner_is_tested() -> None:
    """A learner that states no LEARNER in the usual form would not be in the tests below."""
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "k_means_clustering"}
    assert {*NAMES} <= files and len(NAMES) >= 24
    assert {name for name in files - {*NAMES} if "LEARNER" in (FOLDER / f"{name}.py").read_text()} == set()


@EVERY
def test_score_columns_have_the_names_types_and_kinds_of_the_retired_products(name: str) -> None:
    """Facts 4.11: scripts and clients hard-code them."""
    assert added(name) == FORMS[learner(name).task]


@EVERY
def test_the_classic_names_can_be_had(name: str) -> None:
    """Facts 4.11: imported experiments rename or drop these columns further down."""
    task = learner(name).task
    form = dict(FORMS[task])
    if task == "multiclass":
        form = {one.replace("_", ' for Class "') + '"' if "_" in one else one: form[one] for one in form}
    if name in ("decision_forest_regression", "bayesian_linear_regression"):
        spread = ("double", None)
        form = {"Scored Label Mean": form[LABELS], "Scored Label Standard Deviation": spread}
    assert added(name, "classic") == form


@pytest.mark.parametrize("name", [name for name in NAMES if name not in DETECTORS])
def test_the_mixed_table_is_learnt(name: str) -> None:
    """Categories, dates and gaps together say the label; a learner at chance has lost a column on the way."""
    untrained = learner(name)
    result = score_model(trained(untrained, mixed(untrained.task)), mixed(untrained.task))
    label = "Scores for quantile :0.500" if untrained.task == "quantile" else LABELS
    pairs = zip(result["ziel"].to_pylist(), result[label].to_pylist(), strict=True)
    known = [(true, said) for true, said in pairs if true is not None and true == true]
    if untrained.task in ("two-class", "multiclass"):
        assert np.mean([true == said for true, said in known]) > 0.8
    else:
        constant = np.std([true for true, _ in known])
        wrong = np.sqrt(np.mean([(true - said) ** 2 for true, said in known]))
        assert wrong < (0.97 if name == "poisson_regression" else 0.5) * constant


@EVERY
def test_new_values_gaps_and_no_rows_are_scored(name: str) -> None:
    """A service gets what comes: new categories, nothing but gaps, or an empty table."""
    untrained = learner(name)
    table = mixed(untrained.task)
    model = trained(untrained, table)
    new = table.slice(0, 3)
    for column, values in {
        "stadt": pa.array(["Lima", None, "🙂"]),
        "größe": pa.array([float("inf"), NAN, 1e300]),
        "plan": pa.array(["gold", None, "pro"]),
        "seit": pa.nulls(3, pa.timestamp("us")),
    }.items():
        new = new.set_column(new.column_names.index(column), column, values)
    result = score_model(model, new)
    for one in columns_with_role(result, "score"):
        assert all(value is not None and value == value for value in result[one].to_pylist()), one
    assert score_model(model, table.slice(0, 0)).num_rows == 0


@EVERY
def test_a_card_tells_what_was_trained(name: str) -> None:
    """The page of the trained model is this card: title, settings by the names of the panel, facts of training."""
    untrained = learner(name)
    cards = [untrained.studiolo_card(), trained(untrained, mixed(untrained.task)).studiolo_card()]
    assert cards[0]["title"] == cards[1]["title"]
    assert ["State", "untrained"] in cards[0]["settings"]
    facts = dict(cards[1]["settings"])
    if untrained.task != "anomaly":
        assert facts["Label column"] == "ziel"
        assert facts["Rows of training"] == ROWS - 7
    assert ("Substitute" in facts) == ("Substitute" in dict(cards[0]["settings"])) == (name in SUBSTITUTES)


@pytest.mark.parametrize("name", SUBSTITUTES)
def test_a_substitute_is_told_when_it_is_trained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Facts 7: never silently, since its results are not those of the retired product."""
    untrained = learner(name)
    trained(untrained, mixed(untrained.task))
    log = capsys.readouterr().out
    assert log.startswith(f"Warning: {untrained.title} is not public; ") and "other results" in log
    function = importlib.import_module(f"{initialize_model.__name__}.{name}")
    assert "WARNING: " in (getattr(function, name).__doc__ or "")


@pytest.mark.parametrize("name", NAMES)
def test_ranges_become_values_to_try(name: str) -> None:
    """Tune Model Hyperparameters tries them; each must be a setting that training takes."""
    mode = declared(name).parameter("create_trainer_mode")
    if name in REDUCTIONS or mode is not None:
        shown = {mode.when[0]: mode.when[1][0]} if mode is not None and mode.when else {}
        untrained = learner(name, create_trainer_mode="Parameter range", **shown)
    else:
        assert learner(name).ranges == {}
        return
    assert untrained.ranges
    one = untrained.with_settings({setting: values[0] for setting, values in untrained.ranges.items()})
    assert one.ranges == {}
    model = trained(one, mixed(untrained.task))
    told = dict(model.studiolo_card()["settings"])
    for setting, values in untrained.ranges.items():
        assert told[untrained.label_of(setting)] == values[0]


def declared(name: str) -> Any:
    """Give the declaration of a learner's module."""
    return getattr(importlib.import_module(f"{initialize_model.__name__}.{name}"), name).declaration


# How much of the odd rows each learner must get right after learning from the even ones: accuracy, or the share of
# the variance that it explains. The majority class has 0.63 (breast cancer) and 0.33 (iris).
QUALITY = {
    **dict.fromkeys([name for name in NAMES if learner(name).task == "two-class"], 0.92),
    **dict.fromkeys([name for name in NAMES if learner(name).task == "multiclass"], 0.9),
    **dict.fromkeys([name for name in NAMES if learner(name).task == "regression"], 0.2),
}


@pytest.mark.parametrize("name", QUALITY)
def test_public_data_is_predicted_well(name: str) -> None:
    """A learner that runs and learns nothing would pass every test of form."""
    task = learner(name).task
    table, _, _ = public({"two-class": "breast_cancer", "multiclass": "iris"}.get(task, "diabetes"))
    even, odd = halves(table)
    settings = {"l2_regularization_weight": 0.1} if name in REDUCTIONS else {}
    result = score_model(trained(learner(name, **settings), even, "target"), odd)
    true, said = (np.array(result[one].to_pylist()) for one in ("target", LABELS))
    if task == "regression":
        right = 1 - ((true - said) ** 2).sum() / ((true - true.mean()) ** 2).sum()
    else:
        right = (true == said).mean()
    assert right > QUALITY[name]


def plain(name: str) -> Any:
    """Give the library's own estimator, with the settings that the designer gave it by default."""
    from lightgbm import LGBMClassifier, LGBMRegressor
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import LinearSVC

    boosted: dict[str, Any] = {"num_leaves": 20, "min_child_samples": 10, "learning_rate": 0.2}
    boosted |= {"n_estimators": 100, "colsample_bytree": 0.6, "random_state": 0}
    boosted |= {"deterministic": True, "force_row_wise": True, "verbosity": -1}
    forest = {"n_estimators": 8, "max_depth": 32, "random_state": 0}
    logistic = LogisticRegression(C=1.0, tol=1e-7, max_iter=1000)
    network: dict[str, Any] = {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.1}
    network |= {"max_iter": 100, "momentum": 0.0}
    made = {
        "two_class_boosted_decision_tree": lambda: LGBMClassifier(**boosted),
        "multiclass_boosted_decision_tree": lambda: LGBMClassifier(**boosted),
        "boosted_decision_tree_regression": lambda: LGBMRegressor(**boosted),
        "two_class_decision_forest": lambda: RandomForestClassifier(**forest),
        "multiclass_decision_forest": lambda: RandomForestClassifier(**forest),
        "decision_forest_regression": lambda: RandomForestRegressor(**forest),
        "two_class_logistic_regression": lambda: logistic,
        "multiclass_logistic_regression": lambda: logistic,
        "two_class_neural_network": lambda: MLPClassifier(random_state=0, **network),
        "two_class_support_vector_machine": lambda: LinearSVC(
            penalty="l1", dual=False, C=500.0, max_iter=10, random_state=0
        ),
        "linear_regression": lambda: Ridge(alpha=0.001),
    }
    return made[name]()


EXACT = {
    "two_class_boosted_decision_tree": False,
    "multiclass_boosted_decision_tree": False,
    "boosted_decision_tree_regression": False,
    "two_class_decision_forest": False,
    "multiclass_decision_forest": False,
    "decision_forest_regression": False,
    "linear_regression": False,
    "two_class_logistic_regression": True,
    "multiclass_logistic_regression": True,
    "two_class_neural_network": True,
    "two_class_support_vector_machine": True,
}
"""Learner to whether its features are scaled to 0 … 1 first."""


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_predictions_are_those_of_the_library_with_the_settings_of_the_designer(name: str) -> None:
    """Facts 4.11, D's mapping: results can be checked against a notebook."""
    task = learner(name).task
    table, matrix, target = public({"two-class": "breast_cancer", "multiclass": "iris"}.get(task, "diabetes"))
    if EXACT[name]:
        matrix = (matrix - matrix.min(axis=0)) / (matrix.max(axis=0) - matrix.min(axis=0))
    matrix = np.asfortranarray(matrix)
    estimator = plain(name).fit(matrix, target)
    result = score_model(trained(learner(name), table, "target"), table)
    assert np.allclose(result[LABELS].to_pylist(), estimator.predict(matrix), rtol=1e-9)
    if hasattr(estimator, "predict_proba"):
        said = [result[one].to_numpy() for one in result.column_names if one.startswith("Scored Prob")]
        expected = estimator.predict_proba(matrix)
        wanted = expected[:, 1:] if task == "two-class" else expected
        assert np.allclose(np.column_stack(said), wanted, rtol=1e-7, atol=1e-12)


def test_a_forest_gives_the_same_sums_in_one_block_and_in_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-3.3: the library's own threads add up in the order in which they end; equal inputs must give equal results."""
    table, _, _ = public("breast_cancer")
    model = trained(learner("two_class_decision_forest"), table, "target")
    whole = score_model(model, table)
    monkeypatch.setattr(decision_forests, "ROWS_AT_ONCE", 100)
    assert score_model(model, table).equals(whole)


def test_the_spread_of_a_forest_is_that_of_its_trees() -> None:
    """Facts 4.11: Scored Label Standard Deviation is how far the trees are apart."""
    table, matrix, _ = public("diabetes")
    model = trained(decision_forest_regression(), table, "target")
    result = score_model(model, table, naming="classic")
    rows = matrix.astype(np.float32)
    said = np.stack([tree.predict(rows) for tree in model.estimator.forest.estimators_])
    assert np.allclose(result["Scored Label Mean"].to_numpy(), said.mean(axis=0))
    assert np.allclose(result["Scored Label Standard Deviation"].to_numpy(), said.std(axis=0))


def test_weights_weigh_rows() -> None:
    """R-4.1, roles: a row of weight 0 is one that is not there."""
    table = pa.table({"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 4.0, 6.0, 100.0], "w": [1.0, 1.0, 1.0, 0.0]})
    weighted = with_role(table, ["w"], "weight")
    model = trained(linear_regression(l2_regularization_weight_ols=0), weighted, "y")
    assert model.columns == ["x"]
    assert np.allclose(score_model(model, table)[LABELS].to_numpy(), [2, 4, 6, 8])


def test_columns_with_other_roles_are_not_learnt_from() -> None:
    """Binding contract: training never takes score, fold, weight or cleared columns; the answer may be in them."""
    table = pa.table({"x": [1.0, 2.0, 3.0, 4.0], "y": [0, 1, 0, 1], **{one: [0, 1, 0, 1] for one in "abcd"}})
    for column, role in {"a": "score", "b": "fold", "c": "none", "d": "label"}.items():
        table = with_role(table, [column], role)
    assert trained(two_class_logistic_regression(), table, "y").columns == ["x"]


def test_a_machine_without_openmp_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """LightGBM raises a bare OSError of the loader there."""
    found = importlib.import_module

    def missing(name: str) -> Any:
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file: No such file or directory")
        return found(name)

    monkeypatch.setattr("studiolo.modules.learning.boosted_trees.importlib.import_module", missing)
    with pytest.raises(ModuleError, match="libgomp") as caught:
        two_class_boosted_decision_tree().train(mixed("two-class"), "ziel")
    assert caught.value.code == "missing-library" and "apt-get install libgomp1" in caught.value.hint


COPIES = """
import os, pickle, signal, sys
from studiolo.modules.score.score_model import score_model
model, table = pickle.load(open(sys.argv[1], "rb"))
for _ in range(2):
    copy = os.fork()
    if copy == 0:
        signal.alarm(60)  # the copy would wait for threads that only its parent had
        score_model(model, table)
        os._exit(0)
    if os.waitpid(copy, 0)[1] != 0:
        sys.exit("a copy of the process did not predict")
"""


@pytest.mark.parametrize("name", ["two_class_boosted_decision_tree", "decision_forest_regression"])
def test_a_model_predicts_in_a_copy_of_the_process_that_opened_it(name: str, tmp_path: Path) -> None:
    """A service opens the model once and forks for each request; threads do not live on in a copy."""
    untrained = learner(name)
    table = mixed(untrained.task)
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps((trained(untrained, table), table)))
    command = [sys.executable, "-W", "ignore", "-c", COPIES, str(file)]
    assert subprocess.run(command, capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize("nodes", ["", "many", "0", "10; -5", "99999", "1,2,3,4,5,6,7,8,9,10,11"])
def test_hidden_nodes_that_are_no_layers_are_refused_where_they_are_set(nodes: str) -> None:
    """The mistake is on this node, not on the one that trains."""
    with pytest.raises(ModuleError, match="number of hidden nodes") as caught:
        two_class_neural_network(number_of_hidden_nodes=nodes)
    assert (caught.value.code, caught.value.parameter) == ("wrong-value", "number_of_hidden_nodes")


def test_a_network_in_net_sharp_is_refused() -> None:
    """The language of classic is not public; to run something else in its place would be a lie."""
    with pytest.raises(ModuleError, match="Net#"):
        two_class_neural_network(hidden_layer_specification="Custom definition script")


def test_a_wrong_learner_for_the_module_that_trains_is_told() -> None:
    """Their ports fit, and only the task tells them apart."""
    with pytest.raises(ModuleError, match="learns without a label") as caught:
        train_model(learner("pca_based_anomaly_detection"), mixed("two-class"), label_column=["ziel"])
    assert "Train Anomaly Detection Model" in caught.value.hint
    with pytest.raises(ModuleError, match="needs a label") as caught:
        train_anomaly_detection_model(linear_regression(), mixed("regression"))
    assert "Train Model" in caught.value.hint
    with pytest.raises(ModuleError, match="needs an untrained two-class learner; Linear Regression is none"):
        one_vs_all_multiclass(linear_regression())
