"""Amazon S3 and servers that speak as it does: reads `s3://BUCKET/KEY` and signs addresses of single objects.

Signing is AWS Signature Version 4 in the query. A signed address is asked like any other http(s) address, by
`connectors.fetch` and `connectors.send`, so the same rules hold for what may be reached.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from studiolo.errors import UserError

LONGEST_KEY = 1024
LONGEST_SECONDS = 7 * 86400
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True)
class S3Access:
    """Where a bucket's server is, and who asks.

    Attributes:
        key_id: of the access key; empty asks without a signature.
        secret: of the access key.
        token: of a session, or empty.
        region: such as `eu-central-1`.
        endpoint: of another server than Amazon's, without slash at its end; empty for Amazon's.
    """

    key_id: str = ""
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    region: str = "us-east-1"
    endpoint: str = ""


def access_of_environment(environment: Mapping[str, str] | None = None) -> S3Access:
    """Give the access that this process has by the usual variables: `AWS_ACCESS_KEY_ID` and those beside it."""
    given = os.environ if environment is None else environment
    return S3Access(
        given.get("AWS_ACCESS_KEY_ID", ""),
        given.get("AWS_SECRET_ACCESS_KEY", ""),
        given.get("AWS_SESSION_TOKEN", ""),
        given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION") or "us-east-1",
        (given.get("AWS_ENDPOINT_URL_S3") or given.get("AWS_ENDPOINT_URL") or "").rstrip("/"),
    )


def parse_s3(text: str) -> tuple[str, str]:
    """Give bucket and key of an address `s3://BUCKET/KEY`; the key is taken as it is written.

    Raises:
        UserError: `bad-s3-address`.
    """
    bucket, _, key = text[len("s3://") :].partition("/")
    is_plain = not re.search(r"[\x00-\x1f\x7f]", key) and not {".", ".."} & set(key.split("/"))
    if not text.lower().startswith("s3://") or not _BUCKET.fullmatch(bucket) or ".." in bucket:
        raise _bad(text, "it names no bucket")
    if not key or len(key.encode("utf-8", "replace")) > LONGEST_KEY or not is_plain:
        raise _bad(text, "its key is empty, too long or has a part that can't be sent")
    return bucket, key


def check_access(access: S3Access) -> None:
    """Make sure that a region and an endpoint can be used.

    Raises:
        UserError: `bad-s3-address`.
    """
    if not _REGION.fullmatch(access.region):
        raise _bad(access.region, "it is no region")
    if "@" in access.endpoint:
        raise _bad("Endpoint", "it has a user in it")
    parts = urlsplit(access.endpoint)
    if access.endpoint and (
        parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment
    ):
        raise _bad(access.endpoint, "the endpoint is not an http(s) address")


def object_url(access: S3Access, bucket: str, key: str) -> str:
    """Give the address of an object, unsigned."""
    return f"{bucket_url(access, bucket).rstrip('/')}/{quote(key, safe='/~')}"


def bucket_url(access: S3Access, bucket: str) -> str:
    """Give the address of a bucket, unsigned."""
    if access.endpoint:
        return f"{access.endpoint}/{bucket}"
    suffix = "amazonaws.com.cn" if access.region.startswith("cn-") else "amazonaws.com"
    if "." in bucket:  # the server's certificate covers no dots
        return f"https://s3.{access.region}.{suffix}/{bucket}"
    return f"https://{bucket}.s3.{access.region}.{suffix}/"


def object_signature(
    access: S3Access,
    url: str,
    method: str,
    seconds: int,
    now: float | None = None,
    more: Mapping[str, str] | None = None,
) -> str:
    """Give the query that opens one object for a while, without question mark; without an access key only `more`.

    Args:
        access: who signs.
        url: of `object_url`.
        method: `GET` or `PUT`, the only one that is opened.
        seconds: from now on, at most seven days.
        now: seconds since the epoch; None for this moment.
        more: what else is asked for in the query, such as a listing.
    """
    if not access.key_id:
        return _query(more or {})
    moment = time.gmtime(time.time() if now is None else now)
    stamp, day = time.strftime("%Y%m%dT%H%M%SZ", moment), time.strftime("%Y%m%d", moment)
    scope = f"{day}/{access.region}/s3/aws4_request"
    query = {
        **(more or {}),
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{access.key_id}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(min(int(seconds), LONGEST_SECONDS)),
        "X-Amz-SignedHeaders": "host",
    }
    if access.token:
        query["X-Amz-Security-Token"] = access.token
    text = _query(query)
    parts = urlsplit(url)
    asked = "\n".join([method, parts.path, text, f"host:{parts.netloc}", "", "host", "UNSIGNED-PAYLOAD"])
    signed = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(asked.encode()).hexdigest()])
    key = f"AWS4{access.secret}".encode()
    for word in (day, access.region, "s3", "aws4_request"):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    mark = hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()
    return f"{text}&X-Amz-Signature={mark}"


def _query(values: Mapping[str, str]) -> str:
    return "&".join(f"{name}={quote(values[name], safe='~')}" for name in sorted(values))


def _bad(text: str, why: str) -> UserError:
    return UserError(
        "bad-s3-address",
        f"{text.split('?')[0][:200]!r} cannot be used: {why}.",
        "Write s3://BUCKET/KEY, as in s3://reports/2026/customers.csv.",
    )
