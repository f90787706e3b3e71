"""The HTTP server: the only layer that knows the web framework. Nothing is imported here."""
