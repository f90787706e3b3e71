"""Experiments as graphs: their files, their checks and the fingerprints of their nodes."""
