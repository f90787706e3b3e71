"""What the author of a module imports: `@module`, ports, parameters and the job's own facts.

A module is one file with one decorated function. The function gets its datasets positionally as pandas
DataFrames (or as pyarrow Tables where it says so by annotation) and its parameters by keyword, and returns
one value for each output port.

    from studiolo.sdk import DatasetPort, Integer, module

    @module(
        name="First Rows",
        category="My modules",
        inputs=[DatasetPort("dataset")],
        outputs=[DatasetPort("result_dataset")],
        parameters=[Integer("count", default=10, minimum=1)],
    )
    def first_rows(dataset, *, count):
        '''Keep the first rows.'''
        return dataset.head(count)

What a column is for (its label, a score) travels with a dataset: `studiolo.sdk.roles`. What is no table, such as
something fitted, travels as a Python object on an `ObjectPort`; a `Transformation` can be applied by Apply
Transformation. Faults in data or parameters are told by a `ModuleError`. docs/own-modules.md is a worked example.
"""

from studiolo.sdk import roles
from studiolo.sdk.declaring import module
from studiolo.sdk.failing import ModuleError
from studiolo.sdk.parameters import Address, Boolean, Choice, Code, Columns, Integer, Number, Path, Text
from studiolo.sdk.ports import DatasetPort, DevicePort, FilePort, ObjectPort, ZipPort
from studiolo.sdk.sources import ScriptText, SourceFile
from studiolo.sdk.transformation import Transformation

__all__ = [
    "Address",
    "Boolean",
    "Choice",
    "Code",
    "Columns",
    "DatasetPort",
    "DevicePort",
    "FilePort",
    "Integer",
    "ModuleError",
    "Number",
    "ObjectPort",
    "Path",
    "ScriptText",
    "SourceFile",
    "Text",
    "Transformation",
    "ZipPort",
    "module",
    "roles",
]
