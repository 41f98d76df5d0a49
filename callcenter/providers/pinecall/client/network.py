"""Sockets and HTTP to the provider: time limits, no secrets in logs, and no proxy on the way to this machine itself."""

import logging
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection

from callcenter.providers.opening import open_only

LARGEST_MESSAGE = 96 * 1024 * 1024  # half an hour of recording is about 38 MB in one frame
# What goes over these sockets holds keys: nothing of it may reach a log, not even while debugging.
# It is no logger of the tree, which a configuration of logging would wake up.
SILENT = logging.Logger("silent", logging.CRITICAL + 1)  # noqa: LOG001


def socket_base(server: str) -> str:
    """``wss://host`` of an ``https://`` base, ``ws://host`` of an ``http://`` one."""
    return server.rstrip("/").replace("http", "ws", 1) if server.startswith("http") else server.rstrip("/")


def http_base(server: str) -> str:
    """The reverse."""
    return server.rstrip("/").replace("ws", "http", 1) if server.startswith("ws") else server.rstrip("/")


def shown_address(url: str) -> str:
    """Host and port of an address, without its path and its secrets."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or "the address"


async def open_socket(url: str, open_s: float, *, pings_s: float | None = None) -> ClientConnection:
    """An open socket. ``pings_s``: the socket's own signs of life, for servers that know no other.

    Raises OSError, TimeoutError, WebSocketException.
    """
    proxy: Any = None if is_this_machine(url) else True
    return await open_only(
        url, open_timeout=open_s, close_timeout=2, ping_interval=pings_s, ping_timeout=pings_s, max_size=LARGEST_MESSAGE,
        compression=None, proxy=proxy, logger=SILENT, user_agent_header="callcenter-console",
    )  # fmt: skip


def http_client(url: str, wait_s: float, *, read_s: float | None = None) -> httpx.AsyncClient:
    """A client for this address; ``read_s``: the longest silence while reading."""
    timeout = httpx.Timeout(wait_s, read=wait_s if read_s is None else read_s)
    return httpx.AsyncClient(timeout=timeout, trust_env=not is_this_machine(url), headers={"User-Agent": "callcenter-console"})


def is_this_machine(url: str) -> bool:
    """Whether the address is of the loopback."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
