"""Prints the OpenAPI document of the studio's API, of which the page's types are made.

Run as `python -m studiolo.server.studio.document_openapi`; `make page` does.
"""

from __future__ import annotations

import json
import sys

from studiolo.server.studio.api import make_studio_api

if __name__ == "__main__":
    json.dump(make_studio_api(None).openapi(), sys.stdout, indent=1, sort_keys=True)
    print()
