"""Modules that compute statistics and functions of columns."""
