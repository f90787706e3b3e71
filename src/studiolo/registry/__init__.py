"""The modules that exist: built-in ones, those of the workspace and those of installed packages."""
