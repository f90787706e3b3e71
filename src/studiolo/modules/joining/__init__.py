"""How Join Data finds the rows that belong together."""
