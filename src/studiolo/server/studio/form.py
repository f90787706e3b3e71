"""What every JSON form of the studio's API has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    """A JSON object of the API: unknown keys in a request are refused, and nouns of the domain can be read into it."""

    model_config = ConfigDict(
        extra="forbid", from_attributes=True, json_schema_serialization_defaults_required=True
    )
