"""Ready-to-run clients of a service, with its real columns, address and sample; the key comes from STUDIOLO_KEY.

Each is a template in `clients/`. What a template takes in is written by `languages`, so that no name or value can
be anything but a text in the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from studiolo.domain.service import ServiceVersion
from studiolo.services.documents import languages
from studiolo.services.documents.addresses import Addresses
from studiolo.services.documents.samples import batch_request, classic_request, own_request

OWN, CLASSIC, BATCH = "own", "classic", "batch"
FORMS = (OWN, CLASSIC, BATCH)
LANGUAGES = {
    "python3": "Python 3",
    "python2": "Python 2",
    "javascript": "JavaScript",
    "csharp": "C#",
    "curl": "curl",
    "r": "R",
}
"""R comes last: the R package shows a page from the name of this client to its end."""


@dataclass(frozen=True)
class Client:
    """A program that calls a service.

    Attributes:
        language: one of `LANGUAGES`.
        title: the language for people.
        file: name to save it under.
        text: the program.
    """

    language: str
    title: str
    file: str
    text: str


_FILES = {
    "python3": "client.py",
    "python2": "client2.py",
    "javascript": "client.js",
    "csharp": "Client.cs",
    "curl": "client.sh",
    "r": "client.R",
}


def clients(version: ServiceVersion, addresses: Addresses, form: str) -> list[Client]:
    """Give the clients of one form, in the order of `LANGUAGES`.

    Args:
        version: whose columns and sample.
        addresses: of its service.
        form: `own`, `classic` or `batch`.
    """
    facts = _facts(version, addresses, form)
    prefix = "batch-" if form == BATCH else ""
    return [
        Client(
            language,
            title,
            _FILES[language],
            _templates().get_template(f"{prefix}{language}.txt").render(facts),
        )
        for language, title in LANGUAGES.items()
    ]


def _facts(version: ServiceVersion, addresses: Addresses, form: str) -> dict[str, Any]:
    if form == OWN:
        address, request, results = addresses.own, own_request(version, 1), "outputs"
    elif form == CLASSIC:
        address, request, results = addresses.execute, classic_request(version, 1), "Results"
    else:
        address, request, results = addresses.jobs, batch_request(version), "Results"
    return {"name": addresses.name, "address": address, "request": request, "results": results}


@cache
def _templates() -> Environment:
    # The programs are not HTML; the page that shows them escapes them as text.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "clients"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters.update(
        python=partial(languages.write, language=languages.PYTHON),
        python2=partial(languages.write, language=languages.PYTHON2),
        javascript=partial(languages.write, language=languages.JAVASCRIPT),
        r=partial(languages.write, language=languages.R),
        json=languages.json_text,
        shell=languages.quote_shell,
        csharp=languages.quote_csharp,
        csharp_json=lambda value: languages.quote_csharp(languages.json_text(value)),
    )
    return environment
