"""The command `studiolo`: reads a command line, calls the workspace, shows what came of it."""
