"""Opening the realtime socket with a fresh token. Contract 3.1."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

from callcenter.providers.opening import ELSEWHERE, is_redirect, open_only
from callcenter.providers.sippet.api import Token, Unavailable
from callcenter.providers.sippet.options import SippetOptions

# The address holds the session token, and the library writes addresses into its debug log.
quiet = logging.getLogger("callcenter.providers.sippet.socket")
quiet.setLevel(logging.INFO)

LARGEST = 8 * 1024 * 1024
CLOSE_S = 1.0


class TokenRefused(Exception):
    """The socket does not take a token that was made a moment ago."""


@asynccontextmanager
async def open_socket(options: SippetOptions, token: Token) -> AsyncIterator[ClientConnection]:
    """Closed at the end. Raises TokenRefused, and Unavailable with a sentence."""
    socket = await _open(options, token)
    try:
        yield socket
    finally:
        await socket.close()


async def _open(options: SippetOptions, token: Token) -> ClientConnection:
    try:
        return await open_only(
            address_of(options, token),
            open_timeout=options.join_timeout_s,
            close_timeout=CLOSE_S,
            ping_interval=None,  # the channel has heartbeats of its own
            compression=None,
            max_size=LARGEST,
            logger=quiet,
            user_agent_header="callcenter",
        )
    except InvalidStatus as refusal:
        status = refusal.response.status_code
    except TimeoutError:
        raise Unavailable(f"Sippet's socket did not open within {options.join_timeout_s:g} s.") from None
    except (InvalidURI, ValueError):
        raise Unavailable("The address of the socket cannot be read.", wait_s=60) from None
    except (OSError, InvalidHandshake, EOFError):
        raise Unavailable("Sippet's socket cannot be reached: check the address and the network.") from None
    if status in (401, 403):
        raise TokenRefused
    if is_redirect(status):
        raise Unavailable(f"Sippet's socket was not opened ({status}): {ELSEWHERE}.", wait_s=60)
    if status in (404, 405):
        raise Unavailable(f"Sippet has no socket at {options.socket_path} ({status}): check the path.", wait_s=60)
    raise Unavailable(f"Sippet's socket is not to be had now (status {status}).")


def address_of(options: SippetOptions, token: Token) -> str:
    """Holds the token: for ``open_only`` alone."""
    base = options.base_url.rstrip("/")
    scheme, _, rest = base.partition("://")
    query = urlencode({options.token_parameter: token.value, "vsn": options.socket_version})
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest}{options.socket_path}?{query}"
