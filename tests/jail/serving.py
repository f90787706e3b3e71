"""Drives a script that serves requests inside a host process: see `HostProcess.serve`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 1.0  # what the product waits for a process to come back from a request is longer
UP_SECONDS = 60.0


def served(
    pool: Any, job: Any, request: dict[str, Any], error: Callable[[BaseException | None], dict[str, Any]]
) -> dict[str, Any]:
    """Send the requests to as many processes as are wanted.

    Args:
        pool: where they run.
        job: of the script.
        request: `requests`: cells; `state`: fresh or kept; `children`: processes; `at_once`: send the requests
            together; `seconds`: that each may take.
        error: gives an error as fields of a reply.
    """
    from studiolo.services.child_group import ChildGroup
    from studiolo.worker import serving

    serving.LAST_WORDS_SECONDS = PATIENCE_SECONDS
    state, limits = request.get("state", "fresh"), job.limits

    async def one(group: ChildGroup, cell: str) -> dict[str, Any]:
        try:
            child = await asyncio.wait_for(group.take(), UP_SECONDS)
            part = serving.Part("dataset1", "dataset", _frame(cell))
            called = await child.call([part], {}, request.get("seconds", 30.0))
        except TimeoutError:
            return {**error(None), "code": "timed-out"}
        except Exception as caught:
            return error(caught)
        outputs = {name: _columns(frame) for name, frame in called.outputs.items()}
        first = next(iter(outputs.values()), None)
        return {**error(None), "log": called.log.decode("utf-8", "replace"), "result": first}

    async def every() -> list[dict[str, Any]]:
        def make(on_change: Callable[[Any], None]) -> Any:
            return serving.ServingChild(pool, serving.serving_job(job, state), limits, on_change)

        group = ChildGroup(make, request.get("children", 1))
        await group.start()
        try:
            if request.get("at_once"):
                return await asyncio.gather(*(one(group, cell) for cell in request["requests"]))
            return [await one(group, cell) for cell in request["requests"]]
        finally:
            group.close()

    return {**error(None), "replies": asyncio.run(every())}


def _frame(cell: str) -> bytes:
    import io

    import pyarrow

    from studiolo_child.frames.arrow_frames import frame_from_table

    target = io.BytesIO()
    frame_from_table(pyarrow.table({"do": [cell]}), target)
    return target.getvalue()


def _columns(frame: Any) -> Any:
    from studiolo_child.frames.arrow_frames import table_from_frame

    return json.loads(json.dumps(table_from_frame(bytes(frame)).to_pydict(), default=str))
