"""Help pages of a service, one for each endpoint, with a form that tests it; plain HTML without any other host.

The pages hold under `SECURITY_POLICY`: no inline script or style, nothing from elsewhere, never in a frame.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from studiolo.domain.service import Service, ServiceVersion
from studiolo.services.bodies.errors import CODES
from studiolo.services.documents import samples, trying_form
from studiolo.services.documents.addresses import Addresses
from studiolo.services.documents.clients import BATCH, CLASSIC, OWN, clients
from studiolo.services.documents.column_types import PARAMETER_WORDS, in_words
from studiolo.services.documents.failures import (
    classic_body,
    example_problem,
    meaning,
    missing_column,
    own_body,
)
from studiolo.services.documents.languages import json_text

SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""What a server sends with each page."""

_STATES = [
    ("NotStarted", "made, not started yet or waiting"),
    ("Running", "at work"),
    ("Finished", "Results says where the outputs are"),
    ("Failed", "Details says why"),
    ("Cancelled", "by DELETE"),
]
_CONTENTS = {
    "address": "Address",
    "try": "Try it",
    "inputs": "Inputs",
    "parameters": "Parameters",
    "outputs": "Outputs",
    "sample": "Sample",
    "clients": "Programs",
    "errors": "Errors",
}
_ORDERS = {
    OWN: ("address", "try", "inputs", "parameters", "outputs", "sample", "clients", "errors"),
    # The R package shows the classic page from its R program to the end, so the programs come last.
    CLASSIC: ("address", "inputs", "parameters", "outputs", "sample", "errors", "clients"),
    BATCH: ("address", "sample", "inputs", "parameters", "outputs", "errors", "clients"),
}


def own_page(service: Service, version: ServiceVersion, addresses: Addresses) -> str:
    """Give the page of the request-response endpoint in our own form, with the test form.

    Args:
        service: which one.
        version: the version that answers.
        addresses: of the service.
    """
    has_arrow = len(version.inputs) == 1 and ("both" if len(version.outputs) == 1 else "in")
    shown = {
        "request": json_text(samples.own_request(version)),
        "answer": json_text(samples.own_answer(version)),
        "problem": json_text(own_body(missing_column(version))),
        "has_arrow": has_arrow,
    }
    return _render(
        OWN, "request and response", service, version, addresses, shown, form=trying_form.form(version)
    )


def classic_page(service: Service, version: ServiceVersion, addresses: Addresses) -> str:
    """Give the page of the classic request-response endpoint; takes what `own_page` does."""
    shown = {
        "request": json_text(samples.classic_request(version)),
        "answer": json_text(samples.classic_answer(version)),
        "row_request": json_text(samples.classic_request(version, form=samples.as_records)),
        "row_answer": json_text(samples.classic_row_answer(version)),
        "problem": json_text(classic_body(missing_column(version))),
    }
    return _render(CLASSIC, "classic request and response", service, version, addresses, shown)


def batch_page(service: Service, version: ServiceVersion, addresses: Addresses) -> str:
    """Give the page of the batch endpoint; takes what `own_page` does."""
    shown = {
        "request": json_text(samples.batch_request(version)),
        "answer": json_text(samples.batch_answer(version, addresses.jobs)),
        "problem": json_text(classic_body(example_problem("unauthorized"))),
    }
    return _render(BATCH, "batch jobs", service, version, addresses, shown, states=_STATES)


def _render(
    page: str,
    title: str,
    service: Service,
    version: ServiceVersion,
    addresses: Addresses,
    shown: dict[str, Any],
    **more: Any,
) -> str:
    published = datetime.fromtimestamp(version.created, UTC)
    anchors = [one for one in _ORDERS[page] if one != "parameters" or version.parameters]
    text = (
        _templates()
        .get_template(f"{page}.html")
        .render(
            page=page,
            title=title,
            service=service,
            version=version,
            addresses=addresses,
            # Below the server's folder, not absolute: the page works under whatever name it was asked for.
            help=f"{addresses.folder}/services/{addresses.name}",
            own_path=addresses.folder + addresses.own_path,
            description=service.description or version.description,
            published=f"{published.day} {published:%B %Y}",
            published_at=f"{published:%Y-%m-%dT%H:%M:%SZ}",
            contents=[
                (one, "Calls" if (page, one) == (BATCH, "address") else _CONTENTS[one]) for one in anchors
            ],
            inputs=[_port(port) for port in version.inputs.values()],
            outputs=[_port(port) for port in version.outputs.values()],
            parameters=[_parameter(one) for one in version.parameters.values()],
            samples=shown,
            clients=clients(version, addresses, page),
            failures=[
                {
                    "status": kind.status,
                    "code": code,
                    "group": kind.group,
                    "detail": kind.detail,
                    "meaning": meaning(code),
                }
                for code, kind in CODES.items()
            ],
            **more,
        )
    )
    # A lone surrogate, which JSON can carry in a name, is no text that a page could have.
    return text.encode("utf-8", "replace").decode("utf-8")


def _port(port: Any) -> dict[str, Any]:
    columns, rows = samples.sample_table(port, 1)
    return {
        "name": port.name,
        "type": port.type,
        "is_known": port.columns is not None,
        "is_table": port.type in ("dataset", "any"),
        "columns": [
            {
                "name": column.name,
                "words": in_words(column),
                "has_missing": column.has_missing,
                "categories": column.categories,
                "sample": value if value is None or isinstance(value, str) else json_text(value),
            }
            for column, value in zip(columns, rows[0], strict=True)
        ],
    }


def _parameter(one: Any) -> dict[str, Any]:
    return {
        "name": one.name,
        "description": one.description,
        "words": PARAMETER_WORDS[one.type],
        "choices": one.choices,
        "is_required": one.is_required,
        "default": one.default if isinstance(one.default, str) and one.default else json_text(one.default),
    }


def _plain(text: str) -> Markup:
    """Escape text between tags, where quotation marks need none: the R package shows them as they are."""
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = _plain
    return environment
