"""The rules that a `columns` parameter may hold in place of names: what is wrong with them, and which names they use.

    {"begin": "none", "rules": [{"include": {"types": ["Numeric"], "roles": ["feature"]}},
                                {"exclude": {"names": ["id"]}}]}

What they mean for a table is decided in the job, by its real columns: studiolo_child/column_rules.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from studiolo.domain.module import Declaration, Parameter
from studiolo.domain.nearest import did_you_mean

BEGINNINGS = ("all", "none")
VERBS = ("include", "exclude")
TYPES = (
    *("Boolean", "Integer", "Double", "Numeric", "String"),
    *("DateTime", "TimeSpan", "Categorical", "Bytes"),
)
ROLES = ("feature", "label", "score", "weight")
KEYS = ("names", "indices", "types", "roles")
_EXAMPLE = "As in {begin: all, rules: [{exclude: {names: [id]}}]}."
_INDEX = re.compile(r"[1-9]\d{0,8}(-[1-9]\d{0,8})?")


def is_rules(value: Any) -> bool:
    """Say whether a value of a `columns` parameter is rules and not names."""
    return isinstance(value, Mapping)


def rules_problem(value: Mapping[str, Any]) -> tuple[str, str] | None:
    """Give what is wrong with rules, as the end of a sentence and a hint; None when nothing is."""
    unknown = next((key for key in value if key not in ("begin", "rules")), None)
    if unknown is not None:
        return f'has the unknown key "{_short(unknown)}"', did_you_mean(
            str(unknown), ("begin", "rules"), "key"
        )
    if value.get("begin") not in BEGINNINGS:
        return "has rules that do not say where to begin", f"begin is all or none. {_EXAMPLE}"
    rules = value.get("rules")
    if not isinstance(rules, list | tuple):
        return "has rules that are no list", _EXAMPLE
    for number, rule in enumerate(rules, 1):
        problem = _rule_problem(rule)
        if problem is not None:
            return f"has a wrong rule {number}: {problem[0]}", problem[1]
    return None


def names_in_rules(value: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give every column name that sound rules use, with its path in the value."""
    for number, rule in enumerate(value["rules"]):
        for verb, what in rule.items():
            names = what.get("names", ()) if isinstance(what, Mapping) else ()
            for at, name in enumerate(names):
                yield ("rules", str(number), verb, "names", str(at)), name


def input_of(declaration: Declaration, parameter: Parameter) -> str | None:
    """Give the input port whose columns a `columns` parameter chooses from: its own word, else the first table."""
    if parameter.input:
        return parameter.input
    return next((port.name for port in declaration.inputs if port.type in ("dataset", "any")), None)


def _rule_problem(rule: Any) -> tuple[str, str] | None:
    if not isinstance(rule, Mapping) or len(rule) != 1:
        return "it is not one include or one exclude", _EXAMPLE
    ((verb, what),) = rule.items()
    if verb not in VERBS:
        return f'it begins with "{_short(verb)}"', did_you_mean(str(verb), VERBS, "word")
    if what == "all":
        return None
    if not isinstance(what, Mapping) or not what:
        return f"it does not say what to {verb}", f"all, or one of {', '.join(KEYS)}. {_EXAMPLE}"
    unknown = next((key for key in what if key not in KEYS), None)
    if unknown is not None:
        return f'it chooses by "{_short(unknown)}"', did_you_mean(str(unknown), KEYS, "key")
    if len(what) > 1 and set(what) != {"types", "roles"}:
        return (
            f"it chooses by {' and '.join(what)} at once",
            "Only types and roles go together; make two rules.",
        )
    for key, values in what.items():
        problem = _values_problem(key, values)
        if problem is not None:
            return problem
    return None


def _values_problem(key: str, values: Any) -> tuple[str, str] | None:
    if not isinstance(values, list | tuple) or not values:
        return f"{key} is no list, or an empty one", _EXAMPLE
    checks: dict[str, Callable[[Any], bool]] = {
        "names": lambda value: isinstance(value, str),
        "indices": _is_index,
        "types": lambda value: value in TYPES,
        "roles": lambda value: value in ROLES,
    }
    wrong = next((value for value in values if not checks[key](value)), None)
    if wrong is None:
        return None
    shown = f'{key} has "{_short(wrong)}"'
    if key == "names":
        return shown, f"Names are texts: '{_short(wrong)}' in quotes."
    if key == "indices":
        return shown, 'Positions count from 1: 3, or "5-20" for several.'
    return shown, did_you_mean(
        str(wrong), TYPES if key == "types" else ROLES, "type" if key == "types" else "role"
    )


def _is_index(value: Any) -> bool:
    if type(value) is int:
        return 0 < value < 10**9
    if not isinstance(value, str) or _INDEX.fullmatch(value) is None:
        return False
    low, _, high = value.partition("-")
    return int(high or low) >= int(low)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:80] + "…"
