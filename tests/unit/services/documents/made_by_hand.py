"""Versions made by hand for the tests of documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studiolo.domain.experiment import Source
from studiolo.domain.service import (
    ParameterTarget,
    Service,
    ServiceColumn,
    ServiceParameter,
    ServicePort,
    ServiceVersion,
)

WORKSPACE = "0123456789abcdef" * 2
AT = Source("score", "result_dataset")


def port(
    name: str, columns: Iterable[tuple[Any, ...]] | None, *rows: tuple[Any, ...], type: str = "dataset"
) -> ServicePort:
    """Make a port from (name, type[, categories]) of its columns."""
    known = None if columns is None else tuple(ServiceColumn(*column) for column in columns)
    return ServicePort(name, AT, known, rows, type)


def made(
    inputs: Iterable[ServicePort],
    outputs: Iterable[ServicePort],
    parameters: Iterable[ServiceParameter] = (),
    name: str = "census",
) -> tuple[Service, ServiceVersion]:
    """Make a service with one version."""
    version = ServiceVersion(
        service=name,
        number=3,
        experiment="census",
        title="Adult census income",
        run=12,
        created=1_700_000_000.0,
        nodes=(),
        inputs={one.name: one for one in inputs},
        outputs={one.name: one for one in outputs},
        parameters={one.name: one for one in parameters},
        description="Predicts whether somebody earns more than 50,000 a year.",
    )
    return Service(name, "fedcba9876543210" * 2, 3, requests_per_minute=600), version


def parameter(name: str, type: str, default: Any = None, **more: Any) -> ServiceParameter:
    """Make a parameter."""
    return ServiceParameter(name, ParameterTarget("score", name), type, default, **more)


def census() -> tuple[Service, ServiceVersion]:
    """Make a service with a column of every kind, missing values, categories and parameters."""
    columns = [
        ("age", "int32"),
        ("workclass", "categorical", ("Private", "State-gov", "Self-emp-inc")),
        ("weight", "float64"),
        ("education", "string"),
        ("is citizen", "bool"),
        ("capital gain", "int64"),
        ("seen", "timestamp[ns]"),
        ("hours per week", "float64"),
    ]
    first = (39, "State-gov", 77516.5, "Bachelors", True, 2174, "2014-09-21T11:10:00", 40.0)
    second = (50, "Self-emp-inc", 83311.0, "Größe “Ω”", False, 2**53 + 1, None, None)
    results = [("income", "categorical", ("<=50K", ">50K")), ("Scored Probabilities", "float64")]
    return made(
        [port("input1", columns, first, second)],
        [port("output1", results, ("<=50K", 0.287719696760178), (">50K", 1e-05))],
        [
            parameter("threshold", "number", 0.5, description="from where on a person counts as rich"),
            parameter("rule", "string", "soft", choices=("soft", "hard")),
        ],
    )


HOSTILE = (
    "</script><script>alert(1)</script>",
    "a\"b'c`d",
    "back\\slash\\",
    "${process.exit(3)} {{ 7 * 7 }} {% raw %} #{x} %s %(y)s {0}",
    "line\nnext\r\n\ttab",
    "<!-- ]]> --> <img src=x onerror=alert(1)> &amp;",
    "Ünï🎉\u2028\u2029\u202e\u200b",
    "JSON",
    "__proto__",
    "$(id) `id` $HOME \\$x !!",
    "javascript:alert(1)",
    " leading and trailing ",
)


def hostile() -> tuple[Service, ServiceVersion]:
    """Make a service whose names and values try to be something else than text."""
    columns = [(name, "string") for name in HOSTILE] + [("kind\"'<b>", "categorical", HOSTILE)]
    rows = [(*reversed(HOSTILE), HOSTILE[0])]
    service, version = made(
        [port(HOSTILE[0], columns, *rows)],
        [port(HOSTILE[5], columns, *rows)],
        [parameter(HOSTILE[1], "string", HOSTILE[3], description=HOSTILE[0], choices=HOSTILE[3:5])],
        name="hostile",
    )
    return service, version
