"""What modules need of single columns: choosing, naming, types, values."""
