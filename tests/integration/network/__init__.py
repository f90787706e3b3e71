"""Real sockets through a real gate, from real network namespaces."""
