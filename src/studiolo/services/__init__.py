"""Publishes experiments as web services and answers their requests; does not know of any web framework."""
