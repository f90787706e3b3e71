"""Lets uv use the package index that pip is configured for, as users of pip expect.

uv reads its own variables and files only. Where it has been told nothing, pip's files and `PIP_*` variables are
translated. Nothing here names an index: without any settings both use their own default.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from pathlib import Path

_KEYS = (
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "cert",
    "trusted-host",
    "proxy",
    "timeout",
    "default-timeout",
)


def uv_variables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Give the variables to add for uv; none for what uv has been told itself.

    >>> uv_variables({"PIP_FIND_LINKS": "a b", "PIP_CONFIG_FILE": "/dev/null"})
    {'UV_FIND_LINKS': 'a,b'}
    """
    pip = pip_settings(environment)
    found: dict[str, str] = {}
    own = Path(
        environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME") or "/", ".config"), "uv/uv.toml"
    )
    variables = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_CONFIG_FILE")
    has_index = own.exists() or any(name in environment for name in variables)
    if not has_index:
        if pip["index-url"]:
            found["UV_DEFAULT_INDEX"] = pip["index-url"]
        if pip["extra-index-url"]:
            found["UV_INDEX"] = " ".join(pip["extra-index-url"].split())
            # pip takes the best version of all its indexes.
            found.setdefault("UV_INDEX_STRATEGY", environment.get("UV_INDEX_STRATEGY", "unsafe-best-match"))
    if pip["find-links"] and "UV_FIND_LINKS" not in environment:
        found["UV_FIND_LINKS"] = ",".join(pip["find-links"].split())
    if pip["no-index"].lower() in ("1", "true", "yes", "on") and "UV_NO_INDEX" not in environment:
        found["UV_NO_INDEX"] = "1"
    if pip["cert"] and "SSL_CERT_FILE" not in environment:
        found["SSL_CERT_FILE"] = pip["cert"]
    if pip["trusted-host"] and "UV_INSECURE_HOST" not in environment:
        found["UV_INSECURE_HOST"] = " ".join(pip["trusted-host"].split())
    return found


def pip_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Give pip's settings: its files, the later one winning, then its variables."""
    found = dict.fromkeys(_KEYS, "")
    for path in _pip_files(environment):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            for key in _KEYS:
                found[key] = parser.get(section, key, fallback=found[key]).strip()
    for key in _KEYS:
        found[key] = environment.get("PIP_" + key.upper().replace("-", "_"), found[key]).strip()
    return found


def _pip_files(environment: Mapping[str, str]) -> list[Path]:
    own = environment.get("PIP_CONFIG_FILE")
    if own == os.devnull:
        return []
    home = Path(environment.get("HOME") or "/")
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    systems = [Path(folder) / "pip/pip.conf" for folder in environment.get("XDG_CONFIG_DIRS", "").split(":")]
    files = [*systems, Path("/etc/pip.conf"), home / ".pip/pip.conf", config / "pip/pip.conf"]
    return [path for path in files if path.is_absolute()] + ([Path(own)] if own else [])
