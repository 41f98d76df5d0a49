"""The base of this project's socket consumers."""

from contextlib import suppress
from typing import Any

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer


class LightConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """A consumer that listens to its socket alone, and whose handlers touch no database.

    Channels makes two tasks for every message, one of them for a channel that nobody here sends to, and closes old database
    connections before every handler, a hop through a thread; handlers here use the database only through threads of their own.
    """

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send
        with suppress(StopConsumer):
            while True:
                await self.dispatch(await receive())

    async def dispatch(self, message: dict[str, Any]) -> None:
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            raise ValueError(f"No handler for message type {message['type']}")
        await handler(message)
