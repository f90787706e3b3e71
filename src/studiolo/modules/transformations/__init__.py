"""Transformations: fitted changes of a dataset that travel on ports and can be applied to another one."""
