"""One thread for each learner: tables of forty rows, beside other tests, only wait for more."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when the first library that uses it is loaded
