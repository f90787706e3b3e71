"""The table of a run that goes on: takes events, gives lines for a moment. Draws nothing and knows no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studiolo.cli.build_lines import step_text
from studiolo.cli.node_text import shapes_text, time_text, why_text, without_state
from studiolo.cli.plain_text import clean_line, fit
from studiolo.cli.progress import whose_packages
from studiolo.cli.quantities import seconds_text
from studiolo.cli.screen import STATE_STYLES, Screen
from studiolo.cli.tables import Cell, Heading, table_lines
from studiolo.domain.run import NodeRun
from studiolo.scheduler.progress import EnvironmentProgress, NodeEnded, NodeStarted, Progress, RunStarted

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PLAIN_SPINNER = "|/-\\"
BAR_CELLS = 24
LINES_LEFT = 3  # of the screen: the bar, the line of the cursor, and one that a log line pushes away
HEADINGS = (
    Heading("", initial=1),
    Heading("", least=8),
    Heading("", least=8, initial=10),
    Heading("", is_right=True, initial=7),
    Heading("", least=1),
)


@dataclass
class LiveNode:
    """What is known of a node so far; `began` is the moment its job started."""

    name: str
    state: str = "waiting"
    reason: str = ""
    began: float = 0.0
    node_run: NodeRun | None = None


class LiveTable:
    """The nodes of a run, each in a line that is narrower than the screen, and a bar.

    Args:
        screen: where it is going to stand.
        began: moment at which it all began, in seconds of any clock.
    """

    def __init__(self, screen: Screen, began: float) -> None:
        self._screen = screen
        self._began = began
        self._nodes: dict[str, LiveNode] = {}
        self._title = ""
        self._step = "starting"

    def take(self, event: Progress, now: float) -> None:
        """Learn of an event."""
        if isinstance(event, EnvironmentProgress):
            self._step = f"{whose_packages(event)}{step_text(event.step)}"
        elif isinstance(event, RunStarted):
            self._title = f"run {event.number} of {event.experiment}"
            self._nodes = {name: LiveNode(name) for name in event.nodes}
        elif isinstance(event, NodeStarted):
            node = self._node(event.node)
            node.state, node.reason, node.began = "running", event.reason, now
        elif isinstance(event, NodeEnded):
            node = self._node(event.node_run.node)
            node.state, node.node_run = event.node_run.state, event.node_run

    def lines(self, now: float, frame: int) -> list[str]:
        """Give the lines; of more nodes than fit on the screen those that tell most.

        Args:
            now: the moment, of the same clock as before.
            frame: number of the picture, for the spinner.
        """
        screen = self._screen
        frames = SPINNER if screen.has_signs else PLAIN_SPINNER
        spinner = frames[frame % len(frames)]
        nodes = list(self._nodes.values())
        if not nodes:
            text = fit(self._step, screen.width - 3, screen.ellipsis).rstrip()
            return [f"{screen.styled(spinner, 'blue')} {text}"]
        room = screen.height - LINES_LEFT
        shown = nodes if len(nodes) <= room else most_telling(nodes, room)
        lines = table_lines(
            HEADINGS,
            [self._row(node, now, spinner) for node in shown],
            screen,
            has_head=False,
            is_strict=True,
        )
        return [*lines, self._bar(now)]

    def _node(self, name: str) -> LiveNode:
        return self._nodes.setdefault(name, LiveNode(name))

    def _row(self, node: LiveNode, now: float, spinner: str) -> list[Cell]:
        sign = spinner if node.state == "running" else self._screen.sign(node.state)
        shape, time, why = "", "", "waiting"
        if node.node_run is not None:
            shape, time, why = (
                shapes_text(node.node_run.shapes),
                time_text(node.node_run),
                why_text(node.node_run),
            )
        elif node.state == "running":
            time, why = seconds_text(now - node.began), clean_line(node.reason)
        return [
            Cell(sign, STATE_STYLES.get(node.state, "")),
            Cell(clean_line(node.name), "dim" if node.state == "waiting" else ""),
            Cell(shape),
            Cell(time, "dim" if node.node_run is not None else ""),
            Cell(without_state(why), "red" if node.state == "failed" else "dim"),
        ]

    def _bar(self, now: float) -> str:
        screen, count = self._screen, len(self._nodes)
        ended = sum(node.node_run is not None for node in self._nodes.values())
        room = min(BAR_CELLS, screen.width // 3)
        filled = room * ended // count
        full, empty = ("━", "─") if screen.has_signs else ("#", ".")
        text = f"  {ended} of {count}  {seconds_text(now - self._began)}  {self._title}"
        rest = fit(text, screen.width - room - 1, screen.ellipsis)
        return screen.styled(full * filled, "green") + screen.styled(empty * (room - filled), "dim") + rest


def most_telling(nodes: Sequence[LiveNode], room: int) -> list[LiveNode]:
    """Choose the nodes for a small screen: those at work, failures, those that ended last, then the next ones.

    Args:
        nodes: all of them.
        room: how many to choose.
    """

    def rank(node: LiveNode) -> tuple[int, float]:
        if node.node_run is None:
            return (0, 0.0) if node.state == "running" else (3, 0.0)
        return (1 if node.state == "failed" else 2, -(node.node_run.ended or 0.0))

    chosen = {node.name for node in sorted(nodes, key=rank)[: max(room, 1)]}
    return [node for node in nodes if node.name in chosen]
