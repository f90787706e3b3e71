"""Asks the host, with the exceptions that scripts expect."""

from __future__ import absolute_import, division, print_function, unicode_literals

import os

from azureml.exceptions import RunEnvironmentException, UserErrorException
from studiolo_child import asking

_LARGEST_VERSION = (1 << 63) - 1
_kept = {}


def ask(what, **question):
    """Give the reply to a question that no descriptor comes with."""
    reply, received = _ask(dict(question, ask=what))
    for descriptor in received:
        os.close(descriptor)
    return reply


def content(what, name, version):
    """Give a descriptor of the content of a dataset or model: this process's own, open until it ends."""
    key = (what, name, version)
    if key not in _kept:
        _, received = _ask({"ask": what, "name": name, "version": version, "content": True})
        if len(received) != 1:
            for descriptor in received:
                os.close(descriptor)
            raise UserErrorException(
                "The content of %s did not arrive." % name, hint="Too many files may be open; close some."
            )
        if _kept.setdefault(key, received[0]) != received[0]:  # another thread was quicker
            os.close(received[0])
    return _kept[key]


def listed(what):
    """Give the facts of everything of a kind: `datasets` or `models`."""
    found, after = [], None
    while True:
        reply = ask(what, after=after)
        found.extend(reply[what])
        if not reply["more"]:
            return found
        after = found[-1]["name"]


def whole_version(version):
    """Give a version as a number, None for the latest one."""
    if version is None or version == "latest":
        return None
    try:
        number = int("%s" % version)
    except ValueError:
        number = 0
    if not 0 < number <= _LARGEST_VERSION:
        raise UserErrorException(
            "%r is no version." % (version,), hint="Give a number from 1, or leave it out for the latest one."
        )
    return number


def text_name(name):
    """Give a name as text."""
    if isinstance(name, bytes):
        name = name.decode("utf-8", "replace")
    if not isinstance(name, type("")) or not name:
        raise UserErrorException("A name is needed, not %r." % (name,))
    return name


def _ask(question):
    try:
        return asking.ask(question)
    except asking.RefusedError as error:
        raise UserErrorException("%s" % error, error, error.studiolo_hint)
    except asking.CannotAskError as error:
        raise RunEnvironmentException("%s" % error, error, error.studiolo_hint)
