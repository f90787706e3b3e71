"""Objects of S3 and blobs of Azure as addresses name them: `s3://…`, `azure://…` and the https form of a blob.

    s3://{secret:id}:{secret:key}@bucket/key.csv?region=eu-central-1&endpoint=https://minio.example:9000
    azure://{secret:connection}@container/blob.csv      azure://ACCOUNT:{secret:key}@container/blob.csv
    https://ACCOUNT.blob.core.windows.net/container/blob.csv?{secret:sas}

They are asked by signed http(s) addresses, by the rules that hold for these. A name that ends in a slash stands for all
objects whose names begin so. What is read here has the values of secrets in it already.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from studiolo.connectors.address import Address, parse_address
from studiolo.connectors.azure_blob import (
    LIST,
    LONGEST_NAME,
    PUT_HEADERS,
    READ,
    WRITE,
    AzureAccount,
    blob_signature,
    blob_url,
    check_container,
    container_signature,
    parse_connection_string,
)
from studiolo.connectors.s3 import (
    S3Access,
    access_of_environment,
    bucket_url,
    check_access,
    object_signature,
    object_url,
    parse_s3,
)
from studiolo.errors import UserError

SIGNED_SECONDS = 6 * 3600
_AZURE_HOST = re.compile(r"[a-z0-9-]+\.blob\.(core\.[a-z.]+|storage\.azure\.net)", re.I)
_S3_OPTIONS = ("region", "endpoint", "endpoint_override", "scheme")


@dataclass(frozen=True)
class S3Place:
    """An object of S3, or all whose keys begin so.

    Attributes:
        access: where its server is, and who asks.
        bucket: its name.
        name: the key.
        is_own: the access is this machine's, by its variables, and not the address's.
    """

    access: S3Access
    bucket: str
    name: str
    is_own: bool

    put_headers: ClassVar[Mapping[str, str]] = {}

    @property
    def shown(self) -> str:
        """The address without what opens it."""
        return f"s3://{self.bucket}/{self.name}"

    @property
    def opens(self) -> bool:
        """Whether something secret is sent along."""
        return bool(self.access.key_id)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Texts that no message may hold."""
        return tuple(text for text in (self.access.secret, self.access.token) if text)

    def at(self, name: str) -> S3Place:
        """Give another object of the same bucket."""
        return replace(self, name=name)

    def address(self, method: str) -> Address:
        """Give the signed address for `GET` or `PUT`."""
        url = object_url(self.access, self.bucket, self.name)
        return _signed(url, object_signature(self.access, url, method, SIGNED_SECONDS))

    def listing(self, marker: str) -> Address:
        """Give the signed address of a page of names; `marker` is what the page before ended with, or empty."""
        url = bucket_url(self.access, self.bucket)
        asked = {"list-type": "2", "prefix": self.name}
        if marker:
            asked["continuation-token"] = marker
        return _signed(url, object_signature(self.access, url, "GET", SIGNED_SECONDS, more=asked))


@dataclass(frozen=True)
class AzurePlace:
    """A blob of Azure, or all whose names begin so.

    Attributes:
        account: that holds it.
        container: its name.
        name: of the blob.
    """

    account: AzureAccount
    container: str
    name: str

    is_own: ClassVar[bool] = False
    put_headers: ClassVar[Mapping[str, str]] = PUT_HEADERS

    @property
    def shown(self) -> str:
        """The address without what opens it."""
        return parse_address(blob_url(self.account, self.container, self.name)).shown

    @property
    def opens(self) -> bool:
        """Whether something secret is sent along."""
        return True

    @property
    def hidden(self) -> tuple[str, ...]:
        """Texts that no message may hold."""
        key = self.account.key
        marks = [text for name, text in parse_qsl(self.account.signature) if name == "sig"]
        return (*([base64.b64encode(key).decode()] if key else []), *marks)

    def at(self, name: str) -> AzurePlace:
        """Give another blob of the same container."""
        return replace(self, name=name)

    def address(self, method: str) -> Address:
        """Give the signed address for `GET` or `PUT`."""
        permission = READ if method == "GET" else WRITE
        url = blob_url(self.account, self.container, self.name)
        return _signed(
            url, blob_signature(self.account, self.container, self.name, permission, SIGNED_SECONDS)
        )

    def listing(self, marker: str) -> Address:
        """Give the signed address of a page of names; `marker` is what the page before ended with, or empty."""
        asked = {"restype": "container", "comp": "list", "prefix": self.name}
        if marker:
            asked["marker"] = marker
        opened = container_signature(self.account, self.container, LIST, SIGNED_SECONDS)
        query = urlencode(asked) + (f"&{opened}" if opened else "")
        return _signed(f"{self.account.endpoint}/{self.container}", query)


ObjectPlace = S3Place | AzurePlace


def object_place(text: str) -> ObjectPlace | None:
    """Read an address that names an object, with the values of secrets in it; None for any other address.

    Raises:
        UserError: `bad-s3-address`, `bad-azure-address`, `bad-connection-string`, `bad-container`.
    """
    scheme = text.partition("://")[0].lower()
    if scheme == "s3":
        return _s3(text)
    if scheme == "azure":
        return _azure(text)
    if scheme in ("http", "https"):
        host = re.match(r"https?://([^/?#:@]+)(?::[0-9]+)?/", text, re.I)
        return _azure_https(text) if host is not None and _AZURE_HOST.fullmatch(host[1]) else None
    return None


def _s3(text: str) -> S3Place:
    user, rest = _without_user(text)
    rest, options = _options(rest)
    own = access_of_environment()
    access = own
    if user:
        id, colon, secret = user.partition(":")
        if not colon or not id or not secret:
            raise UserError(
                "bad-s3-address",
                "The address of S3 has one text before @; an access key has two parts.",
                "Write s3://{secret:KEY_ID}:{secret:KEY}@BUCKET/KEY.",
            )
        key, _, token = unquote(secret).partition(":")
        access = S3Access(unquote(id), key, token, own.region)
    endpoint = options.get("endpoint") or options.get("endpoint_override", "")
    if endpoint and "://" not in endpoint:
        endpoint = f"{options.get('scheme', 'https')}://{endpoint}"
    if endpoint or (user and own.endpoint):
        access = replace(access, endpoint=(endpoint or own.endpoint).rstrip("/"))
    if options.get("region"):
        access = replace(access, region=options["region"])
    check_access(access)
    bucket, key = parse_s3(rest)
    return S3Place(access, bucket, key, is_own=not user and bool(own.key_id))


def _options(text: str) -> tuple[str, dict[str, str]]:
    """Take region and endpoint off the end of an address; a `?` that begins nothing of these is part of the key."""
    rest, mark, query = text.rpartition("?")
    given = dict(parse_qsl(query)) if mark else {}
    if not given or not set(given) <= set(_S3_OPTIONS):
        return text, {}
    return rest, given


def _azure(text: str) -> AzurePlace:
    user, rest = _without_user(text)
    container, _, blob = rest.partition("://")[2].partition("/")
    name, colon, key = user.partition(":")
    if not user:
        raise _bad_azure("it says nothing of the storage account")
    if colon:
        account = parse_connection_string(f"AccountName={unquote(name)};AccountKey={unquote(key)}")
    else:
        account = parse_connection_string(unquote(user))
    return _azure_place(account, container, blob)


def _azure_https(text: str) -> AzurePlace:
    parts = urlsplit(text)
    container, _, blob = unquote(parts.path).removeprefix("/").partition("/")
    endpoint = f"{parts.scheme}://{parts.netloc}"
    account = AzureAccount(endpoint, parts.netloc.partition(".")[0], None, parts.query.removeprefix("?"))
    if not blob and "/" not in unquote(parts.path).strip("/"):
        container, blob = "$root", container
    return _azure_place(account, container, blob)


def _azure_place(account: AzureAccount, container: str, blob: str) -> AzurePlace:
    check_container(container)
    parts = set(blob.split("/"))
    if not blob or len(blob) > LONGEST_NAME or {".", ".."} & parts or re.search(r"[\x00-\x1f\x7f]", blob):
        raise _bad_azure("the name of its blob is empty, too long or has a part that can't be sent")
    parse_address(blob_url(account, container, blob))
    return AzurePlace(account, container, blob)


def _bad_azure(why: str) -> UserError:
    return UserError(
        "bad-azure-address",
        f"The address of the blob can't be used: {why}.",
        "Write azure://{secret:NAME}@CONTAINER/BLOB, where the secret is the connection string of the account.",
    )


def _without_user(text: str) -> tuple[str, str]:
    scheme, _, rest = text.partition("://")
    place, slash, path = rest.partition("/")
    user, _, host = place.rpartition("@")
    return user, f"{scheme}://{host}{slash}{path}"


def _signed(url: str, query: str) -> Address:
    return parse_address(f"{url}?{query}" if query else url)
