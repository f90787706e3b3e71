"""Finds the known name that a misspelt one most likely meant; studiolo.domain.nearest for old interpreters."""

from __future__ import absolute_import, division, print_function, unicode_literals

import difflib

_SHOWN = 10
_SHOWN_LENGTH = 100
_KNOWN_LIMIT = 5000


def nearest(name, known):
    """Give the closest of `known` to `name`, ignoring case, `_`, `-` and spaces; None when nothing is close."""
    folded = {}
    for candidate in list(known)[:_KNOWN_LIMIT]:
        folded.setdefault(_fold(candidate), candidate)
    matches = difflib.get_close_matches(_fold(name), list(folded), n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def did_you_mean(name, known, noun):
    """Give a hint sentence: the nearest name, or the list of known ones (at most ten)."""
    known = list(known)
    match = nearest(name, known)
    if match is not None:
        return 'Did you mean "%s"?' % _cut(match)
    if not known:
        return "There is no %s to choose from." % noun
    more = " and %d more" % (len(known) - _SHOWN) if len(known) > _SHOWN else ""
    return "Known %ss: %s%s." % (noun, ", ".join(_cut(name) for name in known[:_SHOWN]), more)


def _cut(name):
    return name if len(name) <= _SHOWN_LENGTH else name[:_SHOWN_LENGTH] + "..."


def _fold(name):
    return name[:200].lower().replace("_", "").replace("-", "").replace(" ", "")
