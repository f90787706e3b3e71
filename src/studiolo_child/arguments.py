"""Decides what `azureml_main` is called with: datasets by port or by connection, parameters of the node by name.

    function              designer (by port)             classic (by order of connection)
    f()                   f()                            f()
    f(a)                  f(dataset1)                    f(first connected)
    f(a, b)               f(dataset1, dataset2)          f(first, second connected); the rest keeps its defaults
    f(*frames)            f(dataset1, dataset2)          f(all connected)
    f(..., name=default)  name=value of the node, when it sets one, or what is connected to its input of that name

An unconnected port is None in the designer's dialect. In the classic one it is not passed at all, and what the
function requires beyond the connected datasets is None with a warning. Positional parameters after the
datasets, and keyword-only ones, are parameters of the node.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import functools
import json
import types

from .failing import JobError
from .nearest import did_you_mean, nearest

REQUIRED = object()
ENTRY_POINT = "azureml_main"
_DEFAULT_LIMIT = 10000
_DECLARED = ("integers_with_missing",)  # a parameter of the module itself, not of the function


class Signature(object):
    """What a callable takes.

    Attributes:
        positional: list of `(name, default or REQUIRED)`.
        only_positional: how many of them cannot be given by name.
        keywords: list of `(name, default or REQUIRED)` that are given by name only.
        takes_more: it has `*args`.
        takes_any: it has `**kwargs`.
    """

    def __init__(self, positional=(), only_positional=0, keywords=(), takes_more=False, takes_any=False):
        self.positional = list(positional)
        self.only_positional = only_positional
        self.keywords = list(keywords)
        self.takes_more = takes_more
        self.takes_any = takes_any

    def parameters_after(self, count):
        """Give the parameters of the node: what can be given by name after `count` datasets."""
        return self.positional[max(count, self.only_positional) :] + self.keywords


def signature_of(function):
    """Give the signature of a function, method, partial, callable instance or wrapper around one.

    A wrapper with `*args` counts as what it wraps (`functools.wraps`), any other wrapper as what it is itself.
    A callable that tells nothing counts as taking any number of datasets.
    """
    if isinstance(function, functools.partial):
        return _of_partial(function)
    if isinstance(function, types.FunctionType):
        own = _of_code(function)
        wrapped = getattr(function, "__wrapped__", None)
        return signature_of(wrapped) if wrapped is not None and own.takes_more else own
    if isinstance(function, types.MethodType):
        return _without_first(signature_of(function.__func__))
    if getattr(function, "__wrapped__", None) is not None:
        return signature_of(function.__wrapped__)
    if isinstance(function, type):
        return _without_first(signature_of(function.__init__))
    if isinstance(function, getattr(types, "InstanceType", ())):  # Python 2, a class without `object`
        return signature_of(function.__call__)
    call = getattr(type(function), "__call__", None)  # noqa: B004 (callable() does not give it)
    call = getattr(call, "__func__", call)  # Python 2
    if isinstance(call, types.FunctionType):
        return _without_first(signature_of(call))
    return Signature(takes_more=True, takes_any=True)


def bind(signature, ports, connected, dialect, parameters, warn, further=None):
    """Give `(args, kwargs)` for the call.

    Args:
        signature: of the function.
        ports: names of the declared dataset inputs in order.
        connected: port name to DataFrame, connected ports only.
        dialect: `designer` or `classic`.
        parameters: values that the node sets, by name.
        warn: called with sentences.
        further: what is connected to inputs beyond the declared ones, by name: they are given by keyword.

    Raises:
        JobError: `unknown-parameter`, `unknown-port`, `missing-parameter` or `bad-entry-point`.
    """
    places = len(ports) if signature.takes_more else min(len(ports), len(signature.positional))
    if dialect == "classic":
        order = [port for port in ports if port in connected]
        args = [connected[port] for port in order[:places]]
        passed = order[:places]
    else:
        passed = ports[:places]
        args = [connected.get(port) for port in passed]
        _warn_of_lost_defaults(signature, passed, connected, warn)
    unused = [port for port in ports if port in connected and port not in passed]
    for port in unused:
        warn(
            "%s is connected, but %s takes %s; it was not passed."
            % (port, ENTRY_POINT, "one dataset" if len(passed) == 1 else "%d datasets" % len(passed))
        )
    settable = signature.parameters_after(len(ports))
    kwargs = _named(signature, settable, ports, parameters, _no_parameter)
    kwargs.update(_named(signature, settable, ports, further or {}, _no_input))
    if dialect == "classic":
        _fill_required(signature, args, kwargs, warn)
    _check_required(signature, len(args), kwargs, len(ports))
    return args, kwargs


def keyword_defaults(signature, port_count):
    """Give name to default of the parameters that a node can set, those with a default of JSON form."""
    return dict(
        (name, default) for name, default in signature.parameters_after(port_count) if is_json(default)
    )


def _named(signature, settable, ports, parameters, refused):
    known = [name for name, _ in settable]
    kwargs = {}
    for name, value in parameters.items():
        if name in known:
            kwargs[str(name)] = value
        elif name in _DECLARED and refused is _no_parameter:
            continue
        elif signature.takes_any and name not in [taken for taken, _ in signature.positional]:
            kwargs[str(name)] = value
        else:
            raise refused(name, _hint_for_unknown(name, known, signature, len(ports)))
    return kwargs


def _no_parameter(name, hint):
    summary = '%s has no keyword parameter "%s".' % (ENTRY_POINT, name)
    return JobError("unknown-parameter", summary, hint, parameter=name)


def _no_input(name, hint):
    summary = '%s has no keyword parameter "%s", to which an input of the node is connected.' % (
        ENTRY_POINT,
        name,
    )
    return JobError("unknown-port", summary, hint, port=name)


def _hint_for_unknown(name, known, signature, port_count):
    if name in [taken for taken, _ in signature.positional[:port_count]]:
        return (
            '"%s" is the place of a dataset. Write `*, %s=...` in the signature, so that it can only be given by name.'
            % (name, name)
        )
    if known and nearest(name, known):
        return did_you_mean(name, known, "parameter")
    return (
        "Add it to the signature with a default: `def %s(dataframe1=None, dataframe2=None, *, %s=...)`."
        % (
            ENTRY_POINT,
            name,
        )
    )


def _fill_required(signature, args, kwargs, warn):
    """Put None for what the function requires beyond the connected datasets (R-1.3, classic)."""
    missing = []
    for name, default in signature.positional[len(args) :]:
        if default is not REQUIRED or name in kwargs:
            break
        args.append(None)
        missing.append(name)
    if missing:
        warn("%s requires more datasets than are connected: %s got None." % (ENTRY_POINT, ", ".join(missing)))


def _check_required(signature, given, kwargs, port_count):
    for place, (name, default) in enumerate(signature.positional[given:] + signature.keywords):
        if default is not REQUIRED or name in kwargs:
            continue
        if given + place < signature.only_positional:
            raise JobError(
                "bad-entry-point",
                '%s requires "%s", but there are only %d datasets to pass.' % (ENTRY_POINT, name, port_count),
                "Give it a default.",
                kind="script",
            )
        raise JobError(
            "missing-parameter",
            '%s requires the parameter "%s", which the node does not set.' % (ENTRY_POINT, name),
            "Give it a default in the script, or set it: `parameters: {%s: ...}` on the node." % name,
            parameter=name,
        )


def _warn_of_lost_defaults(signature, passed, connected, warn):
    for port, (name, default) in zip(passed, signature.positional):
        if port not in connected and default is not REQUIRED and default is not None:
            warn(
                "%s is not connected, so %s got None for %s, not its default. "
                "Write `*, %s=...` to make it a parameter of the node." % (port, ENTRY_POINT, name, name)
            )


def _of_code(function):
    code = function.__code__
    names = code.co_varnames
    count = code.co_argcount
    defaults = function.__defaults__ or ()
    values = [REQUIRED] * (count - len(defaults)) + list(defaults)
    keyword_count = getattr(code, "co_kwonlyargcount", 0)
    keyword_defaults_given = getattr(function, "__kwdefaults__", None) or {}
    return Signature(
        zip(names[:count], values),
        getattr(code, "co_posonlyargcount", 0),
        [(name, keyword_defaults_given.get(name, REQUIRED)) for name in names[count : count + keyword_count]],
        bool(code.co_flags & 0x04),
        bool(code.co_flags & 0x08),
    )


def _of_partial(function):
    inner = signature_of(function.func)
    given = len(function.args)
    positional = inner.positional[given:]
    only = max(inner.only_positional - given, 0)
    fixed = function.keywords or {}
    names = [name for name, _ in positional]
    cut = min([names.index(name) for name in fixed if name in names] or [len(names)])
    keywords = [(name, fixed.get(name, default)) for name, default in positional[cut:] + inner.keywords]
    takes_more = inner.takes_more and cut == len(names)
    return Signature(positional[:cut], only, keywords, takes_more, inner.takes_any)


def _without_first(signature):
    return Signature(
        signature.positional[1:],
        max(signature.only_positional - 1, 0),
        signature.keywords,
        signature.takes_more,
        signature.takes_any,
    )


def is_json(value):
    """Say whether a value is a default that can be told as JSON, and short enough to be told."""
    if value is REQUIRED:
        return False
    try:
        return len(json.dumps(value, allow_nan=False)) <= _DEFAULT_LIMIT
    except (TypeError, ValueError, RuntimeError):
        return False
