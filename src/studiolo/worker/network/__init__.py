"""Network grants, enforced by the host: a job reaches only what the gate connects for it."""

from studiolo.worker.network.gate import Gate
from studiolo.worker.network.rules import Denied, Rules

__all__ = ["Denied", "Gate", "Rules"]
