"""The studio in the browser, without its web framework: documents, events, tables, uploads, language servers."""
