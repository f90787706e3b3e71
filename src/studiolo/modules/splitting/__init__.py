"""The ways in which Split Data divides rows."""
