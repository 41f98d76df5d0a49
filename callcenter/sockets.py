"""The base of this project's socket consumers, and how a browser's socket knows who opened it."""

from contextlib import suppress
from importlib import import_module
from typing import Any

from channels.auth import get_user
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.sessions import CookieMiddleware
from django.conf import settings

ABNORMAL = 1006  # the code of a socket that ended without one


class LightConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """A consumer that listens to its socket alone, and whose handlers touch no database.

    Channels makes two tasks for every message, one of them for a channel that nobody here sends to, and closes old database
    connections before every handler, a hop through a thread; handlers here use the database only through threads of their own.

    ``disconnect`` runs once, however the socket ends: also when a handler raises or the server cancels it.
    """

    ended_with = ABNORMAL

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send
        try:
            with suppress(StopConsumer):
                while True:
                    await self.dispatch(await receive())
        finally:
            await self.disconnect(self.ended_with)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self.ended_with = message["code"]
        raise StopConsumer

    async def dispatch(self, message: dict[str, Any]) -> None:
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            raise ValueError(f"No handler for message type {message['type']}")
        await handler(message)


def signed_in(inner: Any) -> Any:
    """An application whose scope has the ``session`` and the ``user`` of its cookie.

    In place of ``AuthMiddlewareStack``, which looks for changes of the session at every message that is sent, a tenth of what
    a message costs. A socket changes none.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        scope["session"] = store(scope["cookies"].get(settings.SESSION_COOKIE_NAME))
        scope["user"] = await get_user(scope)
        await inner(scope, receive, send)

    return CookieMiddleware(application)
