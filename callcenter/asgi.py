"""The ASGI application: pages and API through Django, sockets of browsers and of providers side by side."""

import gc
import os
import sys
from typing import Any

import django

from callcenter.environment import refused_in_words

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcenter.settings")
with refused_in_words():
    django.setup(set_prefix=False)  # what is imported below needs the apps

from asgiref.sync import sync_to_async
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.urls import re_path

from callcenter.ingest.pipeline import pipeline
from callcenter.ingest.sender import sender
from callcenter.routing import browser_urlpatterns, ingest_urlpatterns
from callcenter.sockets import signed_in

# Ingest and feed compute in threads of their own. The loop lets go of the interpreter at every send and every read: by
# default it would then wait 5 ms for each until such a thread hands it back, half a second for a hundred browsers.
sys.setswitchinterval(0.0005)

# A full centre keeps a million objects for long: by default the collector goes through all of them again and again.
gc.freeze()
gc.set_threshold(50_000, 20, 100)

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
browser_sockets = AllowedHostsOriginValidator(signed_in(URLRouter([*browser_urlpatterns, nowhere])))
ingest_sockets = URLRouter([*ingest_urlpatterns, nowhere])


async def socket_application(scope: Any, receive: Any, send: Any) -> None:
    """Send a socket to the providers' or to the browsers' side by its path; both sides list full paths."""
    inner = ingest_sockets if scope["path"].startswith(INGEST_PREFIX) else browser_sockets
    await inner(scope, receive, send)


router = ProtocolTypeRouter({"http": PageHandler(), "websocket": socket_application})


async def application(scope: Any, receive: Any, send: Any) -> None:
    """From its first request on, a process watches for silent calls, also while no provider is connected to it."""
    pipeline()
    sender()
    await router(scope, receive, send)
