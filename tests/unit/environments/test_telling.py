"""What is said when packages cannot be had, and which index uv is told of."""

from __future__ import annotations

from pathlib import Path

from studiolo.environments.failures import cannot_build, cannot_resolve
from studiolo.environments.index_settings import uv_variables
from studiolo.environments.interpreters import how_to_get
from studiolo.environments.tools import Done


def test_what_a_resolver_says_is_cut_short() -> None:
    """Never 200 lines (issue 4, bad input)."""
    lines = tuple(f"  × No solution found, part {number} of a long story" for number in range(200))
    for done in (Done(1, lines), Done(1, tuple(f"ERROR: {line}" for line in lines))):
        error = cannot_resolve("own", done)
        assert len(error.summary) < 1_200
        assert len(error.summary.splitlines()) < 10


def test_a_list_of_all_versions_is_left_out() -> None:
    """Hundreds of them would come before the reason."""
    done = Done(
        1, (f"ERROR: Could not find a version of x==9 (from versions: {'1, ' * 500})", "ERROR: No match")
    )
    assert "from versions" not in cannot_resolve("own", done).summary


def test_an_index_that_is_not_reached_is_not_taken_for_a_missing_package() -> None:
    """Pip says that there is no such version even where it could ask nobody."""
    retried = "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'"
    told = cannot_resolve("own", Done(1, (retried, "ERROR: No matching distribution found for six==1.15.0")))
    assert "index was not reached" in told.summary
    assert "network" in told.hint


def test_a_missing_library_and_a_missing_network_get_their_own_hints() -> None:
    """What to do next differs."""
    assert "compiled" in cannot_build("x", "fatal error: Python.h: No such file", "3.6").hint
    assert "network" in cannot_build("x", "Connection refused", "3.6").hint
    assert "no such version" in cannot_build("x", "No matching distribution found", "3.6").hint


def test_uv_is_told_of_the_index_that_pip_uses(tmp_path: Path) -> None:
    """People who have set up pip expect that to be enough."""
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://a.test/simple\nextra-index-url =\n  https://b.test\n  https://c.test\n"
    )
    pip = {"PIP_CONFIG_FILE": str(config), "HOME": str(tmp_path), "PIP_CERT": "/c.pem", "XDG_CONFIG_DIRS": ""}
    found = uv_variables(pip)
    assert found["UV_DEFAULT_INDEX"] == "https://a.test/simple"
    assert found["UV_INDEX"] == "https://b.test https://c.test"
    assert found["SSL_CERT_FILE"] == "/c.pem"
    assert uv_variables({**pip, "PIP_INDEX_URL": "https://d.test"})["UV_DEFAULT_INDEX"] == "https://d.test"
    assert "UV_INDEX" not in uv_variables({**pip, "UV_DEFAULT_INDEX": "https://own.test"})


def test_the_way_to_a_python_is_one_that_has_it() -> None:
    """There is none of uv before 3.8."""
    assert how_to_get("3.12.1") == "uv python install 3.12.1"
    assert how_to_get("2.7") == "pyenv install 2.7.18"
