"""`python -m benchmarks [NAME ...] [--quick] [--no-peers] [--json FILE]`: measures, and prints a table of figures."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.report import document, load_text, machine_line, table_lines

NAMES = (
    "script",
    "walls",
    "table",
    "chain",
    "rerun",
    "cold",
    "memory",
    "environments",
    "serving",
    "studio",
    "modules",
)


def main() -> None:
    """Run the benchmarks that are asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all by default")
    parser.add_argument(
        "--quick", action="store_true", help="few rounds, small data: only to see that it works"
    )
    parser.add_argument("--no-peers", action="store_true", help="leave out other tools; FastAPI stays")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all measured values to a file")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # it would make every start of pandas a second slower
    options = Options(arguments.quick, has_peers=not (arguments.no_peers or arguments.quick))
    figures: list[Figure] = []
    loads: list[dict[str, str]] = []
    for name in arguments.names or NAMES:
        before = load_text()
        print(f"{name}: load {before}", file=sys.stderr)
        figures += importlib.import_module(f"benchmarks.{name}").measure(options)
        loads.append({"benchmark": name, "before": before, "after": load_text()})
    print(machine_line())
    for load in loads:
        print(f"load during {load['benchmark']}: {load['before']} to {load['after']}")
    print("median (least); ratio: studiolo divided by what stands beside it")
    print()
    print("\n".join(table_lines(figures)))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(document(figures, loads), indent=1) + "\n")


if __name__ == "__main__":
    main()
