"""The host side of the jail: pools, jobs, what comes back."""
