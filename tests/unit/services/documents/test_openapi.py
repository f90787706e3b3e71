"""The OpenAPI document of our own form is valid and true to the sample (R-9.1)."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from made_by_hand import WORKSPACE, census, hostile, made, parameter, port
from openapi_spec_validator import OpenAPIV31SpecValidator

from studiolo.services.bodies.errors import CODES
from studiolo.services.documents import samples
from studiolo.services.documents.addresses import addresses_of
from studiolo.services.documents.openapi import ARROW, server_openapi, service_openapi

ORIGIN = "http://127.0.0.1:8765"


def document_of(service, version) -> dict[str, Any]:
    """Give the document of a service."""
    return service_openapi(service, version, addresses_of(service, WORKSPACE, ORIGIN))


def check(value: Any, document: dict[str, Any], name: str) -> None:
    """Check a value against a schema of the document."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(value)


VERSIONS = [
    census(),
    hostile(),
    made([], [port("output1", None)]),
    made([port("a", None), port("b", [])], [port("x", None), port("y", None)], [parameter("n", "integer")]),
    made([port("a", None)], [port("x", None)], [parameter("n", "any", is_required=True)]),
    made([port("a", [("d", "decimal(9,2)"), ("t", "duration[ns]"), ("b", "bytes"), ("u", "uint8")])], []),
]


@pytest.mark.parametrize("number", range(len(VERSIONS)))
def test_the_document_is_valid_and_its_samples_fit(number: int) -> None:
    """A generator of clients starts from it."""
    service, version = VERSIONS[number]
    document = document_of(service, version)
    OpenAPIV31SpecValidator(document).validate()
    operation = document["paths"][f"/api/services/{service.name}"]["post"]
    examples = operation["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        check(example["value"], document, f"{service.name}.request")
    check(samples.own_answer(version), document, f"{service.name}.answer")


def test_the_columns_are_the_real_ones() -> None:
    """Types, bounds and categories; missing values are null, infinities have a name."""
    document = document_of(*census())
    row = document["components"]["schemas"]["census.input-1"]["anyOf"][0]["items"]
    integer = {"type": ["integer", "null"], "minimum": -(2**31), "maximum": 2**31 - 1, "format": "int32"}
    assert row["required"] == list(row["properties"])
    assert row["additionalProperties"] is False
    assert row["properties"]["age"] == integer
    assert row["properties"]["workclass"] == {
        "type": ["string", "null"],
        "enum": ["Private", "State-gov", "Self-emp-inc", None],
    }
    assert row["properties"]["weight"] == {
        "anyOf": [{"type": ["number", "null"], "format": "double"}, {"enum": ["Infinity", "-Infinity"]}]
    }
    assert row["properties"]["seen"] == {"type": ["string", "null"], "format": "date-time"}


def test_a_wrong_request_does_not_fit() -> None:
    """A misspelt column is wrong by the document too."""
    service, version = census()
    document = document_of(service, version)
    request = samples.own_request(version)
    request["inputs"]["input1"][0]["agee"] = request["inputs"]["input1"][0].pop("age")
    with pytest.raises(jsonschema.ValidationError):
        check(request, document, "census.request")


def test_every_error_code_is_documented_with_its_body() -> None:
    """A caller can read every status and code from the document."""
    document = document_of(*census())
    codes = set()
    for status, response in document["components"]["responses"].items():
        content = response["content"]["application/problem+json"]
        for code, example in content["examples"].items():
            codes.add(code)
            assert example["value"]["status"] == int(status)
            check(example["value"], document, "problem")
    assert codes == set(CODES)
    responses = document["paths"]["/api/services/census"]["post"]["responses"]
    assert set(responses) == {"200"} | {str(kind.status) for kind in CODES.values()}


def test_arrow_is_offered_where_there_is_one_table() -> None:
    """A stream carries one table."""
    one = document_of(*census())["paths"]["/api/services/census"]["post"]
    assert ARROW in one["requestBody"]["content"] and ARROW in one["responses"]["200"]["content"]
    two = document_of(*VERSIONS[3])["paths"]["/api/services/census"]["post"]
    assert ARROW not in two["requestBody"]["content"] and ARROW not in two["responses"]["200"]["content"]


def test_a_server_has_one_document_of_all_its_services() -> None:
    """One import in a tool gives every service."""
    given = [(*one, addresses_of(one[0], WORKSPACE, ORIGIN)) for one in (census(), hostile())]
    document = server_openapi("Shop", ORIGIN + "/", given)
    OpenAPIV31SpecValidator(document).validate()
    assert list(document["paths"]) == ["/api/services/census", "/api/services/hostile"]
    assert document["servers"] == [{"url": ORIGIN}]
