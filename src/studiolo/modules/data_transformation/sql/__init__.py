"""The two engines of Apply SQL Transformation and what they share."""
