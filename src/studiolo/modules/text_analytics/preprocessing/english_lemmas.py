"""The base form of an English word by its ending: plurals, -ing and -ed.

Rules without a dictionary and without the part of speech: `meeting` becomes `meet` and `leaves` becomes `leaf`,
whatever they are in their sentence, and some words come out as no word at all.
"""

from __future__ import annotations

import re

from studiolo.modules.text_analytics.preprocessing.english_words import IRREGULAR, UNCHANGED

VOWEL = re.compile("[aeiouy]")
# A stem like hop, cod, mak: one syllable of consonants, one vowel and one consonant lost its e before -ing and -ed.
SHORT = re.compile(r"^[^aeiouy]*[aeiouy][^aeiouywx]$|^qu[aeiou][^aeiouywx]$")
DOUBLED = re.compile(r"([bdfgmnprtv])\1$")
# Longer stems that lost their e, and those among them that did not.
NEEDS_E = re.compile(
    r"([^aeiou]at|[^l]bl|[^aeiou]l|[iy]z|[^s]s|[cvu]|[dr]g|[ae]ng|[aeiou].*ag|[iou]d|[^aeo]ir|[^o]ur|[pl]ar|[bfmg]in"
    r"|[bcpt]ut|[ep]let|vit)$"
)
KEEPS = re.compile(r"([aeiou]{2}d|rl|ll|ss|oud)$")

LONGEST_WORD = 100
"""What is longer is no word of English; looking for its endings would take a time that grows with its square."""


def lemma(word: str) -> str:
    """Give the base form of a word in lower case.

    >>> [lemma(word) for word in ("cities", "running", "making", "stopped", "churches", "was", "glass")]
    ['city', 'run', 'make', 'stop', 'church', 'be', 'glass']
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if not 4 <= len(word) <= LONGEST_WORD or word in UNCHANGED or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ing"):
        return _without(word, word[:-3])
    if word.endswith("ied"):
        return word[:-3] + "y"
    if word.endswith("ed") and not word.endswith("eed"):
        return _without(word, word[:-2])
    return _singular(word)


def _without(word: str, stem: str) -> str:
    """Give the stem of a form in -ing or -ed, with the e or the single consonant that it has by itself."""
    if not VOWEL.search(stem) or len(stem) < 2:
        return word
    if DOUBLED.search(stem):
        return stem[:-1]
    if SHORT.search(stem) or (NEEDS_E.search(stem) and not KEEPS.search(stem)):
        return stem + "e"
    return stem


def _singular(word: str) -> str:
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes", "oes")):
        return word[:-2]
    return word[:-1]
