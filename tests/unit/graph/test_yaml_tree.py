"""YAML with line numbers, read safely whatever stands in it."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo.errors import UserError
from studiolo.graph.yaml_tree import YamlMapping, YamlScalar, parse_yaml, plain, scalar_value


def values(text: str) -> object:
    tree = parse_yaml(text.encode(), "e.yaml")
    return None if tree is None else plain(tree)


@pytest.mark.parametrize(
    "text, value",
    [
        ("3", 3),
        ("-3", -3),
        ("010", 10),
        ("0x1f", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1.0E-2", -0.01),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("1.2.3", "1.2.3"),
        ("+", "+"),
        ("-", "-"),
        ("0x", "0x"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_scalars_mean_what_yaml_1_2_says(text, value):
    """A node called "no" or a time 12:30 must not turn into a boolean or a number (YAML 1.1 would)."""
    assert scalar_value(text) == value
    assert type(scalar_value(text)) is type(value)


def test_nan_is_a_number():
    """It equals nothing, so it has a test of its own."""
    assert math.isnan(scalar_value(".nan"))


def test_quotes_make_texts():
    """Whoever means a text writes quotes, as everywhere in YAML."""
    assert values("{a: '3', b: \"true\", c: !!str 5, d: !!int 5}") == {
        "a": "3",
        "b": "true",
        "c": "5",
        "d": 5,
    }


def test_every_value_knows_its_line_and_column():
    """R-3.2: each problem is told with its place."""
    tree = parse_yaml(b"# top\na:\n  b: [x, 5]\n", "e.yaml")
    assert isinstance(tree, YamlMapping)
    ((key, inner),) = tree.entries
    assert (key.line, key.column) == (2, 1)
    ((_, listed),) = inner.entries
    assert listed.items == [YamlScalar("x", "x", 3, 7), YamlScalar("5", 5, 3, 10)]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# only a comment\n", b"---\n", b"\xef\xbb\xbf"])
def test_a_file_without_content_is_nothing(data):
    """An empty file is a case of its own, told apart from wrong YAML."""
    assert parse_yaml(data, "e.yaml") is None


def test_marks_and_line_ends_of_windows_do_not_matter():
    """Files come from Notepad too."""
    assert values("\ufeffa: 1\r\nb:\r\n  c: x\r\n") == {"a": 1, "b": {"c": "x"}}


def test_anchors_repeat_values():
    """Limits shared by many nodes are written once."""
    assert values("a: &x {m: 1}\nb: *x") == {"a": {"m": 1}, "b": {"m": 1}}


BAD = {
    "tab": ("a:\n\tb: 1\n", 2, "tab"),
    "second colon": ("a: b: c\n", 1, "second colon"),
    "open bracket": ("a: [1,\n", 2, "brackets"),
    "open quote": ("a: 'x\n", 2, "quotes"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, "---"),
    "unknown anchor": ("a: *x\n", 1, "&x"),
    "anchor within itself": ("a: &x [*x]\n", 1, "&x"),
    "python object": ("a: !!python/object/apply:os.system [x]\n", 1, "plain value"),
    "own tag": ("a: !mine 3\n", 1, "plain value"),
    "control character": ("a: 1\nb: \x01\n", 2, "control character"),
    "list then mapping": ("- a\nb: 1\n", 2, "indentation"),
}


@pytest.mark.parametrize("text, line, hint", BAD.values(), ids=BAD)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text, line, hint):
    """Bad input: the author finds the place and the cure; nothing in a file can make the host build objects."""
    with pytest.raises(UserError) as refused:
        parse_yaml(text.encode(), "e.yaml")
    error = refused.value
    assert (error.code, error.where.file, error.where.line) == ("invalid-yaml", "e.yaml", line)
    assert hint in error.hint


def test_bytes_that_are_not_utf8_are_named():
    """An old editor's Latin-1 is told as such."""
    with pytest.raises(UserError) as refused:
        parse_yaml("a: 1\nname: Münster\n".encode("latin-1"), "e.yaml")
    assert refused.value.summary == "e.yaml is not UTF-8 text: line 2 has the byte 0xfc."
    assert refused.value.where.line == 2


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "{a: " * 100_000, "- " * 100_000], ids=["lists", "mappings", "dashes"]
)
def test_no_depth_can_exhaust_the_host(text):
    """R-12.2: a file of brackets crashes libyaml's own tree builder; ours refuses it."""
    with pytest.raises(UserError) as refused:
        parse_yaml(text.encode(), "e.yaml")
    assert refused.value.code == "invalid-yaml"


def test_repeated_anchors_cannot_grow_without_end():
    """The billion laughs: nine lines that stand for a thousand million values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    tree = parse_yaml("\n".join(lines).encode(), "e.yaml")
    with pytest.raises(UserError) as refused:
        plain(tree)
    assert refused.value.code == "invalid-yaml"


def test_a_file_that_is_far_too_large_is_not_parsed():
    """Data belongs into data files."""
    with pytest.raises(UserError) as refused:
        parse_yaml(b"a: 1\n" * 4_000_000, "e.yaml")
    assert refused.value.code == "invalid-yaml"


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*!'\"#\n\t ,|>?%@`1.~", max_size=60).map(str.encode)
)
def test_any_bytes_are_read_or_refused(data):
    """R-12.2: no byte sequence leads to another error than the documented one."""
    try:
        parse_yaml(data, "e.yaml")
    except UserError as error:
        assert error.code == "invalid-yaml"


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(alphabet="ab1 :-#'\"\n~é"),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_what_pyyaml_writes_is_read_as_it_was(value):
    """Files made by other programs mean here what they mean there."""
    tree = parse_yaml(yaml.safe_dump({"v": value}).encode(), "e.yaml")
    assert plain(tree) == {"v": value}
