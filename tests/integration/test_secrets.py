"""Secrets are encrypted at rest, never in files, logs or messages, and read by their own workspace alone (R-12.1)."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studiolo.domain.secret_names import Secret, with_secrets, without_secrets
from studiolo.errors import UserError
from studiolo.secrets import SecretStore
from studiolo.secrets.key import VARIABLE

VALUE = "p@ss/w:rd %41 ü"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path / "config"


@pytest.fixture
def store(tmp_path: Path, config: Path) -> SecretStore:
    """The secrets of a new workspace."""
    return SecretStore(tmp_path / ".studiolo")


def test_a_value_is_sealed_and_its_key_lies_elsewhere(
    store: SecretStore, tmp_path: Path, config: Path
) -> None:
    """A copy of the workspace opens nothing; both files are closed to others."""
    store.set("warehouse", VALUE)
    assert store.values(["warehouse"]) == {"warehouse": Secret(VALUE)}
    (key,) = (config / "studiolo/keys").iterdir()
    sealed = tmp_path / ".studiolo/secrets.json"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (key, key.parent, sealed)] == [0o600, 0o700, 0o600]
    assert VALUE not in sealed.read_text(encoding="utf-8")
    key.unlink()
    with pytest.raises(UserError) as caught:
        store.values(["warehouse"])
    assert (caught.value.code, str(key) in caught.value.hint) == ("secrets-key-missing", True)


def test_the_same_value_is_sealed_differently_and_bound_to_its_name(
    store: SecretStore, tmp_path: Path
) -> None:
    """Nobody sees that two are the same, and nobody can exchange two."""
    store.set("one", VALUE)
    store.set("two", VALUE)
    path = tmp_path / ".studiolo/secrets.json"
    document = json.loads(path.read_text())
    assert document["secrets"]["one"]["sealed"] != document["secrets"]["two"]["sealed"]
    document["secrets"]["one"]["sealed"] = document["secrets"]["two"]["sealed"]
    path.write_text(json.dumps(document))
    with pytest.raises(UserError) as caught:
        store.values(["one"])
    assert caught.value.code == "secrets-key-missing"
    assert store.values(["two"]) == {"two": Secret(VALUE)}


def test_a_secret_may_be_for_one_server_alone(store: SecretStore, tmp_path: Path) -> None:
    """Which that is can't be changed without the key; what is no host is refused."""
    store.set("warehouse", VALUE, ["db.example:5432"])
    assert store.values(["warehouse"])["warehouse"].hosts == ("db.example:5432",)
    assert [facts.hosts for facts in store.facts()] == [("db.example:5432",)]
    path = tmp_path / ".studiolo/secrets.json"
    path.write_text(path.read_text().replace("db.example", "evil.example"))
    with pytest.raises(UserError) as caught:
        store.values(["warehouse"])
    assert caught.value.code == "secrets-key-missing"
    with pytest.raises(UserError) as caught:
        store.set("warehouse", VALUE, ["db.example"])
    assert caught.value.code == "bad-secret"


def test_a_server_gives_the_key_in_a_variable(
    store: SecretStore, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file is written then; another key does not open, and one of another form is refused."""
    monkeypatch.setenv(VARIABLE, "11" * 32)
    store.set("warehouse", VALUE)
    assert not config.exists()
    monkeypatch.setenv(VARIABLE, "22" * 32)
    with pytest.raises(UserError) as caught:
        store.values(["warehouse"])
    assert caught.value.code == "secrets-key-missing"
    monkeypatch.setenv(VARIABLE, "a password")
    with pytest.raises(UserError) as caught:
        store.values(["warehouse"])
    assert caught.value.code == "bad-secrets-key"
    assert "a password" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"), [("", VALUE), ("a b", VALUE), ("../x", VALUE), ("x", "abc"), ("x", "a\0bcd")]
)
def test_what_cannot_be_kept_is_refused(store: SecretStore, name: str, value: str) -> None:
    """Values so short that they could not be taken out of messages are refused too."""
    with pytest.raises(UserError) as caught:
        store.set(name, value)
    assert (caught.value.code, value in str(caught.value)) == ("bad-secret", False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"format": 1, "id": "x", "secrets": {"a": 1}}',
        '{"format": 1, "id": "../../x", "secrets": {"a": {}}}',
        f'{{"format": 1, "id": "{"0" * 32}", "secrets": {{"a": {{"changed": "x"}}}}}}',
        f'{{"format": 1, "id": "{"0" * 32}", "secrets": {{"a": {{"hosts": 5}}}}}}',
    ],
)
def test_a_damaged_file_says_so(store: SecretStore, tmp_path: Path, text: str) -> None:
    """Whatever lies there is an error with a way out, never a stack trace."""
    (tmp_path / ".studiolo").mkdir()
    (tmp_path / ".studiolo/secrets.json").write_text(text)
    for look in (lambda: store.values(["a"]), store.facts, store.names):
        with pytest.raises(UserError) as caught:
            look()
        assert caught.value.code == "secrets-damaged"


def test_secrets_are_put_into_addresses_so_that_they_are_read_back(store: SecretStore) -> None:
    """Before the host they are encoded, as `/` and `@` would end the password; elsewhere they are taken as they are."""
    values = {"pw": "p@ss/w:rd", "sas": "sv=1&sig=a%2Bb"}
    assert with_secrets("postgresql://ada:{secret:pw}@db/x?y={secret:pw}", values) == (
        "postgresql://ada:p%40ss%2Fw%3Ard@db/x?y=p@ss/w:rd"
    )
    assert with_secrets("https://h/c/b?{secret:sas}", values) == "https://h/c/b?sv=1&sig=a%2Bb"


@pytest.mark.parametrize(
    "form",
    ["p@ss/w:rd", "p%40ss%2Fw%3Ard", "p%40ss/w%3Ard", "p@ss/w…", "P@SS/W:RD", "p%40ss%2fw%3ard", "P@ss/w…"],
)
def test_every_form_of_a_secret_is_taken_out_of_a_text(form: str) -> None:
    """Plain, encoded, cut off where a long text ends, and in small letters as a host's name is told."""
    assert without_secrets(f"says: {form}", {"pw": "p@ss/w:rd"}).removesuffix("…") == "says: {secret:pw}"


@pytest.mark.parametrize("user", ["", "a", "ad", "ada", "ada@work"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_server_that_repeats_an_authorization_tells_no_secret(
    user: str, encode: Callable[[bytes], bytes]
) -> None:
    """User and password go in base64, which anybody reads."""
    value = "Tr0ub4dor>>?&3"
    told = without_secrets(f"got Basic {encode(f'{user}:{value}'.encode()).decode()}", {"pw": value})
    assert "{secret:pw}" in told
    rest = told.removeprefix("got Basic ").partition("{secret:pw}")[0]
    assert len(rest) * 6 // 8 <= len(user) + 2


@pytest.mark.parametrize(
    "value", ['quo"ted\\one', "o'brien-likes-it", "-----BEGIN KEY-----\nabc\ndef", "Schlüssel zum Glück"]
)
def test_what_servers_make_of_a_secret_is_taken_out_too(value: str) -> None:
    """JSON, SQL, and a message on one line."""
    for form in (json.dumps(value), f"'{value.replace(chr(39), chr(39) * 2)}'", " ".join(value.split())):
        assert without_secrets(form, {"pw": value}).strip("\"'") == "{secret:pw}"


def studiolo(folder: Path, *words: str, given: str = "") -> tuple[int, str]:
    """Run the command line; give exit code and output."""
    program = str(Path(sys.executable).parent / "studiolo")
    done = subprocess.run(
        [program, *words], cwd=folder, input=given, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def test_the_command_line_sets_lists_and_removes(tmp_path: Path, config: Path) -> None:
    """The value comes from standard input, never from the command line, and is never printed."""
    assert studiolo(tmp_path, "init")[0] == 0
    code, said = studiolo(tmp_path, "secret", "set", "warehouse", given=f"{VALUE}\n")
    assert (code, VALUE in said, "{secret:warehouse}" in said) == (0, False, True)
    code, said = studiolo(tmp_path, "secret", "list", "--json")
    assert [one["name"] for one in json.loads(said)["secrets"]] == ["warehouse"]
    assert SecretStore(tmp_path / ".studiolo").values(["warehouse"]) == {"warehouse": Secret(VALUE)}
    assert studiolo(tmp_path, "secret", "remove", "warehose")[1].startswith(
        'The workspace has no secret "warehose".'
    )
    assert studiolo(tmp_path, "secret", "remove", "warehouse")[0] == 0
    assert "no secret yet" in studiolo(tmp_path, "secret", "list")[1]
    assert os.listdir(tmp_path / ".studiolo").count("secrets.json") == 1
