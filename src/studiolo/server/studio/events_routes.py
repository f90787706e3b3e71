"""The stream of events that a page listens to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from studiolo.server.studio.reaching import StudioOfRequest
from studiolo.studio.events import EventHub

__all__ = ["router"]

HEARTBEAT_SECONDS = 15.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

router = APIRouter(tags=["session"])


@router.get("/events", operation_id="events", response_class=StreamingResponse)
async def events(studio: StudioOfRequest, experiment: str | None = None) -> StreamingResponse:
    """Send what happens, as server-sent events.

    They are `hello`, `document`, `status`, `log`, `run`, `starting`, `refused`, `experiments`, `modules`, `datasets`
    and `services`.
    """
    return StreamingResponse(_stream(studio.events, experiment), 200, HEADERS, "text/event-stream")


async def _stream(hub: EventHub, experiment: str | None) -> AsyncIterator[str]:
    page = hub.listen(experiment)
    try:
        while True:
            event = await page.next(HEARTBEAT_SECONDS)
            if event is not None:
                yield f"event: {event.name}\ndata: {json.dumps(event.data)}\n\n"
            elif page.is_closed:
                return
            else:
                yield ": still here\n\n"
    finally:
        page.close()
