"""The live screen of a run: a table that is drawn over itself until it ends, with log lines passing above it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from studiolo.cli.log_lines import LogLines
from studiolo.cli.node_text import shapes_text, time_text, why_text
from studiolo.cli.plain_text import clean_line, fit, width_of
from studiolo.cli.progress import is_of_interest, log_line, run_line
from studiolo.cli.quantities import seconds_text
from studiolo.cli.screen import STATE_STYLES, Screen
from studiolo.cli.tables import Cell, Heading, table_lines
from studiolo.domain.run import NodeRun
from studiolo.scheduler.progress import NodeEnded, NodeLogged, NodeStarted, Progress, RunStarted

FRAME_SECONDS = 0.1
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PLAIN_SPINNER = "|/-\\"
BAR_CELLS = 24
PENDING_LINES = 500
PATIENCE_SECONDS = 0.3
HEADINGS = (
    Heading("", initial=1),
    Heading("", least=8),
    Heading("", least=8, initial=10),
    Heading("", is_right=True, initial=7),
    Heading("", least=1),
)
# One write a frame, which the terminal shows at once where it knows this mode; others ignore it.
BEGIN_FRAME, END_FRAME = "\x1b[?2026h", "\x1b[?2026l"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
ERASE_LINE, ERASE_BELOW = "\x1b[K", "\x1b[J"


@dataclass
class LiveNode:
    """What is known of a node so far."""

    name: str
    state: str = "waiting"
    reason: str = ""
    began: float = 0.0
    node_run: NodeRun | None = None


class LiveWatcher:
    """Draws the nodes of a run over and over in the same place, ten times a second.

    Lines are cut to the width, so that nothing wraps; a table higher than the screen shows the nodes at work.
    A run that only reuses is over before anything is drawn. When it is closed nothing is left but log lines.

    Args:
        screen: a terminal.
        has_logs: what the nodes print passes above the table, as `node | text`.
    """

    def __init__(self, screen: Screen, has_logs: bool) -> None:
        self._screen = screen
        self._has_logs = has_logs
        self._lock = threading.Lock()
        self._logs = LogLines()
        self._nodes: dict[str, LiveNode] = {}
        self._title = ""
        self._began = time.monotonic()
        self._passing: list[str] = []
        self._drawn: list[int] = []
        self._frame = 0
        self._is_at_work = False
        self._is_closed = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="studiolo-live", daemon=True)
        self._ticker.start()

    def __call__(self, event: Progress) -> None:
        """Take an event; the next frame shows it."""
        with self._lock:
            if self._is_closed.is_set():
                return
            self._take(event)
            if len(self._passing) >= PENDING_LINES:
                self._draw()
            self._is_at_work = self._is_at_work or is_of_interest(event)

    def close(self) -> None:
        """Remove the table; log lines that have not been shown yet stay in its place."""
        self._is_closed.set()
        self._ticker.join()
        with self._lock:
            if self._passing or self._drawn:
                self._write([], SHOW_CURSOR)

    def _take(self, event: Progress) -> None:
        if isinstance(event, RunStarted):
            self._title = run_line(event)
            self._nodes = {name: LiveNode(name) for name in event.nodes}
        elif isinstance(event, NodeStarted):
            node = self._nodes.setdefault(event.node, LiveNode(event.node))
            node.state, node.reason, node.began = "running", event.reason, time.monotonic()
        elif isinstance(event, NodeLogged):
            if self._has_logs:
                self._pass(event.node, self._logs.add(event.node, event.text))
        elif isinstance(event, NodeEnded):
            name = event.node_run.node
            node = self._nodes.setdefault(name, LiveNode(name))
            node.state, node.node_run = event.node_run.state, event.node_run
            self._pass(name, self._logs.end(name))

    def _pass(self, node: str, lines: Sequence[str]) -> None:
        self._passing += [log_line(node, line) for line in lines]

    def _tick(self) -> None:
        while not self._is_closed.wait(FRAME_SECONDS):
            with self._lock:
                self._frame += 1
                if self._is_at_work or time.monotonic() - self._began > PATIENCE_SECONDS:
                    self._draw()

    def _draw(self) -> None:
        self._write(self._table(), "")

    def _write(self, table: Sequence[str], end: str) -> None:
        """Put the waiting log lines where the table was and the table below them, in one piece."""
        parts = [BEGIN_FRAME, HIDE_CURSOR]
        height = self._height_of_drawn()
        if height:
            parts.append(f"\x1b[{height}A")
        parts.append("\r")
        parts += [f"{line}{ERASE_LINE}\n" for line in self._passing]
        parts += [f"{line}{ERASE_LINE}\n" for line in table]
        parts += [ERASE_BELOW, end, END_FRAME]
        self._screen.write("".join(parts))
        self._passing = []

    def _height_of_drawn(self) -> int:
        """Give the lines that the last frame takes now: a narrowed terminal has broken them."""
        width = self._screen.width
        return sum(max(1, -(-cells // width)) for cells in self._drawn)

    def _table(self) -> list[str]:
        screen = self._screen
        width, room = screen.width, screen.height - 3
        nodes = list(self._nodes.values())
        if not nodes:
            self._drawn = [10]
            return [f"{screen.styled(self._spinner(), 'blue')} starting"]
        shown = nodes if len(nodes) <= room else _most_telling(nodes, room)
        rows = [self._row(node) for node in shown]
        lines = table_lines(HEADINGS, rows, screen, has_head=False)
        ended = sum(node.node_run is not None for node in nodes)
        lines.append(self._bar(ended, len(nodes)))
        self._drawn = [min(self._cells(line), width - 1) for line in lines]
        return lines

    def _cells(self, line: str) -> int:
        from studiolo.cli.plain_text import clean_line as without_sequences

        return width_of(without_sequences(line))

    def _row(self, node: LiveNode) -> list[Cell]:
        style = STATE_STYLES.get(node.state, "")
        if node.node_run is not None:
            facts = shapes_text(node.node_run.shapes), time_text(node.node_run), why_text(node.node_run)
            sign = self._screen.sign(node.state)
        elif node.state == "running":
            facts = "", seconds_text(time.monotonic() - node.began), clean_line(node.reason)
            sign = self._spinner()
        else:
            facts = "", "", "waiting"
            sign = self._screen.sign("waiting")
        faint = "dim" if node.state in ("waiting", "reused", "finished") else ""
        why = "red" if node.state == "failed" else "dim"
        name = Cell(clean_line(node.name), "dim" if node.state == "waiting" else "")
        return [Cell(sign, style), name, Cell(facts[0]), Cell(facts[1], faint), Cell(facts[2], why)]

    def _spinner(self) -> str:
        frames = SPINNER if self._screen.has_signs else PLAIN_SPINNER
        return frames[self._frame % len(frames)]

    def _bar(self, ended: int, count: int) -> str:
        screen = self._screen
        room = min(BAR_CELLS, screen.width // 3)
        filled = room * ended // max(count, 1)
        full, empty = ("━", "─") if screen.has_signs else ("#", ".")
        text = f"  {ended} of {count}  {seconds_text(time.monotonic() - self._began)}  {self._title}"
        rest = fit(text, screen.width - room - 1, screen.ellipsis)
        return screen.styled(full * filled, "green") + screen.styled(empty * (room - filled), "dim") + rest


def _most_telling(nodes: Sequence[LiveNode], room: int) -> list[LiveNode]:
    """Choose the nodes for a small screen: those at work, failures, those that ended last, the next ones."""

    def rank(node: LiveNode) -> tuple[int, float]:
        if node.node_run is None:
            return (0, 0.0) if node.state == "running" else (3, 0.0)
        return (1 if node.state == "failed" else 2, -(node.node_run.ended or 0.0))

    chosen = {node.name for node in sorted(nodes, key=rank)[: max(room, 1)]}
    return [node for node in nodes if node.name in chosen]
