"""The ASGI application: pages and API through Django, sockets of browsers and of providers side by side."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcenter.settings")
django.setup(set_prefix=False)  # what is imported below needs the apps

from asgiref.sync import sync_to_async  # noqa: E402
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.db import connections  # noqa: E402
from django.urls import re_path  # noqa: E402

from callcenter.ingest.pipeline import pipeline  # noqa: E402
from callcenter.routing import browser_urlpatterns, ingest_urlpatterns  # noqa: E402

INGEST_PREFIX = "/ws/ingest/"


class PageHandler(ASGIHandler):
    """Django's handler, which gives every request a thread of its own, and with it a database connection.

    The thread ends with the request; its connection would stay open until the garbage collector comes by.
    """

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().handle(scope, receive, send)
        finally:
            await sync_to_async(connections.close_all)()


async def refuse_socket(_scope: Any, receive: Any, send: Any) -> None:
    """Answer a socket on a path that nobody serves: the handshake is refused with 403."""
    await receive()
    await send({"type": "websocket.close"})


# A page of another site may not open a browser's socket with its cookie. Providers send no Origin and no cookie
# but a token, so their sockets skip both checks and the session lookup.
nowhere = re_path("", refuse_socket)  # type: ignore[arg-type]  # Django types routes as views
browser_sockets = AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([*browser_urlpatterns, nowhere])))
ingest_sockets = URLRouter([*ingest_urlpatterns, nowhere])


async def socket_application(scope: Any, receive: Any, send: Any) -> None:
    """Send a socket to the providers' or to the browsers' side by its path; both sides list full paths."""
    inner = ingest_sockets if scope["path"].startswith(INGEST_PREFIX) else browser_sockets
    await inner(scope, receive, send)


router = ProtocolTypeRouter({"http": PageHandler(), "websocket": socket_application})


async def application(scope: Any, receive: Any, send: Any) -> None:
    """From its first request on, a process watches for silent calls, also while no provider is connected to it."""
    pipeline()
    await router(scope, receive, send)
