"""Content by digest: naming, keeping, reading and removing it."""
