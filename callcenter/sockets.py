"""The base of this project's socket consumers."""

from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer


class LightConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """A consumer whose handlers touch no database.

    Channels closes old database connections before every handler, a hop through a thread for each message;
    handlers here use the database only through threads of their own.
    """

    async def dispatch(self, message: dict[str, Any]) -> None:
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            raise ValueError(f"No handler for message type {message['type']}")
        await handler(message)
