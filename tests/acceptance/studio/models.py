"""Experiments that train and evaluate models on made-up people, for tests that look at them on the page."""

from __future__ import annotations

import random
from pathlib import Path
from textwrap import dedent

TRAINED = """\
name: Who buys
nodes:
  people: {module: import-data, parameters: {path: data/people.csv}}
  split:
    module: split-data
    parameters: {fraction_of_rows_in_the_first_output_dataset: 0.5, random_seed: 7}
    inputs: {dataset: people}
  logistic: {module: two-class-logistic-regression}
  forest: {module: two-class-decision-forest}
  train_logistic:
    module: train-model
    parameters: {label_column: [bought]}
    inputs: {untrained_model: logistic, dataset: split.results_dataset1}
  train_forest:
    module: train-model
    parameters: {label_column: [bought]}
    inputs: {untrained_model: forest, dataset: split.results_dataset1}
  score_logistic:
    module: score-model
    inputs: {trained_model: train_logistic, dataset: split.results_dataset2}
  score_forest:
    module: score-model
    inputs: {trained_model: train_forest, dataset: split.results_dataset2}
  evaluation:
    module: evaluate-model
    inputs: {scored_dataset: score_logistic, scored_dataset_to_compare: score_forest}
"""
OTHER_KINDS = """\
name: Cities, visits and groups
nodes:
  people: {module: import-data, parameters: {path: data/people.csv}}
  cities: {module: multiclass-logistic-regression}
  train_cities:
    module: train-model
    parameters: {label_column: [city]}
    inputs: {untrained_model: cities, dataset: people}
  score_cities:
    module: score-model
    inputs: {trained_model: train_cities, dataset: people}
  evaluate_cities:
    module: evaluate-model
    inputs: {scored_dataset: score_cities}
  visits: {module: linear-regression}
  train_visits:
    module: train-model
    parameters: {label_column: [visits]}
    inputs: {untrained_model: visits, dataset: people}
  score_visits:
    module: score-model
    inputs: {trained_model: train_visits, dataset: people}
  evaluate_visits:
    module: evaluate-model
    inputs: {scored_dataset: score_visits}
  means:
    module: k-means-clustering
    parameters: {number_of_centroids: 3}
  groups:
    module: train-clustering-model
    parameters: {column_set: [age, visits]}
    inputs: {untrained_model: means, dataset: people}
  evaluate_groups:
    module: evaluate-model
    inputs: {scored_dataset: groups.results_dataset}
"""
UNJOINED = """\
name: Not joined yet
nodes:
  learner: {module: two-class-logistic-regression}
  means: {module: k-means-clustering}
  train: {module: train-model}
  group: {module: train-clustering-model}
  script: {module: execute-python-script, script: scripts/script.py}
"""


def write_people(folder: Path, rows: int = 240) -> None:
    """Write data/people.csv of a workspace: who is older and comes more often buys, most of the time."""
    chance = random.Random(7)
    lines = ["age,visits,city,bought"]
    for _ in range(rows):
        age, visits = chance.randint(18, 80), chance.randint(0, 12)
        city = chance.choices(["Lima", "Oslo", "Rome"], [age, 90 - age, 3 * visits])[0]
        wish = 0.06 * age + 0.4 * visits + chance.gauss(0, 1.4)
        lines.append(f"{age},{visits},{city},{'yes' if wish > 5.5 else 'no'}")
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "people.csv").write_text("\n".join(lines) + "\n")


def write_experiment(folder: Path, name: str, text: str) -> None:
    """Write the files of one of these experiments."""
    experiment = folder / "experiments" / name
    (experiment / "scripts").mkdir(parents=True)
    (experiment / "experiment.yaml").write_text(text)
    if "scripts/script.py" in text:
        (experiment / "scripts" / "script.py").write_text(
            dedent(
                """\
                def azureml_main(dataframe1=None, dataframe2=None):
                    return dataframe1,
                """
            )
        )
