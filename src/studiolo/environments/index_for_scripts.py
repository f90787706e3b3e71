"""What pip in a script is told of the user's package index: everything it needs but secrets and folders of the machine.

A script with a network asks the same index as its user does outside. It gets no password: user names and passwords, and
what stands behind `?`, are cut from addresses. A key that is part of an address's path can't be told from a name and
is passed on. Scripts without a network learn only which hosts they would need.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from studiolo.environments.index_settings import pip_settings

# The jail shows these (worker/settings.py); other files of certificates travel as text.
SHOWN = (
    "/etc/ssl/certs/",
    "/usr/share/ca-certificates/",
    "/etc/pki/tls/certs/",
    "/etc/pki/ca-trust/extracted/",
)
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\n")
_MOST_CERTIFICATES = 2 << 20


def settings_for_pip(has_network: bool, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Give the settings for pip in a job, as `studiolo_child.pip_index` takes them; empty ones are left out.

    Args:
        has_network: the job may reach some host.
        environment: variables of the user.

    >>> variables = {"PIP_INDEX_URL": "https://me:key@index.example.com/simple", "PIP_CONFIG_FILE": "/dev/null"}
    >>> settings_for_pip(True, variables)
    {'index_url': 'https://index.example.com/simple'}
    >>> settings_for_pip(False, variables)
    {'index_url': 'https://index.example.com'}
    """
    pip = pip_settings(environment)
    index = pip["index-url"] or environment.get("UV_DEFAULT_INDEX") or environment.get("UV_INDEX_URL") or ""
    found = {
        "index_url": _public(index),
        "extra_index_url": _public(pip["extra-index-url"]),
        "find_links": _public(pip["find-links"]),
        "proxy": _public(_proxy(pip, environment)),
    }
    if has_network:
        found["trusted_host"] = " ".join(pip["trusted-host"].split())
        timeout = pip["timeout"] or pip["default-timeout"]
        found["timeout"] = timeout if re.fullmatch(r"\d+(\.\d+)?", timeout) else ""
        found["no_index"] = "1" if pip["no-index"].lower() in ("1", "true", "yes", "on") else ""
        found |= _certificates(pip["cert"] or environment.get("REQUESTS_CA_BUNDLE", ""))
    else:
        found = {name: _hosts(value) for name, value in found.items()}
    return {name: value for name, value in found.items() if value}


def _proxy(pip: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """Give the address of the proxy, as pip and the libraries below it would find it."""
    names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    found = pip["proxy"] or next((environment[name] for name in names if environment.get(name)), "")
    return found if not found or "://" in found else f"http://{found}"


def _public(addresses: str) -> str:
    """Give those of some addresses that a jail can reach, without their secrets."""
    found = []
    for address in addresses.split():
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname:
            found.append(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")))
    return " ".join(found)


def _hosts(addresses: str) -> str:
    return " ".join("://".join(urlsplit(address)[:2]) for address in addresses.split())


def _certificates(path: str) -> dict[str, str]:
    """Give where the jail finds the user's own certificates, or their text; never a key that lies beside them."""
    if not path:
        return {}
    if path.startswith(SHOWN) and ".." not in Path(path).parts:
        return {"certificate_file": path}
    try:
        with Path(path).open(encoding="ascii", errors="replace") as file:
            text = file.read(_MOST_CERTIFICATES)
    except OSError:  # a folder of certificates, too
        return {}
    return {"certificates": "".join(_CERTIFICATE.findall(text.replace("\r\n", "\n")))}
