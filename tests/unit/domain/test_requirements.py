"""What a requirement of a node may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studiolo.domain.requirements import (
    host_of,
    python_fault,
    python_fits,
    requirement_fault,
    requirement_key,
)


@pytest.mark.parametrize(
    "text",
    [
        "textblob",
        "textblob==0.15.3",
        " numpy < 2 ",
        "scikit-learn[all]>=1,!=1.1",
        "tqdm; python_version < '3'",
        "own @ https://example.org/own-1.0-py3-none-any.whl",
        "own @ https://example.org/own-1.0-py3-none-any.whl#sha256=ab",
    ],
)
def test_packages_of_the_index_and_wheels_by_https_are_taken(text: str) -> None:
    """R-5.3: PEP 508, as pip writes it."""
    assert requirement_fault(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-e .", "is an option of pip"),
        ("--index-url https://example.org/simple", "is an option of pip"),
        ("--extra-index-url=https://example.org", "is an option of pip"),
        ("-r /etc/passwd", "is an option of pip"),
        ("./own", "is the path of a file"),
        ("../own-1.0.whl", "is the path of a file"),
        ("/srv/me/own.whl", "is the path of a file"),
        ("~/own", "is the path of a file"),
        ("own.zip", "is the path of a file"),
        ("file:///srv/me/own.whl", "is the path of a file"),
        ("own @ file:///srv/me/own-1.0-py3-none-any.whl", "is not fetched by https"),
        ("own @ http://example.org/own-1.0-py3-none-any.whl", "is not fetched by https"),
        ("own @ git+https://example.org/own.git", "is not fetched by https"),
        ("own @ https://example.org/own-1.0.tar.gz", "is the address of a file"),
        ("own @ https://me:word@example.org/own-1.0-py3-none-any.whl", "has a password in its address"),
        (
            "own @ https://example.org/${AWS_SECRET_ACCESS_KEY}/own-1.0-py3-none-any.whl",
            "has a $ in it, which pip would take for a variable",
        ),
        ("numpy==1.0 --hash=sha256:ab", "is no requirement"),
        ("numpy\n--index-url x", "is no requirement"),
        ("numpy \\", "is no requirement"),
        ("numpy # why", "is no requirement"),
        ("two words", "is no requirement"),
        ("", "is no requirement"),
        ("x" * 501, "has more than 500 characters"),
    ],
)
def test_what_reads_files_runs_programs_or_changes_the_index_is_refused(text: str, fault: str) -> None:
    """An experiment may come from a stranger, and a run installs what it asks for."""
    found = requirement_fault(text)
    expected = "is not the address of a wheel" if fault == "is the address of a file" else fault
    assert found is not None and found[0] == expected


@given(st.text(max_size=80) | st.from_regex(r"[a-z.\-@/:$ ]{0,40}", fullmatch=True))
def test_any_text_gets_an_answer(text: str) -> None:
    """A check never fails; what it lets through holds one line and no option."""
    if requirement_fault(text) is None:
        assert requirement_key(text)
        assert text.isprintable() and not text.strip().startswith("-")
    python_fault(text)


def test_where_a_wheel_comes_from_is_known() -> None:
    """The host has to be one that the workspace allows."""
    assert host_of("own @ https://Example.org:8443/own-1.0-py3-none-any.whl") == ("example.org", 8443)
    assert host_of("own @ https://example.org/own-1.0-py3-none-any.whl") == ("example.org", 443)
    assert host_of("own==1.0") is None


@pytest.mark.parametrize(
    ("specifier", "version", "fits"),
    [
        ("", "2.7.18", True),
        (">=3.8", "3.11.7", True),
        (">=3.8", "3.6.15", False),
        ("==3.6.*", "3.6.15", True),
        (">=3.8,<3.11", "3.11.7", False),
        (">=3.14", "3.14.0rc1", False),
        (">=3.14.0a1", "3.14.0rc1", True),
    ],
)
def test_requires_python_is_a_specifier_of_versions(specifier: str, version: str, fits: bool) -> None:
    """PEP 723: `requires-python` is what PEP 440 says."""
    assert python_fault(specifier) is None
    assert python_fits(specifier, version) is fits


def test_a_version_without_an_operator_is_told_with_one() -> None:
    """The commonest mistake."""
    assert python_fault("3.8") == 'A version needs an operator: ">=3.8" or "==3.8.*".'
    assert python_fault("python 3") == 'Write it as in ">=3.8" or "==3.6.*".'
