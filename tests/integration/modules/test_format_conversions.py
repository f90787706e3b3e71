"""Convert to CSV, TSV, ARFF and SVMLight (R-4.3, R-4.4; the writers have tests of their own)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.io import arff as scipy_arff
from sklearn.datasets import load_svmlight_file

from studiolo.modules.data_format_conversions.convert_to_arff import convert_to_arff
from studiolo.modules.data_format_conversions.convert_to_csv import convert_to_csv
from studiolo.modules.data_format_conversions.convert_to_svmlight import convert_to_svmlight
from studiolo.modules.data_format_conversions.convert_to_tsv import convert_to_tsv
from studiolo.sdk import ModuleError
from studiolo.sdk.roles import with_role

TABLE = pa.table({"größe": [1.5, float("nan")], "city": ["Rome, Italy", None], "n": [1, None]})


def test_csv_quotes_commas_and_leaves_missing_empty() -> None:
    """Classic left embedded commas alone (facts 5), which no reader could undo."""
    assert convert_to_csv(TABLE).decode() == 'größe,city,n\n1.5,"Rome, Italy",1\n,,\n'
    again = pd.read_csv(io.BytesIO(convert_to_csv(TABLE)))
    assert again["city"].tolist()[0] == "Rome, Italy" and again["n"].isna().tolist() == [False, True]


def test_tsv_has_tabs() -> None:
    """Only fields with tabs, quotes and line ends need quotes."""
    assert convert_to_tsv(TABLE).decode() == "größe\tcity\tn\n1.5\tRome, Italy\t1\n\t\t\n"


def test_arff_keeps_types() -> None:
    """Other programs read it."""
    table = pa.table({"x": [1.5, float("nan")], "k": pa.array(["a", "b"]).dictionary_encode()})
    data, meta = scipy_arff.loadarff(io.StringIO(convert_to_arff(table).decode()))
    assert (
        meta.types() == ["numeric", "nominal"]
        and data["k"].tolist() == [b"a", b"b"]
        and np.isnan(data["x"][1])
    )


def test_svmlight_takes_the_label_by_its_role() -> None:
    """Else `Labels`, else the last column; other programs read it."""
    table = with_role(pa.table({"y": [1, 0], "a": [0.5, 0.0], "b": [2, 3]}), ["y"], "label")
    features, labels = load_svmlight_file(io.BytesIO(convert_to_svmlight(table)))
    assert features.toarray().tolist() == [[0.5, 2], [0, 3]] and labels.tolist() == [1, 0]
    assert convert_to_svmlight(pa.table({"Labels": [7], "a": [2]})) == b"7 1:2\n"
    assert convert_to_svmlight(pa.table({"a": [2], "b": [7]})) == b"7 1:2\n"


@pytest.mark.parametrize(
    ("convert", "table", "code"),
    [
        (convert_to_csv, pa.table({"b": [b"\xff"]}), "format-cannot-hold"),
        (convert_to_arff, pa.table({"b": [b"\xff"]}), "format-cannot-hold"),
        (convert_to_svmlight, TABLE, "format-cannot-hold"),
        (convert_to_svmlight, pa.table({}), "no-columns"),
    ],
)
def test_what_a_format_can_not_hold_is_told(
    refused: Callable[..., Any], convert: Callable[..., Any], table: pa.Table, code: str
) -> None:
    """Rather than written in some way (R-2.5)."""
    assert refused(convert, table)[0] == code
    with pytest.raises(ModuleError) as caught:
        convert(table)
    assert (caught.value.port, caught.value.parameter) == ("dataset", "")
