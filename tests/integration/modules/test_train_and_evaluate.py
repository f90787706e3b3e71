"""From data to a judged model as real runs in the jail: split, train, score, evaluate, tune, publish (R-4.4, R-4.5)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sklearn import metrics
from sklearn.datasets import load_breast_cancer

from studiolo import Workspace
from studiolo.errors import ScriptError
from studiolo.services.registry import Services
from studiolo.services.trying import try_version

EXPERIMENT = """\
name: Tumours
nodes:
  data: {module: import-data, parameters: {path: data/tumours.csv}}
  split:
    module: split-data
    parameters: {fraction_of_rows_in_the_first_output_dataset: 0.7, random_seed: 1}
    inputs: {dataset: data}
  logistic: {module: two-class-logistic-regression, parameters: {l2_regularization_weight: 0.1}}
  neighbours: {module: create-python-model, script: scripts/neighbours.py}
  train_logistic:
    module: train-model
    parameters: {label_column: [kind]}
    inputs: {untrained_model: logistic, dataset: split.results_dataset1}
  train_neighbours:
    module: train-model
    parameters: {label_column: [kind]}
    inputs: {untrained_model: neighbours, dataset: split.results_dataset1}
  score_logistic:
    module: score-model
    inputs: {trained_model: train_logistic, dataset: split.results_dataset2}
  score_neighbours:
    module: score-model
    inputs: {trained_model: train_neighbours, dataset: split.results_dataset2}
  evaluate:
    module: evaluate-model
    inputs: {scored_dataset: score_logistic, scored_dataset_to_compare: score_neighbours}
  ranges:
    module: two-class-logistic-regression
    parameters: {create_trainer_mode: Parameter range, l2_regularization_weight_range: 0.01; 100}
  tune:
    module: tune-model-hyperparameters
    parameters:
      specify_parameter_sweeping_mode: Random grid
      label_column: [kind]
      maximum_number_of_runs_on_random_grid: 3
      metric_for_measuring_performance_for_classification: AUC
    inputs: {untrained_model: ranges, training_dataset: split.results_dataset1}
  importance:
    module: permutation-feature-importance
    inputs: {trained_model: tune.trained_best_model, test_data: split.results_dataset2}
  folds:
    module: cross-validate-model
    parameters: {label_column: [kind], number_of_folds: 3}
    inputs: {untrained_model: neighbours, dataset: data}
  best:
    module: filter-based-feature-selection
    parameters: {target_column: [kind], number_of_desired_features: 2, feature_scoring_method: Fisher Score}
    inputs: {dataset: data}
web_service:
  inputs: {input1: score_neighbours.dataset}
  outputs: {output1: score_neighbours}
"""
SCRIPT = """\
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier


class Scaler:
    def __init__(self, frame):
        self.mean, self.spread = frame.mean(), frame.std()

    def __call__(self, frame):
        return (frame - self.mean) / self.spread


class AzureMLModel:
    def __init__(self):
        self.model = KNeighborsClassifier(5)

    def train(self, df_train, df_label):
        print("learning", len(df_train))
        self.scaler = Scaler(df_train)
        self.model.fit(self.scaler(df_train), df_label)

    def predict(self, df):
        probabilities = self.model.predict_proba(self.scaler(df))
        labels = self.model.classes_[probabilities.argmax(axis=1)]
        return pd.DataFrame({"Scored Labels": labels, "Scored Probabilities": probabilities[:, 1]})
"""
COLUMNS = ("mean radius", "mean texture", "worst area", "worst smoothness", "mean symmetry")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with real data and the experiment, not yet run."""
    with Workspace.create(tmp_path_factory.mktemp("models") / "work", "Models") as opened:
        bunch = load_breast_cancer(as_frame=True)
        frame = bunch.data[list(COLUMNS)].assign(kind=[bunch.target_names[one] for one in bunch.target])
        (opened.path / "data").mkdir(exist_ok=True)
        frame.to_csv(opened.path / "data" / "tumours.csv", index=False)
        write(opened.path / "experiments" / "tumours", EXPERIMENT, SCRIPT)
        yield opened


def write(folder: Path, experiment: str, script: str) -> None:
    """Write an experiment with its one script."""
    (folder / "scripts").mkdir(parents=True, exist_ok=True)
    (folder / "experiment.yaml").write_text(experiment, encoding="utf-8")
    (folder / "scripts" / "neighbours.py").write_text(script, encoding="utf-8")


def test_two_models_are_trained_compared_tuned_and_validated(workspace: Workspace) -> None:
    """R-4.4: the workflow of the retired products, each step in a job of its own."""
    result = workspace.run("tumours").raise_for_failure()
    evaluated = result["evaluate"].output("evaluation_results").to_pandas()
    scored = result["score_neighbours"].output("scored_dataset").to_pandas()
    assert evaluated.loc[1, "AUC"] == pytest.approx(
        metrics.roc_auc_score(scored["kind"] == "malignant", scored["Scored Probabilities"])
    )
    assert (evaluated["Accuracy"] > 0.85).all() and (evaluated["AUC"] > 0.9).all()
    curves = result["evaluate"].output("evaluation_curves").to_pandas()
    assert (
        set(curves["Dataset"]) == {1, 2}
        and len(result["evaluate"].output("confusion_matrix").to_pandas()) == 8
    )
    sweep = result["tune"].output("sweep_results").to_pandas()
    assert list(sweep["Rank"]) == [1, 2, 3] and sweep["AUC"].is_monotonic_decreasing
    assert set(result["importance"].output("feature_importance").to_pandas()["Feature"]) == set(COLUMNS)
    folds = result["folds"].output("evaluation_results_by_fold").to_pandas()
    assert list(folds["Fold Number"]) == ["1", "2", "3", "Mean", "Standard Deviation"]
    assert result["folds"].log.decode().count("learning") == 3
    assert "learning 398" in result["train_neighbours"].log.decode()
    assert result["best"].output("filtered_dataset").to_pandas().columns[0] == "kind"
    assert result["tune"].output("trained_best_model").size > 0


def test_a_second_run_does_nothing_again(workspace: Workspace) -> None:
    """R-3.3: trained objects are named by their content like everything else."""
    states = {node.state for node in workspace.run("tumours").nodes.values()}
    assert states == {"reused"}


def test_a_python_model_answers_in_a_published_service(workspace: Workspace) -> None:
    """R-4.5: the class travels with the object into the service."""
    version = Services(workspace).publish("tumours", "tumours").version
    rows = pd.read_csv(workspace.path / "data" / "tumours.csv").head(2)
    body = {"inputs": {"input1": rows.to_dict("records")}, "parameters": {}}
    table = try_version(workspace, version, body, 30.0).outputs["output1"]
    names = [column["name"] if isinstance(column, dict) else column for column in table["columns"]]
    answered = pd.DataFrame(table["data"], columns=names)
    assert answered["Scored Labels"].tolist() == ["malignant", "malignant"]


def test_an_error_of_the_class_is_the_scripts_own(workspace: Workspace) -> None:
    """R-1.10: the node that trains tells line and trace of the script, no frame of ours in it."""
    script = SCRIPT.replace("self.scaler = Scaler(df_train)", "self.scaler = Scaler(df_train['no such'])")
    write(workspace.path / "experiments" / "broken", EXPERIMENT, script)
    result = workspace.run("broken")
    error = result["train_neighbours"].error
    assert isinstance(error, ScriptError)
    assert (error.code, error.summary) == ("script-raised", "KeyError: 'no such'")
    assert (error.where.node, error.where.line) == ("train_neighbours", 19)
    assert error.where.file is not None and error.where.file.endswith("scripts/neighbours.py")
    own = error.traceback.rpartition("Traceback (most recent call last):\n")[2]  # below its cause in pandas
    assert own.startswith('  File "scripts/neighbours.py", line 19, in train')
    assert "src/studiolo" not in error.traceback
    assert result["train_logistic"].error is None


def test_a_syntax_error_stops_the_node_that_holds_the_script(workspace: Workspace) -> None:
    """The line is told at the node where it is typed."""
    write(workspace.path / "experiments" / "unreadable", EXPERIMENT, SCRIPT + "\nclass Left(:\n")
    result = workspace.run("unreadable")
    error = result["neighbours"].error
    assert isinstance(error, ScriptError)
    assert (error.code, error.where.line) == ("script-syntax", 27)
    assert io.StringIO(error.traceback).readline() == '  File "scripts/neighbours.py", line 27\n'
