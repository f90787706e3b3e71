"""The frozen nouns of studiolo: no I/O, no third-party imports."""
