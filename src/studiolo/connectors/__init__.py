"""Where data comes from and goes to: files of the workspace and http(s) addresses."""

from studiolo.connectors.address import is_address
from studiolo.connectors.local import resolve_source
from studiolo.connectors.source import FetchedFile, read_source
from studiolo.connectors.target import WrittenTarget, write_target

__all__ = ["FetchedFile", "WrittenTarget", "is_address", "read_source", "resolve_source", "write_target"]
