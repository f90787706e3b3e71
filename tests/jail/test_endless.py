"""What never ends is ended, and errors that fight back are still errors (R-6.1).

Numbers of cases are those of facts/sandbox-attacks.md.
"""

from __future__ import annotations

import pytest

from tests.jail.bombs import HOLD
from tests.jail.cases import EXCEPTION_GROUPS, cases
from tests.jail.hosts import HostProcess
from tests.jail.trials import attack, text, together

WAITS = {
    "case 56 random bytes for ever": "fd = os.open('/dev/urandom', os.O_RDONLY)\nwhile True: os.read(fd, MB)",
    "own: never reads, ignores all signals": text(
        """
        [signal.signal(n, signal.SIG_IGN) for n in range(1, 32) if n not in (9, 19)]
        while True:
            time.sleep(10)
        """
    ),
    "own: never returns from a finalizer": text(
        """

        class Stays:

            def __del__(self):
                while True:
                    time.sleep(10)
        Stays()
        """
    ),
    "own: a storm of its own signals": text(
        """
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
        while True:
            pass
        """
    ),
}


def test_what_never_ends_is_ended(jail: HostProcess) -> None:
    """Case 56 and own: the wall limit ends what waits, spins, sleeps, or is woken all the time; all at once here."""
    codes = [f"tried('to stay')\n{code}" for code in WAITS.values()]
    replies = together(jail, codes, HOLD, wall_seconds=2)
    ends = [(name, reply.code, reply.log) for name, reply in zip(WAITS, replies, strict=True)]
    assert ends == [(name, "wall-limit", "TRIED: to stay\n") for name in WAITS]


DEEP = {
    "own: an error whose telling takes all memory": text(
        """

        class E(Exception):

            def __str__(self):
                return 'x' * (1 << 40)
        raise E
        """
    ),
    "own: a million causes": text(
        """
        error = None
        for n in range(20000):
            new = ValueError(n)
            new.__cause__ = error
            error = new
        raise error
        """
    ),
    "own: a group in a group": text(
        """
        group = ValueError()
        for _ in range(5000):
            group = ExceptionGroup('x', [group])
        raise group
        """
    ),
    "own: causes in a circle": "a, b = ValueError('a'), ValueError('b'); a.__cause__, b.__cause__ = b, a; raise a",
    "own: no recursion is left": "sys.setrecursionlimit(60)\nraise ValueError('x')",
    "own: the C stack": "deep(1 << 20)",
    "own: everything that tells errors is broken": text(
        """
        import traceback, linecache
        traceback.format_exception = traceback.extract_tb = linecache.getline = None
        sys.excepthook = None
        sys.stdout = sys.stderr = None
        os.write = None
        raise ValueError('x')
        """
    ),
}


@pytest.mark.parametrize("code", cases(DEEP, {"own: a group in a group": EXCEPTION_GROUPS}))
def test_an_error_that_fights_back_is_still_an_error(jail: HostProcess, code: str) -> None:
    """Case 41: the run ends with a reason; a forked worker never runs on in the zygote's loop."""
    reply = attack(jail, f"tried('to fail')\n{code}", HOLD)
    assert reply.code in ("script-raised", "killed", "out-of-memory", "exited", "bad-result")
