"""One row of the catalogue: what one event name means."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from callcenter.domain.events.base import Event
from callcenter.providers.pinecall.fields import Who

Body = dict[str, Any]
Reader = Callable[[Body, Who], Event | None]


class Row(Struct, frozen=True, kw_only=True):
    """``read`` makes the event, or ``reason`` says why the name has no effect.

    ``about_call``: without a conversation id there is no event. ``adapt`` changes the fields before identity is read.
    ``hot``: the reader takes keys of either spelling, so that the frame need not be converted.
    """

    name: str = ""
    durable: bool
    read: Reader | None = None
    reason: str = ""
    about_call: bool = True
    hot: bool = False
    adapt: Callable[[Body], Body] | None = None
