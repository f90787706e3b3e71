"""The parameter of a seed, as every module that draws at random declares it."""

from __future__ import annotations

from typing import Any

from studiolo.sdk import Integer

GREATEST_SEED = 4_294_967_295
"""What numpy's generators take."""


def seed(name: str, **facts: Any) -> Any:
    """Declare a seed, 0 unless the node says otherwise; `help`, `when` and the like as for any parameter."""
    return Integer(name, default=0, minimum=0, maximum=GREATEST_SEED, **facts)
