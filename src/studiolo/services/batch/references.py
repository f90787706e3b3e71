"""Reads how a request says where a table lies: an address, a blob of a storage account or an object of S3.

    "https://files.example.org/new.csv"        "s3://reports/new.parquet"
    {"ConnectionString": "…", "RelativeLocation": "container/new.csv"}
    {"BaseLocation": "https://…/", "RelativeLocation": "container/new.csv", "SasBlobToken": "?sv=…"}
    {"Address": "s3://reports/new.csv", "AccessKeyId": "…", "SecretAccessKey": "…", "Region": "…"}

What is read is JSON-ready and holds secrets; `shown` and `secrets_of` are for what people and programs may see.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from studiolo.connectors.address import Address, parse_address
from studiolo.connectors.azure_blob import (
    LONGEST_NAME,
    AzureAccount,
    blob_url,
    check_container,
    parse_connection_string,
)
from studiolo.connectors.s3 import S3Access, access_of_environment, check_access, object_url, parse_s3
from studiolo.domain.addresses import is_covered
from studiolo.errors import UserError
from studiolo.services.bodies.errors import ServiceProblem
from studiolo.services.bodies.json_text import member
from studiolo.services.bodies.json_text import shown as shown_value

ENDINGS = (".csv", ".tsv", ".arff", ".parquet")
ADDRESS, BLOB, S3 = "address", "blob", "s3"
_S3_MEMBERS = {
    "key_id": "AccessKeyId",
    "secret": "SecretAccessKey",
    "token": "SessionToken",
    "region": "Region",
    "endpoint": "Endpoint",
}
_HINT = "Give an address, or RelativeLocation with ConnectionString, or with BaseLocation and perhaps SasBlobToken."

Reference = dict[str, Any]


def read_reference(value: Any, name: str, network: Sequence[str], *, is_output: bool) -> Reference:
    """Read where the table of an input or output lies.

    Args:
        value: JSON value that is no table.
        name: of the input or output.
        network: patterns of `[grants] network`; an output has to be covered by one.
        is_output: the table is written there.

    Raises:
        ServiceProblem: `reference-incomplete`, `output-reference-incomplete`, `connection-string-invalid`,
            `location-invalid`, `container-invalid`, `blob-name-too-long`, `ending-unknown`, `location-not-allowed`.
    """
    incomplete = "output-reference-incomplete" if is_output else "reference-incomplete"
    try:
        reference = _read(value, name, incomplete)
        _check_ending(reference, name)
        if is_output:
            _check_writing(reference, name, network)
        elif reference["kind"] == S3 and _is_ours(reference):
            _check_own_access(reference, name, network)
    except UserError as error:
        code = {
            "bad-connection-string": "connection-string-invalid",
            "bad-container": "container-invalid",
        }.get(error.code, "location-invalid")
        raise ServiceProblem(code, error.summary, error.hint, target=name) from None
    return reference


def _read(value: Any, name: str, incomplete: str) -> Reference:
    if type(value) is str:
        return _of_text(value, {})
    if type(value) is not dict:
        raise ServiceProblem(
            incomplete, f'The place of "{name}" is {shown_value(value)}.', _HINT, target=name
        )
    given = {word: _text(member(value, word), name, word) for word in _MEMBERS}
    if given["ConnectionString"] and given["RelativeLocation"]:
        return _of_account(given["ConnectionString"], given["RelativeLocation"], name)
    if given["Address"]:
        return _of_text(given["Address"], given)
    if given["BaseLocation"] and given["RelativeLocation"]:
        base, rest = given["BaseLocation"], given["RelativeLocation"]
        glue = "" if base.endswith("/") or rest.startswith("/") else "/"
        rest = rest[1:] if base.endswith("/") and rest.startswith("/") else rest
        if base.lower().startswith("s3://"):
            return _of_text(f"{base}{glue}{rest}", given)
        query = given["SasBlobToken"]
        mark = "?" if query and not query.startswith("?") else ""
        return {**_of_text(f"{base}{glue}{rest}{mark}{query}", {}), "is_blob": True}
    absent = [word for word in ("RelativeLocation",) if not given[word]] or [
        "ConnectionString or BaseLocation"
    ]
    said = f'The place of "{name}" lacks {" and ".join(absent)}.'
    raise ServiceProblem(incomplete, said, _HINT, target=name)


_MEMBERS = (
    "ConnectionString",
    "RelativeLocation",
    "BaseLocation",
    "SasBlobToken",
    "Address",
    *_S3_MEMBERS.values(),
)


def _text(value: Any, name: str, word: str) -> str:
    if value is None:
        return ""
    if type(value) is not str or re.search(r"[\x00-\x1f\x7f]", value) or len(value) > 8000:
        said = f'{word} of "{name}" is no text, or one that can\'t be used.'
        raise ServiceProblem("location-invalid", said, target=name)
    return value.strip()


def _of_text(text: str, given: Mapping[str, str]) -> Reference:
    if not text.lower().startswith("s3://"):
        if "://" not in text:
            raise UserError(
                "bad-address", f"{text[:80]!r} is no address.", "Write https://… or s3://BUCKET/KEY."
            )
        parse_address(text)
        return {"kind": ADDRESS, "url": text}
    bucket, key = parse_s3(text)
    found: Reference = {"kind": S3, "bucket": bucket, "key": key}
    own = {field: given[word] for field, word in _S3_MEMBERS.items() if given.get(word)}
    if own:
        found["access"] = {**own, "endpoint": own.get("endpoint", "").rstrip("/")}
        check_access(_access(found))
        if not (own.get("key_id") and own.get("secret")):
            raise UserError(
                "bad-s3-address",
                "Access to S3 needs both AccessKeyId and SecretAccessKey.",
                "Give both, or none of the members for the server's own access.",
            )
    return found


def _of_account(connection: str, location: str, name: str) -> Reference:
    account = parse_connection_string(connection)
    container, _, blob = location.removeprefix("/").partition("/")
    if not container or not blob or {".", ".."} & set(blob.split("/")):
        said = f'RelativeLocation of "{name}" is not CONTAINER/BLOB.'
        raise ServiceProblem("location-invalid", said, "As in mycontainer/new.csv.", target=name)
    check_container(container)
    if len(blob) > LONGEST_NAME:
        said = f'The blob of "{name}" has a name of {len(blob)} characters.'
        raise ServiceProblem("blob-name-too-long", said, f"At most {LONGEST_NAME} are possible.", target=name)
    parse_address(blob_url(account, container, blob))
    key = account.key.hex() if account.key is not None else None
    return {
        "kind": BLOB,
        "endpoint": account.endpoint,
        "account": account.name,
        "account_key": key,
        "signature": account.signature,
        "container": container,
        "blob": blob,
    }


def account_of(reference: Reference) -> AzureAccount:
    """Give the storage account of a `BLOB`."""
    key = reference["account_key"]
    return AzureAccount(
        reference["endpoint"],
        reference["account"],
        bytes.fromhex(key) if key else None,
        reference["signature"],
    )


def access_of(reference: Reference) -> S3Access:
    """Give the access to an `S3`: the request's own, else this server's."""
    return _access(reference) if not _is_ours(reference) else access_of_environment()


def plain_url(reference: Reference) -> str:
    """Give the http(s) address of a place, without anything that opens it but what the request wrote itself."""
    if reference["kind"] == BLOB:
        return blob_url(account_of(reference), reference["container"], reference["blob"])
    if reference["kind"] == S3:
        return object_url(access_of(reference), reference["bucket"], reference["key"])
    return str(reference["url"])


def ending_of(reference: Reference) -> str:
    """Give the ending of a table's name, such as `.csv`."""
    return PurePosixPath(name_of(reference)).suffix.lower()


def name_of(reference: Reference) -> str:
    """Give the path of a place, good for its ending."""
    if reference["kind"] == BLOB:
        return str(reference["blob"])
    if reference["kind"] == S3:
        return str(reference["key"])
    return unquote(urlsplit(reference["url"]).path)


def shown(reference: Reference) -> str:
    """Give a place for people; no secret is in it."""
    if reference["kind"] == S3:
        return f"s3://{reference['bucket']}/{reference['key']}"
    return parse_address(plain_url(reference)).shown.removesuffix("?…")


def secrets_of(reference: Reference) -> Iterator[str]:
    """Give the texts that nobody may see."""
    if reference.get("account_key"):
        yield base64.b64encode(bytes.fromhex(reference["account_key"])).decode("ascii")
    for field in ("secret", "token"):
        if reference.get("access", {}).get(field):
            yield reference["access"][field]
    if reference["kind"] == ADDRESS and (user := parse_address(reference["url"]).user) and user[1]:
        yield user[1]
    query = (
        urlsplit(reference["url"]).query if reference["kind"] == ADDRESS else reference.get("signature") or ""
    )
    if query:
        yield query
        yield from (value for name, value in parse_qsl(query) if name.lower() == "sig")
        yield from (part.partition("=")[2] for part in query.split("&") if part.lower().startswith("sig="))


def _is_ours(reference: Reference) -> bool:
    return "access" not in reference


def _access(reference: Reference) -> S3Access:
    return S3Access(**reference["access"])


def _check_ending(reference: Reference, name: str) -> None:
    if ending_of(reference) not in ENDINGS:
        said = f'The place of "{name}" ends in "{ending_of(reference)[:20]}", which is no ending of a table.'
        raise ServiceProblem("ending-unknown", said, f"Known are {', '.join(ENDINGS)}.", target=name)


def _check_writing(reference: Reference, name: str, network: Sequence[str]) -> None:
    address: Address = parse_address(plain_url(reference))
    if not is_covered(*address.place, network):
        host, tcp_port = address.place
        raise ServiceProblem(
            "location-not-allowed",
            f'"{name}" would be sent to "{host}:{tcp_port}", which the server\'s workspace does not allow.',
            f'To allow it, write in studiolo.toml under [grants]: network = ["{host}:{tcp_port}"]',
            target=name,
        )


def _check_own_access(reference: Reference, name: str, network: Sequence[str]) -> None:
    """A request may use the server's own access to S3 only where the workspace allows it, for reading too."""
    address = parse_address(plain_url(reference))
    if not is_covered(*address.place, network):
        host, tcp_port = address.place
        raise ServiceProblem(
            "location-not-allowed",
            f'"{name}" would be read from "{host}:{tcp_port}" with the server\'s own access, which is not allowed.',
            "Give AccessKeyId and SecretAccessKey, or allow the bucket's host in studiolo.toml under [grants]: "
            f'network = ["{host}:{tcp_port}"]',
            target=name,
        )
