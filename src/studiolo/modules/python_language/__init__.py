"""Modules whose code is Python that the user types."""
