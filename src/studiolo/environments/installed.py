"""Lists installed packages by the names of their metadata folders, without opening them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable

from studiolo.environments.environment import Package

_DIST_INFO = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)\.dist-info")
_EGG_INFO = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+?)(-py[0-9.]+)?\.egg-info")
_BARE_EGG_INFO = re.compile(r"(?P<name>.+)\.egg-info")


def installed_packages(paths: Iterable[str]) -> list[Package]:
    """Give the packages found in the folders of a `sys.path`, sorted by name; the first of a name counts.

    The name of a `.dist-info` folder says it all (PEP 427), so 60 packages take well under a millisecond,
    against some 40 through `importlib.metadata`.
    """
    found: dict[str, Package] = {}
    for path in paths:
        here: dict[str, Package] = {}
        try:
            names = sorted(os.listdir(path))  # noqa: PTH208
        except OSError:
            continue
        for name in names:
            match = _DIST_INFO.fullmatch(name) or _EGG_INFO.fullmatch(name) or _BARE_EGG_INFO.fullmatch(name)
            if match is not None:
                package = Package(match["name"], match.groupdict().get("version") or "")
                here.setdefault(normalised(package.name), package)
        found = {**here, **found}
    return [package for _, package in sorted(found.items())]


def lock_digest(version: str, packages: Iterable[Package]) -> str:
    """Give the digest that stands for an interpreter's version and all its packages.

    >>> lock_digest("3.11.7", [Package("NumPy", "2.0")]) == lock_digest("3.11.7", [Package("numpy", "2.0")])
    True
    """
    lines = sorted(f"{normalised(package.name)}=={package.version}" for package in packages)
    return hashlib.sha256("\n".join([f"python=={version}", *lines]).encode()).hexdigest()


def normalised(name: str) -> str:
    """Give the form in which names of packages are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
