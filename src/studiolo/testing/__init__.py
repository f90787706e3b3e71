"""For tests with pytest or anything else, in the real jail: `run_script` runs a script, `run_module` a module."""

from studiolo.testing.modules import KeptObject, ModuleResult, run_module
from studiolo.testing.scripts import ScriptResult, run_script

__all__ = ["KeptObject", "ModuleResult", "ScriptResult", "run_module", "run_script"]
