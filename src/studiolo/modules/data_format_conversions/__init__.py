"""Modules that put a dataset out in a file format."""
