"""Modules that train."""
