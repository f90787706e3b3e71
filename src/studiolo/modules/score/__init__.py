"""Modules that apply what was trained or fitted."""
