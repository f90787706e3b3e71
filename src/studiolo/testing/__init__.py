"""For tests of scripts with pytest or anything else: `run_script` runs one in the real jail."""

from studiolo.testing.scripts import ScriptResult, run_script

__all__ = ["ScriptResult", "run_script"]
