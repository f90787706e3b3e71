"""Rows of runs: numbers, states, snapshots, cancel requests and pins."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from studiolo.domain.run import RUN_STATES, Run
from studiolo.errors import UserError
from studiolo.metadata.connection import Connection, plain, to_text

_LISTED = "number, experiment, state, started, ended"


class RunRows(Connection):
    """What is kept of each run. A run that was created is there when the process dies the moment after."""

    def create_run(self, experiment: str, snapshot: Mapping[str, Any], started: float) -> int:
        """Begin a run in the state `running` and give its number, which no other run ever gets.

        Args:
            experiment: name of the experiment.
            snapshot: the exact experiment, scripts and parameters, JSON-ready.
            started: seconds since the epoch, UTC.
        """
        with self._transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO runs (experiment, state, started, snapshot) VALUES (?, 'running', ?, ?)",
                (plain(experiment), started, to_text(snapshot)),
            )
            return int(cursor.lastrowid or 0)

    def finish_run(self, number: int, state: str, ended: float) -> None:
        """End a run: `finished`, `failed` or `cancelled`; a second call overwrites the first.

        Raises:
            UserError: `unknown-run`.
            ValueError: `state` is not one that ends a run.
        """
        if state not in RUN_STATES or state == "running":
            raise ValueError(f"a run cannot end as {state!r}")
        self._change_run("UPDATE runs SET state = ?, ended = ? WHERE number = ?", (state, ended, number))

    def mark_interrupted(self, number: int, ended: float | None = None) -> bool:
        """Say that the host of a running run is gone; its nodes that were running wait again.

        Only whoever knows that the host is dead may call it. Does nothing to a run that has ended.

        Args:
            number: the run.
            ended: when it died, if known.

        Returns:
            Whether the run was running.
        """
        with self._transaction() as connection:
            changed = connection.execute(
                "UPDATE runs SET state = 'interrupted', ended = ? WHERE number = ? AND state = 'running'",
                (ended, number),
            ).rowcount
            if changed:
                connection.execute(
                    "UPDATE node_runs SET state = 'waiting' WHERE run = ? AND state = 'running'", (number,)
                )
        return bool(changed)

    def resume_run(self, number: int) -> bool:
        """Make an interrupted run a running one again; of several that try at once one gets True."""
        return bool(
            self._change(
                "UPDATE runs SET state = 'running', ended = NULL, cancel_requested = 0 "
                "WHERE number = ? AND state = 'interrupted'",
                (number,),
            )
        )

    def run(self, number: int) -> Run | None:
        """Give a run with its snapshot, or None."""
        row = self._row(f"SELECT {_LISTED}, snapshot FROM runs WHERE number = ?", (number,))
        return None if row is None else _with_snapshot(row)

    def latest_run(self, experiment: str, states: Collection[str] | None = None) -> Run | None:
        """Give the newest run of an experiment with its snapshot, or None.

        Args:
            experiment: name of the experiment.
            states: only runs in one of these.
        """
        among, values = _state_filter(states)
        row = self._row(
            f"SELECT {_LISTED}, snapshot FROM runs WHERE experiment = ? {among} ORDER BY number DESC LIMIT 1",
            (plain(experiment), *values),
        )
        return None if row is None else _with_snapshot(row)

    def runs(self, experiment: str | None = None, limit: int = 50) -> list[Run]:
        """List the newest runs first, without their snapshots.

        Args:
            experiment: only runs of this one.
            limit: at most so many.
        """
        only = "" if experiment is None else "WHERE experiment = ?"
        values = () if experiment is None else (plain(experiment),)
        rows = self._rows(
            f"SELECT {_LISTED} FROM runs {only} ORDER BY number DESC LIMIT ?", (*values, max(limit, 0))
        )
        return [Run(*row) for row in rows]

    def newest_runs(self) -> dict[str, Run]:
        """Give the newest run of every experiment that ever ran, without snapshots."""
        rows = self._rows(
            f"SELECT {_LISTED} FROM runs WHERE number IN (SELECT max(number) FROM runs GROUP BY experiment)"
        )
        return {row[1]: Run(*row) for row in rows}

    def running_runs(self, experiment: str | None = None) -> list[Run]:
        """List the runs in the state `running`, newest first, without snapshots; a host may be dead."""
        only = "" if experiment is None else "AND experiment = ?"
        values = () if experiment is None else (plain(experiment),)
        rows = self._rows(
            f"SELECT {_LISTED} FROM runs WHERE state = 'running' {only} ORDER BY number DESC", values
        )
        return [Run(*row) for row in rows]

    def node_state_counts(self, numbers: Iterable[int]) -> dict[int, dict[str, int]]:
        """Give for each of the runs how many of its nodes are in which state."""
        counts: dict[int, dict[str, int]] = {int(number): {} for number in numbers}
        among = ", ".join(str(number) for number in counts)
        rows = self._rows(
            f"SELECT run, state, count(*) FROM node_runs WHERE run IN ({among}) GROUP BY run, state"
        )
        for run, state, count in rows:
            counts[run][state] = count
        return counts

    def request_cancel(self, number: int) -> bool:
        """Ask the host of a run, which may be another process, to cancel it.

        Returns:
            Whether the run is running; one that has ended is left as it is.

        Raises:
            UserError: `unknown-run`.
        """
        changed = self._change(
            "UPDATE runs SET cancel_requested = 1 WHERE number = ? AND state = 'running'", (number,)
        )
        if not changed and self.run(number) is None:
            raise self.unknown_run(number)
        return bool(changed)

    def cancel_requested(self, number: int) -> bool:
        """Say whether the run was asked to cancel; cheap enough to ask many times a second."""
        row = self._row("SELECT cancel_requested FROM runs WHERE number = ?", (number,))
        return row is not None and bool(row[0])

    def pin_run(self, number: int, pinned: bool = True) -> None:
        """Keep everything a run needs from being collected, or let it go again.

        Raises:
            UserError: `unknown-run`.
        """
        self._change_run("UPDATE runs SET pinned = ? WHERE number = ?", (int(pinned), number))

    def pinned_runs(self) -> set[int]:
        """Give the numbers of the pinned runs."""
        return {row[0] for row in self._rows("SELECT number FROM runs WHERE pinned = 1")}

    def unknown_run(self, number: int) -> UserError:
        """Make the error that there is no such run, naming the ones there are."""
        row = self._row("SELECT min(number), max(number) FROM runs")
        if row is None or row[0] is None:
            hint = "Nothing has been run in this workspace yet."
        elif row[0] == row[1]:
            hint = f"The only run is {row[0]}."
        else:
            hint = f"Runs go from {row[0]} to {row[1]}."
        return UserError("unknown-run", f"There is no run {number}.", hint)

    def _change_run(self, statement: str, values: tuple[Any, ...]) -> None:
        if not self._change(statement, values):
            raise self.unknown_run(values[-1])


def _with_snapshot(row: tuple[Any, ...]) -> Run:
    number, experiment, state, started, ended, snapshot = row
    return Run(number, experiment, state, started, ended, json.loads(snapshot))


def _state_filter(states: Collection[str] | None) -> tuple[str, tuple[str, ...]]:
    if states is None:
        return "", ()
    return f"AND state IN ({', '.join('?' * len(states))})", tuple(states)
