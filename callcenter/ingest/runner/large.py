"""Envelopes too large for the ingest socket (recordings): the same envelope, under the same number, by the HTTP door."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from django.conf import settings
from django.http.request import validate_host

from callcenter.ingest.message import MAX_BODY, MAX_MESSAGE

WAIT_S = 60.0
TOO_LARGE = f"A frame was too large for ingest (over {MAX_BODY // 1024**2} MiB) and was left out."


class Away(Exception):
    """It was not taken now; the text says why."""


def is_large(text: str) -> bool:
    """Over what a socket takes, in bytes."""
    return 4 * len(text) > MAX_MESSAGE and len(text.encode()) > MAX_MESSAGE


def door_of(socket_url: str) -> str:
    """The HTTP address beside that of the socket."""
    return socket_url.replace("ws", "http", 1).replace("/ws/ingest/", "/ingest/", 1)


async def deliver(socket_url: str, token: str, text: str) -> dict[str, Any]:
    """What the socket would have answered. Raises Away."""
    url = door_of(socket_url)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **known_host(url)}
    try:
        async with httpx.AsyncClient(timeout=WAIT_S, trust_env=False) as client:
            answer = await client.post(url, content=text.encode(), headers=headers)
        said = orjson.loads(answer.content)
    except httpx.HTTPError as error:
        raise Away(f"A large frame does not get into ingest ({type(error).__name__}): it is kept on disk and tried again.") from None
    except orjson.JSONDecodeError:
        said = None
    if isinstance(said, dict) and ("ack" in said or (answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE and "error" in said)):
        return said
    raise Away(f"Ingest answers {answer.status_code} to a large frame at {url}: it is kept on disk and tried again.")


def known_host(url: str) -> dict[str, str]:
    """The socket is opened under any name of the server; pages, and this door, only under one that it knows."""
    host = urlsplit(url).hostname or ""
    named = [name for name in settings.ALLOWED_HOSTS if not name.startswith((".", "*"))]
    return {} if validate_host(host, settings.ALLOWED_HOSTS) or not named else {"Host": named[0]}
