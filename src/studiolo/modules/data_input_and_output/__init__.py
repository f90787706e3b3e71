"""Modules that bring data in and take it out."""
