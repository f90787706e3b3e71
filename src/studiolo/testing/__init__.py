"""Public doubles for tests of modules and experiments."""
