"""Scoring script of benchmark `serving` for azureml-inference-server-http, written as its documentation shows."""

import importlib.util
import json
from pathlib import Path

import pandas as pd

spec = importlib.util.spec_from_file_location("score", Path(__file__).parents[1] / "steps" / "score.py")
assert spec is not None and spec.loader is not None
score = importlib.util.module_from_spec(spec)
spec.loader.exec_module(score)


def init():
    """Called once; there is nothing to load."""


def run(raw_data):
    """Answer one request."""
    read = json.loads(raw_data)
    (frame,) = score.azureml_main(pd.DataFrame(read["data"], columns=read["columns"]))
    return {"columns": list(frame.columns), "data": frame.values.tolist()}
