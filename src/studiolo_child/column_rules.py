"""Turns the rules of a `columns` parameter into column names, by the header of the input that they are about.

Rules are applied in order to the columns of the dataset: an `include` adds, an `exclude` takes away, and the
result is in the dataset's order. See domain/column_rules.py for their form, which the host has checked.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

from .failing import JobError
from .frames.layout import FrameError, read_header
from .nearest import did_you_mean

_TYPES = (  # beginning of a frame's type, the studio's name of it
    ("bool", "Boolean"),
    ("int", "Integer"),
    ("uint", "Integer"),
    ("float", "Double"),
    ("decimal", "Double"),
    ("string", "String"),
    ("timestamp", "DateTime"),
    ("date", "DateTime"),
    ("duration", "TimeSpan"),
    ("categorical", "Categorical"),
    ("bytes", "Bytes"),
)


def resolved(parameters, border):
    """Give `parameters` with names in place of rules.

    Args:
        parameters: name to value; a mapping with `rules` at a name of `border.column_inputs` is resolved.
        border: `Border`; `column_inputs` says which input each `columns` parameter is about.

    Raises:
        JobError: `missing-column` for a name or position that the input does not have, `no-columns` when
            nothing is left, `unreadable-input`.
    """
    found = dict(parameters)
    ports = dict((port["name"], port) for port in border.inputs)
    for name, port in border.column_inputs.items():
        value = found.get(name)
        if isinstance(value, dict):
            found[name] = chosen(value, _columns(border, ports[port]), name, port) if port in ports else []
    return found


def chosen(selection, columns, parameter, port):
    """Give the names that `{"begin", "rules"}` leaves of `columns`, which are those of a frame's header."""
    names = [column["name"] for column in columns]
    kept = set(range(len(columns)) if selection["begin"] == "all" else ())
    for rule in selection["rules"]:
        ((verb, what),) = rule.items()
        meant = _meant(what, columns, names, parameter, port)
        kept = kept | meant if verb == "include" else kept - meant
    if not kept:
        raise JobError(
            "no-columns",
            "The rules of %s choose none of the %d columns of %s." % (parameter, len(columns), port),
            "Begin with all columns, or include some. Columns here: %s." % _listed(names),
            parameter=parameter,
        )
    return [names[at] for at in sorted(kept)]


def _meant(what, columns, names, parameter, port):
    """Give the positions that one rule speaks of; types and roles together mean both."""
    if what == "all":
        return set(range(len(columns)))
    if "names" in what:
        known = dict((name, at) for at, name in enumerate(names))
        for name in what["names"]:
            if name not in known:
                raise _missing('no column "%s"' % name, did_you_mean(name, names, "column"), parameter, port)
        return set(known[name] for name in what["names"])
    if "indices" in what:
        return _by_position(what["indices"], len(columns), parameter, port)
    meant = set(range(len(columns)))
    if "types" in what:
        wanted = set(what["types"])
        wanted |= set(["Integer", "Double"]) if "Numeric" in wanted else set()
        meant &= set(at for at, column in enumerate(columns) if _types_of(column) & wanted)
    if "roles" in what:
        wanted = set(what["roles"])
        meant &= set(at for at, column in enumerate(columns) if (column.get("role") or "feature") in wanted)
    return meant


def _by_position(indices, count, parameter, port):
    meant = set()
    for index in indices:
        first, _, last = ("%s" % index).partition("-")
        low, high = int(first), int(last or first)
        if high > count:
            raise _missing("no column %d" % high, "It has %d, counted from 1." % count, parameter, port)
        meant.update(range(low - 1, high))
    return meant


def _types_of(column):
    """Give the studio's types of a column: a categorical one is found by the type of its values too."""
    found = set([_type(column["type"])])
    if column["type"] == "categorical":
        found.add(_type(column["dictionary"]["type"]))
    return found


def _type(name):
    for start, studio_type in _TYPES:
        if name.startswith(start):
            return studio_type
    return "String"


def _columns(border, port):
    try:
        return read_header(memoryview(border.mapping(port)))[0]["columns"]
    except FrameError as error:
        raise JobError(
            "unreadable-input",
            "The input %s is not a dataset that this version can read: %s." % (port["name"], error),
            "Run the node that it comes from again with `--force`.",
            port=port["name"],
        )


def _missing(what, hint, parameter, port):
    return JobError("missing-column", "The input %s has %s." % (port, what), hint, parameter=parameter)


def _listed(names):
    more = " and %d more" % (len(names) - 10) if len(names) > 10 else ""
    return ", ".join(name[:80] for name in names[:10]) + more if names else "none"
