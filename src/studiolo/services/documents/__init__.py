"""Documents of a published service, from its version alone: swagger, OpenAPI, help pages, ready-to-run clients."""
