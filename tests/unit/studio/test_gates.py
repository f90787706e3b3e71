"""Few computations go on at once, and requests do not pile up (R-2.6)."""

from __future__ import annotations

import threading
import time

from studiolo.errors import UserError
from studiolo.studio.gates import Gate


def test_the_newest_requests_win_when_the_line_is_full() -> None:
    """R-2.6: whoever sorts by one column after another waits for the last one only."""
    gate = Gate(width=1, line=2)
    ended: list[tuple[int, str]] = []
    held = threading.Event()

    def compute(number: int) -> None:
        try:
            with gate.entered():
                held.wait(30)
            ended.append((number, "done"))
        except UserError as error:
            ended.append((number, error.code))

    threads = []
    for number in range(5):
        thread = threading.Thread(target=compute, args=(number,))
        thread.start()
        threads.append(thread)
        while len(gate._waiting) < min(number, 2) or len(ended) < number - 2:
            time.sleep(0.001)
    held.set()
    for thread in threads:
        thread.join()
    assert sorted(ended) == [(0, "done"), (1, "table-busy"), (2, "table-busy"), (3, "done"), (4, "done")]
