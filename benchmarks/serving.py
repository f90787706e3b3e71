"""Benchmark `serving`: a script as a web service, jailed, beside servers that run it without walls.

One server process each, all started before the first round; in a round each answers for a moment, then the next one.
What the other servers do, and for how many requests, is printed before the table of figures.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.places import ROOT, scratch_folder
from benchmarks.samples import Samples
from benchmarks.serving_servers import COLUMNS, PEERS, StudioloServer, Target, memory_mb, peer_server

CASES = ((1, 1), (1, 16), (1000, 1), (1000, 16))
BESIDE = PEERS[0].name
GOALS = {1: 1 / 1.5, 1000: 1.0}  # one row at most 1.5 times FastAPI's time, a thousand rows faster than it


@dataclass
class _Times:
    """What one contestant did in one case: the seconds of each request, by round."""

    rounds: list[list[float]] = field(default_factory=list)

    def medians(self) -> Samples:
        return Samples([statistics.median(one) * 1e3 for one in self.rounds])

    def rates(self, seconds: float) -> Samples:
        return Samples([len(one) / seconds for one in self.rounds])

    def all(self) -> list[float]:
        return sorted(second * 1e3 for one in self.rounds for second in one)


class _Client:
    """The process that sends the requests."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.serving_client"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def load(self, target: Target, rows: list[list[float]], clients: int, seconds: float) -> list[float]:
        """Let clients ask for some seconds; give the time of each request.

        Raises:
            RuntimeError: a request failed.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        head, body = target.request(rows)
        wish = {"port": target.port, "head": head, "body": body, "clients": clients, "seconds": seconds}
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{target.name}, {len(rows)} rows, {clients} clients: {answer['error']}")
        return [float(second) for second in answer["seconds"]]

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def measure(options: Options) -> list[Figure]:
    """Let every server answer every case in turns; then look at their memory."""
    chance = random.Random(7)
    tables = {
        count: [[chance.random() for _ in COLUMNS] for _ in range(count)] for count in {c[0] for c in CASES}
    }
    memory: dict[str, float] = {}
    with scratch_folder("serving") as folder, ExitStack() as opened:
        client = _Client()
        opened.callback(client.close)
        server = StudioloServer(folder)
        kept = server.publish("kept")
        pid = opened.enter_context(server.serving())
        _warm(client, kept, tables)
        memory["kept"] = memory_mb(pid)
        fresh = server.publish("fresh")
        _warm(client, fresh, tables)
        memory["fresh"] = memory_mb(pid) - memory["kept"]
        targets = [*kept, *fresh]
        for peer in PEERS if options.has_peers else PEERS[:1]:
            place = folder / peer.folder
            place.mkdir()
            target, process = opened.enter_context(peer_server(peer, place))
            _warm(client, [target], tables)
            memory[peer.name] = memory_mb(process)
            targets.append(target)
        seconds = 0.2 if options.quick else 1.0
        times = _rounds(client, targets, tables, options.rounds(5), seconds)
    _print_servers(times, seconds)
    return [*_figures(times, seconds), *_memory(memory)]


def _warm(client: _Client, targets: list[Target], tables: dict[int, list[list[float]]]) -> None:
    for target in targets:
        for rows in tables.values():
            target.check(rows)
            client.load(target, rows, 1, 0.2)
            client.load(target, rows, 16, 0.2)


def _rounds(
    client: _Client,
    targets: list[Target],
    tables: dict[int, list[list[float]]],
    rounds: int,
    seconds: float,
) -> dict[tuple[int, int], dict[str, _Times]]:
    times = {case: {target.name: _Times() for target in targets} for case in CASES}
    for case in CASES:
        print(f"  serving: {_label(case)}", file=sys.stderr)
        for number in range(rounds):
            turn = targets[number % len(targets) :] + targets[: number % len(targets)]
            for target in turn:
                done = client.load(target, tables[case[0]], case[1], seconds)
                times[case][target.name].rounds.append(done)
    return times


def _figures(times: dict[tuple[int, int], dict[str, _Times]], seconds: float) -> list[Figure]:
    figures = []
    for case, done in times.items():
        for name in [name for name in done if name.startswith("studiolo")]:
            is_goal = not name.endswith("form") and case[1] == 1
            what = f"{_label(case)}, {name.partition(', ')[2]}"
            figures.append(
                Figure(
                    "serving",
                    f"{what}: p50",
                    "ms",
                    done[name].medians(),
                    BESIDE,
                    done[BESIDE].medians(),
                    goal_factor=GOALS[case[0]] if is_goal else None,
                )
            )
    return figures


def _memory(memory: dict[str, float]) -> list[Figure]:
    beside = Samples([memory[BESIDE]])
    return [
        Figure(
            "serving",
            "memory of the server with one service, kept",
            "MB",
            Samples([memory["kept"]]),
            BESIDE,
            beside,
        ),
        Figure(
            "serving", "memory of one more service, fresh", "MB", Samples([memory["fresh"]]), BESIDE, beside
        ),
        *(
            Figure(
                "serving",
                "memory of the server with one service, kept",
                "MB",
                Samples([memory["kept"]]),
                name,
                Samples([value]),
            )
            for name, value in memory.items()
            if name not in ("kept", "fresh", BESIDE)
        ),
    ]


def _print_servers(times: dict[tuple[int, int], dict[str, _Times]], seconds: float) -> None:
    """Print every server beside every other one; ratios are those of the same round, in the middle."""
    print(f"{'':<24}{'server':<32}{'p50':>9}{'best':>9}{'p99':>9}{'requests/s':>12}{'p50 / ' + BESIDE:>24}")
    for case, done in times.items():
        for name, one in done.items():
            every = one.all()
            pairs = zip(one.medians().values, done[BESIDE].medians().values, strict=True)
            ratio = statistics.median(mine / theirs for mine, theirs in pairs)
            p99 = every[int(len(every) * 0.99)]
            print(
                f"{_label(case):<24}{name:<32}{statistics.median(every):>6.2f} ms{every[0]:>6.2f} ms"
                f"{p99:>6.1f} ms{one.rates(seconds).median:>12.0f}{ratio:>24.2f}"
            )
    print()


def _label(case: tuple[int, int]) -> str:
    rows, clients = case
    row = "1 row" if rows == 1 else f"{rows:,} rows"
    return f"{row}, {clients} client{'s' if clients > 1 else ''}"
