"""studiolo: a self-hosted studio for machine-learning experiments.

`Workspace` and `Experiment` are the whole public face for programs; both load on first use, so that
`import studiolo` stays cheap for a command that only prints its help.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Experiment", "Workspace", "__version__"]

if TYPE_CHECKING:
    from studiolo.workspace import Experiment, Workspace


def __getattr__(name: str) -> Any:
    if name in ("Workspace", "Experiment"):
        from studiolo import workspace

        return getattr(workspace, name)
    raise AttributeError(f"module 'studiolo' has no attribute {name!r}")
