"""Whatever a name or a value contains, it is the same text in the program (R-9.1, hostile names)."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from made_by_hand import HOSTILE

from studiolo.services.documents import languages

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
    st.sampled_from(HOSTILE),
)
NAMES = st.one_of(st.text(), st.sampled_from(HOSTILE))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES, inner, max_size=5)
)
# Each example starts a process, so that a failing one is not made smaller.
PROCESSES = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


@given(VALUES)
def test_python_reads_the_same_value(value) -> None:
    """Both forms are literals, nothing else."""
    assert ast.literal_eval(languages.write(value, languages.PYTHON)) == value
    assert ast.literal_eval(languages.write(value, languages.PYTHON2)) == value
    assert languages.write(value, languages.PYTHON2).isascii()


@given(VALUES)
def test_json_reads_the_same_value(value) -> None:
    """The samples and the bodies of curl and C# are JSON."""
    text = languages.json_text(value)
    assert json.loads(text) == value
    assert "JSON" not in text.splitlines()
    quoted = languages.quote_csharp(text)
    assert quoted.startswith('@"') and quoted[2:-1].replace('""', "") == text.replace('"', "")


def stable(value):
    """Give what arrives: whole numbers that a language can't hold are texts, which numeric columns take."""
    if isinstance(value, dict):
        return {name: stable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [stable(item) for item in value]
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value


@PROCESSES
@given(st.lists(st.dictionaries(NAMES, SCALARS, max_size=3), max_size=20))
def test_javascript_reads_the_same_value(values) -> None:
    """Also a column named `__proto__`."""
    if not shutil.which("node"):
        pytest.skip("no node")
    values = [*values, [[dict(zip(HOSTILE, reversed(HOSTILE), strict=True))]]]
    program = f"console.log(JSON.stringify({languages.write(values, languages.JAVASCRIPT)}))"
    done = subprocess.run(["node", "-"], input=program.encode(), capture_output=True, check=True)
    # A double without fraction is written as a whole number there.
    arrived = json.loads(
        done.stdout, parse_int=lambda text: int(text) if abs(int(text)) <= 2**53 else float(text)
    )
    assert arrived == stable(values)


TEXTS_OF_R = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NAMES_OF_R = TEXTS_OF_R.filter(bool)  # jsonlite writes "1" for an empty name


@PROCESSES
@given(
    st.lists(
        st.dictionaries(NAMES_OF_R, TEXTS_OF_R | st.booleans() | st.none() | st.integers(), max_size=6),
        max_size=60,
    )
)
def test_r_reads_the_same_value(values) -> None:
    """Also in a locale that knows ASCII only."""
    if not shutil.which("Rscript"):
        pytest.skip("no R")
    values = [*values, dict.fromkeys(HOSTILE, HOSTILE[1]), dict(zip(HOSTILE, reversed(HOSTILE), strict=True))]
    code = languages.write(values, languages.R)
    assert code.isascii()
    program = (
        "value <- " + code + "\nif (!requireNamespace('jsonlite', quietly = TRUE)) quit(status = 77)\n"
        "cat(jsonlite::toJSON(value, auto_unbox = TRUE, null = 'null', digits = I(17)))\n"
    )
    done = subprocess.run(["Rscript", "--vanilla", "-"], input=program.encode(), capture_output=True)
    if done.returncode == 77:
        pytest.skip("R lacks jsonlite")
    assert done.returncode == 0, done.stderr.decode()
    wide = [
        {name: str(item) if type(item) is int and abs(item) >= 2**31 else item for name, item in one.items()}
        for one in values
    ]
    assert json.loads(done.stdout) == wide


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize("text", HOSTILE)
def test_a_shell_reads_the_same_text(text: str) -> None:
    """An address is one word."""
    done = subprocess.run(["sh", "-c", f"printf %s {languages.quote_shell(text)}"], capture_output=True)
    assert done.stdout.decode() == text
