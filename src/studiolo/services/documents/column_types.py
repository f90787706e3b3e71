"""What a column's type is called in each document: classic swagger, classic answers, JSON Schema, prose."""

from __future__ import annotations

import re
from typing import Any

from studiolo.domain.dataset import studio_type
from studiolo.domain.service import ServiceColumn, ServiceParameter

CATEGORIES_LIMIT = 1_000  # a version keeps no more, so such a list may lack some
_WORDS = {
    "Boolean": "true or false",
    "Integer": "whole number",
    "Double": "number",
    "String": "text",
    "DateTime": "date and time",
    "TimeSpan": "time span",
    "Bytes": "bytes",
}
PARAMETER_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "any": "any value",
}
_PLAIN = {
    "Boolean": {"type": "boolean"},
    "Integer": {"type": "integer"},
    "Double": {"type": "number", "format": "double"},
    "String": {"type": "string"},
    "DateTime": {"type": "string", "format": "date-time"},
    "TimeSpan": {"type": "string", "format": "time-span"},
    "Bytes": {"type": "string", "format": "byte"},
}


def kind_of(column: ServiceColumn) -> str:
    """Give the studio's type name; for a categorical column that of its values."""
    kind = studio_type(column.type)
    if kind != "Categorical":
        return kind
    values = column.categories
    if not values:
        return "String"
    if all(isinstance(value, bool) for value in values):
        return "Boolean"
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return "Integer"
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return "Double"
    return "String"


def is_categorical(column: ServiceColumn) -> bool:
    """Tell whether the column's values come from a list."""
    return studio_type(column.type) == "Categorical"


def in_words(column: ServiceColumn) -> str:
    """Say the type to a person, such as `whole number` or `one of 3 texts`."""
    words = _WORDS[kind_of(column)]
    if is_categorical(column) and column.categories:
        return f"{words}, one of {len(column.categories):,}"
    return words


def classic_schema(column: ServiceColumn) -> dict[str, Any]:
    """Give the property of a column in the classic document, with every category in `enum`."""
    kind = kind_of(column)
    schema: dict[str, Any] = dict(_PLAIN[kind])
    if kind == "Integer":
        schema["format"] = "int64" if _bits(column)[1] > 32 else "int32"
    if is_categorical(column) and column.categories:
        schema["enum"] = list(column.categories)
    return schema


def classic_name(column: ServiceColumn) -> str:
    """Give the entry of `ColumnTypes` in a classic answer."""
    kind = kind_of(column)
    if kind == "Integer":
        is_signed, bits = _bits(column)
        return f"{'Int' if is_signed else 'UInt'}{bits}"
    if kind == "Double" and column.type == "float32":
        return "Single"
    return "Byte[]" if kind == "Bytes" else kind


def json_schema(column: ServiceColumn) -> dict[str, Any]:
    """Give JSON Schema 2020-12 of a column's value in our own form; a missing value is null."""
    kind = kind_of(column)
    schema: dict[str, Any] = dict(_PLAIN[kind])
    schema["type"] = [schema["type"], "null"]
    if kind == "TimeSpan":
        schema["format"] = "duration"
    if kind == "Bytes":
        del schema["format"]
        schema["contentEncoding"] = "base64"
    if kind == "Integer":
        is_signed, bits = _bits(column)
        schema["minimum"] = -(2 ** (bits - 1)) if is_signed else 0
        schema["maximum"] = 2 ** (bits - 1) - 1 if is_signed else 2**bits - 1
        if is_signed and bits >= 32:
            schema["format"] = f"int{bits}"
    if kind == "Double" and not is_categorical(column):
        # Infinities have no number in JSON; nor have decimals of more digits than a double holds.
        text = (
            {"type": "string"} if column.type.startswith("decimal") else {"enum": ["Infinity", "-Infinity"]}
        )
        return {"anyOf": [schema, text]}
    if is_categorical(column) and 0 < len(column.categories) < CATEGORIES_LIMIT:
        schema = {"type": schema["type"], "enum": [*column.categories, None]}
    return schema


def parameter_schema(parameter: ServiceParameter) -> dict[str, Any]:
    """Give JSON Schema of a parameter."""
    schema: dict[str, Any] = {} if parameter.type == "any" else {"type": parameter.type}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if not parameter.is_required:
        schema["default"] = parameter.default
        if parameter.default is None and "type" in schema:
            schema["type"] = [schema["type"], "null"]
            if parameter.choices:
                schema["enum"].append(None)
    if parameter.description:
        schema["description"] = parameter.description
    return schema


def _bits(column: ServiceColumn) -> tuple[bool, int]:
    """Tell whether an integer column is signed, and its bits."""
    match = re.fullmatch(r"(u?)int(\d+)", column.type)
    return (not match[1], int(match[2])) if match else (True, 64)
