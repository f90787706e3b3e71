"""What the programs of this folder share: the chain's two scripts, and how they tell what they measured."""

from __future__ import annotations

import importlib.util
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STEPS = Path(__file__).resolve().parents[1] / "steps"


def function_of(name: str) -> Callable[..., Any]:
    """Give the function of a script of the chain."""
    spec = importlib.util.spec_from_file_location(name, STEPS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded.azureml_main


first = function_of("first")
step = function_of("step")


def main(run: Callable[[int, Path, str], float]) -> None:
    """Carry out `PROGRAM NODES REPEATS FOLDER MODE` and print seconds and result as one line of JSON.

    Args:
        run: runs the chain of so many nodes once, may write to the folder, gives the last table's column `b`.
    """
    nodes, repeats, folder, mode = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    if mode != "log":
        logging.disable(logging.INFO)
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        value = run(nodes, folder, mode)
        seconds.append(time.perf_counter() - began)
    print(json.dumps({"seconds": seconds, "value": float(value)}))
