"""The chain in other tools: programs for the interpreter of `.bench-venv`, started by `benchmarks.peer_chains`."""
