"""Cleaning of texts by rules, without a language model."""
