"""Azure Blob storage: reads connection strings and signs addresses of single blobs; opens nothing.

A signed address is asked like any other http(s) address, by `connectors.fetch` and `connectors.send`, so the same
rules hold for what may be reached. The vendor's library makes connections of its own, past these rules.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from studiolo.errors import UserError

PUT_HEADERS: Mapping[str, str] = {"x-ms-blob-type": "BlockBlob"}
"""What a PUT of a whole blob must say."""

READ, WRITE, LIST = "r", "cw", "l"
_VERSION = "2020-12-06"
_EMULATOR = "devstoreaccount1"
_EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The key that every emulator has, documented by the vendor: no secret."""

_CONTAINER = re.compile(r"\$root|\$web|(?=.{3,63}\Z)[a-z0-9]+(?:-[a-z0-9]+)*")
_ACCOUNT = re.compile(r"[a-z0-9-]{1,63}")
_SUFFIX = re.compile(r"[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?")
LONGEST_NAME = 1024


@dataclass(frozen=True)
class AzureAccount:
    """A storage account as a connection string names it.

    Attributes:
        endpoint: address of its blobs, with no slash at its end.
        name: of the account.
        key: secret, or None with a signature.
        signature: a query that opens it, without question mark, or empty.
    """

    endpoint: str
    name: str
    key: bytes | None = field(default=None, repr=False)
    signature: str = field(default="", repr=False)


def parse_connection_string(text: str) -> AzureAccount:
    """Read a connection string of a storage account; `BlobEndpoint` may be any server that speaks as Azure does.

    Raises:
        UserError: `bad-connection-string`.
    """
    items: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.strip().partition("=")
        if part.strip() and not equals:
            raise _bad("a part of it is not NAME=VALUE")
        items[name.strip().lower()] = value.strip()
    if items.get("usedevelopmentstorage", "").lower() == "true":
        items = {"accountname": _EMULATOR, "accountkey": _EMULATOR_KEY}
        items["blobendpoint"] = f"http://127.0.0.1:10000/{_EMULATOR}"
    name = items.get("accountname", "")
    endpoint = items.get("blobendpoint", "")
    if not endpoint:
        scheme = items.get("defaultendpointsprotocol", "https").lower()
        suffix = items.get("endpointsuffix", "core.windows.net")
        if scheme not in ("http", "https") or not _ACCOUNT.fullmatch(name) or not _SUFFIX.fullmatch(suffix):
            raise _bad("it has neither BlobEndpoint nor a usable AccountName")
        endpoint = f"{scheme}://{name}.blob.{suffix}"
    if not re.match(r"https?://[^/?#]", endpoint, re.I) or "?" in endpoint or "#" in endpoint:
        raise _bad("its BlobEndpoint is not an http(s) address")
    signature = items.get("sharedaccesssignature", "").removeprefix("?")
    key = None
    if items.get("accountkey"):
        try:
            key = base64.b64decode(items["accountkey"], validate=True)
        except (binascii.Error, ValueError):
            raise _bad("its AccountKey is not base64") from None
        if not name:
            raise _bad("it has an AccountKey but no AccountName")
    elif not signature:
        raise _bad("it has neither AccountKey nor SharedAccessSignature")
    return AzureAccount(endpoint.rstrip("/"), name, key, signature)


def check_container(name: str) -> None:
    """Make sure that a container may have this name.

    Raises:
        UserError: `bad-container`.
    """
    if not _CONTAINER.fullmatch(name):
        raise UserError(
            "bad-container",
            f"{name[:80]!r} can't be the name of a container.",
            "Containers have 3 to 63 small letters, digits and single hyphens.",
        )


def blob_url(account: AzureAccount, container: str, blob: str) -> str:
    """Give the address of a blob, unsigned."""
    return f"{account.endpoint}/{quote(container, safe='$')}/{quote(blob, safe='/')}"


def blob_signature(account: AzureAccount, container: str, blob: str, permission: str, seconds: float) -> str:
    """Give the query that opens one blob for a while, without question mark: a service SAS, or the one given.

    Args:
        account: whose key signs.
        container: its name.
        blob: its name in the container.
        permission: `READ` or `WRITE`.
        seconds: from now on.
    """
    return _signature(account, f"{container}/{blob}", "b", permission, seconds)


def container_signature(account: AzureAccount, container: str, permission: str, seconds: float) -> str:
    """Give the query that opens a container for a while, as `blob_signature` does a blob; `LIST` gives the names."""
    return _signature(account, container, "c", permission, seconds)


def _signature(account: AzureAccount, path: str, kind: str, permission: str, seconds: float) -> str:
    if account.key is None:
        return account.signature
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    resource = f"/blob/{account.name}/{path}"
    # permissions, start, expiry, resource, identifier, IP, protocol, version, kind, snapshot, scope, five headers
    signed = "\n".join([permission, "", ends, resource, "", "", "", _VERSION, kind, *[""] * 7])
    mark = base64.b64encode(hmac.new(account.key, signed.encode(), hashlib.sha256).digest()).decode()
    return urlencode({"sv": _VERSION, "sr": kind, "sp": permission, "se": ends, "sig": mark})


def _bad(why: str) -> UserError:
    return UserError(
        "bad-connection-string",
        f"The connection string of the storage account can't be used: {why}.",
        "Copy it whole: DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net",
    )
