"""One step as a program of its own, the usual way to isolate it: `fresh_python.py SCRIPT OUT.parquet [IN.parquet]`."""

import runpy
import sys

import pandas as pd

if __name__ == "__main__":
    script, target, *sources = sys.argv[1:]
    function = runpy.run_path(script)["azureml_main"]
    function(*[pd.read_parquet(source) for source in sources]).to_parquet(target)
