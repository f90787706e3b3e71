"""The line of an error is the script's own innermost one, for scripts of any shape (R-1.8)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

SHAPES = st.lists(st.sampled_from(["script", "bundle", "lambda", "library"]), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(shapes=SHAPES, blanks=st.lists(st.integers(0, 3), min_size=7, max_size=7), at_import=st.booleans())
def test_the_line_is_the_innermost_one_of_the_script(child, zip_of, shapes, blanks, at_import):
    """Calls go back and forth between script, bundle and libraries; the mark must be where the author looks."""
    script, bundle = ["import tool, functools"], []
    expected = 0
    for number, (shape, blank) in enumerate(zip(shapes, blanks, strict=False)):
        script += ["#"] * blank
        call = "int('z')" if number == 0 else f"f{number - 1}()"
        if shape == "script":
            script += [f"def f{number}():", f"    return {call}"]
        elif shape == "lambda":
            script += [f"f{number} = lambda: {call}"]
        elif shape == "library":
            script += [f"def f{number}():", f"    return functools.reduce(lambda a, b: {call}, [1, 2])"]
        else:
            bundle += [f"def f{number}(inner):", "    return inner() if inner else int('z')"]
            inner = "None" if number == 0 else f"f{number - 1}"
            script += [f"def f{number}():", f"    return tool.f{number}({inner})"]
        if number == 0:
            expected = len(script)
    last = f"f{len(shapes) - 1}()"
    script += [last] if at_import else ["def azureml_main():", f"    {last}"]
    error = child.script("\n".join(script), bundle=zip_of({"tool.py": "\n".join(bundle)})).error
    assert (error["summary"], error["line"]) == (
        "ValueError: invalid literal for int() with base 10: 'z'",
        expected,
    )
    assert "studiolo" not in error["traceback"]
