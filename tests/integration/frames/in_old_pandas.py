"""Runs inside an environment of another time: takes frames through its pandas and tries the rules of R-2.3.

Usage: python in_old_pandas.py SRC FOLDER [round-trips]. Every FOLDER/*.frame is read and written to *.out, receipts to
receipts.json; the rules are left out where only round trips are asked for. Runs on Python 2.7 and every Python 3.
"""
# ruff: noqa: RUF005, SIM115, UP010, UP031, UP036

from __future__ import absolute_import, division, print_function, unicode_literals

import datetime
import decimal
import glob
import io
import json
import mmap
import os
import sys

sys.path.insert(0, sys.argv[1])
import numpy as np
import pandas as pd

from studiolo_child.frames import layout, pandas_in, pandas_out


def read(path, receipt):
    with open(path, "rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return mapping, pandas_in.read_frame(mapping, receipt=receipt)


def round_trips(folder):
    receipts = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.frame"))):
        receipt = []
        _, dataframe = read(path, receipt)
        with open(path[:-6] + ".out", "wb") as file:
            os.ftruncate(file.fileno(), 0)
            pandas_out.write_frame(file.fileno(), dataframe, receipt)
        receipts[os.path.basename(path)] = receipt
    with open(os.path.join(folder, "receipts.json"), "wb") as file:
        file.write(json.dumps(receipts).encode("ascii"))


def check_zero_copy(folder):
    path = os.path.join(folder, "numbers.frame")
    before = open(path, "rb").read()
    mapping, dataframe = read(path, [])
    begin = np.frombuffer(mapping, np.uint8).__array_interface__["data"][0]
    for name in dataframe.columns:
        address = dataframe[name].values.__array_interface__["data"][0]
        assert begin <= address < begin + len(mapping), name
    first = dataframe.columns[0]
    dataframe.loc[0, first] = 77
    address = dataframe[first].values.__array_interface__["data"][0]
    assert begin <= address < begin + len(mapping), "changed in place"
    dataframe.iloc[1, 1] = 78
    dataframe["new"] = dataframe[first] * 2
    assert dataframe["new"].tolist()[:1] == [154]
    assert dataframe.index.tolist() == list(range(len(dataframe)))
    assert open(path, "rb").read() == before


def objects(*values):
    cells = np.empty(len(values), object)
    cells[:] = list(values)
    return pd.Series(cells, dtype=object)


def wrote(dataframe, **options):
    target, receipt = io.BytesIO(), []
    pandas_out.write_frame(target, dataframe, receipt, **options)
    frame = bytearray(target.getvalue())
    columns = layout.read_header(frame)[0]["columns"]
    codes = [entry["code"] for entry in receipt]
    return [(column["name"], column["type"]) for column in columns], codes, pandas_in.read_frame(frame)


def check_rules():
    moment = datetime.datetime(2020, 2, 29, 12, 30, 15, 123456)
    cases = [
        (objects("a", None, "\xe4"), "string", []),
        (objects(True, None), "bool", []),
        (objects(1, np.nan, 3), "int64", []),
        (objects(2**63), "uint64", []),
        (objects(2**70), "float64", ["integer-to-double"]),
        (objects(1, 2.5), "float64", ["mixed-numbers-to-double"]),
        (objects(1, "a"), "string", ["mixed-to-string"]),
        (objects([1, 2], {"a": 1}), "string", ["nested-to-json"]),
        (objects(decimal.Decimal("1.5"), None, decimal.Decimal("NaN")), "decimal(2,1)", []),
        (objects(datetime.date(2020, 1, 1), None), "date32", []),
        (objects(moment, None), "timestamp[us]", []),
        (objects(datetime.timedelta(1), None), "duration[us]", []),
        (objects(datetime.time(1, 2)), "string", ["time-to-string"]),
        (objects(1j), "string", ["complex-to-string"]),
        (objects(None, np.nan), "string", ["empty-to-string"]),
        (objects("a\ud800"), "string", ["text-replaced"]),
        (objects(bytearray(b"\xff")), "bytes", []),
        (pd.Series(np.array([1, 2], "u1")), "uint8", []),
        (pd.Series(np.array([1, 2], ">i4")), "int32", []),
        (pd.Series(pd.Categorical(["b", "a"])), "categorical", []),
        (
            pd.Series(pd.date_range("2020-01-01", periods=2, tz="Europe/Berlin")),
            "timestamp[ns, Europe/Berlin]",
            [],
        ),
        (pd.Series(pd.period_range("2020-01", periods=2, freq="D")), "string", ["period-to-string"]),
    ]
    if sys.version_info[0] == 2:
        cases += [
            (objects(b"a", "b", b"\xc3\xa4"), "string", []),
            (objects(b"\xff", "b"), "string", ["bytes-as-latin-1"]),
        ]
    else:
        cases += [(objects(b"\xff", None), "bytes", [])]
    for values, expected, codes in cases:
        columns, got, _ = wrote(pd.DataFrame({"x": values}))
        if (columns[0][1].replace("us", "ns"), got) != (expected.replace("us", "ns"), codes):
            raise AssertionError((values.tolist(), columns, got, expected, codes))
    if sys.version_info[0] == 2:
        _, _, back = wrote(pd.DataFrame({"x": objects(b"a", "b", b"\xc3\xa4", b"\xff")}))
        assert back["x"].tolist() == ["a", "b", "\xe4", "\xff"]


def check_names():
    dataframe = pd.DataFrame([[1, 2, 3]], columns=["x", "x", 0])
    assert [name for name, _ in wrote(dataframe, dialect="classic")[0]] == ["x", "x (2)", "0"]
    assert [name for name, _ in wrote(dataframe)[0]] == ["x", "x_0", "0"]
    assert wrote(pd.DataFrame([[1]], columns=["\xe4\u20ac"]))[0] == [("\xe4\u20ac", "int64")]
    assert wrote(pd.DataFrame({"x": [1]}, index=["k"]))[1] == ["index-dropped"]
    assert wrote(pd.DataFrame({"x": [1]}, index=[0]))[1] == []
    wide = pd.DataFrame(np.arange(900.0).reshape(3, 300), columns=["c%d" % n for n in range(300)])
    assert (wrote(wide)[2].values == wide.values).all()
    assert wrote(pd.DataFrame())[:2] == ([], [])
    if hasattr(pd, "SparseSeries") and not hasattr(pd, "SparseDtype"):
        sparse = pd.DataFrame({"x": [0.0, 1.0]}).to_sparse(fill_value=0)
        assert wrote(sparse)[:2] == ([("x", "float64")], ["sparse-densified"])


if __name__ == "__main__":
    round_trips(sys.argv[2])
    if len(sys.argv) < 4:
        check_zero_copy(sys.argv[2])
        check_rules()
        check_names()
    print("pandas %s, Python %d.%d: done" % ((pd.__version__,) + sys.version_info[:2]))
