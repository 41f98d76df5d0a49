"""Hints to all processes over the channel layer. Each may be lost, so no commit and no frame's acknowledgement waits for one."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from typing import Any

import orjson
from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

FEED = "feed"
HINT_S = 2.0
Hint = dict[str, Any]


def feed_hint(revision: int = 0, live: Collection[str] = (), late: float = 0.0) -> Hint:
    """``live``: calls whose live state was published; ``late``: how far ingest is behind, in s."""
    # As text: the layer in memory copies a list of a thousand ids for every listener.
    return {"type": "feed.hint", "revision": revision, "live": orjson.dumps(sorted(live)).decode(), "late": late, "sent": time.time()}


def newest(_one: Hint, other: Hint) -> Hint:
    """Where all hints say the same."""
    return other


def both(one: Hint, other: Hint) -> Hint:
    """What two hints for the feed tell, in one."""
    live = {*orjson.loads(one["live"]), *orjson.loads(other["live"])}
    return feed_hint(max(one["revision"], other["revision"]), live, max(one["late"], other["late"]))


async def tell(group: str, hint: Hint) -> None:
    """Gives the hint up when the layer does not take it in time."""
    try:
        async with asyncio.timeout(HINT_S):
            await get_channel_layer().group_send(group, hint)
    except Exception:
        log.warning("The channel layer did not take a hint", exc_info=True)


class Teller:
    """Tells one group, in a task of its own. One hint is under way at a time; what comes meanwhile is merged into the next."""

    def __init__(self, group: str, merge: Callable[[Hint, Hint], Hint] = newest) -> None:
        self.group, self.merge = group, merge
        self.next: Hint | None = None
        self.telling: asyncio.Task[None] | None = None

    def tell(self, hint: Hint) -> None:
        """Returns at once; called in the event loop."""
        self.next = hint if self.next is None else self.merge(self.next, hint)
        if self.telling is None or self.telling.done():
            self.telling = asyncio.create_task(self._tell_all())

    async def close(self) -> None:
        """Tell what is left."""
        if self.telling is not None:
            await self.telling

    async def _tell_all(self) -> None:
        while self.next is not None:
            hint, self.next = self.next, None
            await tell(self.group, hint)
