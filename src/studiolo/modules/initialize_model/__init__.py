"""Modules that configure a learner, one file each; training takes what they put out."""
