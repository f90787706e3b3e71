"""What only Python 2 has: statements, texts that are bytes, classes without `object` (R-5.2)."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.needs(python="<3", because="Python 2")


def test_statements_of_python_2_run(child):
    """Old scripts run unchanged in the Python they were written for."""
    text = "def azureml_main(a=None):\n    print 'x', 5\n    return a.ix[0:0],"
    outcome = child.script(text, dataset1={"x": [1, 2]})
    assert (outcome.rows(), outcome.log) == ({"x": [1]}, "x 5\n")


def test_texts_are_unicode_and_bytes_are_decoded(child):
    """Inputs come as unicode; results may be either, in UTF-8 or what Windows wrote."""
    text = (
        "import pandas\ndef azureml_main(a):\n    kinds = [type(v).__name__ for v in a[u'Größe']]\n"
        "    columns = {'k': kinds, 'b': ['\\xc3\\xa9', '\\xe9'], u'ü': [u'\\xe9', 'x']}\n"
        "    return pandas.DataFrame(columns, columns=['k', 'b', u'ü']),"
    )
    outcome = child.script("# coding: utf-8\n" + text, dataset1={"Größe": ["ä", "\U0001f600"]})
    assert outcome.rows() == {"k": ["unicode", "unicode"], "b": ["é", "é"], "ü": ["é", "x"]}


def test_an_exception_of_a_class_without_object_is_told(child):
    """Such a one is no BaseException, and still an error of the script."""
    error = child.script("class Odd: pass\ndef azureml_main():\n    raise Odd()").error
    assert (error["code"], error["line"], error["summary"].partition(":")[0]) == ("script-raised", 3, "Odd")


def test_an_error_with_a_text_in_bytes_is_told(child):
    """Messages may be in any encoding."""
    error = child.script("# coding: utf-8\ndef azureml_main():\n    raise ValueError('größe')").error
    assert (error["line"], error["summary"]) == (3, "ValueError: größe")
