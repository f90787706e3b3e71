"""Rows drawn or made up from the rows of a dataset."""
