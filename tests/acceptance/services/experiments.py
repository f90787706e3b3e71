"""The experiments behind the services that are asked here."""

from __future__ import annotations

from tests.acceptance.services.server import Desk

ROWS = "{module: enter-data-manually, parameters: {data_format: CSV, has_header: true, data: "
SCORE = f"""\
nodes:
  rows: {ROWS}"age,income,city\\n30,1.5,Bern\\n4,2.5,"}}}}
  score: {{module: execute-python-script, script: scripts/score.py, inputs: {{dataset1: rows}}}}
web_service:
  inputs: {{input1: score.dataset1}}
  outputs: {{output1: score.result_dataset}}
  parameters: {{threshold: score.threshold, label: score.label}}
"""
SCORE_SCRIPT = """\
import time

def azureml_main(rows, other=None, threshold=2.0, label="high"):
    if label == "break":
        raise ValueError("broken on purpose")
    if label.startswith("wait"):
        time.sleep(float(label[4:]))
    rows["label"] = [label if value > threshold else None for value in rows["income"]]
    rows["double"] = rows["age"] * 2
    return rows[["city", "double", "label"]]
"""
PAIR = f"""\
nodes:
  left: {ROWS}"key,a\\n1,x\\n2,y"}}}}
  right: {ROWS}"key,b\\n1,0.5\\n2,1.5"}}}}
  join: {{module: execute-python-script, script: scripts/join.py, inputs: {{dataset1: left, dataset2: right}}}}
web_service:
  inputs: {{left table: join.dataset1, right table: join.dataset2}}
  outputs: {{joined: join.result_dataset, counted: join.result_dataset2}}
"""
PAIR_SCRIPT = """\
import pandas

def azureml_main(left, right):
    return left.merge(right, on="key"), pandas.DataFrame({"left": [len(left)], "right": [len(right)]})
"""
CHAIN = f"""\
nodes:
  rows: {ROWS}"region,amount\\nnorth,1\\nsouth,2\\nnorth,3"}}}}
  wash: {{module: execute-python-script, script: scripts/wash.py, inputs: {{dataset1: rows}}}}
  sums:
    module: apply-sql-transformation
    parameters: {{query: "select region, sum(amount) as total from t1 group by region order by region"}}
    inputs: {{table1: wash.result_dataset}}
  mark: {{module: execute-python-script, script: scripts/mark.py, inputs: {{dataset1: sums}}}}
web_service:
  inputs: {{input1: wash.dataset1}}
  outputs: {{output1: mark.result_dataset}}
  parameters: {{factor: wash.factor, mark: mark.mark}}
"""
CHAIN_SCRIPTS = {
    "wash": "def azureml_main(d, _=None, factor=1):\n    d['amount'] *= factor\n    return d\n",
    "mark": "def azureml_main(d, _=None, mark='!'):\n    d['region'] += mark\n    return d\n",
}


def write_score(desk: Desk, name: str) -> None:
    """Write an experiment like `score` under another name."""
    desk.experiment(name, SCORE, score=SCORE_SCRIPT)
