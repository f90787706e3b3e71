"""What pip in a job is told, which hosts it needs, and which packages are there (R-1.9 (4), R-6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from studiolo.environments.index_for_scripts import settings_for_pip
from studiolo.errors import ScriptError
from studiolo.worker.denials import better_error
from studiolo_child import pip_index, pip_packages
from studiolo_child.pip_words import Command

DEFAULTS = ["index.example.com", "files.example.com"]
NO_FILES = {"PIP_CONFIG_FILE": "/dev/null"}


def hosts(text: str, settings: Mapping[str, str] | None = None) -> list[str]:
    found: list[str] = pip_index.hosts(Command(text.split()), settings or {}, DEFAULTS)
    return found


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("install a", ["index.example.com:443", "files.example.com:443"]),
        ("install -r requirements.txt", ["index.example.com:443", "files.example.com:443"]),
        ("install -i http://localhost:8080/simple a", ["localhost:8080"]),
        ("install --index-url=https://one.example/x --extra-index-url https://two.example/y a",
         ["one.example:443", "two.example:443"]),
        ("install https://one.example/a-1.0-py3-none-any.whl", ["one.example:443"]),
        ("install git+https://one.example/a.git", ["one.example:443"]),
        ("install --no-index -f http://one.example a", ["one.example:80"]),
        ("install --proxy one.example:3128 a", ["one.example:3128"]),
        ("install -i http://[fd00::1]:8080/simple a", ["[fd00::1]:8080"]),
        ("install -i https://one.example:x/ a", []),
    ],
)  # fmt: skip
def test_the_hosts_that_a_command_needs_are_named(
    text: str, wanted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    assert hosts(text) == wanted


def test_the_hosts_of_the_users_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    settings = {
        "index_url": "https://one.example/simple",
        "extra_index_url": "http://two.example:81 https://one.example/y",
    }
    assert hosts("install a", settings) == ["one.example:443", "two.example:81"]
    assert hosts("install a", {"proxy": "http://three.example:3128"}) == ["three.example:3128"]


def test_what_is_granted_is_not_missed() -> None:
    wanted = ["one.example:443", "two.example:443"]
    assert pip_index.not_granted(wanted, ["ONE.example:443"]) == ["two.example:443"]
    assert pip_index.not_granted(wanted, ["*"]) == []


def test_no_secret_and_no_folder_goes_to_a_job() -> None:
    """R-6.1: user names, passwords, tokens behind `?`, and paths of the machine stay outside."""
    variables = {
        **NO_FILES,
        "PIP_INDEX_URL": "https://me:hunter2@one.example/simple?token=hunter2#hunter2",
        "PIP_EXTRA_INDEX_URL": "file:///srv/hunter2 https://hunter2@two.example:81/simple /srv/hunter2",
        "PIP_FIND_LINKS": "/srv/hunter2 https://three.example/wheels ssh://hunter2@four.example",
        "PIP_PROXY": "me:hunter2@five.example:3128",
        "PIP_TRUSTED_HOST": "two.example",
        "PIP_CLIENT_CERT": "/srv/hunter2.pem",
    }
    assert settings_for_pip(True, variables) == {
        "index_url": "https://one.example/simple",
        "extra_index_url": "https://two.example:81/simple",
        "find_links": "https://three.example/wheels",
        "proxy": "http://five.example:3128",
        "trusted_host": "two.example",
    }
    assert settings_for_pip(False, variables) == {
        "index_url": "https://one.example",
        "extra_index_url": "https://two.example:81",
        "find_links": "https://three.example",
        "proxy": "http://five.example:3128",
    }


def test_certificates_travel_without_the_key_beside_them(tmp_path: Path) -> None:
    certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    file = tmp_path / "own.pem"
    file.write_text(
        f"-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n{certificate}# me\n{certificate}"
    )
    assert settings_for_pip(True, {**NO_FILES, "PIP_CERT": str(file)}) == {"certificates": 2 * certificate}
    assert settings_for_pip(True, {**NO_FILES, "PIP_CERT": str(tmp_path)}) == {}
    shown = "/etc/ssl/certs/ca-certificates.crt"
    assert settings_for_pip(True, {**NO_FILES, "PIP_CERT": shown}) == {"certificate_file": shown}
    left = {**NO_FILES, "PIP_CERT": "/etc/ssl/certs/../private/key.pem"}
    assert settings_for_pip(True, left) == {}


def test_settings_reach_pip_as_variables(tmp_path: Path) -> None:
    settings = {"index_url": "https://one.example/simple", "certificates": "text", "timeout": "9"}
    found = pip_index.variables(settings, str(tmp_path), False)
    file = tmp_path / "certificates.pem"
    assert (found["PIP_INDEX_URL"], found["PIP_DEFAULT_TIMEOUT"]) == ("https://one.example/simple", "9")
    assert (found["PIP_CERT"], file.read_text()) == (str(file), "text")
    assert found["PIP_CONFIG_FILE"] == "/dev/null"


def test_packages_are_known_by_what_lies_in_their_folders(tmp_path: Path) -> None:
    (tmp_path / "Some_Thing-1.2.dist-info").mkdir()
    (tmp_path / "Some_Thing-1.2.dist-info" / "RECORD").write_text("some/__init__.py,,\nother.py,,\n")
    (tmp_path / "old-0.3-py2.7.egg-info").mkdir()
    (tmp_path / "old-0.3-py2.7.egg-info" / "top_level.txt").write_text("oldest\n")
    found = pip_packages.packages_in([str(tmp_path), str(tmp_path / "nowhere")])
    assert {name: one.version for name, one in found.items()} == {"some-thing": "1.2", "old": "0.3"}
    assert {"some", "other"} <= found["some-thing"].top_names()
    assert found["old"].top_names() == {"oldest"}


@pytest.mark.parametrize(
    ("requirement", "is_there"),
    [
        ("thing", True), ("Thing", True), ("thing==1.10", True), ("thing>=1.9", True), ("thing>=1.10.1", False),
        ("thing==1.9", False), ("other", False), ("thing<2", False), ("thing>=1.9,<2", False), ("./thing", False),
        ("thing>=2rc1", False),
    ],
)  # fmt: skip
def test_a_requirement_is_satisfied_only_for_certain(requirement: str, is_there: bool) -> None:
    """In doubt pip is asked, which needs the network."""
    packages = {"thing": pip_packages.Package("thing", "1.10", "nowhere")}
    assert pip_packages.is_satisfied(requirement, packages) is is_there


@pytest.mark.parametrize(
    ("requirement", "name"),
    [("a_B.c", "a-b-c"), ("a[x,y]>=1", "a"), ("a @ https://one.example/a.whl", "a"), ("./a", ""), ("a.whl", ""),
     ("https://one.example/a", ""), ("git+https://one.example/a", "")],
)  # fmt: skip
def test_the_package_of_a_requirement_is_found(requirement: str, name: str) -> None:
    assert pip_packages.name_of(requirement) == name


def test_pip_says_itself_which_index_it_asks() -> None:
    """No address of an index stands in this repository; every pip that is here names two hosts of its default."""
    pip = pip_packages.find_pip()
    assert pip is not None
    found = pip_packages.default_hosts(pip)
    assert len(found) == 2 and all("." in name for name in found)
    assert pip_packages.default_hosts("/nowhere") == []


def test_the_hint_that_lists_all_hosts_of_pip_is_kept() -> None:
    """The gate knows the last host that it denied; pip's hint knows all that it needs."""
    hint = 'To allow it, write on the node `grants: {network: ["one.example:443", "two.example:443"]}`.'
    error = ScriptError("script-raised", "CalledProcessError: Command 'pip' failed", hint)
    assert better_error(error, [], ["one.example:443"]) is error
