"""R Language Modules of the palette."""
