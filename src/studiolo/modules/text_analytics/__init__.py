"""Modules that turn text into columns."""
