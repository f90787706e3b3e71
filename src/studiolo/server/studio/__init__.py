"""The API of the studio: what the page in the browser speaks, documented by OpenAPI."""
