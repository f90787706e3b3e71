"""Batch jobs of a service: what clients ask for, where its tables lie, and the jobs' life. Nothing is imported here."""
