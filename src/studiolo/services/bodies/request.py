"""A request as the runtime takes it, whatever form it came in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from studiolo.domain.nearest import did_you_mean
from studiolo.domain.service import ServiceVersion
from studiolo.services.bodies.errors import Detail, ServiceProblem
from studiolo.services.bodies.json_text import cut

TABLE, ROWS = "table", "rows"
_NEAREST_OF = 500
_NEAREST_CHARACTERS = 100


@dataclass(frozen=True)
class Request:
    """What a body asked for.

    Attributes:
        inputs: frame of every declared input, by name.
        parameters: value of every declared parameter, converted to its type, defaults included.
        forms: `table` or `rows` by input: how its table was written.
        rows: of all inputs together.
        is_bare: our own form with the only input's table as the whole body.
    """

    inputs: Mapping[str, bytes]
    parameters: Mapping[str, Any]
    forms: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    is_bare: bool = False

    @property
    def is_in_rows(self) -> bool:
        """Whether all of its tables were written as row objects, and there is one."""
        return bool(self.forms) and set(self.forms.values()) == {ROWS}


def hint_for(name: str, known: Iterable[str], noun: str) -> str:
    """Give the nearest of `known`, in bounded time whatever the names are."""
    candidates = [one for one in islice(known, _NEAREST_OF) if len(one) <= _NEAREST_CHARACTERS]
    if len(name) > _NEAREST_CHARACTERS:
        return ""
    return did_you_mean(name, candidates, noun)


def check_input_names(given: Iterable[str], version: ServiceVersion) -> None:
    """Refuse inputs that the version has not, and the absence of those it has.

    Raises:
        ServiceProblem: `input-unknown`, `input-missing`.
    """
    given = set(given)
    if given == version.inputs.keys():
        return
    unknown = sorted(given - version.inputs.keys())
    if unknown:
        details = [
            Detail(
                f'The service has no input "{cut(name)}". '
                + (hint_for(name, version.inputs, "input") if number < 3 else ""),
                cut(name),
            )
            for number, name in enumerate(unknown[:10])
        ]
        raise ServiceProblem("input-unknown", details, more=max(len(unknown) - 10, 0))
    absent = [name for name in version.inputs if name not in given]
    raise ServiceProblem(
        "input-missing", [Detail(f'The request lacks the input "{cut(name)}".', name) for name in absent]
    )
