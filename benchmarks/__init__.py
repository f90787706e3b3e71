"""Measures studiolo beside its alternatives: `python -m benchmarks`, explained in docs/performance.md."""
