"""Modules that change datasets: columns, rows, types, scales; samples and joins."""
