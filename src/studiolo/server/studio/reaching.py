"""How a route reaches the studio that the process has opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from studiolo.studio.access import Access
from studiolo.studio.studio import Studio


@dataclass(frozen=True)
class Door:
    """How people come in.

    Attributes:
        access: token and sessions.
        cookie: name of the session's cookie.
        is_secure: the cookie travels by HTTPS alone.
    """

    access: Access
    cookie: str
    is_secure: bool = False


def _studio(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


StudioOfRequest = Annotated[Studio, Depends(_studio)]


def _door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


DoorOfRequest = Annotated[Door, Depends(_door)]
