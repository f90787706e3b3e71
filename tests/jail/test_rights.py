"""What rights a job has, and what it can do to the machine with them: none, and nothing."""

from __future__ import annotations

import pytest

from tests.jail.attacking import attack
from tests.jail.hosts import HostProcess


def test_no_capability_is_left(jail: HostProcess) -> None:
    """Case 36: every set of capabilities is empty, no new privilege can come, the filter is on."""
    code = """
    tried("look at /proc/self/status")
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        if int(status[name], 16): breach("%s is %s" % (name, status[name]))
    if status["NoNewPrivs"].strip() != "1": breach("new privileges")
    if status["Seccomp"].strip() != "2": breach("no filter")
    """
    attack(jail, code)
