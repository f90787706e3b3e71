"""Lets the tests of frames share `frame_examples`, which holds strategies and so cannot be fixtures."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
