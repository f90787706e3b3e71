"""Modules whose code is R that the user types."""
