"""Serves the script of benchmark `serving` with BentoML, which is told to start one worker."""

import importlib.util
from pathlib import Path
from typing import Any

import bentoml
import pandas as pd

spec = importlib.util.spec_from_file_location("score", Path(__file__).parents[1] / "steps" / "score.py")
assert spec is not None and spec.loader is not None
score = importlib.util.module_from_spec(spec)
spec.loader.exec_module(score)


@bentoml.service(workers=1)
class Score:
    """Answers with the function's table."""

    @bentoml.api
    def score(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Read the table, call the function, write its table."""
        (frame,) = score.azureml_main(pd.DataFrame(payload["data"], columns=payload["columns"]))
        return {"columns": list(frame.columns), "data": frame.values.tolist()}
