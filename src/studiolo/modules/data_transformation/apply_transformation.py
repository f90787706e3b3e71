"""Apply Transformation: repeats on a dataset what another module fitted."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from studiolo.modules.transformations.transformation import Transformation
from studiolo.sdk import DatasetPort, ModuleError, ObjectPort, module


@module(
    id="apply-transformation",
    name="Apply Transformation",
    category="Machine Learning / Score",
    inputs=[
        ObjectPort("transformation", holds="transformation", aliases=("Transformation",)),
        DatasetPort("dataset", aliases=("Dataset",)),
    ],
    outputs=[
        DatasetPort("transformed_dataset", label="Transformed dataset", aliases=("Transformed dataset",))
    ],
    preload=("pyarrow", "pyarrow.compute", "studiolo.modules.transformations.transformation"),
    aliases=("805e592d-0f1f-48eb-97c9-688ed0c1dc70",),
)
def apply_transformation(transformation: Any, dataset: pa.Table) -> pa.Table:
    r"""Change a dataset exactly as a fitted transformation changed another one.

    Takes the transformation that Clean Missing Data, Normalize Data, Group Data into Bins, Convert to Indicator
    Values, Latent Dirichlet Allocation or Select Columns Transform puts out. The fitted values (means, limits,
    categories) are applied as they are; nothing is fitted again. So training data and data to be scored are
    treated alike.

    A column that the transformation needs and the dataset lacks is an error; further columns stay as they are.

    Example:
        training:
          module: enter-data-manually
          parameters: {data: "age\n30\n50\n"}
        new_data:
          module: enter-data-manually
          parameters: {data: "age\n40\n60\n"}
        normalized:
          module: normalize-data
          parameters: {transformation_method: MinMax, columns_to_transform: [age]}
          inputs: {dataset: training}
        applied:
          module: apply-transformation
          inputs: {transformation: normalized.transformation_function, dataset: new_data}
    """
    if not isinstance(transformation, Transformation):
        raise ModuleError(
            f"The input transformation holds a {type(transformation).__name__}, which is no transformation.",
            "Connect the transformation output of a module such as Normalize Data.",
            code="bad-parameter",
            port="transformation",
        )
    return transformation.apply(dataset)
