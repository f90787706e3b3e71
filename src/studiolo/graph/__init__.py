"""Experiments as graphs: reading and writing their files, checking them, and the fingerprints of their nodes."""
