"""Turns what `azureml_main` returned into one value for each output port (R-1.4).

* A DataFrame goes to result_dataset.
* Of a tuple, list or object array of DataFrames, None or other things, element 1 goes to result_dataset,
  element 2 to result_dataset2, the rest to the outputs that the node declares beyond these.
* Nothing or None gives empty datasets.

With a warning, as one table:

* Series, Index: one column with its name, or "column".
* dict: its keys are the columns; a dict of single values is one row.
* 1-D array, list of values: one column "column".
* 2-D array: "column_0", "column_1" and so on; "column" when there is one.
* A single value: one row with the column "column".
* Anything with `to_pandas()` (pyarrow, polars): that table.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import datetime
import decimal
import numbers

import numpy
import pandas

from .failing import JobError
from .frames.text_of import class_of

ONE_COLUMN = "column"
_TEXTS = (type(""), str, bytes)
_SINGLE = _TEXTS + (
    bool,
    numbers.Number,
    decimal.Decimal,
    numpy.generic,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    type(pandas.NaT),
)
if hasattr(pandas, "NA"):
    _SINGLE += (type(pandas.NA),)


def values_for(result, outputs, warn):
    """Give `[(output, value)]`, one pair for each declared output, in order.

    Args:
        result: what the function returned.
        outputs: the job's outputs: `{"name", "type", "fd"}`, result_dataset and result_dataset2 first.
        warn: called with sentences.

    Returns:
        For an output of type dataset a DataFrame or None, for other types the value as it is.

    Raises:
        JobError: `bad-return`.
    """
    elements, is_sequence = _elements(result, outputs)
    while len(elements) > len(outputs) and elements[-1] is None:
        elements.pop()
    if len(elements) > len(outputs):
        raise _too_many(elements, outputs)
    elements += [None] * (len(outputs) - len(elements))
    paired = []
    for number, (output, value) in enumerate(zip(outputs, elements), 1):
        if output["type"] == "dataset":
            value = _frame(value, number if is_sequence else 0, warn)
        elif output["type"] in ("file", "zip") and value is not None:
            value = _content(value, output)
        paired.append((output, value))
    return paired


def _elements(result, outputs):
    """Give the elements of a result, and whether it was a sequence of them."""
    if isinstance(result, tuple):
        return list(result), True
    if isinstance(result, list) and _is_sequence(result, outputs):
        return list(result), True
    if isinstance(result, numpy.ndarray) and result.dtype == object:
        if result.ndim == 0:
            return [result.item()], False
        if result.ndim == 1 and _is_sequence(list(result), outputs):
            return list(result), True
    return [result], False


def _is_sequence(items, outputs):
    """Say whether a list is a list of results, not a list of values for one column."""
    if all(item is None for item in items) or any(isinstance(item, pandas.DataFrame) for item in items):
        return True
    return len(outputs) > 2 and not all(isinstance(item, _SINGLE) for item in items)


def _frame(value, number, warn):
    """Give a DataFrame for a value, with a warning when it was none."""
    if value is None or isinstance(value, pandas.DataFrame):
        return value
    what = "Element %d of what azureml_main returned" % number if number else "What azureml_main returned"
    name = _type_name(value)
    try:
        frame = _converted(value)
    except MemoryError:
        raise
    except Exception as error:
        raise JobError(
            "bad-return",
            "%s is a %s that does not make a table: %s."
            % (what, name, (" ".join(("%s" % error).split())).rstrip(".")),
            "Make the DataFrame in the script: `return pandas.DataFrame(...),`.",
            kind="script",
        )
    if frame is None:
        raise _no_table(value, what, name)
    columns = ", ".join('"%s"' % column for column in list(frame.columns)[:5])
    if len(frame.columns) > 5:
        columns += " ..."
    warn(
        "%s is a %s, not a DataFrame; it became a table with the column%s %s."
        % (what, name, "" if len(frame.columns) == 1 else "s", columns or "(none)")
    )
    return frame


def _converted(value):
    """Give the table a value stands for, or None when it is some other object."""
    if isinstance(value, pandas.Series):
        name = value.name
        return value.to_frame(ONE_COLUMN if name is None else name)
    if isinstance(value, pandas.Index):
        return pandas.Series(value, name=ONE_COLUMN if value.name is None else value.name).to_frame()
    if isinstance(value, dict):
        if value and all(isinstance(item, _SINGLE) or item is None for item in value.values()):
            return pandas.DataFrame([value], columns=list(value))
        return pandas.DataFrame(value)
    if isinstance(value, numpy.ndarray):
        return _of_array(value)
    if isinstance(value, (list, tuple)):
        return _of_list(value)
    if isinstance(value, _SINGLE):
        return _one_column([value])
    if isinstance(value, type):
        return None
    if hasattr(value, "to_pandas"):
        table = value.to_pandas()
        return table if isinstance(table, pandas.DataFrame) else table.to_frame(ONE_COLUMN)
    if hasattr(value, "toarray") and getattr(value, "ndim", 0) == 2:  # scipy.sparse
        return _of_array(value.toarray())
    if hasattr(value, "dtype") and hasattr(value, "take") and getattr(value, "ndim", 0) == 1:  # pandas arrays
        return pandas.DataFrame({ONE_COLUMN: value})
    return None


def _of_array(value):
    if value.dtype.names:
        return pandas.DataFrame(value)
    if value.ndim == 0:
        return _one_column([value.item()])
    value = numpy.asarray(value)  # matrix and masked array too
    if value.ndim == 1:
        return pandas.DataFrame({ONE_COLUMN: value})
    if value.ndim == 2:
        width = value.shape[1]
        names = [ONE_COLUMN] if width == 1 else ["column_%d" % number for number in range(width)]
        return pandas.DataFrame(value, columns=names)
    raise ValueError("it has %d dimensions, and a table has two" % value.ndim)


def _of_list(value):
    if all(item is None or isinstance(item, _SINGLE + (list, tuple, dict)) for item in value):
        return _one_column(value)
    return None


def _one_column(values):
    column = numpy.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        column[place] = value
    series = pandas.Series(column, name=ONE_COLUMN)
    if not any(isinstance(value, _TEXTS + (list, tuple, dict)) for value in values):
        series = series.infer_objects() if hasattr(series, "infer_objects") else series.convert_objects()
    return series.to_frame()


def _content(value, output):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return value
    raise JobError(
        "bad-return",
        "The output %s takes the bytes of a %s; azureml_main returned a %s for it."
        % (output["name"], output["type"], _type_name(value)),
        "Return bytes, for example `open(path, 'rb').read()`.",
        kind="script",
    )


def _no_table(value, what, name):
    hint = "Return DataFrames: `return dataframe1,`."
    if hasattr(value, "send") and hasattr(value, "throw"):
        hint = "azureml_main has a `yield` in it; collect the parts and `return pandas.concat(parts),`."
    elif hasattr(value, "savefig"):
        hint = "Figures need not be returned: what is open at the end is shown on python_device."
    elif hasattr(value, "ngroups") and hasattr(value, "aggregate"):
        hint = "A grouped table needs an aggregation, such as `.mean().reset_index()`."
    elif callable(value) and not hasattr(value, "predict"):
        hint = "Was it to be called? Return DataFrames: `return dataframe1,`."
    else:
        hint = (
            "To pass it on as a Python object, declare an output for it on the node in experiment.yaml, "
            "`outputs: {%s: object}`, and return it as element 3: `return dataframe1, None, value`."
            % ("model" if hasattr(value, "predict") else "thing")
        )
    return JobError("bad-return", "%s is a %s, not a DataFrame." % (what, name), hint, kind="script")


def _too_many(elements, outputs):
    extra = elements[len(outputs) :]
    if len(elements) > 50:
        return JobError(
            "bad-return",
            "azureml_main returned %d elements; the node has %d outputs." % (len(elements), len(outputs)),
            "One table of many rows is returned as one DataFrame: `return pandas.DataFrame(rows),`.",
            kind="script",
        )
    names, declared = ["third", "fourth", "fifth"], []
    for place, value in enumerate(extra):
        is_table = value is None or isinstance(value, (pandas.DataFrame, pandas.Series))
        name = names[place] if place < len(names) else "output%d" % (len(outputs) + place + 1)
        name = "model" if hasattr(value, "predict") and "model: object" not in declared else name
        declared.append("%s: %s" % (name, "dataset" if is_table else "object"))
    return JobError(
        "bad-return",
        "azureml_main returned %d elements; the node has %d outputs." % (len(elements), len(outputs)),
        "Declare the rest on the node in experiment.yaml: `outputs: {%s}`." % ", ".join(declared),
        kind="script",
    )


def _type_name(value):
    kind = class_of(value)
    module = getattr(kind, "__module__", "") or ""
    if module in ("builtins", "__builtin__", "") or module.startswith("script_"):
        return kind.__name__
    return "%s.%s" % (module.split(".")[0], kind.__name__)
