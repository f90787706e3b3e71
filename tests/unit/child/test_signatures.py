"""What a callable takes, read without calling it and alike on Python 2 and 3."""

from __future__ import annotations

import functools

import numpy
import pytest

from studiolo_child.arguments import REQUIRED, bind, keyword_defaults, signature_of
from studiolo_child.failing import JobError


def plain(a, b=2, *, c, d=4, **rest):
    """Take some of everything."""


def starred(a, *more):
    """Take any number."""


def before(a, b=2, /, c=3):
    """Take two that have no names."""


@functools.wraps(plain)
def wrapper(*args, **kwargs):
    """Wrap it."""


class Instance:
    """Callable by its class."""

    def __call__(self, a, b=2):
        """Take two."""

    @staticmethod
    def fixed(a):
        """Take one."""

    @classmethod
    def of_class(cls, a):
        """Take one."""


@pytest.mark.parametrize(
    ("function", "positional", "keywords", "takes_more", "takes_any"),
    [
        (plain, [("a", REQUIRED), ("b", 2)], [("c", REQUIRED), ("d", 4)], False, True),
        (starred, [("a", REQUIRED)], [], True, False),
        (before, [("a", REQUIRED), ("b", 2), ("c", 3)], [], False, False),
        (wrapper, [("a", REQUIRED), ("b", 2)], [("c", REQUIRED), ("d", 4)], False, True),
        (Instance(), [("a", REQUIRED), ("b", 2)], [], False, False),
        (Instance().fixed, [("a", REQUIRED)], [], False, False),
        (Instance.of_class, [("a", REQUIRED)], [], False, False),
        (functools.partial(plain, 1), [("b", 2)], [("c", REQUIRED), ("d", 4)], False, True),
        (functools.partial(plain, c=1), [("a", REQUIRED), ("b", 2)], [("c", 1), ("d", 4)], False, True),
        (functools.partial(plain, a=1), [], [("a", 1), ("b", 2), ("c", REQUIRED), ("d", 4)], False, True),
        (functools.partial(starred, 1), [], [], True, False),
        (functools.lru_cache(before), [("a", REQUIRED), ("b", 2), ("c", 3)], [], False, False),
        (functools.partial(functools.partial(before, 1), 2), [("c", 3)], [], False, False),
        (print, [], [], True, True),
        (numpy.vectorize(lambda a: a), [], [], True, False),
    ],
)
def test_every_callable_tells_what_it_takes(function, positional, keywords, takes_more, takes_any):
    """Functions, methods, partials, instances, wrappers, and those that tell nothing."""
    signature = signature_of(function)
    if isinstance(function, numpy.vectorize):
        assert signature.takes_more
        return
    assert (signature.positional, signature.keywords) == (positional, keywords)
    assert (signature.takes_more, signature.takes_any) == (takes_more, takes_any)


def test_positional_only_parameters_are_no_parameters_of_the_node():
    """They have no name to be given by."""
    assert keyword_defaults(signature_of(lambda a, b, c=3, /, d=4: None), 2) == {"d": 4}


@pytest.mark.parametrize("dialect", ["designer", "classic"])
@pytest.mark.parametrize("connected", [{}, {"one": 1}, {"two": 2}, {"one": 1, "two": 2}])
def test_what_is_bound_can_be_called(dialect, connected):
    """Whatever is connected, the call itself never fails on its arguments."""
    for function in (
        lambda: None,
        lambda a: None,
        lambda a, b: None,
        lambda a, b=2: None,
        lambda *a: None,
        lambda a, b=2, c=3, *d: None,
    ):
        args, kwargs = bind(signature_of(function), ["one", "two"], connected, dialect, {}, lambda text: None)
        function(*args, **kwargs)


def test_what_is_connected_is_never_dropped():
    """A connection to a name of the module's own parameter was passed over without a word."""
    values = (["one"], {}, "designer", {"integers_with_missing": "float"}, lambda text: None)
    assert bind(signature_of(lambda a: None), *values) == ([None], {})
    with pytest.raises(JobError, match="to which an input of the node is connected"):
        bind(signature_of(lambda a: None), *values, {"integers_with_missing": 3})
