"""The two scripts of the chain; studiolo and every peer run these same files."""
