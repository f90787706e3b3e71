"""Which exceptions a used-up limit caused, and what is said of them; and what the host believes of that."""

from __future__ import annotations

import errno
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studiolo.domain.limits import LIMIT_NAMES, Limits
from studiolo.errors import ScriptError, UserError, WorkerError, error_from_json
from studiolo.worker.report import LIMIT_CODES, error_of
from studiolo_child import exhausted
from studiolo_child.hints import Circumstances, hint_for

LIMITS = Limits().to_json()


@pytest.fixture(autouse=True)
def few_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a jail the whole machine's would be counted."""
    monkeypatch.setattr(exhausted, "processes_running", lambda: 3)


def raised(text: str, file: str = "scripts/mine.py") -> BaseException:
    """Give what a text of the author's raises."""
    try:
        exec(compile(text, file, "exec"), {"library": library})
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def library(error: BaseException, is_told_from: bool = False) -> None:
    """Raise another exception for `error`, as libraries do."""
    try:
        raise error
    except BaseException as caught:
        if is_told_from:
            raise ValueError("cannot read it") from caught
        raise ValueError("cannot read it")  # noqa: B904


@pytest.mark.parametrize(
    ("error", "code", "limit"),
    [
        (MemoryError(), "out-of-memory", "memory_mb"),
        (
            type("ArrayMemoryError", (MemoryError,), {})("Unable to allocate 7 GiB"),
            "out-of-memory",
            "memory_mb",
        ),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "out-of-memory", "memory_mb"),
        (type("ParserError", (ValueError,), {})("C error: out of memory"), "out-of-memory", "memory_mb"),
        (RuntimeError("can't start new thread"), "too-many-processes", "processes"),
        (OSError(errno.EMFILE, "Too many open files"), "too-many-files-open", None),
    ],
)
def test_exceptions_of_limits_are_known(error: Exception, code: str, limit: str | None) -> None:
    """Issue 3 (4): each has a code of its own and both figures."""
    told = exhausted.exhausted(error, LIMITS, "scripts/mine.py", "its text")
    assert told is not None
    assert (told["kind"], told["code"], told["details"].get("limit")) == ("worker", code, limit)
    assert told["details"]["used"] >= 0 and told["details"]["allowed"] > 0
    assert limit is None or told["hint"].endswith(f"raise `limits: {{{limit}: ...}}` of the node.")
    json.dumps(told)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        KeyError("memory"),
        RuntimeError("dictionary changed size"),
        BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),  # of a socket that does not block
        FileNotFoundError(errno.ENOENT, "none"),
        OSError("no number"),
        SystemExit(12),
    ],
)
def test_other_exceptions_are_none_of_its_business(error: BaseException) -> None:
    """A wrong figure would send the author the wrong way."""
    assert exhausted.exhausted(error, LIMITS) is None


def test_without_limits_nothing_is_said() -> None:
    """A child that is run without a jail has none."""
    assert exhausted.exhausted(MemoryError(), None) is None


@pytest.mark.parametrize("is_told_from", [False, True])
def test_an_exception_inside_a_library_counts(is_told_from: bool) -> None:
    """Issue 3 (4): pandas says in its own words that numpy had no memory."""
    error = raised(f"library(MemoryError(), {is_told_from})")
    told = exhausted.exhausted(error, LIMITS, "scripts/mine.py")
    assert told is not None and told["code"] == "out-of-memory"


@pytest.mark.parametrize(
    "words", ["raise ValueError('too big')", "raise ValueError('too big') from e", "{}['x']"]
)
def test_what_the_author_caught_is_the_authors_affair(words: str) -> None:
    """What they raise then is their error."""
    error = raised(f"try:\n    raise MemoryError\nexcept MemoryError as e:\n    {words}")
    assert exhausted.exhausted(error, LIMITS, "scripts/mine.py") is None


def test_a_refused_fork_is_told_from_a_read_that_would_wait() -> None:
    """Both are EAGAIN; the line says which it was."""
    error = raised(
        "def fork(): raise BlockingIOError(11, 'Resource temporarily unavailable')\nfork()", __file__
    )
    assert exhausted.exhausted(error, LIMITS) is None  # linecache finds no such line in this file
    import linecache

    text = "raise BlockingIOError(11, 'temporarily')  # of os.fork()\n"
    linecache.cache["scripts/forks.py"] = (len(text), None, [text], "scripts/forks.py")
    told = exhausted.exhausted(raised(text, "scripts/forks.py"), LIMITS)
    assert told is not None and told["code"] == "too-many-processes"


def told_by_child(**values: object) -> dict[str, object]:
    """Give an error as a child reports it."""
    details = {"used": 9.5, "allowed": 8, "limit": "memory_mb"}
    base = {"kind": "worker", "code": "out-of-memory", "summary": "S.", "hint": "H.", "traceback": "T"}
    return {**base, "file": "a.py", "line": 3, "details": details, **values}


def test_a_limit_that_the_job_ran_into_is_a_worker_error_with_its_stack() -> None:
    """Issue 3 (4): figures for programs, the stack trace kept; also after it was stored."""
    error = error_of(told_by_child(), "node")
    for told in (error, error_from_json(json.loads(json.dumps(error.to_json())))):
        assert isinstance(told, WorkerError)
        assert (told.code, told.traceback, told.where.line) == ("out-of-memory", "T", 3)
        assert told.details == {"used": 9.5, "allowed": 8, "limit": "memory_mb"}


@pytest.mark.parametrize("code", ["worker-lost", "cancelled", "jail-refused", "wall-limit", "invented"])
def test_a_job_cannot_claim_what_only_the_host_can_know(code: str) -> None:
    """R-6.3: `worker-lost` would have it run again."""
    assert isinstance(error_of(told_by_child(code=code), "node"), ScriptError)


def test_an_error_told_with_the_last_memory_gets_its_figures_from_the_host() -> None:
    """R-6.1: both figures, always."""
    error = error_of(told_by_child(details=None), "node", Limits(memory_mb=64))
    assert error.details == {"used": 64, "allowed": 64, "limit": "memory_mb"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["used", "allowed", "limit", "more"]), ANYTHING) | ANYTHING, ANYTHING)
def test_figures_of_a_child_are_checked(details: object, code: object) -> None:
    """R-6.3: numbers that are numbers, names that are limits, and nothing else."""
    error = error_of(told_by_child(details=details, code=code), "node")
    assert isinstance(error, ScriptError | WorkerError | UserError)
    assert isinstance(error, ScriptError) or error.code in LIMIT_CODES
    assert set(error.details) <= {"used", "allowed", "limit"}
    for name in set(error.details) & {"used", "allowed"}:
        assert 0 <= error.details[name] <= 1e18 and not isinstance(error.details[name], bool)
    assert error.details.get("limit", "files") in LIMIT_NAMES
    json.dumps(error.to_json(), allow_nan=False)


def test_a_process_that_a_reduced_jail_refuses_has_a_hint() -> None:
    """Issue 3 (2): the script's error says that it is the jail."""
    import linecache

    text = "raise PermissionError(1, 'Operation not permitted')  # of os.fork()\n"
    linecache.cache["scripts/forks.py"] = (len(text), None, [text], "scripts/forks.py")
    error = raised(text, "scripts/forks.py")
    assert hint_for(error, [], Circumstances()).startswith("A reduced jail lets a script start no processes")
    assert hint_for(PermissionError(1, "Operation not permitted"), [], Circumstances()) == ""
