"""Lets these tests use `frame_examples` of tests/unit/frames."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "frames"))
