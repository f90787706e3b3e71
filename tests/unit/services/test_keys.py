"""Keys of services: form, hash, comparison (R-9.4)."""

from __future__ import annotations

import base64
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from studiolo.services import keys


def test_a_key_has_the_form_that_old_clients_know():
    """64 random bytes in base64: 88 characters, no two alike."""
    made = {keys.new_key() for _ in range(100)}
    assert len(made) == 100
    assert {len(key) for key in made} == {88}
    assert {len(base64.b64decode(key, validate=True)) for key in made} == {64}


def test_only_the_hash_and_four_characters_are_kept():
    """Whoever reads the database cannot call the service."""
    key = keys.new_key()
    kept = keys.kept_key(key, "primary", 1.0)
    assert kept.hash == hashlib.sha256(key.encode()).hexdigest()
    assert kept.tail == key[:86][-4:]
    assert key not in repr(kept)


def test_either_key_opens_and_says_which_it_was():
    """Clients move from one to the other while a key is rotated."""
    made = {"primary": keys.new_key(), "secondary": keys.new_key()}
    hashes = {slot: keys.hash_of(key) for slot, key in made.items()}
    assert {slot: keys.slot_of(key, hashes) for slot, key in made.items()} == {slot: slot for slot in made}
    assert keys.slot_of(made["primary"][:-1], hashes) is None
    assert keys.slot_of(made["primary"], {}) is None


@given(st.text(), st.sampled_from(["", " ", "\n", "="]))
def test_no_other_text_opens(text: str, end: str) -> None:
    """Requests bring any text, lone surrogates too."""
    key = keys.new_key()
    hashes = {"primary": keys.hash_of(key)}
    assert keys.slot_of(text + end, hashes) is None
    assert keys.slot_of(key + end, hashes) == ("primary" if end == "" else None)
