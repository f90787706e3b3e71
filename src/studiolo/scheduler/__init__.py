"""Decides what of a run happens when: a state machine without I/O, and the dispatcher that carries it out."""
