"""Modules that measure how good trained models are."""
