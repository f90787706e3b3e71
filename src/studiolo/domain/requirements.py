"""Says what a requirement of a node may be: a package of the index with versions, or the https address of a wheel.

Experiments may come from strangers, and a run installs what they ask for. So nothing is taken that reads a file of
this machine, runs a program (`git+…`, `-e .`), chooses another index, or holds a variable that uv and pip fill in.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST = 500
_ARCHIVES = (".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz")
_HOW = 'Write a package with its versions, as in "textblob==0.15.3" or "numpy<2".'


def requirement_fault(text: str) -> tuple[str, str] | None:
    """Say what is wrong with a requirement, in words that follow it, and what to do; None when nothing is.

    >>> requirement_fault("numpy<2"), requirement_fault("-e .")[0]
    (None, 'is an option of pip')
    """
    stripped = text.strip()
    if len(text) > LONGEST:
        return f"has more than {LONGEST} characters", _HOW
    if not stripped or not text.isprintable() or "\\" in text:
        return "is no requirement", _HOW
    if stripped.startswith("-"):
        return "is an option of pip", f"Only packages can be named here. {_HOW}"
    if "$" in text:
        return "has a $ in it, which pip would take for a variable", "Write it out."
    if stripped.startswith((".", "/", "~", "file:")) or stripped.lower().endswith(_ARCHIVES) > ("@" in text):
        return "is the path of a file", f"Only packages of the index can be named here. {_HOW}"
    # Loaded here: most scripts have no requirements.
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        address = Requirement(stripped).url
    except (InvalidRequirement, RecursionError) as error:
        return "is no requirement", f"{_reason(str(error))} {_HOW}".strip()
    return None if address is None else _address_fault(address)


def requirement_key(text: str) -> str | None:
    """Give the name of the package that a requirement is for, as names are compared; None when it is none."""
    match = re.match(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)", text)
    return re.sub(r"[-_.]+", "-", match[1]).lower() if match else None


def host_of(requirement: str) -> tuple[str, int] | None:
    """Give the host and TCP port that a requirement is fetched from; None for one from the index.

    The requirement is one that `requirement_fault` finds nothing wrong with.
    """
    from packaging.requirements import Requirement

    address = Requirement(requirement.strip()).url
    if address is None:
        return None
    parts = urlsplit(address)
    return parts.hostname or "", parts.port or 443


def python_fault(specifier: str) -> str | None:
    """Say in one sentence what is wrong with a `requires-python`, or None.

    >>> python_fault(">=3.8,<4")
    >>> python_fault("3.8")
    'A version needs an operator: ">=3.8" or "==3.8.*".'
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if len(specifier) > LONGEST:
        return f"It has more than {LONGEST} characters."
    try:
        SpecifierSet(specifier)
    except InvalidSpecifier:
        if re.fullmatch(r"\s*\d+(\.\d+)*\s*", specifier):
            number = specifier.strip()
            return f'A version needs an operator: ">={number}" or "=={number}.*".'
        return 'Write it as in ">=3.8" or "==3.6.*".'
    return None


def python_fits(specifier: str, version: str) -> bool:
    """Say whether a Python of a version, such as `3.11.7`, is one that `requires-python` allows."""
    if not specifier.strip():
        return True
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(specifier).contains(version, prereleases=True)


def _address_fault(address: str) -> tuple[str, str] | None:
    how = "Take it from the index, or name the https address of a wheel, which ends in .whl."
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises for one that is none
    except ValueError:
        return "has no good address", how
    if parts.scheme.lower() != "https" or not parts.hostname:
        return "is not fetched by https", how
    if parts.username is not None or parts.password is not None:
        return "has a password in its address", "Set up the index for uv or pip instead."
    if not parts.path.lower().endswith(".whl"):
        return "is not the address of a wheel", how
    return None


def _reason(text: str) -> str:
    line = text.splitlines()[0].strip() if text.strip() else ""
    return f"{line}." if line and not line.endswith(".") else line
