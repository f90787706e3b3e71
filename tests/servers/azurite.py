"""Asks the Azure emulator as an SDK does, by Shared Key: nothing of studiolo's own signing is in it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import urllib.request
from email.utils import formatdate

ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The key that every emulator has, documented by the vendor: no secret."""


def as_owner(method: str, endpoint: str, path: str, data: bytes = b"", blob: bool = False) -> bytes:
    """Ask the emulator at `endpoint` for a path with its query; give the answer."""
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2020-12-06"}
    if blob:
        headers["x-ms-blob-type"] = "BlockBlob"
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    base, _, query = path.partition("?")
    # in an emulator's address the account is part of the path, and so it stands twice in the resource
    resource = f"/{ACCOUNT}/{ACCOUNT}{base}" + "".join(
        f"\n{name}:{value}" for name, value in sorted(pair.split("=") for pair in query.split("&") if pair)
    )
    length = str(len(data)) if data else ""
    kind = "application/octet-stream" if data else ""
    signed = f"{method}\n\n\n{length}\n\n{kind}\n\n\n\n\n\n\n{lines}{resource}"
    mark = base64.b64encode(hmac.new(base64.b64decode(ACCOUNT_KEY), signed.encode(), hashlib.sha256).digest())
    headers["Authorization"] = f"SharedKey {ACCOUNT}:{mark.decode()}"
    if data:
        headers["Content-Type"] = kind
    request = urllib.request.Request(endpoint + path, data=data or None, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return bytes(response.read())
