"""The steps of Preprocess Text, each from text to text or from words to words, and their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

from studiolo.modules.text_analytics.preprocessing.english_lemmas import LONGEST_WORD, lemma
from studiolo.modules.text_analytics.preprocessing.english_words import (
    ABBREVIATIONS,
    CONTRACTIONS,
    ENDINGS,
    IS,
)

SENTENCE = "|||"
MARK = "\ue000"  # stands between sentences while other marks are taken away; for private use in Unicode

# Patterns begin where a word begins, and give nothing back (`++`): else long texts would take quadratic time.
URL = re.compile(r"(?:\b(?:https?|ftp)://|\bwww\.)\S*[^\s.,;:!?)'\"]", re.IGNORECASE)
EMAIL = re.compile(r"(?<![^\s<>()])[^\s@<>()]++@[^\s@]*\w")
BACKSLASHES = re.compile(r"\\+")
REPEATED = re.compile(r"([^\d\s])\1{2,}")
SPECIAL = re.compile(rf"(?:[^\w\s{MARK}]|_)")
SPECIAL_RUN = re.compile(rf"(?:[^\w\s{MARK}]|_)+")
SAME = re.compile(r"(.)\1*")
SENTENCE_END = re.compile(r"""(?<![.!?])[.!?]++["')\]]*+\s++(?=["'(\[]*[A-Z0-9À-ÖØ-Þ])|\n\s*\n""")
NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")
WORD_WITH_APOSTROPHE = re.compile(
    r"(?<![\w'])(?:[A-Za-z]++(?:'[A-Za-z]++)+|'t(?:is|was)\b|[Cc](?:annot|ANNOT)\b)"
)


@dataclass(frozen=True)
class Cleaning:
    """What to do to each text; see the parameters of Preprocess Text.

    Attributes:
        stop_words: lower-case words to leave out.
        custom: pattern to replace first, and what by.
    """

    stop_words: Collection[str] = frozenset()
    custom: tuple[re.Pattern[str], str] | None = None
    removes_urls: bool = True
    expands_contractions: bool = True
    removes_emails: bool = True
    normalizes_slashes: bool = True
    detects_sentences: bool = True
    splits_on_special: bool = True
    removes_special: bool = True
    removes_duplicates: bool = True
    removes_numbers: bool = True
    lemmatizes: bool = True
    lowers: bool = True

    def text_steps(self) -> list[Callable[[str], str]]:
        """Give the steps on the whole text in their order."""
        custom = self.custom
        steps: list[tuple[bool, Callable[[str], str]]] = [
            (custom is not None, lambda text: custom[0].sub(custom[1], text) if custom else text),
            (self.removes_urls, lambda text: URL.sub(" ", text) if ":" in text or "." in text else text),
            (self.expands_contractions, expand_contractions),
            (self.removes_emails, lambda text: EMAIL.sub(" ", text) if "@" in text else text),
            (self.normalizes_slashes, lambda text: BACKSLASHES.sub("/", text)),
            (self.detects_sentences, mark_sentences),
            (self.splits_on_special, lambda text: SPECIAL_RUN.sub(_split, text)),
            (self.removes_special, lambda text: SPECIAL.sub("", text)),
        ]
        return [step for is_wanted, step in steps if is_wanted]

    def cleaner(self) -> Callable[[str], str]:
        """Give a function that cleans one text."""
        steps = self.text_steps()
        word_of = lru_cache(maxsize=200_000)(self.word)

        def clean(text: str) -> str:
            text = text.replace(MARK, " ")
            for step in steps:
                text = step(text)
            sentences = []
            for sentence in text.split(MARK):
                words = [word for token in sentence.split() if (word := word_of(token))]
                if words:
                    sentences.append(" ".join(words))
            return SENTENCE.join(sentences)

        return clean

    def word(self, token: str) -> str:
        """Give what becomes of a word; empty when it is left out."""
        if self.removes_duplicates:
            token = REPEATED.sub(r"\1\1", token)
        if self.removes_numbers and NUMBER.fullmatch(token):
            return ""
        lower = token.lower()
        if lower in self.stop_words:
            return ""
        if self.lemmatizes:
            base = lemma(lower)
            if base != lower:
                token = base.capitalize() if token[0].isupper() else base
        return token.lower() if self.lowers else token


def expand_contractions(text: str) -> str:
    """Write out English contractions; a possessive 's is left away.

    >>> expand_contractions("She's here, I can't say we'd seen Bob's dog")
    'She is here, I can not say we would seen Bob dog'
    """
    text = text.replace("’", "'")
    if "'" not in text and "annot" not in text and "ANNOT" not in text:
        return text
    return WORD_WITH_APOSTROPHE.sub(lambda found: _expanded(found[0]), text)


def _expanded(word: str) -> str:
    if len(word) > LONGEST_WORD:
        return word
    lower = word.lower()
    if lower in CONTRACTIONS:
        whole = CONTRACTIONS[lower]
        return whole.capitalize() if word.strip("'")[0].isupper() else whole
    if lower.endswith("'s"):
        return word[:-2] + (" is" if lower[:-2] in IS else "")
    for ending, whole in ENDINGS.items():
        if lower.endswith(ending) and len(lower) > len(ending):
            return _expanded(word[: -len(ending)]) + whole
    return word


def mark_sentences(text: str) -> str:
    """Put `MARK` between sentences: after . ! or ? before a capital letter or digit, and at empty lines.

    A full stop after an abbreviation or a single letter ends none.
    """

    def marked(found: re.Match[str]) -> str:
        at = found.start()
        if found[0].startswith(".") and not found[0].startswith(".."):
            last = text[max(at - 20, 0) : at].rpartition(" ")[2].lower().lstrip("(\"'[")
            if last in ABBREVIATIONS or (len(last) == 1 and last.isalpha() and last != "i"):
                return found[0]
        return found[0] + MARK

    return SENTENCE_END.sub(marked, text)


def _split(found: re.Match[str]) -> str:
    """Put blanks around special characters, one for a run of the same."""
    return SAME.sub(r" \1 ", found[0])
