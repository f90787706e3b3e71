"""File formats as used inside the jail: `choosing.read` and `choosing.write`, and one file per format."""
