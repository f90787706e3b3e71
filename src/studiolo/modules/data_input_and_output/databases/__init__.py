"""How Import Data reads files that are databases."""
