"""Serves the script of benchmark `serving` with FastAPI and orjson, without walls."""

import importlib.util
import sys
from pathlib import Path

import orjson
import pandas as pd
import uvicorn
from fastapi import FastAPI, Request, Response

spec = importlib.util.spec_from_file_location("score", Path(__file__).parents[1] / "steps" / "score.py")
assert spec is not None and spec.loader is not None
score = importlib.util.module_from_spec(spec)
spec.loader.exec_module(score)
app = FastAPI()


@app.post("/score")
async def answer(request: Request) -> Response:
    """Read the table, call the function, write its table."""
    read = orjson.loads(await request.body())
    (frame,) = score.azureml_main(pd.DataFrame(read["data"], columns=read["columns"]))
    text = orjson.dumps({"columns": list(frame.columns), "data": frame.values.tolist()})
    return Response(text, media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
