"""Modules that find out which columns matter."""
