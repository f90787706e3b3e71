"""Keeps the values of secrets out of everything that is told about an address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from studiolo.domain.secret_names import without_secrets
from studiolo.errors import InternalError, Problems, StudioloError


@contextmanager
def hiding(secrets: Mapping[str, str], more: Iterable[str] = ()) -> Iterator[None]:
    """Take the values of secrets out of the errors that the block raises.

    Servers repeat what they were asked, in messages that nobody can foresee.

    Args:
        secrets: name to value.
        more: further texts that open something, such as a key that is a part of a secret.
    """
    try:
        yield
    except StudioloError as error:
        hidden = {**{f"part {place}": text for place, text in enumerate(more, 1)}, **secrets}
        for one in error.problems if isinstance(error, Problems) else (error,):
            hide(one, hidden)
        # What came before may hold them too, and is shown in the log of a server.
        error.__cause__ = error.__context__ = None
        raise error from None
    except Exception as error:
        if not secrets:
            raise
        told = without_secrets(repr(error), secrets)
        raise InternalError("internal", f"An address with secrets could not be used: {told}") from None


def hide(error: StudioloError, secrets: Mapping[str, str]) -> None:
    """Take the values of secrets out of one error."""
    error.summary = without_secrets(error.summary, secrets)
    error.hint = without_secrets(error.hint, secrets)
    if error.where.file:
        error.where = replace(error.where, file=without_secrets(error.where.file, secrets))
    error.args = tuple(without_secrets(one, secrets) if isinstance(one, str) else one for one in error.args)
