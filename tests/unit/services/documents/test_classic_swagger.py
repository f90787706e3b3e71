"""The classic document is as old clients read it (R-9.1; classic-formats, section 4)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from made_by_hand import WORKSPACE, census, made, port

from studiolo.services.documents.addresses import addresses_of
from studiolo.services.documents.classic_swagger import classic_swagger, document_text

ORIGIN = "http://127.0.0.1:8765"


@pytest.fixture
def document():
    """The document of the census service."""
    service, version = census()
    return classic_swagger(service, version, addresses_of(service, WORKSPACE, ORIGIN))


def test_the_paths_keep_their_order_methods_and_queries(document) -> None:
    """R finds the endpoint by `/execute?` and takes the HTTP method from the second path."""
    operations = {
        path: {method: one["operationId"] for method, one in item.items()}
        for path, item in document["paths"].items()
    }
    assert list(operations.items()) == [
        ("/swagger.json", {"get": "getSwaggerDocument"}),
        ("/execute?api-version=2.0&format=swagger", {"post": "execute"}),
        ("/jobs?api-version=2.0", {"post": "submitjob"}),
        ("/jobs/{jobId}?api-version=2.0", {"get": "getjobstatus", "delete": "canceljob"}),
        ("/jobs/{jobId}/start?api-version=2.0", {"post": "startjob"}),
    ]


def test_the_head_names_the_server_and_the_endpoint(document) -> None:
    """Old clients put host, basePath and path together."""
    head = {key: value for key, value in document.items() if key not in ("paths", "definitions")}
    description = "Predicts whether somebody earns more than 50,000 a year."
    assert head == {
        "swagger": "2.0",
        "info": {
            "version": "2.0",
            "title": "census",
            "description": description,
            "x-endpoint-name": "default",
            "x-endpoint-description": description,
        },
        "host": "127.0.0.1:8765",
        "basePath": f"/workspaces/{WORKSPACE}/services/{'fedcba9876543210' * 2}",
        "schemes": ["http"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": {
            "api_key": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "For example: Bearer abc123",
            }
        },
    }


def test_the_columns_have_the_classic_types_and_every_category(document) -> None:
    """R makes numbers and logical values of the texts in an answer by these types."""
    definitions = document["definitions"]
    assert list(definitions) == [
        "ExecutionRequest",
        "ExecutionResults",
        "BatchExecutionRequest",
        "BatchExecutionStatus",
        "AzureBlobDataReference",
        "ExecutionInputs",
        "ExecutionOutputs",
        "BatchInputs",
        "BatchOutputs",
        "GlobalParameters",
        "input1Item",
        "output1Item",
    ]
    item = definitions["input1Item"]
    assert item["required"] == list(item["properties"])
    assert item["properties"] == {
        "age": {"type": "integer", "format": "int32"},
        "workclass": {"type": "string", "enum": ["Private", "State-gov", "Self-emp-inc"]},
        "weight": {"type": "number", "format": "double"},
        "education": {"type": "string"},
        "is citizen": {"type": "boolean"},
        "capital gain": {"type": "integer", "format": "int64"},
        "seen": {"type": "string", "format": "date-time"},
        "hours per week": {"type": "number", "format": "double"},
    }
    assert definitions["ExecutionOutputs"]["properties"] == {
        "output1": {"type": "array", "items": {"$ref": "#/definitions/output1Item"}}
    }
    assert definitions["ExecutionRequest"]["example"] == {
        "Inputs": {
            "input1": [
                {
                    "age": 39,
                    "workclass": "State-gov",
                    "weight": 77516.5,
                    "education": "Bachelors",
                    "is citizen": True,
                    "capital gain": 2174,
                    "seen": "2014-09-21T11:10:00",
                    "hours per week": 40.0,
                }
            ]
        },
        "GlobalParameters": {"threshold": 0.5, "rule": "soft"},
    }


def test_an_output_that_is_no_table_is_in_batch_answers_only() -> None:
    """A trained model is delivered as a file."""
    outputs = [port("output1", [("a", "int32")]), port("model", None, type="object")]
    service, version = made([port("input1", None)], outputs)
    document = classic_swagger(service, version, addresses_of(service, WORKSPACE, ORIGIN))
    definitions = document["definitions"]
    assert list(definitions["ExecutionOutputs"]["properties"]) == ["output1"]
    assert list(definitions["BatchOutputs"]["properties"]) == ["output1", "model"]


def test_a_service_without_description_says_so() -> None:
    """The text is the original's."""
    service, version = made([], [port("output1", None)])
    version.__dict__["description"] = ""
    document = classic_swagger(
        service, version, addresses_of(service, WORKSPACE, "https://ml.example.org/s/")
    )
    assert document["info"]["description"] == "No description provided for this web service."
    assert (document["host"], document["schemes"]) == ("ml.example.org:443", ["https"])
    assert document["basePath"].startswith("/s/workspaces/")


def test_the_document_stays_json_when_a_client_strips_tags(made_service) -> None:
    """The R package strips what looks like HTML before it parses `apidocument`."""
    service, version = made_service
    document = classic_swagger(service, version, addresses_of(service, WORKSPACE, ORIGIN))
    text = document_text(document).decode("ascii")
    tag = r"</?\w+((\s+\w+(\s*=\s*(?:\".*?\"|'.*?'|[^'\">\s]+))?)+\s*|\s*)/?>"
    assert json.loads(re.sub("&.?quot;", "'", re.sub(tag, r"\1", text))) == document


DISCOVERING = """
document <- jsonlite::fromJSON(file("stdin"))
items <- document$definitions$output1Item
types <- unlist(items)[grepl("\\\\.type$", names(unlist(items)))]
example <- as.list(jsonlite::fromJSON(jsonlite::toJSON(document$definitions$ExecutionRequest$example))$Inputs$input1)
found <- character()
for (number in seq_along(document$paths)) {
  for (item in document$paths[[number]]) {
    for (operation in item) for (part in operation) if (part[1] == "execute") found <- names(document$paths)[[number]]
  }
}
method <- toupper(names(document$paths[[2]]))
cat(found, method, paste(which(types == "number"), collapse = ","), paste(names(example), collapse = "|"), sep = "\\n")
"""


def test_what_the_r_package_reads_is_there(document) -> None:
    """These are its steps: the path, the method of the second path, types by place, columns of the example."""
    if not shutil.which("Rscript"):
        pytest.skip("no R")
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", DISCOVERING], input=document_text(document), capture_output=True
    )
    if b"there is no package called" in done.stderr:
        pytest.skip("R lacks jsonlite")
    assert done.stdout.decode().splitlines() == [
        "/execute?api-version=2.0&format=swagger",
        "POST",
        "2",
        "age|workclass|weight|education|is citizen|capital gain|seen|hours per week",
    ], done.stderr.decode()
