"""Declares the module `dataset`, a saved dataset as a node; the host answers it without a job."""

from __future__ import annotations

from studiolo.domain.module import Declaration, Parameter, Port

SAVED_DATASET = Declaration(
    id="dataset",
    name="Saved Dataset",
    category="Saved Datasets",
    summary="Give a dataset that was saved in the workspace.",
    description="Give a dataset that was saved in the workspace.\n\nWithout a version it is the newest one.",
    outputs=(Port("dataset", "any", label="Dataset", aliases=("Results dataset",)),),
    parameters=(
        Parameter(
            "name", "text", "Name", required=True, help="Name of the dataset, as studiolo dataset list shows."
        ),
        Parameter(
            "version", "integer", "Version", minimum=1, help="Version of the dataset; empty means the newest."
        ),
    ),
    runner="host",
)
